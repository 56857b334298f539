"""A participant's way from the screening log into the trial, or out of it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from random import Random

from trialwright.accounts.policy import Act, Actor
from trialwright.conduct.actions import consenting, eligibility, randomising, reviewing, screening
from trialwright.conduct.actions.screening import Link
from trialwright.conduct.allocation.allocating import Choice
from trialwright.conduct.allocation.first_results import first_results, hash_of_results
from trialwright.conduct.models.participants import Answer
from trialwright.conduct.participants.consent_reports import ConsentReport
from trialwright.conduct.participants.criteria import computed_answer, known_by_criteria
from trialwright.conduct.participants.planning import enrolled_at
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.protocol.allocation_kinds import AllocationKind
from trialwright.protocol.consent import Consent, Giver
from trialwright.protocol.kinds import part_of
from trialwright.protocol.model import Criterion
from trialwright.protocol.values import PartialDate
from trialwright.simulation import filling
from trialwright.simulation.bedside import known_by_number
from trialwright.simulation.escalating import PATIENCE, decide_cohorts
from trialwright.simulation.grouping import free_place, join_group, meant_for
from trialwright.simulation.needs import entering, in_group, in_stratum, unrefused
from trialwright.simulation.person import SimulatedPerson
from trialwright.simulation.record import SimulationRecord
from trialwright.simulation.solving import Search
from trialwright.simulation.stage import Stage, Thread
from trialwright.simulation.supplying import keep_stock
from trialwright.simulation.visiting import WITHOUT, attend, due_visits

_ADULT = 18
_DECLINE = 0.25
"""Of those who don't enter, so many decline."""


def screen(stage: Stage, number: int, link: Link | None = None) -> SimulatedPerson | None:
    """Put somebody into the screening log."""
    site = stage.crew.site(number) if link is None or not link.to else stage.row(link.to).site
    people = stage.crew.able(Act.SCREEN, site)
    code = stage.act(
        "screen", people, lambda by: screening.screen(by=by, site=site, link=link, at=stage.now)
    )
    if code is None:
        return None
    protocol = part_of(stage.protocol, link.kind if link else None)
    person = SimulatedPerson(stage, number, code, site, SimulationRecord(protocol), protocol)
    known_by_number(person)
    return person


def enter(person: SimulatedPerson, turn: int | None) -> Iterator[datetime]:
    """Live from the screening to the enrolment or a screening failure.

    Args:
        turn: None for one who is to enter; else which of those who don't this is.
    """
    stage = person.stage
    if turn is not None and person.happens(_DECLINE, "declines"):
        yield stage.in_days(1, 10)
        _fail(person, "Declined to take part")
        return
    person.group = meant_for(person, counted=turn is None)
    yield stage.in_days(person.stream("consent").randrange(0, 4), 9, 30)
    if person.row.consented_at is None and not _consent(person):
        return
    missed = _missed(person, turn)
    unmet = _think(person, missed)
    yield from _screening_visits(person)
    yield stage.in_days(0, 17)
    failed = missed or next((each for each in person.protocol.criteria if each.key in unmet), None)
    if failed is not None or turn is not None:
        _assess(person, failed)
        _fail(person, failed.text.en if failed else "Another reason")
    elif _assess(person, None):
        yield from _enrol(person)
    if turn is None and enrolled_at(person.row, person.protocol) is None:
        free_place(person)


def _missed(person: SimulatedPerson, turn: int | None) -> Criterion | None:
    """The criterion that somebody doesn't meet: each has its turn."""
    criteria = person.protocol.criteria
    return criteria[turn % len(criteria)] if turn is not None and criteria else None


def _consent(person: SimulatedPerson) -> bool:
    stage, document = person.stage, person.protocol.consent
    if document is not None and document.waived is not None:
        return _enter_under_waiver(person)
    explainers = stage.crew.able(Act.EXPLAIN_CONSENT, person.site)
    if document is None or not explainers:
        stage.tally.refusals["consent", "Nobody at the site explains the consent."] += 1
        return False
    random = person.stream("consent parts")
    parts = {each.key: not each.optional or random.random() < 0.8 for each in document.parts}
    giver, born = _giver(document, stage.today, person.stream("who consents"))
    report = ConsentReport(
        version=document.version,
        language=random.choice(document.languages),
        explained_by=explainers[0].person_id,
        given_at=stage.now,
        parts=parts,
        given_by=giver,
        born=str(born) if document.asks_birth else "",
        assent=True if document.needs_assent(born, stage.today) else None,
    )

    def record(by: Actor) -> bool:
        consenting.consent(by=by, code=person.code, report=report, at=stage.now)
        return True

    return bool(stage.act("consent", stage.crew.able(Act.CONSENT, person.site), record))


def _giver(document: Consent, today: date, random: Random) -> tuple[Giver, PartialDate]:
    """Who consents for somebody, and when that somebody was born, to the month."""
    giver = random.choice(document.given_by)
    majority = document.majority or _ADULT
    youngest, oldest = (majority + 1, 80)
    if giver is Giver.REPRESENTATIVE and document.majority is not None:
        youngest, oldest = 0, majority - 1
    age = random.randint(youngest, max(youngest, oldest))
    return giver, PartialDate(today.year - age, today.month)


def _enter_under_waiver(person: SimulatedPerson) -> bool:
    """Enter somebody whose consent is waived; the data of some begin before the protocol."""
    stage = person.stage
    days = person.stream("historic data").choice((0, 0, 30, 400))
    since = stage.today - timedelta(days=days)

    def record(by: Actor) -> bool:
        consenting.enter_under_waiver(by=by, code=person.code, data_from=since, at=stage.now)
        return True

    people = stage.crew.able(Act.CONSENT, person.site)
    return bool(stage.act("enter_under_waiver", people, record))


