"""Diaries: a participant's link is made and ended, opened with its code, and entries are sent."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Actor, role_to_give_diary, role_to_open_diary
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.actions.entering import save_entry
from trialwright.conduct.diary.answer import DiaryAnswer
from trialwright.conduct.diary.diaries import (
    GUESSED,
    LASTS,
    MOST_TRIES,
    OTHER_DEVICE,
    REPLACED,
    diaries_in,
    hash_of_device,
    is_code,
    participant_actor,
    protocol_of_link,
    why_closed,
)
from trialwright.conduct.models import DiaryEntry, DiaryLink
from trialwright.conduct.participants.completing import Raw
from trialwright.conduct.participants.states import require_consent
from trialwright.conduct.refusals import ActionRefused, Conflict, NotFound, Problem
from trialwright.ledger import sources
from trialwright.protocol.diaries import diary_visit

_KEY_LONGEST = 40
_GUESSED = _(
    "The code was wrong ten times, so this link is ended. Ask the staff of your study site for a "
    "new one."
)


def make_diary_link(*, by: Actor, code: str, language: str, at: datetime | None = None) -> UUID:
    """Make a participant's link to their diaries and return its id; one they had before is ended.

    Raises:
        ActionRefused: there is no consent yet, or the protocol has no diary.
    """
    with acting(by, _giver, "make_diary_link", code=code, at=at) as context:
        participant = context.participant
        if not diaries_in(context.protocol):
            raise NotFound
        require_consent(participant)
        rows = list(DiaryLink.objects.filter(participant=participant).order_by("number"))
        for row in rows:
            if row.ended_at is None:
                context.change(row, ended_at=context.at, end_reason=REPLACED)
        link = DiaryLink(
            participant=participant,
            number=len(rows) + 1,
            language=language,
            made_at=context.at,
            made_by=context.by.person_id,
            role=context.role,
            expires_at=context.at + LASTS,
        )
        context.record(link)
        return link.pk


def end_diary_link(*, by: Actor, code: str, reason: str, at: datetime | None = None) -> None:
    """End a participant's link: nothing comes by it any more, what came stays."""
    with acting(by, _giver, "end_diary_link", code=code, at=at) as context:
        link = DiaryLink.objects.filter(participant=context.participant, ended_at=None).first()
        if link is None:
            raise ActionRefused(_("This participant has no link that could be ended."))
        if not reason.strip():
            words = _("Say why the link is ended.")
            raise ActionRefused(problems=(Problem("reason", words),))
        context.set_reason(reason.strip())
        context.change(link, ended_at=context.at, end_reason=reason.strip())


def open_diary(*, link: DiaryLink, typed: str, at: datetime | None = None) -> str:
    """Open a link with its code; returns the secret that the browser keeps.

    Raises:
        ActionRefused: the code is wrong, or the link opens nothing any more. After ten wrong codes
            the link is ended.
    """
    now = at or timezone.now()
    _require_open(link, now)
    right = is_code(link, typed)
    if not right:
        # Counted whatever comes of it: two who guess at once are two guesses.
        DiaryLink.objects.filter(pk=link.pk).update(tries=F("tries") + 1)
    protocol = protocol_of_link(link)
    by = participant_actor(link, protocol)
    if right:
        with acting(by, _participant, "open_diary", code=by.participant, at=at) as context:
            row = DiaryLink.objects.select_related("participant__study").get(pk=link.pk)
            _require_open(row, context.at)
            device = urlsafe_b64encode(sources.entropy(24)).decode()
            kept = hash_of_device(row.pk, device)
            context.change(row, opened_at=context.at, device=kept)
            return device
    link.refresh_from_db(fields=["tries"])
    if link.tries >= MOST_TRIES:
        with acting(by, _participant, "lock_diary_link", code=by.participant, at=at) as context:
            row = DiaryLink.objects.get(pk=link.pk)
            if row.ended_at is None:
                context.change(row, ended_at=context.at, end_reason=GUESSED)
        raise ActionRefused(_GUESSED)
    words = _(
        "This is not the code of this link. Type the 8 digits that you were given; after "
        "%(left)s more wrong codes the link is ended."
    ) % {"left": MOST_TRIES - link.tries}
    raise ActionRefused(problems=(Problem("code", words),))


def _require_open(link: DiaryLink, now: datetime) -> None:
    if why := why_closed(link, now):
        raise ActionRefused(why)
    if link.opened_at is not None:
        raise ActionRefused(OTHER_DEVICE)
    # Guesses are counted before the link is ended: none that comes in between opens it.
    if link.tries >= MOST_TRIES:
        raise ActionRefused(_GUESSED)


def send_diary_entry(
    *,
    link: DiaryLink,
    device: str,
    form: str,
    number: int,
    raw: Mapping[str, Raw],
    key: str,
    written_at: datetime | None = None,
    at: datetime | None = None,
) -> bool:
    """Take an entry that a participant wrote; whether it had come before under the same key.

    Args:
        key: drawn by the page on which it was written: what is sent twice is there once.
        written_at: when the phone says that it was written; without it, now.

    Raises:
        ActionRefused: it is outside its time, a question is not answered, the link is closed, or
            another entry for that time is there. Nothing is written.
    """
    protocol = protocol_of_link(link)
    the_form = next((each for each in diaries_in(protocol) if each.key == form), None)
    if the_form is None or not key or len(key) > _KEY_LONGEST:
        raise NotFound
    written = written_at or at or timezone.now()
    answer = DiaryAnswer(link.pk, device, number, written, key)
    by = participant_actor(link, protocol)
    try:
        save_entry(
            by=by,
            code=link.participant.code,
            visit=diary_visit(protocol, form).key,
            form=form,
            repeat=number,
            raw={item.key: raw.get(item.key, "") for item in the_form.items if not item.computed},
            based_on=0,
            provenance=answer,
            at=at,
        )
    except Conflict:
        there = DiaryEntry.objects.filter(
            entry__participant=link.participant, entry__form=form, entry__repeat=number
        ).first()
        if there is not None and there.key == key:
            return True
        raise ActionRefused(
            _(
                "An entry for this time has been received already, and stays as it is. These "
                "answers are not recorded: tell the staff of your study site if they are right."
            )
        ) from None
    return False


def _giver(context: ActionContext) -> str | None:
    return role_to_give_diary(context.by, context.participant.site)


def _participant(context: ActionContext) -> str | None:
    return role_to_open_diary(context.by, context.participant.code)
