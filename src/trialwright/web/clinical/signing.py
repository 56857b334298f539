"""The foot of every page on which one signs: who signs, as what, and the password again."""

from typing import Any

from django.contrib.auth import authenticate
from django.utils import timezone
from django.utils.translation import gettext as _

from trialwright.accounts import actions
from trialwright.accounts.models import Person
from trialwright.web.clinical.frame import Frame, person_mark
from trialwright.web.components import Problem


def password_problem(frame: Frame) -> str:
    """What is wrong with the password typed; "" if it is hers."""
    person = frame.request.user
    assert isinstance(person, Person)  # noqa: S101 - in_study
    typed = frame.request.POST.get("password", "")
    if not typed:
        return _("Type your password: it stands for your signature.")
    if authenticate(frame.request, username=person.username, password=typed) is None:
        actions.password_refused(person.username, action="sign", at=timezone.now())
        return _("This is not your password. Type it again.")
    return ""


def context(frame: Frame, button: str, problem: str, others: list[str]) -> dict[str, Any]:
    """What the page wants for its foot and its summary of problems."""
    problems = [Problem(text, "main") for text in others]
    if problem:
        problems.append(Problem(problem, "password"))
    return {
        "button": button,
        "signer": person_mark(frame.actor),
        "password_problem": problem,
        "problems": problems,
    }
