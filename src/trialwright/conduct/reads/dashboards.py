"""How a study goes, counted for who may see its participants: each in a few statements, however
many rows there are.

Only counts and pooled values leave this module; values by arm are for who sees all arms.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from django.db.models import Count, F, Q
from django.utils import timezone

from trialwright.accounts.models import Site, SiteStatus
from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.models import Entry, State, Value, VisitRecord
from trialwright.conduct.models.entries import EntryStatus, QueryStatus
from trialwright.conduct.models.participants import VisitStatus
from trialwright.conduct.reads.deviations import deviations_seen
from trialwright.conduct.reads.participants import study_and_protocol, visible, visible_queries
from trialwright.conduct.reads.study import Overview, overview
from trialwright.conduct.reads.waiting import waiting_in_study
from trialwright.conduct.refusals import NotFound
from trialwright.protocol.factorial import TreatmentFactor, TreatmentLevel
from trialwright.protocol.forms import Form, Item, ItemType
from trialwright.protocol.model import Protocol
from trialwright.protocol.occurrences import key_of

AGES = ((0, 7), (8, 14), (15, 30), (31, 60), (61, None))
"""Days for which a query has been open, from and to, both within; the last has no end."""
_NUMBERS = (ItemType.NUMBER, ItemType.INTEGER, ItemType.SCORE, ItemType.LAB)


@dataclass(frozen=True, slots=True)
class SiteEnrolment:
    """One site's participants. `share` is its equal part of what the plan for all sites has today,
    None without a plan and where it was never opened."""

    site: str
    screened: int
    randomised: int
    share: float | None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The study's enrolment, and that of each site that a person sees."""

    whole: Overview
    planned: int | None
    sites: tuple[SiteEnrolment, ...]


@dataclass(frozen=True, slots=True)
class LevelEnrolment:
    """How many participants are in the arms that have one level of a factor."""

    factor: TreatmentFactor
    level: TreatmentLevel
    allocated: int


