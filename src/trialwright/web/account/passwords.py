"""Asking for the password again before something of the account is changed."""

from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.accounts import throttle
from trialwright.accounts.models import Person

DEVICE = "device"


def waiting_words(seconds: int) -> str:
    """That somebody must wait, and how long."""
    if seconds > 120:
        minutes = -(-seconds // 60)
        return ngettext(
            "Too many attempts were refused. Try again in {count} minute.",
            "Too many attempts were refused. Try again in {count} minutes.",
            minutes,
        ).format(count=minutes)
    return ngettext(
        "Too many attempts were refused. Try again in {count} second.",
        "Too many attempts were refused. Try again in {count} seconds.",
        seconds,
    ).format(count=seconds)


def problem_with(request: HttpRequest, person: Person, action: str, missing: str) -> str:
    """Why the password that was sent doesn't count; empty if it does."""
    typed, now = request.POST.get("password", ""), timezone.now()
    device = request.COOKIES.get(DEVICE, "")
    if seconds := throttle.wait(person.username, device, now):
        return waiting_words(seconds)
    if not typed:
        return missing
    if authenticate(request, username=person.username, password=typed) is None:
        throttle.failed(person.username, device, action=action, at=now)
        return _("This is not your password. Type it again.")
    return ""
