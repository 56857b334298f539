"""One form of one participant at one visit, as this person may see, fill in and sign it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from trialwright.accounts.policy import (
    Act,
    Actor,
    may,
    may_see_form,
    role_to_complete,
    role_to_sign,
)
from trialwright.conduct.acting import knows_arm
from trialwright.conduct.actions.drafting import read_draft
from trialwright.conduct.completing import Completed, Raw, complete_form
from trialwright.conduct.models import Entry, Participant, Query, Signature, VisitRecord
from trialwright.conduct.models.entries import EntryStatus
from trialwright.conduct.planning import day_of
from trialwright.conduct.reads.participants import one, study_and_protocol
from trialwright.conduct.reads.values import held_openly
from trialwright.conduct.refusals import NotHere, Sentence
from trialwright.conduct.sealed_values import Stored, open_entry
from trialwright.conduct.signing import entry_content, hash_of
from trialwright.conduct.states import closed_because
from trialwright.conduct.tables import entry_of, row_of
from trialwright.protocol.basics import Role, UnknownKeyError
from trialwright.protocol.forms import Form
from trialwright.protocol.model import Protocol
from trialwright.protocol.values import Missing
from trialwright.protocol.visits import Visit


@dataclass(frozen=True, slots=True)
class FormPage:
    """Everything a page about one form needs.

    `closed` says why it can't be filled in now. `values` is what stands in the boxes (her draft
    where there is one), `saved` what is stored. `draft_behind` says that somebody saved the form
    after her draft began. `last` are the open answers to the same form at the latest visit before
    this one.
    """

    participant: Participant
    protocol: Protocol
    visit: Visit
    form: Form
    repeat: int
    closed: Sentence | None
    revision: int
    complete: bool
    values: Mapping[str, Raw]
    saved: Mapping[str, Raw]
    last: Mapping[str, Raw]
    entry: Entry | None
    stored: Stored
    draft_at: datetime | None
    draft_behind: bool
    signatures: tuple[Signature, ...]
    queries: tuple[Query, ...]
    content_hash: str
    completes_as: Role | None
    signs_as: Role | None

    def judged(self, raw: Mapping[str, Raw]) -> Completed:
        """How the form would stand with these answers."""
        return complete_form(
            self.participant,
            self.protocol,
            self.form,
            self.visit.key,
            raw,
            self.stored,
            today=day_of(timezone.now()),
        )


def form_page(by: Actor, code: str, visit: str, form: str, repeat: int = 1) -> FormPage:
    """The page's content; NotHere where this person may not see it."""
    _study, protocol = study_and_protocol(by)
    participant = one(by, code)
    knows = knows_arm(by, participant)
    try:
        the_form, the_visit = protocol.form(form), protocol.visit(visit)
    except UnknownKeyError:
        raise NotHere from None
    if form not in the_visit.forms or (repeat > 1 and not the_form.repeating):
        raise NotHere
    if not may_see_form(by, the_form, site=participant.site, knows_arm=knows) or repeat < 1:
        raise NotHere
    sees_arm = may(by, Act.SEE_ARM, site=participant.site, knows_arm=knows)
    entry = entry_of(participant, visit, form, repeat)
    stored = held_openly(entry)
    if sees_arm and entry is not None:
        stored |= open_entry(by.study, entry.pk, entry.sealed).values
    saved = {key: _raw(value) for key, value in stored.items()}
    revision = entry.revision if entry else 0
    draft = read_draft(by, code, visit, form, repeat)
    site = participant.site
    return FormPage(
        participant=participant,
        protocol=protocol,
        visit=the_visit,
        form=the_form if sees_arm else the_form.masked(),
        repeat=repeat,
        closed=_closed(participant, the_visit, entry),
        revision=revision,
        complete=entry is not None and entry.status == EntryStatus.COMPLETE,
        values=draft[0] if draft else saved,
        saved=saved,
        last=_last(participant, protocol, the_visit, the_form),
        entry=entry,
        stored=stored,
        draft_at=draft[2] if draft else None,
        draft_behind=draft is not None and draft[1] != revision,
        signatures=tuple(entry.signatures.order_by("signed_at")) if entry else (),
        queries=tuple(entry.queries.order_by("number")) if entry else (),
        content_hash=hash_of(entry_content(entry)) if entry else "",
        completes_as=role_to_complete(by, the_form, site=site, knows_arm=knows),
        signs_as=role_to_sign(by, the_form, site=site, knows_arm=knows),
    )


def _closed(participant: Participant, visit: Visit, entry: Entry | None) -> Sentence | None:
    row = row_of(VisitRecord, participant_id=participant.pk, visit=visit.key)
    came = row is not None and row.actual is not None
    return closed_because(participant, visit, came=came, begun=entry is not None)


def _last(
    participant: Participant, protocol: Protocol, visit: Visit, form: Form
) -> Mapping[str, Raw]:
    if form.repeating or visit.any_time:
        return {}
    days = VisitRecord.objects.filter(
        participant=participant,
        visit__in=[each.key for each in protocol.visits_with(form.key)],
        actual__isnull=False,
    )
    here = days.filter(visit=visit.key).first()
    if here is not None:
        days = days.filter(actual__lt=here.actual)
    earlier = days.order_by("-actual").values_list("visit", flat=True)
    for before in earlier:
        entry = Entry.objects.filter(participant=participant, visit=before, form=form.key).first()
        if entry is not None:
            return {
                value.item: Missing(value.missing or "") if value.text is None else value.text
                for value in entry.values.all()
            }
    return {}


def _raw(value: Mapping[str, str | None]) -> Raw:
    text = value["text"]
    return Missing(value["missing"] or "") if text is None else text
