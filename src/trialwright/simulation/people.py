"""The invented people of a simulated study: some for every role of its protocol, at every site."""

from collections.abc import Collection, Iterable, Iterator, Mapping
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


def make_crew(protocol: Protocol, sites: int, at: datetime) -> Crew:
    """Make the sites and people of a study; none of them can sign in."""
    study, codes = protocol.identifier, tuple(_codes(sites))
    zones = dict(zip(codes, _zones(), strict=False))
    actors = []
    with actions.entry("add_people", at=at) as writer:
        for code in codes:
            names = {"name_en": f"Site {code} (invented)", "name_zh": f"{code} (simulation)"}
            zone = zones[code].key if zones[code] != installation_zone() else ""
            actions.ensure_site(writer, study=study, code=code, time_zone=zone, **names)
        for role in protocol.roles.people:
            places = codes if protocol.roles.at_a_site(role) else ("",)
            for place in places:
                for number in range(1, _EACH + 1):
                    name = "-".join(each for each in (role, place.lower(), str(number)) if each)
                    person = actions.add_person(writer, username=name, name=name, password=None)
                    actions.give_role(writer, person, study=study, role=role, site=place)
                    seats = frozenset({Seat(role, place or None)})
                    actors.append(Actor(person.id, name, study, seats, protocol.roles))
    return Crew(protocol, codes, tuple(actors), zones)


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
