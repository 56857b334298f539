"""`setup/closing` and `setup/locks`: what is left before the study is closed, its end and its undo;
parts of its data frozen and locked, and that lifted. Each is signed with the password.
"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from trialwright.accounts.policy import role_to_lock
from trialwright.conduct.actions import closing
from trialwright.conduct.actions.closing import LEFT, LockPlace
from trialwright.conduct.models import LockLevel, Study
from trialwright.conduct.reads.closing import LockTold, left_to_close, locks_of
from trialwright.conduct.reads.setup import Phase
from trialwright.conduct.refusals import NotFound
from trialwright.web import dates
from trialwright.web.clinical import signing
from trialwright.web.components import Cell, Column, Link, Status, Table, Task
from trialwright.web.setup.frame import SetUpFrame, in_setup
from trialwright.web.signature_words import LOCK, meaning_of

_PLACE = ("site", "participant", "visit", "form")


def _typed(frame: SetUpFrame, name: str) -> str:
    return frame.request.POST.get(name, "").replace("\0", "").strip()


@in_setup
def closing_page(frame: SetUpFrame) -> HttpResponse:
    """Show what is left, and close the study; or open it again, with the reason."""
    told = frame.told
    if told.phase is Phase.SET_UP or not (frame.manages or frame.signs):
        raise NotFound
    closed = told.phase is Phase.CLOSED
    study = Study.objects.select_related("version").get(pk=frame.actor.study)
    left = () if closed else left_to_close(study)

    def act(_hash: str) -> None:
        if closed:
            closing.reopen_study(by=frame.actor, reason=_typed(frame, "reason"))
        else:
            closing.close_study(by=frame.actor)

    outcome = signing.signed_by(frame, act)
    if outcome.signed:
        words = _("The study is open again.") if closed else _("The study is closed.")
        messages.success(frame.request, words)
        return redirect(f"{frame.href}/closing")
    button = _("Open the study again") if closed else _("Close the study")
    context = frame.context(
        _("Close the study"),
        crumbs=[],
        items=[
            Task(
                str(LEFT[each.what]),
                Status(str(each.count), "todo") if each.count else Status(_("Done"), "good"),
                "",
                ", ".join(each.names[:12]) + (" …" if len(each.names) > 12 else ""),
            )
            for each in left
        ],
        phase=_("It is closed: nothing more is entered.") if closed else "",
        asks_reason=closed,
        reason=_typed(frame, "reason"),
        statement=_("With my signature I open the study again, for the reason given.")
        if closed
        else _("With my signature I close the study: all that belongs to it is entered."),
        revision="",
        **signing.context(frame, button, outcome),
    )
    if any(each.count for each in left):
        context["button"] = ""
    return render(frame.request, "web/setup/closing.html", context, status=outcome.status)


@in_setup
def locks_page(frame: SetUpFrame) -> HttpResponse:
    """List freezes and locks, and make one."""
    if frame.told.phase is Phase.SET_UP:
        raise NotFound
    may_lock = role_to_lock(frame.actor) is not None
    if not (may_lock or frame.manages or frame.signs):
        raise NotFound
    if frame.request.method == "POST" and not may_lock:
        raise NotFound
    outcome = (
        signing.signed_by(frame, lambda _hash: _lock(frame)) if may_lock else signing.Signing()
    )
    if outcome.signed:
        messages.success(frame.request, _("It is signed, and holds from now on."))
        return redirect(f"{frame.href}/locks")
    context = frame.context(
        _("Freezes and locks"),
        crumbs=[],
        table=_table(frame, locks_of(frame.actor.study)),
        levels=[
            (LockLevel.FREEZE.value, _("Freeze: data don’t change, and are still asked about")),
            (LockLevel.LOCK.value, _("Lock: nothing changes")),
        ],
        level=_typed(frame, "level") or LockLevel.FREEZE.value,
        places=[
            ("site", _("Code of the site (empty: all)"), _typed(frame, "site")),
            ("participant", _("Code of the participant (empty: all)"),
             _typed(frame, "participant")),
            ("visit", _("Key of the visit (empty: all)"), _typed(frame, "visit")),
            ("form", _("Key of the form (empty: all)"), _typed(frame, "form")),
        ],
        asks_reason=True,
        reason=_typed(frame, "reason"),
        statement=meaning_of(LOCK),
        revision="",
        **signing.context(frame, _("Sign the freeze or lock"), outcome),
    )  # fmt: skip
    if not may_lock:
        context["button"] = ""
    return render(frame.request, "web/setup/locks.html", context, status=outcome.status)


def _lock(frame: SetUpFrame) -> None:
    level = LockLevel.LOCK if _typed(frame, "level") == LockLevel.LOCK else LockLevel.FREEZE
    place = LockPlace(**{name: _typed(frame, name) for name in _PLACE})
    closing.lock(by=frame.actor, level=level, place=place, reason=_typed(frame, "reason"))


@in_setup
def lock_page(frame: SetUpFrame, number: int) -> HttpResponse:
    """Lift one freeze or lock, with the reason and the password."""
    told = next((each for each in locks_of(frame.actor.study) if each.number == number), None)
    if told is None or told.lifted_at is not None or role_to_lock(frame.actor) is None:
        raise NotFound

    def lift(_hash: str) -> None:
        closing.unlock(by=frame.actor, number=number, reason=_typed(frame, "reason"))

    outcome = signing.signed_by(frame, lift)
    if outcome.signed:
        messages.success(frame.request, _("It is lifted."))
        return redirect(f"{frame.href}/locks")
    context = frame.context(
        _("Lift {what}").format(what=f"{_words(told)} {number}"),
        crumbs=[Link(_("Freezes and locks"), f"{frame.href}/locks")],
        under=f"{_place(told)} · {told.reason}",
        asks_reason=True,
        reason=_typed(frame, "reason"),
        statement=_("With my signature I lift it, for the reason given."),
        revision="",
        **signing.context(frame, _("Lift it"), outcome),
    )
    return render(frame.request, "web/setup/closing.html", context, status=outcome.status)


def _words(told: LockTold) -> str:
    return _("lock") if told.level == LockLevel.LOCK else _("freeze")


def _place(told: LockTold) -> str:
    parts = [each for each in (told.site, told.participant, told.visit, told.form) if each]
    return " · ".join(parts) or _("the whole study")


def _table(frame: SetUpFrame, told: tuple[LockTold, ...]) -> Table:
    here = f"{frame.href}/locks"
    may_lift = role_to_lock(frame.actor) is not None
    return Table(
        caption=_("Freezes and locks"),
        columns=[
            Column(_("Number"), number=True), Column(_("Kind")), Column(_("Where")),
            Column(_("Why")), Column(_("Signed by")), Column(_("Signed at")),
            Column(_("Ledger head")), Column(_("Lifted")),
        ],
        rows=[
            [
                Cell(
                    each.number,
                    href=f"{here}/{each.number}" if may_lift and each.lifted_at is None else "",
                ),
                Cell(_words(each)),
                Cell(_place(each)),
                Cell(each.reason),
                Cell(each.by),
                Cell(dates.written(each.at)),
                Cell(each.head, code=True),
                Cell(_lifted(each), unsaid=_("holds")),
            ]
            for each in told
        ],
        empty=_("Nothing is frozen or locked."),
        captioned=False,
    )  # fmt: skip


def _lifted(told: LockTold) -> str:
    if told.lifted_at is None:
        return ""
    words = _("{day}, {name}: {reason}")
    day = dates.written(told.lifted_at)
    return words.format(day=day, name=told.lifted_by, reason=told.lifted_reason)
