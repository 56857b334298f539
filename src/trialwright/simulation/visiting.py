"""Coming to a visit: in time, late or not at all; what is done there, and the care of its data."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from trialwright.accounts.policy import Act, Actor
from trialwright.conduct.actions import entering, querying, randomising, visiting
from trialwright.conduct.actions.steps import StepReport, record_step
from trialwright.conduct.models import Query, VisitRecord, VisitStatus
from trialwright.conduct.models.steps import StepStatus
from trialwright.conduct.participants.doses import planned_amount
from trialwright.conduct.participants.planning import OVER
from trialwright.conduct.participants.progress import progress_of
from trialwright.conduct.reads.steps import due_again
from trialwright.conduct.reads.values import visit_days
from trialwright.conduct.signing import entry_content, hash_of
from trialwright.conduct.tables import rows_of
from trialwright.protocol.occurrences import name_of
from trialwright.protocol.progress import due_steps, serves_treatment
from trialwright.protocol.series import Place
from trialwright.protocol.steps import Dispenses, Step
from trialwright.protocol.visits import Visit
from trialwright.simulation import bedside, filling, supplying
from trialwright.simulation.person import SimulatedPerson
from trialwright.simulation.stage import Thread

_LATE, _MISSED, _IN_TIME = "late", "missed", "in time"
WITHOUT = "Was not done"
"""Why something is done without what the protocol warns of."""
_WHY_LATE = "Could not come earlier"
_WHY_MISSED = "Did not come, and could not be reached that week"


@dataclass(frozen=True, slots=True)
class DueVisit:
    """A visit that is planned, how this participant keeps it, and on which day."""

    visit: Visit
    occurrence: int
    kept: str
    day: date


def due_visits(person: SimulatedPerson) -> list[DueVisit]:
    """The visits that are planned and dated, in the order of the days on which they are kept."""
    rows = rows_of(VisitRecord, participant_id=person.row.pk)
    found = [
        _due(person, row)
        for row in rows
        if row.status == VisitStatus.PLANNED and row.target is not None
    ]
    return sorted(found, key=lambda due: (due.day, due.visit.line, due.occurrence))


def _due(person: SimulatedPerson, row: VisitRecord) -> DueVisit:
    visit = person.protocol.visit(row.visit)
    occurrence = visit.occurrence
    opens, closes, target = row.opens, row.closes, row.target
    assert opens and closes and target  # noqa: S101 - a dated visit has its window
    random, plan = person.stream("visit", visit.key, occurrence), person.stage.plan
    share = random.random()
    kept = _IN_TIME
    if not visit.screening and share < plan.late_visits + plan.missed_visits:
        kept = _MISSED if share < plan.missed_visits else _LATE
    spread = round(random.triangular(0, (closes - opens).days, (target - opens).days))
    late = timedelta(days=random.randrange(1, 6))
    day = opens + timedelta(days=spread) if kept == _IN_TIME else closes + late
    return DueVisit(visit, occurrence, kept, day)


def attend(person: SimulatedPerson, due: DueVisit) -> None:
    """Come to a visit today, or record that nobody came."""
    stage = person.stage
    people = stage.crew.able(Act.PLAN_VISITS, person.site)
    key, today, now = due.visit.key, stage.today, stage.now
    if due.kept == _MISSED:
        miss = partial(
            visiting.record_missed_visit, code=person.code, visit=key, reason=_WHY_MISSED, at=now
        )
        stage.act(f"record_missed_visit {key}", people, lambda by: miss(by=by))
        _doses_not_given(person, due)
        return

    def record(by: Actor) -> bool:
        visiting.record_visit(
            by=by, code=person.code, visit=key, on=today, reason=_WHY_LATE, at=now
        )
        return True

    if not stage.act(f"record_visit {key}", people, record):
        return
    supplying.bring_back(person)
    _allocate_again(person)
    if _decides_a_dose(person, due.visit):
        fill_in(person, due.visit)
        take_steps(person, (due.visit.base, due.occurrence))
        return
    take_steps(person, (due.visit.base, due.occurrence))
    fill_in(person, due.visit)


def _allocate_again(person: SimulatedPerson) -> None:
    """Make the later allocation, once the first visit of its epoch has come."""
    stage = person.stage
    records = rows_of(VisitRecord, participant_id=person.row.pk)
    if due_again(person.row, stage.protocol, records, stage.today) is None:
        return
    supplying.keep_stock(stage, person.site)
    make = partial(randomising.randomise_again, code=person.code, at=stage.now)
    people = stage.crew.able(Act.RANDOMISE, person.site)
    stage.act("randomise_again", people, lambda by: make(by=by))


def _decides_a_dose(person: SimulatedPerson, visit: Visit) -> bool:
    """Whether a dose at this visit follows from what is entered there."""
    names = {
        name.split(".")[-2]
        for step in person.protocol.steps
        if step.planned and visit.base in step.at
        for name in step.planned.references
        if "." in name
    }
    return bool(names & set(visit.forms))


def fill_in(person: SimulatedPerson, visit: Visit) -> None:
    """Fill in the forms of a visit, and let their care begin."""
    stage = person.stage
    person.answers.days = visit_days(person.row)
    for form in visit.forms:
        if person.protocol.form(form).diary is not None:
            continue
        many = person.protocol.form(form).repeating
        records = person.stream(visit.key, form, "records").randint(1, 3) if many else 1
        for repeat in range(1, records + 1):
            place = (visit.key, form, repeat)
            if place not in person.answers.answers:
                filling.answer(person, place, stage.today)
            if filling.fill(person, place):
                stage.begin(_care(person, place))


def take_steps(person: SimulatedPerson, at: tuple[str, int] | None) -> None:
    """Take every step that can be taken now: of a visit, or of those taken at none."""
    protocol = person.protocol
    tried: set[tuple[str, str, int]] = set()
    while True:
        progress = progress_of(person.row, protocol)
        due = [
            place
            for place in due_steps(protocol, progress, [at] if at else [])
            if place not in tried and (place[1] != "") is (at is not None)
        ]
        if not due:
            return
        tried.add(due[0])
        _take(person, protocol.step(due[0][0]), due[0][1:])


def _take(person: SimulatedPerson, step: Step, at: tuple[str, int]) -> None:
    stage, row = person.stage, person.row
    stopped = row.stops_treatment and serves_treatment(person.protocol, step)
    if stopped and not step.gives_dose:
        return
    people = stage.crew.among(step.roles, person.site)
    if step.reveals_arm:
        # Whoever confirms and randomises stays without a sight of arms as long as others are there.
        people = people[::-1]
    report = _report(person, step, at, stopped=stopped)
    _record(person, step, at, report, people)


def _report(
    person: SimulatedPerson, step: Step, at: tuple[str, int], *, stopped: bool
) -> StepReport:
    """What is said of a step: a dose is now and then given in part or not at all."""
    plan, random = person.stage.plan, person.stream("dose", step.key, *at)
    share = random.random()
    if not step.gives_dose:
        return StepReport()
    if stopped or share < plan.doses_not_given:
        why = "Withdrawn from treatment" if stopped else "Not well on that day"
        return StepReport(status=StepStatus.NOT_DONE, reason=why)
    if share < plan.doses_not_given + plan.doses_in_part:
        name = name_of(*at) if at[0] else ""
        whole = planned_amount(person.row, person.protocol, step, name)
        amount = None if whole is None else whole / 2
        return StepReport(StepStatus.PART, amount, "Stopped before all was given")
    return StepReport()


def _record(
    person: SimulatedPerson,
    step: Step,
    at: tuple[str, int],
    report: StepReport,
    people: list[Actor],
) -> None:
    stage = person.stage
    hands_out = step.dispenses is Dispenses.KIT and report.status is not StepStatus.NOT_DONE
    strength = supplying.chosen_strength(person, step.key, *at) if hands_out else ""

    def record(by: Actor) -> bool:
        second = next((each.person_id for each in people if each is not by), None)
        said = replace(report, second_person=second, despite=WITHOUT, strength=strength)
        record_step(
            by=by, code=person.code, step=step.key, visit=at[0], occurrence=at[1], report=said,
            at=stage.now,
        )  # fmt: skip
        return True

    if not bedside.give(person, step, at, report):
        return
    if hands_out:
        supplying.keep_stock(stage, person.site)
    stage.act(f"record_step {step.key}", people, record)
    if hands_out:
        supplying.lose_one(person, step.key, *at)


def _doses_not_given(person: SimulatedPerson, due: DueVisit) -> None:
    """Of doses planned at a visit to which nobody came, say that they were not given."""
    protocol = person.protocol
    for step in protocol.steps:
        if step.gives_dose and due.visit.base in step.at:
            people = person.stage.crew.among(step.roles, person.site)
            report = StepReport(status=StepStatus.NOT_DONE, reason=_WHY_MISSED)
            _record(person, step, (due.visit.base, due.occurrence), report, people)


def _care(person: SimulatedPerson, place: Place) -> Thread:
    """What becomes of an entry: queries answered and closed, a correction, the signature."""
    stage, random = person.stage, person.stream(*place, "care")
    yield stage.in_days(random.randrange(1, 6), 15)
    asked = person.happens(stage.plan.queries, *place, "asked") and _ask(person, place)
    if person.happens(stage.plan.corrections, *place, "corrected"):
        filling.correct(person, place)
    if asked:
        yield stage.in_days(random.randrange(1, 5), 11)
        _each_query(person, place, "open")
    yield stage.in_days(random.randrange(1, 5), 14)
    if person.happens(0.9, *place, "closed"):
        _each_query(person, place, "answered")
    yield stage.in_days(random.randrange(1, 4), 16)
    _sign(person, place)


def _ask(person: SimulatedPerson, place: Place) -> bool:
    """A person asks about one of the items that stand there openly."""
    stage, (visit, key, repeat) = person.stage, place
    form = person.protocol.form(key)
    shown = filling.as_typed(person, place).typed
    open_ones = [each for each in shown if each not in form.unmasking_items]
    people = stage.crew.able(Act.RAISE_QUERY, person.site)
    if not open_ones or not people:
        return False
    item = person.stream(*place, "asked about").choice(sorted(open_ones))
    ask = partial(
        querying.raise_query, code=person.code, visit=visit, form=key, item=item, repeat=repeat,
        text="Does the source document say so?", at=stage.now,
    )  # fmt: skip
    return stage.act("raise_query", people, lambda by: ask(by=by)) is not None


def _each_query(person: SimulatedPerson, place: Place, status: str) -> None:
    """Answer what is open of an entry, or close what is answered."""
    entry = filling.entry_at(person, place)
    queries = [] if entry is None else rows_of(Query, entry_id=entry.pk, status=status)
    for query in sorted(queries, key=lambda each: each.number):
        _settle_query(person, query.number, status)


def _settle_query(person: SimulatedPerson, number: int, status: str) -> None:
    stage, code = person.stage, person.code
    if status == "open":
        people = stage.crew.able(Act.ANSWER_QUERY, person.site)
        answer = partial(
            querying.answer_query, code=code, number=number, answer="Yes, it does", at=stage.now
        )
        stage.act("answer_query", people, lambda by: answer(by=by))
    else:
        people = stage.crew.able(Act.RAISE_QUERY, person.site)
        close = partial(querying.close_query, code=code, number=number, at=stage.now)
        stage.act("close_query", people, lambda by: close(by=by))


def _sign(person: SimulatedPerson, place: Place) -> None:
    stage, (visit, key, repeat) = person.stage, place
    signer, entry = person.protocol.form(key).signed_by, filling.entry_at(person, place)
    if signer is None or entry is None or entry.status != "complete":
        return
    sign = partial(
        entering.sign_entry, code=person.code, visit=visit, form=key, repeat=repeat,
        content_hash=hash_of(entry_content(entry)), at=stage.now,
    )  # fmt: skip
    stage.act(f"sign {key}", stage.crew.among({signer}, person.site), lambda by: sign(by=by))


def still_comes(person: SimulatedPerson) -> bool:
    """Whether the participation goes on."""
    return person.row.state not in OVER


def open_at_any_time(person: SimulatedPerson) -> Iterator[Visit]:
    """The visits without a date to which this participant comes once."""
    for visit in person.protocol.visits:
        comes = person.happens(person.stage.plan.unscheduled, visit.key, "unscheduled")
        if visit.any_time and not visit.screening and comes:
            yield visit
