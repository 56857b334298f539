"""Everything that is filled in of one participant, as far as a person may see it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils import timezone

from trialwright.accounts.policy import Act, Actor, may, may_see_form
from trialwright.conduct.acting import knows_arm, protocol_of
from trialwright.conduct.diary.standing import SlotStatus
from trialwright.conduct.models import (
    DiaryLink,
    Entry,
    Participant,
    Query,
    Signature,
    Value,
    ValueReview,
    VisitRecord,
)
from trialwright.conduct.models.entries import EntryStatus, QueryStatus
from trialwright.conduct.models.value_reviews import ReviewAnswer, ReviewKind
from trialwright.conduct.reads.attachments import AttachmentLine, attachments_of
from trialwright.conduct.reads.diaries import DiaryTold, told_of
from trialwright.conduct.reads.laboratory import bound_ranges, limited
from trialwright.conduct.reads.participants import participant_and_protocol
from trialwright.conduct.sealed_values import Stored, open_entry
from trialwright.conduct.tables import version_of
from trialwright.protocol.forms import Form
from trialwright.protocol.model import Protocol
from trialwright.protocol.visits import Visit


@dataclass(frozen=True, slots=True)
class CasebookForm:
    """One record of a form, with the version of the protocol that it was entered under.

    `judged` are the judgements of results outside normal, by item: (answer, comment).
    """

    form: Form
    protocol: Protocol
    repeat: int
    complete: bool
    stored: Stored
    signatures: tuple[Signature, ...]
    open_queries: int
    judged: Mapping[str, tuple[ReviewAnswer, str]]
    attachments: tuple[AttachmentLine, ...]


@dataclass(frozen=True, slots=True)
class CasebookVisit:
    """A visit, its record (None for one without days), what is filled in at it, and the diaries
    that stand there of a participant who was given a link to them."""

    visit: Visit
    record: VisitRecord | None
    forms: tuple[CasebookForm, ...]
    diaries: tuple[DiaryTold, ...] = ()


@dataclass(frozen=True, slots=True)
class CasebookRead:
    """The whole, with what is attached to the participant. `restricted`: it holds what only
    unblinded people may see."""

    participant: Participant
    visits: tuple[CasebookVisit, ...]
    attachments: tuple[AttachmentLine, ...]
    restricted: bool


def casebook_of(by: Actor, code: str) -> CasebookRead:
    """The casebook of a participant, the visits in the order of their days.

    However much is filled in, it costs the same few statements.
    """
    participant, protocol = participant_and_protocol(by, code)
    knows = knows_arm(by, participant)
    sees_arm = may(by, Act.SEE_ARM, site=participant.site, knows_arm=knows)
    rows = list(Entry.objects.filter(participant=participant).order_by("form", "repeat"))
    attached = _attached(by, code)
    beside = _Beside(rows, ranged=bool(participant.study.laboratories))
    found: dict[str, list[CasebookForm]] = defaultdict(list)
    kept: dict[str, list[DiaryTold]] = defaultdict(list)
    restricted = False
    for entry in rows:
        version = protocol_of(version_of(entry.protocol_version_id))
        form = limited(version.form(entry.form), beside.ranges.get(str(entry.pk), {}))
        if not may_see_form(by, form, site=participant.site, knows_arm=knows):
            continue
        stored = beside.values[entry.pk]
        if sees_arm and entry.sealed:
            stored = stored | open_entry(by.study, entry.pk, entry.sealed).values
            restricted = restricted or bool(form.unmasking_items)
        found[entry.visit].append(
            CasebookForm(
                form=form if sees_arm else form.masked(),
                protocol=version,
                repeat=entry.repeat,
                complete=entry.status == EntryStatus.COMPLETE,
                stored=stored,
                signatures=tuple(beside.signatures[entry.pk]),
                open_queries=beside.queries[entry.pk],
                judged=beside.judged[entry.pk],
                attachments=attached[entry.visit, entry.form, entry.repeat],
            )
        )
    restricted |= any(line.restricted for lines in attached.values() for line in lines)
    for diary in _diaries(participant, protocol):
        kept[diary.visit].append(diary)
    visits, own = _visits(participant, protocol, found, kept), attached["", "", 1]
    return CasebookRead(participant, visits, own, restricted)


def _attached(by: Actor, code: str) -> dict[tuple[str, str, int], tuple[AttachmentLine, ...]]:
    """The attachments that stand by (visit, form, repeat), the participant's own by ("", "", 1)."""
    found: dict[tuple[str, str, int], tuple[AttachmentLine, ...]] = defaultdict(tuple)
    _participant, _protocol, lines = attachments_of(by, code)
    for line in reversed(lines):
        if line.removed_at is None:
            found[line.visit, line.form, line.repeat] += (line,)
    return found


def _diaries(participant: Participant, protocol: Protocol) -> Iterator[DiaryTold]:
    """The diaries of which something came or was missed."""
    if DiaryLink.objects.filter(participant=participant).exists():
        for diary in told_of(participant, protocol, timezone.now()):
            if diary.count(SlotStatus.SENT, SlotStatus.SENT_LATE, SlotStatus.MISSED):
                yield diary


class _Beside:
    """What stands beside the entries of a participant, each kind in one statement."""

    def __init__(self, entries: list[Entry], *, ranged: bool) -> None:
        self.ranges = bound_ranges(entries) if ranged else {}
        keys = [entry.pk for entry in entries]
        self.values: dict[object, Stored] = defaultdict(dict)
        for row in Value.objects.filter(entry__in=keys):
            self.values[row.entry_id][row.item] = {"text": row.text, "missing": row.missing}
        self.signatures: dict[object, list[Signature]] = defaultdict(list)
        for signed in Signature.objects.filter(entry__in=keys).order_by("signed_at"):
            self.signatures[signed.entry_id].append(signed)
        self.queries: dict[object, int] = defaultdict(int)
        open_now = Query.objects.filter(entry__in=keys).exclude(status=QueryStatus.CLOSED.value)
        for key in open_now.values_list("entry_id", flat=True):
            self.queries[key] += 1
        self.judged: dict[object, dict[str, tuple[ReviewAnswer, str]]] = defaultdict(dict)
        said = ValueReview.objects.filter(
            entry__in=keys, kind=ReviewKind.SIGNIFICANCE.value, undone_at=None
        )
        for each in said:
            self.judged[each.entry_id][each.item] = (ReviewAnswer(each.answer), each.comment)


def _visits(
    participant: Participant,
    protocol: Protocol,
    found: Mapping[str, list[CasebookForm]],
    diaries: Mapping[str, list[DiaryTold]],
) -> tuple[CasebookVisit, ...]:
    records = {row.visit: row for row in VisitRecord.objects.filter(participant=participant)}
    order = {form.key: place for place, form in enumerate(protocol.forms)}
    visits = [
        CasebookVisit(
            protocol.visit(name),
            records.get(name),
            tuple(
                sorted(
                    found.get(name, ()),
                    key=lambda each: (order.get(each.form.key, 0), each.repeat),
                )
            ),
            tuple(diaries.get(name, ())),
        )
        for name in dict.fromkeys((*found, *diaries))
    ]

    def day(each: CasebookVisit) -> tuple[str, str]:
        on = each.record and (each.record.actual or each.record.target)
        return (on.isoformat() if on else "9999", each.visit.key)

    return tuple(sorted(visits, key=day))
