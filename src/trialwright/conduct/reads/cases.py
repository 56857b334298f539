"""An event as a case that is reported: what both copies say, and what the unblinded one adds.

The number of a case is the event's own and never changes. That of a follow-up counts the reports
that blinded people's entries opened, sent or not: it can't tell whether one was due.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct.acting import knows_arm, protocol_for
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.allocation.links import allocated_at
from trialwright.conduct.laboratory.reference_ranges import traits_of
from trialwright.conduct.models import AdverseEvent, Clock, Participant
from trialwright.conduct.models.adverse_events import About, Judge, Outcome
from trialwright.conduct.participants.progress import records_of
from trialwright.conduct.participants.step_details import details_of
from trialwright.conduct.products.recipients import given_to
from trialwright.conduct.reads.adverse_events import events_seen
from trialwright.conduct.reads.participants import study_and_protocol
from trialwright.conduct.refusals import NotFound
from trialwright.conduct.safety.events import criteria_met, is_serious, worst_grade
from trialwright.conduct.safety.narratives import Narrative, latest_narrative
from trialwright.protocol.basics import Text
from trialwright.protocol.model import Arm, Protocol
from trialwright.protocol.steps import Dispenses
from trialwright.safety.duties import Why
from trialwright.safety.partial import partial_date
from trialwright.safety.seriousness import SeriousCriterion

_FOLLOWS = frozenset({Why.NEWS.value, Why.UPGRADE.value, Why.NULLIFIED.value})


@dataclass(frozen=True, slots=True)
class Case:
    """What the blinded copy says, and the unblinded one too.

    Attributes:
        number: of the case, for ever; follow_up: 0 of the first report.
        age: whole years when it began, where that is known; sex: `female`, `male` or "".
        grades: each step with the day from which it was so.
        opinions: (judge, about, related, when).
        treated_on: the days on which something of the treatment was given.
        received_at: when the clocks of the case began; latest_at: of the latest news.
        child: the code of the child whose case it is, or "". linked: the numbers of the cases that
            belong to it: of a child the mother's, of a pregnancy the children's and the loss's.
        knows: whether this person has been shown the participant's arm.
    """

    number: str
    follow_up: int
    event: int
    code: str
    site: str
    age: int | None
    sex: str
    term: str
    ctcae: str
    special: str
    described: str
    started: str
    ended: str
    known_at: datetime
    outcome: Outcome
    criteria: tuple[SeriousCriterion, ...]
    grades: tuple[tuple[int, str], ...]
    worst: int
    opinions: tuple[tuple[Judge, About, bool, datetime], ...]
    nullified: str
    treated_on: tuple[date, ...]
    received_at: datetime
    latest_at: datetime
    narrative: Narrative | None
    child: str
    linked: tuple[str, ...]
    knows: bool


@dataclass(frozen=True, slots=True)
class Given:
    """One dose or container: what, of which lot ("" where lots aren't followed), when, how much."""

    what: Text
    lot: str
    at: datetime
    amount: str
    planned: str
    per_kg: str


@dataclass(frozen=True, slots=True)
class Opened:
    """What the unblinded copy adds: the arm, and what was given of it."""

    arm: Arm
    given: tuple[Given, ...]


def is_reportable(event: AdverseEvent) -> bool:
    """Whether an event is one that reports are about: a serious one, or a special situation."""
    return is_serious(event) or bool(event.special)


def case_of_event(by: Actor, number: int) -> Case:
    """An event as a case, for who reports safety; NotFound for others, and of one that isn't
    reported."""
    event, protocol = _event(by, number)
    participant = event.participant
    onset = partial_date(event.started)
    traits = traits_of(participant.study, [participant])[participant.pk]
    steps = sorted(event.grades.all(), key=lambda each: each.number)
    said = sorted(event.opinions.all(), key=lambda each: (each.about, each.judge))
    clocks = Clock.objects.filter(event=event, site="").prefetch_related("dues")
    dues = [due for clock in clocks for due in clock.dues.all()]
    opened = {
        clock.opened_at
        for clock in clocks
        if min(clock.dues.all(), key=lambda each: each.number).why in _FOLLOWS
    }
    doses = [each for each in records_of(participant, protocol) if _gives(protocol, each.step)]
    return Case(
        number=case_number(event.study_id, event.number),
        follow_up=len(opened),
        event=event.number,
        code=participant.code,
        site=participant.site,
        age=traits.age_at(onset.first) if onset and event.child is None else None,
        sex=event.child.sex if event.child else traits.sex,
        term=event.term,
        ctcae=event.ctcae,
        special=event.special,
        described=event.described,
        started=event.started,
        ended=event.ended,
        known_at=event.known_at,
        outcome=Outcome(event.outcome),
        criteria=tuple(criteria_met(event)),
        grades=tuple((each.grade, each.since) for each in steps),
        worst=worst_grade(steps),
        opinions=tuple(
            (Judge(each.judge), About(each.about), each.related, each.given_at) for each in said
        ),
        nullified=event.nullified,
        treated_on=tuple(sorted({each.taken_on for each in doses if each.status != "not_done"})),
        received_at=min((each.started_at for each in dues), default=event.known_at),
        latest_at=max([event.known_at, *(each.known_at for each in steps),
                       *(each.started_at for each in dues)]),
        narrative=latest_narrative(event),
        child=event.child.code if event.child else "",
        linked=tuple(case_number(event.study_id, each) for each in _linked(event)),
        knows=_knows(by, participant),
    )  # fmt: skip


def case_number(study: str, number: int) -> str:
    """The number of a case as its reports have it, for ever."""
    return f"{study}-AE-{number:04d}"


def number_of_case(study: str, typed: str) -> int | None:
    """The event's number in a case number, with the study before it or without; None where it
    isn't one.

    >>> number_of_case("X-01", "X-01-AE-0012"), number_of_case("X-01", "ae-0012")
    (12, 12)
    """
    found = re.fullmatch(r"(?:(.+)-)?AE-(\d{4,9})", typed.strip().upper())
    if found is None or found[1] not in (None, study.upper()):
        return None
    return int(found[2])


def _linked(event: AdverseEvent) -> list[int]:
    """The cases that belong to this one: those of a pregnancy, its children and its loss."""
    rows = AdverseEvent.objects.filter(study=event.study_id, nullified="").exclude(pk=event.pk)
    if event.child is not None:
        of_it = Q(pregnancy=event.child.pregnancy_id) | Q(child__pregnancy=event.child.pregnancy_id)
    elif event.term:
        of_it = Q(pregnancy__loss=event.pk)
    else:
        of_it = Q(child__pregnancy__case=event.pk) | Q(pregnancies_lost__case=event.pk)
    return sorted(set(rows.filter(of_it).values_list("number", flat=True)))


def opened_case(by: Actor, number: int) -> Opened:
    """What the unblinded copy adds; NotFound for who hasn't been shown the participant's arm."""
    event, protocol = _event(by, number)
    participant = event.participant
    if not _knows(by, participant):
        raise NotFound
    labels = {each.key: each.label for each in protocol.products}
    found = [
        Given(
            labels.get(each.lot.product, Text(each.lot.product, each.lot.product)),
            each.lot.code,
            each.move.at,
            f"{each.move.amount} {each.move.unit}".strip(),
            "",
            each.move.per_kg,
        )
        for each in given_to(participant.study_id, participant.code)
    ]
    for record in records_of(participant, protocol):
        step = protocol.step(record.step)
        if (
            not step.gives_dose
            or record.status == "not_done"
            or step.dispenses is Dispenses.CONTAINER
        ):
            continue
        told = details_of(participant.study_id, record)
        amounts = (f"{each} {told.unit}".strip() if each else "" for each in
                   (told.amount, told.planned))  # fmt: skip
        amount, planned = amounts
        found.append(Given(step.label, "", told.at, amount, planned, ""))
    arm = protocol.arm_numbered(allocation_list.arm_of(participant))
    return Opened(arm, tuple(sorted(found, key=lambda each: each.at)))


def _event(by: Actor, number: int) -> tuple[AdverseEvent, Protocol]:
    study, _newest = study_and_protocol(by)
    event = events_seen(by).filter(number=number).first()
    if event is None or not is_reportable(event):
        raise NotFound
    if not may(by, Act.REPORT_SAFETY, site=event.participant.site):
        raise NotFound
    assert study.version is not None  # noqa: S101 - `study_and_protocol` has asked
    event.participant.study = study
    return event, protocol_for(event.participant, study.version)


def _gives(protocol: Protocol, step: str) -> bool:
    return protocol.step(step).gives_dose


def _knows(by: Actor, participant: Participant) -> bool:
    if allocated_at(participant) is None or not knows_arm(by, participant):
        return False
    return may(by, Act.SEE_ARM, site=participant.site, knows_arm=True)
