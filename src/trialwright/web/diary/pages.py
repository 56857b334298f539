"""A participant's own pages: the code, what can be written now, and one entry.

Each works without scripts and without an account. The address is the link's and carries its secret,
so a request from elsewhere can't be forged without knowing it: no other token is asked for. Answers
to a script are JSON, so that what was written without the network can be sent later.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from trialwright.accounts.models import Person
from trialwright.conduct.actions.diaries import open_diary, send_diary_entry
from trialwright.conduct.clock import zone_of
from trialwright.conduct.diary.diaries import (
    OTHER_DEVICE,
    is_device,
    link_of,
    protocol_of_link,
    why_closed,
)
from trialwright.conduct.diary.standing import DiaryLine, SlotStatus
from trialwright.conduct.models import DiaryLink
from trialwright.conduct.reads.diaries import DiaryTold, OwnPage, own_diaries
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.conduct.refusals import Problem as Said
from trialwright.web import dates
from trialwright.web.clinical.diaries import status_of, when
from trialwright.web.components import Problem, Task
from trialwright.web.forms.fields import Answers, lay_out, problems_of
from trialwright.web.forms.posting import read_post
from trialwright.web.language import PARAMETER

_WRITABLE = (SlotStatus.OPEN, SlotStatus.OPEN_LATE)
_OFFLINE_DAYS = 7
_COOKIE_AGE = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Opened:
    """One request by the browser that opened the link."""

    request: HttpRequest
    link: DiaryLink
    href: str

    @property
    def device(self) -> str:
        """What the browser keeps."""
        return self.request.COOKIES.get(_cookie(self.link), "")


def _cookie(link: DiaryLink) -> str:
    return f"diary-{link.pk.hex[:12]}"


def by_link(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of a link: 404 where nobody made it, in the participant's language and the site's
    time; whoever is signed in is told that the participant writes here."""

    @csrf_exempt
    @never_cache
    @wraps(view)
    def wrapped(request: HttpRequest, token: str, **parts: Any) -> HttpResponse:
        link = link_of(token)
        if link is None:
            raise Http404
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) or PARAMETER in request.GET
        language = (get_language() or "en") if chosen else link.language
        with translation.override(language), timezone.override(zone_of(link.participant)):
            opened = Opened(request, link, f"/diary/{token}")
            if isinstance(request.user, Person):
                words = _(
                    "You are signed in as {name}, and the diary is written by the participant. "
                    "Sign out first, or open the link in another browser."
                ).format(name=request.user.name)
                return _closed(opened, words, 409)
            try:
                return view(opened, **parts)
            except NotFound:
                raise Http404 from None

    return wrapped


def _context(opened: Opened, heading: str, **more: Any) -> dict[str, Any]:
    return {
        "heading": heading,
        "demonstration": opened.link.participant.study.demonstration,
        "training_of": protocol_of_link(opened.link).training_of,
        "home": opened.href,
        **more,
    }