@dataclass(frozen=True, slots=True)
class Completeness:
    """`cells[form, visit]` is (complete, expected): how many of a form's records are complete, of
    those that the visits which took place ask for. A form that isn't asked at a visit has no cell.
    """

    forms: tuple[Form, ...]
    visits: tuple[str, ...]
    cells: Mapping[tuple[str, str], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class SiteQueries:
    """One site's queries: those open by their age, as `AGES`, and those answered."""

    site: str
    open: tuple[int, ...]
    answered: int


@dataclass(frozen=True, slots=True)
class SiteLine:
    """One site beside the others. `complete` and `expected` count forms of visits that took place,
    `stopped` who withdrew or was lost to follow-up, `queries` those not closed."""

    site: str
    screened: int
    randomised: int
    stopped: int
    complete: int
    expected: int
    queries: int
    deviations: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Course:
    """The values of one item over the visits that record it. `groups` are (arm's key, or "" for all
    pooled; the participants' values at each visit, None where there is none); `beyond` counts
    laboratory values known only to lie beyond a limit, which are in no group."""

    form: Form
    item: Item
    visits: tuple[str, ...]
    groups: tuple[tuple[str, tuple[tuple[float | None, ...], ...]], ...]
    beyond: int


def enrolment(by: Actor, planned: int | None) -> Enrolment:
    """Who was screened and randomised at each site.

    Args:
        planned: how many the plan for all sites has today, None without a plan.
    """
    whole = overview(by)
    counted: Counter[str] = Counter()
    for (_state, site), count in whole.states.items():
        counted[site] += count
    randomised = dict(
        visible(by)
        .filter(randomised_at__isnull=False)
        .values_list("site")
        .annotate(Count("pk"))
        .order_by()
    )
    sites = Site.objects.filter(study=by.study).values_list("code", "status")
    opened = {code for code, status in sites if status != SiteStatus.PLANNED}
    share = planned / len(opened) if planned is not None and opened else None
    return Enrolment(
        whole,
        planned,
        tuple(
            SiteEnrolment(
                site, counted[site], randomised.get(site, 0), share if site in opened else None
            )
            for site in _sites(by)
        ),
    )


def completeness(by: Actor) -> Completeness:
    """Forms by visits: how many of those that visits which took place ask for are complete."""
    _study, protocol = study_and_protocol(by)
    cells = {
        (form, visit): (complete, expected)
        for (form, visit, _site), (complete, expected) in _cells(by, protocol, by_site=False)
    }
    forms = tuple(each for each in protocol.forms if any(form == each.key for form, _v in cells))
    visits = tuple(v.key for v in protocol.visits if any(visit == v.key for _f, visit in cells))
    return Completeness(forms, visits, cells)


def query_ages(by: Actor) -> tuple[SiteQueries, ...]:
    """The open queries of each site by their age in days, and those answered."""
    now = timezone.now()
    columns = {f"age{place}": _aged(now, *age) for place, age in enumerate(AGES)}
    answered = Count("pk", filter=Q(status=QueryStatus.ANSWERED.value))
    rows = (
        visible_queries(by)
        .exclude(status=QueryStatus.CLOSED.value)
        .values("entry__participant__site")
        .annotate(answered=answered, **columns)
        .order_by()
    )
    found = {row["entry__participant__site"]: row for row in rows}
    return tuple(
        SiteQueries(
            site,
            tuple(found[site][name] if site in found else 0 for name in columns),
            found[site]["answered"] if site in found else 0,
        )
        for site in _sites(by)
    )


def site_comparison(by: Actor) -> tuple[SiteLine, ...]:
    """The sites that a person sees beside each other, by code."""
    _study, protocol = study_and_protocol(by)
    states = Counter[tuple[str, str]]()
    for state, site, count in (
        visible(by).values_list("state", "site").annotate(Count("pk")).order_by()
    ):
        states[site, state] = count
    randomised = _by_site(visible(by).filter(randomised_at__isnull=False), "site")
    open_queries = visible_queries(by).filter(status=QueryStatus.OPEN.value)
    queries = _by_site(open_queries, "entry__participant__site")
    deviations = _by_site(deviations_seen(by), "participant__site")
    overdue = _by_site(waiting_in_study(by).overdue, "participant__site")
    complete, expected = Counter[str](), Counter[str]()
    for (_form, _visit, site), (done, wanted) in _cells(by, protocol, by_site=True):
        complete[site] += done
        expected[site] += wanted
    stopped = (State.WITHDRAWN, State.LOST)
    return tuple(
        SiteLine(
            site,
            screened=sum(count for (at, _state), count in states.items() if at == site),
            randomised=randomised[site],
            stopped=sum(states[site, state.value] for state in stopped),
            complete=complete[site],
            expected=expected[site],
            queries=queries[site],
            deviations=deviations[site],
            overdue=overdue[site],
        )
        for site in _sites(by)
    )


def measured(protocol: Protocol) -> tuple[tuple[Form, Item], ...]:
    """The numbers that stand on open forms of one record asked at two visits or more."""
    return tuple(
        (form, item)
        for form in protocol.forms
        if not form.unmasking and not form.repeating and len(protocol.visits_with(form.key)) > 1
        for item in form.items
        if item.type in _NUMBERS and item.key not in form.unmasking_items
    )


def course(by: Actor, form: str, item: str, *, by_arm: bool = False) -> Course:
    """The values of one item over the visits, of all together or by arm.

    Raises:
        NotFound: no such number is on an open form, or the arms are not this person's to see.
    """
    study, protocol = study_and_protocol(by)
    found = next((e for e in measured(protocol) if (e[0].key, e[1].key) == (form, item)), None)
    if found is None or (by_arm and not may(by, Act.SEE_ARMS)):
        raise NotFound
    visits = [each.key for each in protocol.visits_with(form)]
    held: dict[object, dict[str, float]] = defaultdict(dict)
    beyond = 0
    rows = Value.objects.filter(
        entry__participant__in=visible(by), entry__form=form, entry__repeat=1, item=item,
        entry__visit__in=visits, text__isnull=False,
    )  # fmt: skip
    columns = ("entry__participant", "entry__visit", "text")
    for person, visit, text in rows.order_by("entry__participant__code").values_list(*columns):
        number = _number(text)
        if number is None:
            beyond += 1
        else:
            held[person][visit] = number
    seen = tuple(v for v in visits if any(v in values for values in held.values()))
    arms: dict[object, str] = {}
    if by_arm:
        keys = {arm.number: arm.key for arm in protocol.arms}
        arms = {row.pk: keys[number] for row, number in allocation_list.arms_of_all(study)}
    grouped: dict[str, list[tuple[float | None, ...]]] = defaultdict(list)
    for person, values in held.items():
        if not by_arm or person in arms:
            grouped[arms.get(person, "")].append(tuple(values.get(visit) for visit in seen))
    order = [arm.key for arm in protocol.arms] if by_arm else [""]
    groups = tuple((key, tuple(grouped[key])) for key in order if grouped[key])
    return Course(found[0], found[1], seen, groups, beyond)


def enrolment_by_factor(by: Actor) -> tuple[LevelEnrolment, ...]:
    """How many were allocated to each level of each factor, of a factorial trial.

    Raises:
        NotFound: the arms have no factors, or are not this person's to see.
    """
    study, protocol = study_and_protocol(by)
    if not protocol.factors or not may(by, Act.SEE_ARMS):
        raise NotFound
    seen = set(visible(by).values_list("pk", flat=True))
    arms = Counter(n for row, n in allocation_list.arms_of_all(study) if row.pk in seen)
    return tuple(
        LevelEnrolment(
            factor,
            level,
            sum(arms[arm.number] for arm in protocol.arms if arm.levels[factor.key] == level.key),
        )
        for factor in protocol.factors
        for level in factor.levels
    )


def _sites(by: Actor) -> list[str]:
    """The sites whose participants a person sees, and any that has some."""
    if not may(by, Act.SEE_PARTICIPANTS):
        raise NotFound
    codes = set(Site.objects.filter(study=by.study).values_list("code", flat=True))
    return sorted(codes if by.sites is None else codes & by.sites)


def _by_site(rows: object, path: str) -> Counter[str]:
    counted = rows.order_by().values_list(path).annotate(Count("pk"))  # type: ignore[attr-defined]
    return Counter(dict(counted))


def _cells(
    by: Actor, protocol: Protocol, *, by_site: bool
) -> list[tuple[tuple[str, str, str], tuple[int, int]]]:
    """(form, visit, site), with what of it is complete and what is expected; forms that could
    reveal an arm have none, nor have those of any number of records."""
    asked = {form.key for form in protocol.forms if not form.unmasking and not form.repeating}
    place = F("participant__site") if by_site else F("participant__study")
    expected, complete = Counter[tuple[str, str, str]](), Counter[tuple[str, str, str]]()
    forms = {each.key: [key for key in each.forms if key in asked] for each in protocol.visits}
    done = VisitStatus.DONE.value
    took_place = VisitRecord.objects.filter(participant__in=visible(by), status=done)
    counted = took_place.annotate(place=place).values_list("visit", "place")
    for visit, at, count in counted.annotate(Count("pk")).order_by():
        for form in forms.get(key_of(visit), ()):
            expected[form, key_of(visit), at] += count
    filled = Entry.objects.filter(
        participant__in=visible(by), form__in=asked, repeat=1, status=EntryStatus.COMPLETE.value,
        participant__visits__status=done, participant__visits__visit=F("visit"),
    )  # fmt: skip
    rows = filled.annotate(place=place).values_list("form", "visit", "place")
    for form, visit, at, count in rows.annotate(Count("pk")).order_by():
        complete[form, key_of(visit), at] += count
    return [(key, (min(complete[key], wanted), wanted)) for key, wanted in expected.items()]


def _aged(now: datetime, first: int, last: int | None) -> Count:
    """Count the queries still open that were opened so many whole days ago."""
    within = Q(status=QueryStatus.OPEN.value, opened_at__lte=now - timedelta(days=first))
    if last is not None:
        within &= Q(opened_at__gt=now - timedelta(days=last + 1))
    return Count("pk", filter=within)


def _number(text: str) -> float | None:
    """The number that was typed; None for one known only to lie beyond a limit."""
    try:
        return float(Decimal(text))
    except InvalidOperation:
        return None
