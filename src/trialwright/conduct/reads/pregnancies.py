"""Pregnancies of the participants that a person may see, with the children and their cases."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct.clock import day_of, zones_of
from trialwright.conduct.models import Pregnancy, PregnancyChild, PregnancyOutcome
from trialwright.conduct.reads.participants import visible
from trialwright.safety.partial import partial_date

# A pregnancy whose end nobody expects on a day is asked about once it must have ended.
_LONGEST = timedelta(days=300)


@dataclass(frozen=True, slots=True)
class ChildLine:
    """A child. born, died_on: ISO dates that may be cut short; sex: `female`, `male` or "";
    cases: the numbers of its own cases, those that stand."""

    code: str
    born: str
    sex: str
    weight_g: int | None
    condition: str
    died_on: str
    cases: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PregnancyLine:
    """A pregnancy. case: the number of its case; loss: that of the serious event that its end was;
    outcome: None while it isn't known; dates are ISO dates that may be cut short."""

    case: int
    code: str
    site: str
    began: str
    last_period: str
    expected_on: str
    contraception: str
    history: str
    outcome: PregnancyOutcome | None
    ended: str
    weeks: int | None
    loss: int | None
    nullified: str
    children: tuple[ChildLine, ...]


def pregnancy_of_case(by: Actor, number: int) -> PregnancyLine | None:
    """The pregnancy that a case is about; None where it is about another thing."""
    found = _lines(_seen(by).filter(case__number=number))
    return found[0] if found else None


def pregnancies_of(by: Actor, codes: Collection[str]) -> tuple[PregnancyLine, ...]:
    """The pregnancies of these participants, by participant and number."""
    return _lines(_seen(by).filter(case__participant__code__in=codes))


def pregnancies_seen(by: Actor) -> tuple[PregnancyLine, ...]:
    """All pregnancies that stand, by participant and number."""
    return _lines(_seen(by).filter(case__nullified=""))


def pregnancy_of_child(by: Actor, number: int) -> tuple[str, int] | None:
    """The code of the child whose case this is, and the number of the pregnancy's case."""
    rows = PregnancyChild.objects.filter(pregnancy__in=_seen(by), events__number=number)
    return rows.values_list("code", "pregnancy__case__number").first()


def mother_of(by: Actor, code: str) -> str | None:
    """The code of the participant whose child has this code."""
    rows = _seen(by).filter(children__code=code)
    return rows.values_list("case__participant__code", flat=True).first()


def pregnancies_to_follow(by: Actor) -> tuple[PregnancyLine, ...]:
    """Those without an outcome that should have ended by now, of participants for whom the person
    records events, the earliest first, by the calendar of each one's site."""
    if not may(by, Act.RECORD_EVENTS):
        return ()
    now, zones = timezone.now(), zones_of(by.study)
    waits = []
    for row in _seen(by).filter(outcome="", case__nullified=""):
        site = row.case.participant.site
        zone, expected = zones.at(site), partial_date(row.expected_on)
        known = expected.last if expected else day_of(row.case.known_at + _LONGEST, zone)
        if known <= day_of(now, zone) and may(by, Act.RECORD_EVENTS, site=site):
            waits.append((known, row))
    return tuple(_line(row) for _day, row in sorted(waits, key=lambda each: each[0]))


def _seen(by: Actor) -> QuerySet[Any]:
    rows = Pregnancy.objects.filter(case__participant__in=visible(by))
    return rows.select_related("case__participant", "loss").order_by(
        "case__participant__code", "case__number"
    )


def _lines(rows: QuerySet[Any]) -> tuple[PregnancyLine, ...]:
    return tuple(_line(row) for row in rows.prefetch_related("children__events"))


def _line(row: Pregnancy) -> PregnancyLine:
    case = row.case
    return PregnancyLine(
        case=case.number,
        code=case.participant.code,
        site=case.participant.site,
        began=case.started,
        last_period=row.last_period,
        expected_on=row.expected_on,
        contraception=row.contraception,
        history=row.history,
        outcome=PregnancyOutcome(row.outcome) if row.outcome else None,
        ended=case.ended,
        weeks=row.weeks,
        loss=row.loss.number if row.loss else None,
        nullified=case.nullified,
        children=tuple(
            _child(each) for each in sorted(row.children.all(), key=lambda each: each.code)
        ),
    )


def _child(row: PregnancyChild) -> ChildLine:
    cases = sorted(each.number for each in row.events.all() if not each.nullified)
    told = (row.code, row.born, row.sex, row.weight_g, row.condition, row.died_on)
    return ChildLine(*told, tuple(cases))
