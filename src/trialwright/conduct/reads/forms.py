"""One form of one participant at one visit, as this person may see, fill in and sign it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from trialwright.accounts.policy import (
    Act,
    Actor,
    may,
    may_see_attachments,
    may_see_form,
    role_to_complete,
    role_to_sign,
)
from trialwright.conduct.acting import knows_arm, protocol_of
from trialwright.conduct.clock import day_of, zone_of
from trialwright.conduct.laboratory.graded import grading_under
from trialwright.conduct.laboratory.grades import proposed_grades
from trialwright.conduct.models import Entry, Participant, Query, Signature, VisitRecord
from trialwright.conduct.models.entries import EntryStatus
from trialwright.conduct.participants.completing import Completed, Raw, complete_form
from trialwright.conduct.participants.states import closed_because
from trialwright.conduct.reads.drafts import read_draft
from trialwright.conduct.reads.laboratory import FormRange, limited, ranges_on_form
from trialwright.conduct.reads.participants import participant_and_protocol
from trialwright.conduct.reads.values import held_openly
from trialwright.conduct.refusals import NotFound, Sentence
from trialwright.conduct.sealed_values import Stored, open_entry
from trialwright.conduct.signing import entry_content, hash_of
from trialwright.conduct.tables import entry_of, row_of
from trialwright.protocol.basics import UnknownKeyError
from trialwright.protocol.forms import Form
from trialwright.protocol.model import Protocol
from trialwright.protocol.occurrences import key_of
from trialwright.protocol.values import Missing
from trialwright.protocol.visits import Visit
from trialwright.safety.laboratory import Graded


@dataclass(frozen=True, slots=True)
class FormPage:
    """Everything a page about one form needs.

    `closed` says why it can't be filled in now. `values` is what stands in the boxes (the person's
    draft where there is one), `saved` what is stored. `draft_behind` says that somebody saved the
    form after that draft began. `last` are the open answers to the same form at the latest visit
    before this one. `ranges` are the laboratory's, by item; the limits of `form` are theirs.
    `grades` are those that the criteria propose for the saved results, of CTCAE `ctcae`.
    `shows_files`: whether this person finds attachments of the form there.
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
    on: date | None
    draft_at: datetime | None
    draft_behind: bool
    signatures: tuple[Signature, ...]
    queries: tuple[Query, ...]
    content_hash: str
    completes_as: str | None
    signs_as: str | None
    ranges: Mapping[str, FormRange]
    shows_files: bool
    grades: Mapping[str, Graded]
    ctcae: str

    def judged(
        self, raw: Mapping[str, Raw], beside: Mapping[str, Stored] | None = None
    ) -> Completed:
        """How the form would stand with these answers, and those on the page `beside` it."""
        return complete_form(
            self.participant,
            self.protocol,
            self.form,
            self.visit.key,
            raw,
            self.stored,
            today=day_of(timezone.now(), zone_of(self.participant)),
            beside=beside,
        )


def form_page(by: Actor, code: str, visit: str, form: str, repeat: int = 1) -> FormPage:
    """The page's content; NotFound where this person may not see it."""
    participant, protocol = participant_and_protocol(by, code)
    knows = knows_arm(by, participant)
    entry = entry_of(participant, visit, form, repeat)
    if entry is not None:
        # A form stays with the version under which it was entered.
        protocol = protocol_of(entry.protocol_version)
    try:
        the_form, the_visit = protocol.form(form), protocol.visit(visit)
    except UnknownKeyError:
        raise NotFound from None
    if form not in the_visit.forms or (repeat > 1 and not the_form.repeating):
        raise NotFound
    if not may_see_form(by, the_form, site=participant.site, knows_arm=knows) or repeat < 1:
        raise NotFound
    sees_arm = may(by, Act.SEE_ARM, site=participant.site, knows_arm=knows)
    stored = held_openly(entry)
    if sees_arm and entry is not None:
        stored |= open_entry(by.study, entry.pk, entry.sealed).values
    saved = {key: _raw(value) for key, value in stored.items()}
    revision = entry.revision if entry else 0
    record = _record(participant, the_visit)
    if the_visit.occurrence > 1 and record is None:
        raise NotFound
    ranges = ranges_on_form(participant, visit, the_form, entry, stored)
    the_form = limited(the_form, ranges)
    rules = grading_under(entry.protocol_version_id) if entry else None
    draft = read_draft(by, code, visit, form, repeat)
    site = participant.site
    return FormPage(
        participant=participant,
        protocol=protocol,
        visit=the_visit,
        form=the_form if sees_arm else the_form.masked(),
        repeat=repeat,
        closed=_closed(participant, the_visit, entry, record),
        revision=revision,
        complete=entry is not None and entry.status == EntryStatus.COMPLETE,
        values=draft[0] if draft else saved,
        saved=saved,
        last=_last(participant, protocol, the_visit, the_form),
        entry=entry,
        stored=stored,
        on=record.actual if record else None,
        draft_at=draft[2] if draft else None,
        draft_behind=draft is not None and draft[1] != revision,
        signatures=tuple(entry.signatures.order_by("signed_at")) if entry else (),
        queries=tuple(entry.queries.order_by("number")) if entry else (),
        content_hash=hash_of(entry_content(entry)) if entry else "",
        completes_as=role_to_complete(by, the_form, site=site, knows_arm=knows),
        signs_as=role_to_sign(by, the_form, site=site, knows_arm=knows),
        ranges=ranges,
        shows_files=entry is not None
        and may_see_attachments(by, the_form, site=site, knows_arm=knows),
        grades=proposed_grades([entry], restricted=sees_arm).get(entry.pk, {}) if entry else {},
        ctcae=rules.version if rules else "",
    )


def _closed(
    participant: Participant, visit: Visit, entry: Entry | None, row: VisitRecord | None
) -> Sentence | None:
    came = row is not None and row.actual is not None
    return closed_because(participant, visit, came=came, begun=entry is not None)


def _record(participant: Participant, visit: Visit) -> VisitRecord | None:
    return row_of(VisitRecord, participant_id=participant.pk, visit=visit.key)


def _last(
    participant: Participant, protocol: Protocol, visit: Visit, form: Form
) -> Mapping[str, Raw]:
    if form.repeating or visit.any_time or not _shows_last(protocol, form):
        return {}
    keys = {each.key for each in protocol.visits_with(form.key)}
    came = VisitRecord.objects.filter(participant=participant, actual__isnull=False)
    days = [
        (name, day)
        for name, day in came.order_by("-actual").values_list("visit", "actual")
        if day is not None and key_of(name) in keys
    ]
    here = next((day for name, day in days if name == visit.key), None)
    for before in [name for name, day in days if here is None or day < here]:
        entry = Entry.objects.filter(participant=participant, visit=before, form=form.key).first()
        if entry is not None:
            return {
                value.item: Missing(value.missing or "") if value.text is None else value.text
                for value in entry.values.all()
            }
    return {}


def _shows_last(protocol: Protocol, form: Form) -> bool:
    """Whether the last values are shown; left open by the protocol, not to who scores blind."""
    scored_blind = protocol.roles.assesses_blinded(form)
    return not scored_blind if form.last_values is None else form.last_values


def _raw(value: Mapping[str, str | None]) -> Raw:
    text = value["text"]
    return Missing(value["missing"] or "") if text is None else text
