"""The foot of every page on which one signs: who signs, as what, and the password again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from django.http import HttpRequest
from django.utils.translation import gettext as _

from trialwright.accounts.models import Person
from trialwright.accounts.policy import Actor
from trialwright.conduct.refusals import ActionRefused
from trialwright.web.account.passwords import problem_with
from trialwright.web.clinical.frame import PersonMark
from trialwright.web.clinical.sent import sent_once
from trialwright.web.components import Problem


class Signer(Protocol):
    """Who may sign, and the request: a frame of a study."""

    @property
    def request(self) -> HttpRequest:
        """The request."""

    @property
    def actor(self) -> Actor:
        """The person in the study."""

    @property
    def person(self) -> Person:
        """Who is signed in."""

    def person_mark(self) -> PersonMark:
        """Who signs, by name and roles."""


@dataclass(frozen=True, slots=True)
class Signing:
    """What came of asking for a signature: whether it stands, else why not; `outcome` is what the
    act returned, as text."""

    signed: bool = False
    outcome: str = ""
    status: int = 200
    wrong_password: str = ""
    refused: tuple[str, ...] = ()


def signed_by(frame: Signer, act: Callable[[str], object]) -> Signing:
    """Sign if the page was sent: `act` takes the hash of the content that the page showed.

    A wrong password answers 403, a signature that the rules refuse 409.
    """
    if frame.request.method != "POST":
        return Signing()
    if problem := _password_problem(frame):
        return Signing(status=403, wrong_password=problem)
    post = frame.request.POST
    try:
        outcome = sent_once(frame.actor, post, lambda: str(act(post.get("revision", ""))))
    except ActionRefused as error:
        refused = tuple(str(each.sentence) for each in error.problems)
        return Signing(status=409, refused=refused)
    return Signing(signed=True, outcome=outcome)


def _password_problem(frame: Signer) -> str:
    missing = _("Type your password: it stands for your signature.")
    return problem_with(frame.request, frame.person, "sign", missing)


def context(frame: Signer, button: str, signing: Signing) -> dict[str, Any]:
    """What the page wants for its foot and its summary of problems."""
    problems = [Problem(text, "main") for text in signing.refused]
    if signing.wrong_password:
        problems.append(Problem(signing.wrong_password, "password"))
    return {
        "button": button,
        "signer": frame.person_mark(),
        "password_problem": signing.wrong_password,
        "problems": problems,
    }
