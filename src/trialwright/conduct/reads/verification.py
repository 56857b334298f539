"""Whose source data a monitor verifies, which of them and why.

Only who verifies in the source is told: a site that knew beforehand who is drawn could see to it
that theirs are in order. Nothing here is asked for anybody else, so no page, time or number of
theirs depends on it.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Count, Q, QuerySet

from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct.acting import protocol_of
from trialwright.conduct.models import Entry, Participant, ProtocolVersion, State, Study
from trialwright.conduct.reads.participants import study_and_protocol, visible
from trialwright.conduct.reads.site_records import site_records
from trialwright.conduct.reads.value_reviews import unverified
from trialwright.conduct.refusals import NotFound
from trialwright.conduct.source_sample import opened_seed
from trialwright.conduct.tables import chain_of
from trialwright.conduct.versions import begun_everywhere
from trialwright.protocol.monitoring import MonitoringPlan, SitePlan, site_plan


@dataclass(frozen=True, slots=True)
class ToVerify:
    """One participant: whether everything is verified of them, or what is critical alone (`drawn`
    None: their site has no plan), and how many forms still wait."""

    code: str
    site: str
    drawn: bool | None
    forms: int


@dataclass(frozen=True, slots=True)
class SiteToVerify:
    """What waits at a site: how many of its participants are drawn, and how many forms wait."""

    site: str
    drawn: int
    forms: int


def plans_of_sites(by: Actor, site: str | None = None) -> dict[str, SitePlan]:
    """What is to be verified at each site (or one) at which this person verifies in the source, by
    the version that has begun there; sites whose version plans nothing are left out."""
    study, _newest = study_and_protocol(by)
    if not any(protocol_of(each).monitoring for each in chain_of(_version(study))):
        return {}
    codes: dict[str, list[str]] = defaultdict(list)
    for code, at, state in _participants(by).values_list("code", "site", "state"):
        if site in (None, at):
            codes[at] += [code] if state != State.SCREEN_FAILED else []
    found: dict[str, SitePlan] = {}
    for version, sites in _versions(study, codes).items():
        protocol = protocol_of(version)
        if protocol.monitoring is None:
            continue
        records = site_records(by, protocol, protocol.monitoring, sites)
        seed = opened_seed(by.study)
        for each in sites:
            found[each] = site_plan(
                protocol.monitoring, seed=seed, record=records[each], codes=codes[each]
            )
    return found


def plan_for(by: Actor, participant: Participant) -> SitePlan | None:
    """What is to be verified at a participant's site; None where nothing is planned, and for
    whoever doesn't verify there."""
    if not may(by, Act.VERIFY_SOURCE, site=participant.site):
        return None
    return plans_of_sites(by, participant.site).get(participant.site)


def to_verify(by: Actor, plans: Mapping[str, SitePlan]) -> QuerySet[Entry]:
    """Complete forms with values to verify that nobody has verified yet: by the plan of each site,
    all of them where a site has none."""
    rows = unverified(by, _wanted(plans))
    sites = by.sites_for(Act.VERIFY_SOURCE)
    return rows if sites is None else rows.filter(participant__site__in=sites)


def forms_waiting(by: Actor, participant: Participant, plan: SitePlan) -> int:
    """How many forms of a participant wait for this person, by the plan of their site."""
    rows = to_verify(by, {participant.site: plan})
    return rows.filter(participant=participant).count()


def participants_to_verify(by: Actor, plans: Mapping[str, SitePlan]) -> tuple[ToVerify, ...]:
    """The participants of the sites at which this person verifies, by code.

    Raises:
        NotFound: no site has a plan.
    """
    if not plans:
        raise NotFound
    counted = to_verify(by, plans).order_by().values_list("participant__code")
    forms = Counter(dict(counted.annotate(Count("pk"))))
    rows = _participants(by).order_by("code").values_list("code", "site")
    return tuple(
        ToVerify(code, site, code in plans[site].sampled if site in plans else None, forms[code])
        for code, site in rows
    )


def sites_to_verify(by: Actor) -> tuple[SiteToVerify, ...]:
    """The sites with a plan at which forms wait for this person, by code."""
    if not may(by, Act.VERIFY_SOURCE) or not may(by, Act.SEE_PARTICIPANTS):
        return ()
    plans = plans_of_sites(by)
    if not plans:
        return ()
    counted = to_verify(by, plans).order_by().values_list("participant__site")
    forms = Counter(dict(counted.annotate(Count("pk"))))
    return tuple(
        SiteToVerify(site, len(plan.sampled), forms[site])
        for site, plan in sorted(plans.items())
        if forms[site]
    )


def _participants(by: Actor) -> QuerySet[Participant]:
    if not may(by, Act.VERIFY_SOURCE):
        raise NotFound
    rows: QuerySet[Participant] = visible(by)
    sites = by.sites_for(Act.VERIFY_SOURCE)
    return rows if sites is None else rows.filter(site__in=sites)


def _version(study: Study) -> ProtocolVersion:
    assert study.version is not None  # noqa: S101 - `study_and_protocol` has asked
    return study.version


def _versions(study: Study, sites: Iterable[str]) -> dict[ProtocolVersion, list[str]]:
    """The sites by the version that has begun at each."""
    chain = chain_of(_version(study))
    begun = begun_everywhere(study.identifier, chain) if len(chain) > 1 else {}
    found: dict[ProtocolVersion, list[str]] = defaultdict(list)
    for site in sorted(sites):
        last = max((each.number for each in begun.get(site, ())), default=0)
        found[chain[last]].append(site)
    return found


def _wanted(plans: Mapping[str, SitePlan]) -> Q:
    """Which values are to be verified: as `SitePlan.why`, for the database."""
    sites: dict[MonitoringPlan, list[str]] = defaultdict(list)
    for site, each in plans.items():
        sites[each.plan].append(site)
    drawn = {code for each in plans.values() for code in each.sampled}
    wanted = ~Q(entry__participant__site__in=plans) | Q(entry__participant__code__in=drawn)
    for plan, at in sites.items():
        wanted |= Q(entry__participant__site__in=at) & _critical(plan.critical)
    return wanted


def _critical(names: Collection[str]) -> Q:
    forms = [name for name in names if "." not in name]
    items = (name.split(".") for name in names if "." in name)
    return reduce(
        or_, (Q(entry__form=form, item=item) for form, item in items), Q(entry__form__in=forms)
    )
