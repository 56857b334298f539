"""An entry that a participant wrote: when it is taken, and what is kept of how it came."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Actor, role_to_write_diary
from trialwright.conduct.acting import ActionContext
from trialwright.conduct.diary.diaries import (
    OTHER_DEVICE,
    closed_because,
    diaries_of,
    ended_on,
    is_device,
    slot_of,
    why_closed,
)
from trialwright.conduct.models import DiaryEntry, DiaryLink, Entry
from trialwright.conduct.participants.completing import Completed, say
from trialwright.conduct.provenance import Provenance
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem
from trialwright.protocol.diaries import Slot
from trialwright.protocol.forms import Form


@dataclass(frozen=True)
class DiaryAnswer(Provenance):
    """The link it came by, which entry it is, and when the phone says it was written."""

    action: ClassVar[str] = "write_diary"
    link: UUID
    device: str
    number: int
    written_at: datetime
    key: str

    def role(self, actor: Actor, form: Form, *, site: str, knows_arm: bool) -> str | None:
        """The participant's role."""
        return role_to_write_diary(actor, form, site)

    @property
    def said(self) -> str:
        """Who wrote it."""
        return "Written by the participant in the diary"

    def require(self, context: ActionContext, form: Form, done: Completed) -> None:
        """Refuse an entry by a link that doesn't open, outside its time, or with a blank."""
        link = DiaryLink.objects.get(pk=self.link, participant=context.participant)
        if why := why_closed(link, context.at):
            raise ActionRefused(why)
        if not is_device(link, self.device):
            raise ActionRefused(OTHER_DEVICE)
        slot = self._slot(context, form)
        last_day = ended_on(context.participant, context.protocol, form.key)
        if why := closed_because(slot, self._written(context), last_day, context.participant):
            raise ActionRefused(why)
        blank = [
            item
            for item in form.items
            if item.key not in done.values and not item.computed and not item.optional
        ]
        if blank:
            words = _("Answer this question: %(question)s")
            raise ActionRefused(
                problems=tuple(
                    Problem(item.key, words % {"question": say(item.label)}) for item in blank
                )
            )

    def keep(self, context: ActionContext, entry: Entry) -> None:
        """Keep when it was due, written and received, and that it was late."""
        slot = self._slot(context, context.protocol.form(entry.form))
        written = self._written(context)
        context.record(
            DiaryEntry(
                entry=entry,
                link_id=self.link,
                due_at=slot.opens,
                written_at=written,
                received_at=context.at,
                late=written >= slot.late,
                key=self.key,
            )
        )

    def _written(self, context: ActionContext) -> datetime:
        """When it was written; a phone whose clock is ahead wrote it when it came in."""
        return min(self.written_at, context.at)

    def _slot(self, context: ActionContext, form: Form) -> Slot:
        own = diaries_of(context.participant, context.protocol)
        found = slot_of(own, form.key, self.number)
        if found is None:
            raise NotFound
        return found[1]
