"""The invented people of a simulated study: some for every role of its protocol, at every site."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle
from zoneinfo import ZoneInfo

from trialwright.accounts import actions
from trialwright.accounts.policy import Act, Actor, Seat
from trialwright.conduct.clock import installation_zone
from trialwright.protocol.model import Protocol

_EACH = 2
"""So many hold each role at each place: a second one is needed beside who has seen an arm."""


@dataclass(frozen=True, slots=True)
class Crew:
    """Everybody who acts, and the sites."""

    protocol: Protocol
    sites: tuple[str, ...]
    actors: tuple[Actor, ...]
    zones: Mapping[str, ZoneInfo]

    def site(self, number: int) -> str:
        """The site at which the participant of this number is screened."""
        return self.sites[number % len(self.sites)]

    def zone(self, number: int) -> ZoneInfo:
        """The zone of that site."""
        return self.zones[self.site(number)]

    def among(self, roles: Collection[str], site: str | None = None) -> list[Actor]:
        """Who holds one of these roles (at a site), in the order of naming."""
        return [each for each in self.actors if each.role_among(roles, site) is not None]

    def able(self, act: Act, site: str | None = None) -> list[Actor]:
        """Who may do something (at a site)."""
        return self.among(self.protocol.roles.who_may(act), site)


@dataclass(frozen=True, slots=True)
class Place:
    """A site; an empty `time_zone` is the installation's."""

    code: str
    name_en: str
    name_zh: str
    time_zone: str = ""


def invented_places(count: int) -> tuple[Place, ...]:
    """So many sites, A, B and so on, in the zones of the installation, west and east in turn."""
    home = installation_zone()
    return tuple(
        Place(code, f"Site {code} (invented)", f"{code} (simulation)", zone.key * (zone != home))
        for code, zone in zip(_codes(count), _zones(), strict=False)
    )


def make_crew(
    protocol: Protocol, places: Sequence[Place], at: datetime, *, called: str = ""
) -> Crew:
    """Make the sites and people of a study; none of them can sign in.

    Args:
        called: stands before the name of each, where there may be others of these names.
    """
    study, codes = protocol.identifier, tuple(place.code for place in places)
    zones = {each.code: _zone(each.time_zone) for each in places}
    actors = []
    with actions.entry("add_people", at=at) as writer:
        for each in places:
            names = {"name_en": each.name_en, "name_zh": each.name_zh}
            actions.ensure_site(
                writer, study=study, code=each.code, time_zone=each.time_zone, **names
            )
        for role in protocol.roles.people:
            for place in codes if protocol.roles.at_a_site(role) else ("",):
                for number in range(1, _EACH + 1):
                    parts = (called, role, place.lower(), str(number))
                    name = "-".join(each for each in parts if each)
                    person = actions.add_person(writer, username=name, name=name, password=None)
                    actions.give_role(writer, person, study=study, role=role, site=place)
                    seats = frozenset({Seat(role, place or None)})
                    actors.append(Actor(person.id, name, study, seats, protocol.roles))
    return Crew(protocol, codes, tuple(actors), zones)


def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name) if name else installation_zone()


def _zones() -> Iterator[ZoneInfo]:
    """The zones of the sites in turn: the installation's, one west of it, one east."""
    yield from cycle(
        (installation_zone(), ZoneInfo("America/Los_Angeles"), ZoneInfo("Pacific/Auckland"))
    )


def _codes(sites: int) -> Iterable[str]:
    """A, B, … Z, AA, AB …"""
    for number in range(sites):
        first, last = divmod(number, 26)
        yield (chr(64 + first) if first else "") + chr(65 + last)
