"""The foot of every page on which one signs: who signs, as what, and the password again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import authenticate
from django.utils import timezone
from django.utils.translation import gettext as _

from trialwright.accounts import actions
from trialwright.conduct.refusals import Refused
from trialwright.web.clinical.frame import Frame, person_mark
from trialwright.web.components import Problem


@dataclass(frozen=True, slots=True)
class Signing:
    """What came of asking for a signature: whether it stands, else why not."""

    signed: bool = False
    status: int = 200
    wrong_password: str = ""
    refused: tuple[str, ...] = ()


def signed_by(frame: Frame, act: Callable[[str], object]) -> Signing:
    """Sign if the page was sent: `act` takes the hash of the content that the page showed.

    A wrong password answers 403, a signature that the rules refuse 409.
    """
    if frame.request.method != "POST":
        return Signing()
    if problem := _password_problem(frame):
        return Signing(status=403, wrong_password=problem)
    try:
        act(frame.request.POST.get("revision", ""))
    except Refused as error:
        refused = tuple(str(each.sentence) for each in error.problems)
        return Signing(status=409, refused=refused)
    return Signing(signed=True)


def _password_problem(frame: Frame) -> str:
    typed = frame.request.POST.get("password", "")
    if not typed:
        return _("Type your password: it stands for your signature.")
    if authenticate(frame.request, username=frame.person.username, password=typed) is None:
        actions.password_refused(frame.person.username, action="sign", at=timezone.now())
        return _("This is not your password. Type it again.")
    return ""


def context(frame: Frame, button: str, signing: Signing) -> dict[str, Any]:
    """What the page wants for its foot and its summary of problems."""
    problems = [Problem(text, "main") for text in signing.refused]
    if signing.wrong_password:
        problems.append(Problem(signing.wrong_password, "password"))
    return {
        "button": button,
        "signer": person_mark(frame.actor),
        "password_problem": signing.wrong_password,
        "problems": problems,
    }
