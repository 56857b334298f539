"""Who asks, in which study, and what every page of it shows around its content."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from trialwright.accounts.models import Person, Site
from trialwright.accounts.policy import Act, Actor, may
from trialwright.accounts.reads import actor_in
from trialwright.accounts.roles import ROLE_LABELS, Role
from trialwright.conduct.models import Participant, State
from trialwright.conduct.reads.participants import study_and_protocol
from trialwright.conduct.reads.waiting import as_of, waiting_for
from trialwright.conduct.refusals import NotHere
from trialwright.conduct.states import STATE_LABELS
from trialwright.protocol.model import Protocol
from trialwright.web.clinical import session
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


@dataclass(frozen=True, slots=True)
class PersonMark:
    """The person as the bar shows her."""

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
            ),
            "person": person_mark(self.actor),
            "typist": session.typist(self.person),
            "today": count_today([self.actor]),
            "notice": said[-1] if said else "",
            **more,
        }

    def _links(self) -> list[Link]:
        rooms = [
            (Act.SEE_PARTICIPANTS, _("Participants"), "participants"),
            (Act.SEE_PARTICIPANTS, _("Visits"), "visits"),
            (Act.SEE_PARTICIPANTS, _("Queries"), "queries"),
            (Act.SEE_CUTS, _("Data cuts"), "cuts"),
            (Act.SEE_STUDY, _("Protocol"), "protocol"),
            (Act.SEE_LEDGER, _("Ledger"), "ledger"),
        ]
        return [
            Link(words, f"{self.href}/{room}") for act, words, room in rooms if may(self.actor, act)
        ]

    def about(
        self,
        participant: Participant,
        heading: str,
        *,
        crumbs: list[Link] | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """The same for a page about a participant: with her banner, and the way to her."""
        href = f"{self.href}/participants/{participant.code}"
        way = [Link(_("Participants"), f"{self.href}/participants")]
        if crumbs is not None:
            way += [Link(participant.code, href), *crumbs]
        return self.context(heading, crumbs=way, participant=self.banner(participant, href), **more)

    def banner(self, participant: Participant, href: str) -> ParticipantBanner:
        """What stands on every page about her."""
        site = Site.objects.filter(study=self.actor.study, code=participant.site).first()
        chinese = self.language.startswith("zh")
        name = (site.name_zh if chinese else site.name_en) if site else participant.site
        return ParticipantBanner(
            code=participant.code,
            site=name,
            state=state_status(participant),
            protocol_version=self.protocol.version,
            href=href,
        )


def state_status(participant: Participant) -> Status:
    """Her state as a word with its mark, and what she has withdrawn from."""
    state = State(participant.state)
    word = str(STATE_LABELS[state])
    if participant.stops_treatment and state not in (State.WITHDRAWN, State.DIED):
        word = _("{state}, withdrawn from treatment").format(state=word)
    return Status(word, _TONES.get(state, "plain"))


def person_mark(actor: Actor) -> PersonMark:
    """Her name and roles."""
    roles = sorted({str(ROLE_LABELS[seat.role]) for seat in actor.seats})
    return PersonMark(actor.name, ", ".join(roles))


def name_and_role(name: str, role: str) -> str:
    """Who acted and as what; a role of an earlier version of the program as the ledger has it."""
    known = str(ROLE_LABELS[Role(role)]) if role in set(Role) else role
    return _("{name}, {role}").format(name=name, role=known)


def count_today(actors: Sequence[Actor]) -> int:
    """How many things wait for a person in her studies; counted again once something happened."""
    total = 0
    for actor in actors:
        key = f"today/{as_of(actor)}"
        count = cache.get(key)
        if count is None:
            count = waiting_for(actor).count()
            cache.set(key, count, 24 * 60 * 60)
        total += count
    return total


def in_study(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of a study: signed in, with a role there; whatever else isn't there for her is 404.

    No browser keeps its pages: on a shared screen the next person could go back to them.
    """

    @never_cache
    @wraps(view)
    def wrapped(request: HttpRequest, study: str, **parts: Any) -> HttpResponse:
        if not isinstance(request.user, Person):
            return session.ask_to_sign_in(request)
        actor = actor_in(request.user, study)
        if actor is None:
            raise Http404
        try:
            row, protocol = study_and_protocol(actor)
            return view(Frame(request, actor, protocol, row.demonstration), **parts)
        except NotHere:
            raise Http404 from None

    return wrapped