def _closed(opened: Opened, why: str, status: int = 410) -> HttpResponse:
    """A link that opens nothing here says why; what waits on the phone is shown all the same."""
    if _by_script(opened.request):
        return JsonResponse({"refused": [why]}, status=status)
    context = _context(opened, _("The diary does not open"), why=why)
    response = render(opened.request, "web/diary/closed.html", context, status=status)
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _by_script(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def _why_not(opened: Opened) -> str:
    """Why this browser gets nothing of the link; "" where it does."""
    if why := why_closed(opened.link, timezone.now()):
        return str(why)
    if opened.link.opened_at is not None and not is_device(opened.link, opened.device):
        return str(OTHER_DEVICE)
    return ""


@by_link
def home_page(opened: Opened) -> HttpResponse:
    """What can be written now; before the link is opened, the code."""
    if why := _why_not(opened):
        return _closed(opened, why)
    if opened.link.opened_at is None:
        return _code_page(opened)
    page = own_diaries(opened.link, timezone.now())
    language = get_language() or "en"
    lines = [(each, line) for each in page.diaries for line in each.lines]
    now = [_task(opened, each, line) for each, line in lines if line.status in _WRITABLE]
    context = _context(
        opened,
        _("Your diary"),
        now=now,
        next=_next(lines),
        sections=[
            (each.form.label.in_language(language), _past(opened, each)) for each in page.diaries
        ],
        ended=page.ended,
        offline=json.dumps(_offline(opened, lines)),
    )
    return render(opened.request, "web/diary/home.html", context)


def _task(opened: Opened, diary: DiaryTold, line: DiaryLine) -> Task:
    label = diary.form.label.in_language(get_language() or "en")
    href = f"{opened.href}/{diary.form.key}/{line.number}" if line.status in _WRITABLE else ""
    hint = ""
    if href:
        hint = _("Until {moment}").format(moment=dates.written(line.closes))
    elif line.received_at is not None:
        hint = _("Received {moment}").format(moment=dates.written(line.received_at))
    return Task(f"{label}, {when(line)}", status_of(line), href, hint)


def _next(lines: list[tuple[DiaryTold, DiaryLine]]) -> str:
    ahead = [line for _each, line in lines if line.status is SlotStatus.AHEAD]
    return when(min(ahead, key=lambda line: line.opens)) if ahead else ""


def _past(opened: Opened, diary: DiaryTold) -> list[Task]:
    done = (SlotStatus.SENT, SlotStatus.SENT_LATE, SlotStatus.MISSED)
    lines = [line for line in diary.lines if line.status in done]
    return [_task(opened, diary, line) for line in reversed(lines)]


def _offline(opened: Opened, lines: list[tuple[DiaryTold, DiaryLine]]) -> list[str]:
    """The pages that a phone keeps: what can be written now, and within the next days."""
    until = timezone.now() + timedelta(days=_OFFLINE_DAYS)
    ahead = (*_WRITABLE, SlotStatus.AHEAD)
    return [
        f"{opened.href}/{each.form.key}/{line.number}"
        for each, line in lines
        if line.status in ahead and line.opens <= until
    ]


def _code_page(opened: Opened) -> HttpResponse:
    problems: list[Problem] = []
    if opened.request.method == "POST":
        try:
            secret = open_diary(link=opened.link, typed=opened.request.POST.get("code", "")[:40])
        except ActionRefused as error:
            opened.link.refresh_from_db()
            if why := _why_not(opened):
                return _closed(opened, why)
            problems = [Problem(str(each.sentence), "code") for each in error.problems]
        else:
            response = redirect(opened.href)
            response.set_cookie(
                _cookie(opened.link), secret, max_age=_COOKIE_AGE, path="/diary/", httponly=True,
                secure=settings.SESSION_COOKIE_SECURE, samesite="Lax",
            )  # fmt: skip
            return response
    context = _context(opened, _("Your diary"), problems=problems)
    status = 409 if problems else 200
    return render(opened.request, "web/diary/code.html", context, status=status)


@by_link
def entry_page(opened: Opened, form: str, number: int) -> HttpResponse:
    """One entry: its questions, and sending it."""
    if opened.link.opened_at is None:
        return redirect(opened.href)
    if why := _why_not(opened):
        return _closed(opened, why)
    page = own_diaries(opened.link, timezone.now())
    diary = next((each for each in page.diaries if each.form.key == form), None)
    if diary is None or not 1 <= number <= len(diary.lines):
        raise NotFound
    line = diary.lines[number - 1]
    if opened.request.method != "POST":
        return _entry(opened, page, diary, line, {}, (), 200)
    posted = read_post(diary.form, opened.request.POST)
    key = opened.request.POST.get("key", "") or secrets.token_urlsafe(12)
    try:
        send_diary_entry(
            link=opened.link,
            device=opened.device,
            form=form,
            number=number,
            raw=posted.values,
            key=key,
            written_at=_written_at(opened.request.POST.get("written_at", "")),
        )
    except ActionRefused as error:
        return _entry(opened, page, diary, line, posted.values, error.problems, 409)
    if _by_script(opened.request):
        return JsonResponse({"sent": True})
    return redirect(f"{opened.href}?sent={number}")


def _written_at(text: str) -> datetime | None:
    """What the phone says; None for nothing that can be read."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _entry(
    opened: Opened,
    page: OwnPage,
    diary: DiaryTold,
    line: DiaryLine,
    values: Any,
    refused: tuple[Said, ...],
    status: int,
) -> HttpResponse:
    if refused and _by_script(opened.request):
        told = [str(each.sentence) for each in refused]
        return JsonResponse({"refused": told}, status=status)
    known = {item.key for item in diary.form.items}
    computed = frozenset(item.key for item in diary.form.items if item.computed)
    answers = Answers(
        values=values,
        problems={each.field: str(each.sentence) for each in refused if each.field in known},
    )
    language = get_language() or "en"
    groups = lay_out(diary.form, answers, reasons=None, language=language, kept_back=computed)
    whole = [Problem(str(each.sentence), "main") for each in refused if each.field not in known]
    instructions = diary.form.instructions
    context = _context(
        opened,
        diary.form.label.in_language(language),
        under=when(line),
        groups=groups,
        problems=[*whole, *problems_of(groups)],
        instructions=instructions.in_language(language) if instructions else "",
        note=_note(line),
        writable=bool(refused) or line.status in (*_WRITABLE, SlotStatus.AHEAD),
        opens=line.opens.isoformat(),
        too_early=_("This entry can be written from {moment} on.").format(
            moment=dates.written(line.opens)
        ),
        key=opened.request.POST.get("key") or secrets.token_urlsafe(12),
        button=_("Send"),
    )
    return render(opened.request, "web/diary/entry.html", context, status=status)


def _note(line: DiaryLine) -> str:
    match line.status:
        case SlotStatus.SENT | SlotStatus.SENT_LATE:
            assert line.received_at is not None  # noqa: S101 - it has come
            return _("This entry was received {moment}, and stays as it is.").format(
                moment=dates.written(line.received_at)
            )
        case SlotStatus.MISSED:
            return _(
                "This entry is closed. Tell the staff of your study site what you would have "
                "written."
            )
        case SlotStatus.ENDED:
            return _("Your part in the study had ended by then, so this entry isn't asked for.")
        case SlotStatus.AHEAD:
            return _("This entry can be written from {moment} on.").format(
                moment=dates.written(line.opens)
            )
        case SlotStatus.OPEN_LATE:
            return _("This entry is late, and is marked so. It can be sent until {moment}.").format(
                moment=dates.written(line.closes)
            )
        case _:
            return _("It can be sent until {moment}.").format(moment=dates.written(line.closes))
