"""What stands between a study and its end, and its freezes and locks."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef

from trialwright.accounts.reads import names_of
from trialwright.conduct.acting import protocol_of
from trialwright.conduct.models import Deviation, Entry, Lock, Participant, Query, Signature, Study
from trialwright.conduct.models.entries import EntryStatus, QueryStatus
from trialwright.conduct.participants.planning import OVER
from trialwright.ledger.models import LedgerRow

_FEW = 50


@dataclass(frozen=True, slots=True)
class Left:
    """One kind of thing that is left before the study can be closed: how many, and the first."""

    what: str
    count: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LockTold:
    """A freeze or lock; its place in words of the study, lifted or not."""

    number: int
    level: str
    site: str
    participant: str
    visit: str
    form: str
    reason: str
    by: str
    at: datetime
    head: str
    lifted_at: datetime | None
    lifted_by: str
    lifted_reason: str


@dataclass(frozen=True, slots=True)
class ArchiveTold:
    """An archive that was written: when, by whom, and the hash of its manifest."""

    at: datetime
    by: str
    sha256: str


def left_to_close(study: Study) -> tuple[Left, ...]:
    """What is left, each kind in the order in which it is done. The caller asks the policy."""
    version = study.version
    if version is None:
        return ()
    signed_forms = [form.key for form in protocol_of(version).forms if form.signed_by]
    entries = Entry.objects.filter(participant__study=study)
    valid = Signature.objects.filter(entry=OuterRef("pk"), void_at=None)
    complete = entries.filter(status=EntryStatus.COMPLETE.value, form__in=signed_forms)
    people = Participant.objects.filter(study=study).exclude(state__in=OVER).order_by("code")
    asked = Query.objects.filter(study=study).exclude(status=QueryStatus.CLOSED.value)
    numbers = asked.order_by("number").values_list("number", flat=True)[:_FEW]
    return (
        Left("participants", people.count(), tuple(people.values_list("code", flat=True)[:_FEW])),
        Left("incomplete", entries.filter(status=EntryStatus.INCOMPLETE.value).count()),
        Left("queries", asked.count(), tuple(map(str, numbers))),
        Left("unsigned", complete.filter(~Exists(valid)).count()),
        Left("deviations", Deviation.objects.filter(study=study, classification=None).count()),
    )


def locks_of(study: str) -> tuple[LockTold, ...]:
    """All freezes and locks, the newest first. The caller asks the policy."""
    rows = list(Lock.objects.filter(study=study).select_related("participant").order_by("-number"))
    names = names_of({str(who) for row in rows for who in (row.signed_by, row.lifted_by) if who})
    return tuple(
        LockTold(
            row.number, row.level, row.site,
            row.participant.code if row.participant else "", row.visit, row.form, row.reason,
            names.get(str(row.signed_by), ""), row.signed_at,
            f"{row.head_seq} · {row.head_hash[:12]}", row.lifted_at,
            names.get(str(row.lifted_by), ""), row.lifted_reason,
        )
        for row in rows
    )  # fmt: skip


def archives_of(study: str) -> tuple[ArchiveTold, ...]:
    """The archives in the ledger, the newest first. The caller asks the policy."""
    rows = LedgerRow.objects.filter(entity="archive", study=study).order_by("-seq")
    found = list(rows.values_list("happened_at", "by", "id"))
    names = names_of({by for _at, by, _id in found})
    return tuple(ArchiveTold(at, names.get(by, by), digest) for at, by, digest in found)
