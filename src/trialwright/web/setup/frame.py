"""Who asks, in which study that may not run yet, and what each page of setting up shows around."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from trialwright.accounts.models import Person
from trialwright.accounts.policy import Act, Actor, may, role_to_lock
from trialwright.conduct.reads.external_lists import uploads_list
from trialwright.conduct.reads.setup import Phase, SetUp, enter_setup, setup_of
from trialwright.conduct.refusals import NotFound
from trialwright.protocol.roles import Roles
from trialwright.web.clinical import session
from trialwright.web.clinical.frame import Frame, PersonMark, StudyMark
from trialwright.web.clinical.sent import new_token
from trialwright.web.components import Link


@dataclass(frozen=True, slots=True)
class SetUpFrame:
    """One request of one person in one study, set up or running."""

    request: HttpRequest
    actor: Actor
    told: SetUp

    @property
    def person(self) -> Person:
        """Who is signed in."""
        person = self.request.user
        assert isinstance(person, Person)  # noqa: S101 - `in_setup` has asked
        return person

    @property
    def language(self) -> str:
        """The language of the page."""
        return get_language() or "en"

    @property
    def roles(self) -> Roles:
        """The roles that the study has now."""
        return self.actor.roles

    @property
    def study_href(self) -> str:
        """The study's address."""
        return f"/studies/{self.actor.study}"

    @property
    def href(self) -> str:
        """The address of its set-up."""
        return f"{self.study_href}/setup"

    @property
    def manages(self) -> bool:
        """Whether the person manages the people of the study."""
        return may(self.actor, Act.MANAGE_PEOPLE)

    @property
    def signs(self) -> bool:
        """Whether the person signs its protocol."""
        return may(self.actor, Act.SIGN_PROTOCOL)

    def role_name(self, role: str) -> str:
        """What a role is called."""
        return self.roles.label(role, self.language)

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
        """What the base template wants, and more; `crumbs` None on the checklist itself."""
        way = [Link(_("Set-up"), self.href), *(crumbs or [])] if crumbs is not None else []
        running = self.told.in_force if self.told.phase is not Phase.SET_UP else None
        if running is not None:
            frame = Frame(self.request, self.actor, running, self.told.demonstration)
            return frame.context(heading, crumbs=way, **more)
        said = [str(message) for message in messages.get_messages(self.request)]
        protocol = self.told.protocol
        name = protocol.title.in_language(self.language) if protocol else self.actor.study
        mark = StudyMark(
            self.actor.study,
            name,
            self.href,
            self.told.demonstration,
            self.links(),
            protocol.training_of if protocol else "",
        )
        return {
            "heading": heading,
            "crumbs": way,
            "study": mark,
            "person": self.person_mark(),
            "typist": session.typist(self.person),
            "once": new_token(),
            "notice": said[-1] if said else "",
            **more,
        }

    @property
    def _runs(self) -> bool:
        return self.told.phase is not Phase.SET_UP

    @property
    def _locks(self) -> bool:
        return self.manages or self.signs or role_to_lock(self.actor) is not None

    @property
    def _uploads(self) -> bool:
        return uploads_list(self.actor, self.told)

    @property
    def _practises(self) -> bool:
        protocol = self.told.protocol
        copy = protocol is not None and protocol.training_of
        return (self.manages or self.signs) and not copy and self.told.phase is not Phase.CLOSED

    def links(self) -> list[Link]:
        """The pages of setting up that this person has."""
        rooms = [
            (True, _("Set-up"), self.href),
            (True, _("Protocol"), f"{self.href}/protocol"),
            (self.told.in_force is not None, _("Versions"), f"{self.href}/versions"),
            (True, _("Sites"), f"{self.href}/sites"),
            (self._uploads, _("Allocation list"), f"{self.href}/list"),
            (self._practises, _("Training copy"), f"{self.href}/training"),
            (self._runs and self._locks, _("Freezes and locks"), f"{self.href}/locks"),
            (self._runs and (self.manages or self.signs), _("Closing"), f"{self.href}/closing"),
            (self._runs and (self.manages or self.signs), _("Archive"), f"{self.href}/archive"),
            (self.manages, _("People"), f"{self.href}/people"),
            (self.manages or self.signs, _("Delegation log"), f"{self.href}/delegation"),
        ]
        return [Link(words, href) for shown, words, href in rooms if shown]


def in_setup(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page of setting up: signed in, with a role there; what else isn't there is 404."""

    @never_cache
    @wraps(view)
    def wrapped(request: HttpRequest, study: str, **parts: Any) -> HttpResponseBase:
        if not isinstance(request.user, Person):
            return session.ask_to_sign_in(request)
        try:
            actor, row = enter_setup(request.user, study)
            return view(SetUpFrame(request, actor, setup_of(row.identifier)), **parts)
        except NotFound:
            raise Http404 from None

    return wrapped
