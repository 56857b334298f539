"""What the records of sites say of their quality, counted for the plan of verification.

Each count is one statement for all sites, and only what the plan's signals ask for is counted.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Cast, TruncDate
from django.utils import timezone

from trialwright.accounts.models import Membership
from trialwright.accounts.policy import Act, Actor
from trialwright.conduct.clock import Zones, day_of, installation_zone, zones_of
from trialwright.conduct.laboratory.value_reviews import TAKEN_BACK, VALUE_CHANGED
from trialwright.conduct.models import (
    Deviation,
    Entry,
    Participant,
    Query,
    ValueReview,
    VisitRecord,
    VisitStatus,
)
from trialwright.conduct.models.value_reviews import ReviewKind
from trialwright.conduct.reads.value_reviews import typed_values
from trialwright.ledger.models import LedgerRow
from trialwright.protocol.model import Protocol
from trialwright.protocol.monitoring import MonitoringPlan, SignalKind, SiteRecord
from trialwright.protocol.occurrences import key_of

_AT_ENTRY = "entry__participant"


def site_records(
    by: Actor, protocol: Protocol, plan: MonitoringPlan, sites: Collection[str]
) -> dict[str, SiteRecord]:
    """The record of each site, as far as the signals of the plan ask for it.

    Args:
        by: who verifies at these sites; the caller has asked the policy.
        protocol: the version that has begun at all of them.
    """
    asked = {signal.kind for signal in plan.signals}
    counts: dict[str, Counter[str]] = {}
    if SignalKind.QUERIES in asked:
        counts["values"] = _by_site(typed_values(by.study), sites, _AT_ENTRY)
        counts["queries"] = _by_site(Query.objects.filter(study=by.study), sites, _AT_ENTRY)
    if SignalKind.DEVIATIONS in asked:
        counts["participants"] = _by_site(Participant.objects.filter(study=by.study), sites, "")
        deviations = Deviation.objects.filter(study=by.study)
        counts["deviations"] = _by_site(deviations, sites, "participant")
    if SignalKind.ERRORS in asked:
        counts |= _verified(by, sites)
    if SignalKind.LATE_ENTRIES in asked:
        counts |= _late(by.study, protocol, plan.late_after_days, sites)
    return {
        site: replace(SiteRecord(), **{name: count[site] for name, count in counts.items()})
        for site in sites
    }


def _by_site(rows: QuerySet[Any], sites: Collection[str], path: str) -> Counter[str]:
    site = f"{path}__site" if path else "site"
    counted = rows.filter(**{f"{site}__in": sites}).order_by().values_list(site)
    return Counter(dict(counted.annotate(Count("pk"))))


def _verified(by: Actor, sites: Collection[str]) -> dict[str, Counter[str]]:
    """Verifications that weren't taken back and queries by who verifies; of them those whose value
    was changed since, and the queries."""
    reviews = ValueReview.objects.filter(
        entry__participant__study=by.study, kind=ReviewKind.SOURCE.value
    ).exclude(undone_reason=TAKEN_BACK)
    verifiers = Membership.objects.filter(
        study=by.study, role__in=by.roles.who_may(Act.VERIFY_SOURCE)
    )
    asked = _by_site(
        Query.objects.filter(
            study=by.study, check_key="", opened_by__in=verifiers.values("person")
        ),
        sites,
        _AT_ENTRY,
    )
    changed = _by_site(reviews.filter(undone_reason=VALUE_CHANGED), sites, _AT_ENTRY)
    return {
        "verified": _by_site(reviews, sites, _AT_ENTRY) + asked,
        "errors": changed + asked,
    }


def _late(
    study: str, protocol: Protocol, days: int, sites: Collection[str]
) -> dict[str, Counter[str]]:
    """Forms of visits that took place: those entered and those missing for longer than the days;
    late are those entered after that, and all that are missing. What could reveal an arm doesn't
    count, nor what has any number of records."""
    counted = {
        form.key for form in protocol.forms if not (form.unmasking or form.repeating or form.diary)
    }
    zones, allowed = zones_of(study), timedelta(days=days)
    came = VisitRecord.objects.filter(
        participant=OuterRef("participant"), visit=OuterRef("visit"), status=VisitStatus.DONE.value
    )
    # The first row of an entry in the ledger says when it was entered first.
    begun = LedgerRow.objects.filter(
        study=study,
        chain="open",
        entity="entry",
        field="form",
        id=Cast(OuterRef("pk"), CharField()),
    )
    entries = (
        Entry.objects.filter(
            participant__study=study, participant__site__in=sites, form__in=counted, repeat=1
        )
        .annotate(came=Subquery(came.values("actual")[:1]))
        .filter(came__isnull=False)
        .annotate(begun=Subquery(begun.values("happened_at")[:1]))
        .annotate(entered=_day("begun", zones))
    )
    due = _longer_ago(zones, allowed)
    rows = entries.order_by().values_list("participant__site").annotate(
        forms=Count("pk"),
        late=Count("pk", filter=Q(entered__gt=F("came") + allowed)),
        held=Count("pk", filter=due("came")),
    )  # fmt: skip
    forms, late, held = Counter[str](), Counter[str](), Counter[str]()
    for site, entered, after, of_due in rows:
        forms[site], late[site], held[site] = entered, after, of_due
    visits = VisitRecord.objects.filter(
        due("actual"),
        participant__study=study,
        participant__site__in=sites,
        status=VisitStatus.DONE.value,
    )
    numbers = {visit.key: len(counted & set(visit.forms)) for visit in protocol.visits}
    expected = Counter[str]()
    places = visits.order_by().values_list("participant__site", "visit").annotate(Count("pk"))
    for site, visit, count in places:
        expected[site] += count * numbers.get(key_of(visit), 0)
    missing = expected - held  # Of a site at which more was entered than is expected, none.
    return {"forms": forms + missing, "late": late + missing}


def _day(moment: str, zones: Zones) -> Case:
    """The day of a moment at the participant's site."""
    elsewhere: dict[Any, list[str]] = defaultdict(list)
    for site, zone in zones.by_site.items():
        elsewhere[zone].append(site)
    return Case(
        *(
            When(participant__site__in=sites, then=TruncDate(moment, tzinfo=zone))
            for zone, sites in elsewhere.items()
        ),
        default=TruncDate(moment, tzinfo=installation_zone()),
    )


def _longer_ago(zones: Zones, allowed: timedelta) -> Callable[[str], Q]:
    """Whether the day in a column is longer ago at the participant's site."""
    now = timezone.now()
    here, elsewhere = day_of(now, installation_zone()), zones.days(now)
    days: dict[date, list[str]] = defaultdict(list)
    for site, day in elsewhere.items():
        days[day].append(site)

    def lies(column: str) -> Q:
        before = f"{column}__lt"
        found = ~Q(participant__site__in=elsewhere) & Q(**{before: here - allowed})
        for day, sites in days.items():
            found |= Q(participant__site__in=sites) & Q(**{before: day - allowed})
        return found

    return lies
