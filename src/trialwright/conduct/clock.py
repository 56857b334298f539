"""The calendar and the clock of each site: what day it is there, and when something happened.

A day, a window, "today" and a time of day are those of the participant's site. Where no site is
concerned (a study's first day, its plan of enrolment), they are the installation's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.models import Site
from trialwright.conduct.models import Participant
from trialwright.conduct.refusals import ActionRefused, Problem
from trialwright.conduct.tables import rows_of


@dataclass(frozen=True, slots=True)
class Happened:
    """When something happened (None: as it is recorded), and why it is recorded late."""

    at: datetime | None = None
    why_late: str = ""


NOW = Happened()
LATE = timedelta(hours=1)
"""Recorded later than this after it happened, a step wants a reason."""


@dataclass(frozen=True, slots=True)
class Zones:
    """The time zones of a study's sites, by their codes."""

    by_site: Mapping[str, ZoneInfo]

    def at(self, site: str) -> ZoneInfo:
        """The zone of a site; the installation's where it has none of its own."""
        return self.by_site.get(site) or installation_zone()

    def days(self, moment: datetime) -> dict[str, date]:
        """What day it is at each site whose day isn't the installation's."""
        here = day_of(moment, installation_zone())
        found = {site: day_of(moment, zone) for site, zone in self.by_site.items()}
        return {site: day for site, day in found.items() if day != here}


def zones_of(study: str) -> Zones:
    """The zones of a study's sites, in one statement."""
    sites = rows_of(Site, study=study)
    return Zones({site.code: ZoneInfo(site.time_zone) for site in sites if site.time_zone})


def installation_zone() -> ZoneInfo:
    """The zone of what concerns no site."""
    return ZoneInfo(settings.TIME_ZONE)


def zone_of(participant: Participant) -> ZoneInfo:
    """The zone of the participant's site, asked of the database once for a row."""
    held: ZoneInfo | None = participant.__dict__.get("_zone")
    if held is None:
        held = zones_of(participant.study_id).at(participant.site)
        participant.__dict__["_zone"] = held
    return held


def share_zones(participants: Iterable[Participant], zones: Zones) -> None:
    """Let rows at hand know their zones, so that none is asked for one by one."""
    for participant in participants:
        participant.__dict__["_zone"] = zones.at(participant.site)


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar day of a moment in a zone."""
    return moment.astimezone(zone).date()


def midnight(moment: datetime, zone: ZoneInfo) -> datetime:
    """The beginning of a moment's day: what is told of it where its minute is not."""
    return moment.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def moment_at(day: date, at: time, zone: ZoneInfo, field: str) -> datetime:
    """The moment that a site's clock shows; the earlier where it shows it twice.

    Raises:
        ActionRefused: at `field`, where clocks were put forward over that time.
    """
    moment = datetime.combine(day, at, zone)
    if moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment.replace(tzinfo=None):
        words = _("At %(time)s clocks in %(zone)s were put forward. Enter a time that they showed.")
        told = words % {"time": f"{moment:%Y-%m-%d %H:%M}", "zone": zone.key}
        raise ActionRefused(problems=(Problem(field, told),))
    return moment
