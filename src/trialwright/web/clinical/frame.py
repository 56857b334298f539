"""Who asks, in which study, and what every page of it shows around its content."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from trialwright.accounts.models import Person, Site
from trialwright.accounts.policy import Act, Actor, may, role_to_supply_kits
from trialwright.accounts.reads import studies_of
from trialwright.conduct.clock import zones_of
from trialwright.conduct.models import Participant, State
from trialwright.conduct.participants.states import state_label
from trialwright.conduct.reads.envelopes import keeps_envelopes
from trialwright.conduct.reads.epochs import epoch_today
from trialwright.conduct.reads.holds import on_hold
from trialwright.conduct.reads.people import enter
from trialwright.conduct.reads.products import sees_products
from trialwright.conduct.reads.versions import protocol_under
from trialwright.conduct.reads.waiting import as_of, waiting_for
from trialwright.conduct.refusals import NotFound
from trialwright.protocol.groups import escalations
from trialwright.protocol.model import Protocol
from trialwright.web.clinical import session
from trialwright.web.clinical.sent import new_token
from trialwright.web.components import Link, ParticipantBanner, Status

_TONES: dict[State, Any] = {
    State.WITHDRAWN: "idle",
    State.LOST: "idle",
    State.SCREEN_FAILED: "idle",
    State.DIED: "stop",
    State.COMPLETED: "good",
}


@dataclass(frozen=True, slots=True)
class StudyMark:
    """The study as the bar shows it."""

    code: str
    name: str
    href: str
    demonstration: bool
    links: Sequence[Link] = ()
    training_of: str = ""


@dataclass(frozen=True, slots=True)
class PersonMark:
    """The person as the bar shows them."""

    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Frame:
    """One request of one person in one study."""

    request: HttpRequest
    actor: Actor
    protocol: Protocol
    demonstration: bool

    @property
    def person(self) -> Person:
        """Who is signed in."""
        person = self.request.user
        assert isinstance(person, Person)  # noqa: S101 - `in_study` has asked
        return person

    @property
    def language(self) -> str:
        """The language of the page."""
        return get_language() or "en"

    @property
    def href(self) -> str:
        """The study's address."""
        return f"/studies/{self.actor.study}"

    def role_name(self, role: str) -> str:
        """What a role is called; one that the protocol no longer has, as the ledger keeps it."""
        return self.protocol.roles.label(role, self.language)

    def name_and_role(self, name: str, role: str) -> str:
        """Say who acted and as what."""
        return _("{name}, {role}").format(name=name, role=self.role_name(role))

    def person_mark(self) -> PersonMark:
        """Who is signed in, by name and roles."""
        roles = sorted({self.role_name(seat.role) for seat in self.actor.seats})
        return PersonMark(self.actor.name, ", ".join(roles))

    def context(
        self, heading: str, *, crumbs: list[Link] | None = None, **more: Any
    ) -> dict[str, Any]:
        """What the base template wants, and more."""
        said = [str(message) for message in messages.get_messages(self.request)]
        study = Link(self.actor.study, self.href)
        return {
            "heading": heading,
            "crumbs": [study, *(crumbs or [])] if crumbs is not None else [],
            "study": StudyMark(
                self.actor.study,
                self.protocol.title.in_language(self.language),
                self.href,
                self.demonstration,
                self._links(),
                self.protocol.training_of,
            ),
            "person": self.person_mark(),
            "typist": session.typist(self.person),
            "once": new_token(),
            "today": count_today([self.actor]),
            "notice": said[-1] if said else "",
            **more,
        }

    def _links(self) -> list[Link]:
        pages = [
            (Act.SEE_PARTICIPANTS, _("Participants"), "participants"),
            (Act.SEE_PARTICIPANTS, _("Visits"), "visits"),
            (Act.SEE_PARTICIPANTS, _("Calendar"), "calendar"),
            (Act.SEE_PARTICIPANTS, _("Queries"), "queries"),
            (Act.SEE_PARTICIPANTS, _("Deviations"), "deviations"),
            (Act.SEE_PARTICIPANTS, _("Monitoring"), "monitoring"),
            (Act.SEE_PARTICIPANTS, _("Adverse events"), "adverse-events"),
            (Act.SEE_PARTICIPANTS, _("Laboratory"), "laboratory"),
            (Act.SEE_PARTICIPANTS, _("Reports due"), "clocks"),
            (Act.SEE_PARTICIPANTS, _("Holds"), "holds"),
            (Act.SEE_PARTICIPANTS, _("Dashboards"), "dashboard"),
            (Act.SEE_CUTS, _("Data cuts"), "cuts"),
            (Act.SEE_STUDY, _("Protocol"), "protocol"),
            (Act.SEE_LEDGER, _("Audit trail"), "ledger"),
            (Act.MANAGE_PEOPLE, _("Set-up"), "setup"),
        ]
        if self.protocol.monitoring:
            words = _("Source data verification")
            pages.insert(5, (Act.VERIFY_SOURCE, words, "verification"))
        if self.protocol.groups:
            pages.insert(1, (Act.SEE_PARTICIPANTS, _("Groups"), "groups"))
        if any(escalations(self.protocol)):
            pages.insert(1, (Act.SEE_PARTICIPANTS, _("Dose cohorts"), "cohorts"))
        if self.protocol.kits is not None:
            supplies = role_to_supply_kits(self.actor, self.protocol) is not None
            act = Act.SEE_STUDY if supplies else Act.SEE_PARTICIPANTS
            pages.insert(2, (act, _("Kits"), "kits"))
        if keeps_envelopes(self.actor, self.protocol):
            pages.insert(-3, (Act.KEEP_ENVELOPES, _("Sealed envelopes"), "envelopes"))
        if sees_products(self.actor, self.protocol):
            pages.insert(2, (Act.SEE_STUDY, _("Products"), "products"))
        return [
            Link(words, f"{self.href}/{page}") for act, words, page in pages if may(self.actor, act)
        ]

    def about(
        self,
        participant: Participant,
        heading: str,
        *,
        crumbs: list[Link] | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """The same for a page about a participant: with its banner, and the way there."""
        href = f"{self.href}/participants/{participant.code}"
        way = [Link(_("Participants"), f"{self.href}/participants")]
        if crumbs is not None:
            way += [Link(participant.code, href), *crumbs]
        return self.context(heading, crumbs=way, participant=self.banner(participant, href), **more)

    def banner(self, participant: Participant, href: str) -> ParticipantBanner:
        """What stands on every page about a participant."""
        site = Site.objects.filter(study=self.actor.study, code=participant.site).first()
        chinese = self.language.startswith("zh")
        name = (site.name_zh if chinese else site.name_en) if site else participant.site
        return ParticipantBanner(
            code=participant.code,
            site=name,
            state=state_status(participant, self.protocol),
            protocol_version=self.protocol.version,
            href=href,
            hold=_("Trial on hold") if on_hold(self.actor.study) else "",
            epoch=self._epoch(participant),
            group=self._group(participant),
        )

    def _group(self, participant: Participant) -> str:
        """The group that the participant is in, or ""."""
        if not participant.group:
            return ""
        return self.protocol.group(participant.group).label.in_language(self.language)

    def _epoch(self, participant: Participant) -> str:
        """The epoch that the participant is in today, or ""."""
        epoch = epoch_today(participant, self.protocol)
        return epoch.label.in_language(self.language) if epoch else ""


def page_zone(actor: Actor, code: str | None) -> ZoneInfo:
    """The zone that a page shows times and days in: of the participant's site or, where the page
    is about none, of the one site that the person works at; else the installation's."""
    zones = zones_of(actor.study)
    if code is not None:
        return zones.at(code.upper().rpartition("-")[0])
    places = {seat.site for seat in actor.seats}
    only = places.pop() if len(places) == 1 else None
    return zones.at(only or "")


def state_status(participant: Participant, protocol: Protocol) -> Status:
    """The state as a word with its mark, and what was withdrawn from."""
    state = State(participant.state)
    word = state_label(state, protocol)
    if state is State.WITHDRAWN and not participant.stops_contact:
        word = _("Withdrawn from visits, contact continues")
    if participant.stops_treatment and state not in (State.WITHDRAWN, State.DIED):
        word = _("{state}, withdrawn from treatment").format(state=word)
    return Status(word, _TONES.get(state, "plain"))


def count_today(actors: Sequence[Actor]) -> int:
    """How many things wait for a person in all studies; counted again once something happened."""
    total = 0
    for actor in actors:
        key = f"today/{as_of(actor)}"
        count = cache.get(key)
        if count is None:
            count = waiting_for(actor).count()
            cache.set(key, count, 24 * 60 * 60)
        total += count
    return total


_AS_CODES = re.compile(r"[A-Za-z0-9-]+")


def _spelt(person: Person, study: str) -> str:
    """The identifier of one of the person's own studies, however it was typed."""
    own = {each.casefold(): each for each in studies_of(person)}
    return own.get(study.casefold(), study)


def in_study(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of a study: signed in, with a role there; what else isn't there is 404.

    No browser keeps its pages: on a shared screen the next person could go back to them.
    """

    @never_cache
    @wraps(view)
    def wrapped(request: HttpRequest, study: str, **parts: Any) -> HttpResponse:
        if not isinstance(request.user, Person):
            return session.ask_to_sign_in(request)
        # Codes are letters of A to Z, digits and hyphens, which stand in an address as they are.
        code = parts.get("code", "")
        if request.method == "GET" and code.upper() != code and _AS_CODES.fullmatch(code):
            return redirect(request.get_full_path().replace(f"/{code}", f"/{code.upper()}", 1))
        try:
            actor, row, protocol = enter(request.user, study)
            if "code" in parts:
                protocol = protocol_under(actor, row, parts["code"], protocol)
            unsent = session.take_up_unsent(request)
            with timezone.override(page_zone(actor, parts.get("code"))):
                response = view(Frame(request, actor, protocol, row.demonstration), **parts)
        except NotFound:
            spelt = _spelt(request.user, study)
            if request.method == "GET" and spelt != study:
                address = request.get_full_path().replace(
                    f"/studies/{study}", f"/studies/{spelt}", 1
                )
                return redirect(address)
            raise Http404 from None
        if unsent:
            session.forget_unsent(request, response)
        return response

    return wrapped