def _think(person: SimulatedPerson, missed: Criterion | None) -> frozenset[str]:
    """Think of all answers of the screening visits together; returns the wishes not met."""
    stage = person.stage
    places = [
        (visit.key, form, 1)
        for visit in person.protocol.visits
        if visit.screening
        for form in visit.forms
        if not person.protocol.form(form).repeating
    ]
    random = person.stream("screening answers")
    for place in places:
        held = filling.drawn(person, place, stage.today, random)
        person.answers.answers[place] = held
    wishes = [wish for visit, form, _ in places for wish in unrefused(person.protocol, visit, form)]
    wishes += entering(person.protocol, missed)
    if missed is None:
        wishes += in_group(person.protocol, person.group)
        wishes += in_stratum(person.protocol, person.number)
    changeable = frozenset(place[:2] for place in places)
    search = Search(person.answers, changeable, stage.today, random)
    unmet = search.meet(wishes)
    for wish in unmet:
        if missed is None or wish.key == missed.key:
            verb = "met" if missed is None else "missed"
            stage.tally.unmet[f"{wish.key}: answers by which it is {verb}"] += 1
    return frozenset(wish.key for wish in unmet)


def _screening_visits(person: SimulatedPerson) -> Iterator[datetime]:
    """Come to every screening visit that has a date, and fill in those that need none."""
    stage = person.stage
    tried: set[str] = set()
    while visits := [
        each for each in due_visits(person) if each.visit.screening and each.visit.key not in tried
    ]:
        first = visits[0]
        tried.add(first.visit.key)
        yield stage.at(max(stage.today, first.day), 10)
        attend(person, first)
    for visit in person.protocol.visits:
        if visit.screening and visit.any_time:
            for form in visit.forms:
                place = (visit.key, form, 1)
                if place not in person.answers.answers:
                    filling.answer(person, place, stage.today)
                filling.fill(person, place)


def _assess(person: SimulatedPerson, failed: Criterion | None) -> bool:
    """Answer the criteria as the data say, and by judgement where they say nothing."""
    stage = person.stage
    values = known_by_criteria(person.row, person.protocol)
    answers: dict[str, tuple[Answer, str]] = {}
    for criterion in person.protocol.criteria:
        found = computed_answer(criterion, values)
        judged = Answer.FAIL if criterion is failed else Answer.PASS
        answer = found if found in (Answer.PASS, Answer.FAIL) else judged
        answers[criterion.key] = (answer, "" if answer is Answer.PASS else "Not met")

    def record(by: Actor) -> bool:
        eligibility.assess_eligibility(by=by, code=person.code, answers=answers, at=stage.now)
        return True

    people = stage.crew.able(Act.ASSESS_ELIGIBILITY, person.site)
    return bool(stage.act("assess_eligibility", people, record))


def _fail(person: SimulatedPerson, reason: str) -> None:
    stage = person.stage
    record = partial(screening.record_screen_failure, code=person.code, reason=reason, at=stage.now)
    people = stage.crew.able(Act.SCREEN, person.site)
    stage.act("record_screen_failure", people, lambda by: record(by=by))


def _enrol(person: SimulatedPerson) -> Thread:
    """Confirm the eligibility and, where there is an allocation, randomise, as soon as is let."""
    stage = person.stage
    if person.group is None:
        _confirm(person)
    else:
        yield from join_group(person)
        if person.row.eligible_at is None:
            _fail(person, "No group has a place")
            return
    if person.protocol.allocation is None or person.row.eligible_at is None:
        return
    people = stage.crew.able(Act.RANDOMISE, person.site)
    choice = _choice(person)
    for turn in range(PATIENCE):
        yield stage.in_days(7 if turn else 1, 9)
        keep_stock(stage, person.site)
        try:
            stage.attempt(
                people,
                lambda by: randomising.randomise(
                    by=by, code=person.code, despite=WITHOUT, choice=choice, at=stage.now
                ),
            )
        except (ActionRefused, NotFound) as refusal:
            _review_first_results(stage)
            if decide_cohorts(stage, person.protocol):
                if person.group is not None:
                    # Another comes for another group.
                    _fail(person, "The escalation of the group has ended")
                    return
                stage.tally.refusals["randomise", "The escalation has ended."] += 1
                return
            if turn == PATIENCE - 1:
                stage.tally.refusals["randomise", str(refusal)] += 1
        else:
            return


def _confirm(person: SimulatedPerson) -> None:
    stage = person.stage
    record = partial(eligibility.confirm_eligibility, code=person.code, at=stage.now)
    people = stage.crew.able(Act.CONFIRM_ELIGIBILITY, person.site)
    stage.act("confirm_eligibility", people, lambda by: record(by=by))


def _choice(person: SimulatedPerson) -> Choice | None:
    """The arm that somebody chooses, where somebody does: any of them."""
    protocol = person.protocol
    if protocol.allocation is None or protocol.allocation.kind is not AllocationKind.CHOSEN:
        return None
    number = person.stream("choice").choice(protocol.allocation.arms)
    return Choice(protocol.arms[number - 1].key, "The better one for this participant")


def _review_first_results(stage: Stage) -> None:
    """Have whoever must have seen the first results sign that they have, if they are there."""
    pause = stage.protocol.allocation and stage.protocol.allocation.pause_after
    if not pause:
        return
    results = first_results(stage.protocol.identifier, stage.protocol, pause, stage.now)
    content_hash = hash_of_results(results)
    try:
        stage.attempt(
            stage.crew.among({pause.seen_by}),
            lambda by: reviewing.sign_results_seen(by=by, content_hash=content_hash, at=stage.now),
        )
    except (ActionRefused, NotFound):
        return
