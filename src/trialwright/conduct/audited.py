"""Which columns of which tables the ledger speaks for, and the one way to write them.

`record` and `change` write the row and its ledger entries together, so that no column changes
without one. `verify` folds the same entries and compares them with the same columns.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Model, Q

from trialwright.conduct import models as m
from trialwright.conduct import sealed_values, tables
from trialwright.conduct.attached_files import hash_of_file
from trialwright.conduct.identity.identities import committed
from trialwright.ledger.journal import Writer
from trialwright.ledger.projections import Projected, Read


@dataclass(frozen=True, slots=True)
class Audited:
    """One table as the ledger names it: `study` is the path from it to the study's identifier.

    `sealed` are those of its columns whose entries stand in the sealed chain: when or why
    something was done can tell an arm as its value does. `by_row` names a column of which a row
    says that all of it is sealed.
    """

    entity: str
    model: type[Model]
    study: str
    columns: tuple[str, ...]
    sealed: frozenset[str]
    by_row: str = ""

    def is_sealed(self, row: Model, column: str) -> bool:
        """Whether what this row has in a column stands in the sealed chain."""
        return column in self.sealed or (bool(self.by_row) and getattr(row, self.by_row))

    def in_chain(self, *, sealed: bool) -> dict[str, str]:
        """The columns of one chain, as a fold names them."""
        if self.by_row:
            return {each: each for each in self.columns}
        return {each: each for each in self.columns if (each in self.sealed) is sealed}

    def rows_of_chain(self, *, sealed: bool) -> Q:
        """The rows of which one chain speaks."""
        return Q(**{self.by_row: sealed}) if self.by_row else Q()


def _audited(
    entity: str,
    model: type[Model],
    study: str,
    *,
    without: tuple[str, ...] = (),
    sealed: Collection[str] | None = (),
    by_row: str = "",
) -> Audited:
    """A table with its columns; `sealed` None means all of them."""
    columns = [field.attname for field in model._meta.concrete_fields if not field.primary_key]
    held_back = columns if sealed is None else sealed
    told = tuple(each for each in columns if each not in without)
    return Audited(entity, model, study, told, frozenset(held_back), by_row)


# What is sealed is not among the columns: it stands in the sealed chain (see `folded`).
AUDITED = (
    _audited("study", m.Study, "identifier"),
    _audited("protocol_version", m.ProtocolVersion, "study_id"),
    _audited("protocol_draft", m.ProtocolDraft, "study_id"),
    _audited("protocol_signature", m.ProtocolSignature, "study_id"),
    _audited("lock", m.Lock, "study_id"),
    _audited("site_version", m.SiteVersion, "study_id"),
    _audited("simulation", m.SimulationRun, "study_id"),
    _audited("participant", m.Participant, "study_id"),
    _audited("consent", m.Consent, "participant__study_id"),
    _audited("consent_withdrawal", m.ConsentWithdrawal, "consent__participant__study_id"),
    _audited("criterion", m.CriterionAnswer, "participant__study_id"),
    _audited("ending", m.Ending, "participant__study_id"),
    _audited("visit", m.VisitRecord, "participant__study_id"),
    _audited("step", m.StepRecord, "participant__study_id", without=("sealed",)),
    _audited("entry", m.Entry, "participant__study_id", without=("sealed",)),
    _audited("value", m.Value, "entry__participant__study_id"),
    _audited("value_review", m.ValueReview, "entry__participant__study_id"),
    _audited("range_list", m.RangeList, "study_id"),
    _audited("reference_range", m.ReferenceRange, "list__study_id"),
    _audited("bound_range", m.BoundRange, "entry__participant__study_id"),
    _audited("result_mapping", m.ResultMapping, "study_id"),
    _audited("result_file", m.ResultFile, "study_id", without=("lines",)),
    _audited("imported_value", m.ImportedValue, "file__study_id"),
    _audited("diary_link", m.DiaryLink, "participant__study_id", without=("tries",)),
    _audited("diary_entry", m.DiaryEntry, "entry__participant__study_id"),
    _audited("appointment", m.Appointment, "visit__participant__study_id"),
    _audited("calendar_link", m.CalendarLink, "study_id"),
    _audited("attachment", m.Attachment, "participant__study_id", by_row="restricted"),
    _audited("query", m.Query, "study_id"),
    _audited("signature", m.Signature, "participant__study_id"),
    _audited("deviation", m.Deviation, "study_id"),
    _audited("adverse_event", m.AdverseEvent, "study_id"),
    _audited("event_grade", m.EventGrade, "event__study_id"),
    _audited("event_opinion", m.EventOpinion, "event__study_id"),
    _audited("pregnancy", m.Pregnancy, "study_id"),
    _audited("pregnancy_child", m.PregnancyChild, "pregnancy__study_id"),
    _audited("clock", m.Clock, "study_id"),
    _audited("clock_due", m.ClockDue, "clock__study_id"),
    # When a report went out, or that none was due, could tell an arm: all of it is sealed.
    _audited("clock_ending", m.ClockEnding, "study_id", without=("study_id", "clock_id", "sealed")),
    # So could the narrative of a report that may have been due.
    _audited(
        "case_narrative",
        m.CaseNarrative,
        "study_id",
        without=("study_id", "event_id", "number", "sealed"),
    ),
    _audited("slot", m.AllocationSlot, "study_id", without=("sealed",)),
    _audited("given_before", m.GivenBefore, "study_id"),
    _audited("allocation_source", m.AllocationSource, "study_id", without=("study_id", "sealed")),
    _audited("uploaded_list", m.UploadedList, "study_id", without=("sealed",)),
    _audited("arm_seen", m.Unblinding, "participant__study_id", sealed=None),
    _audited("cohort_decision", m.CohortDecision, "study_id"),
    _audited("group_decision", m.GroupDecision, "study_id"),
    _audited("unblinding", m.UnplannedUnblinding, "study_id", without=("sealed",)),
    _audited("envelope", m.Envelope, "study_id"),
    _audited("results_review", m.ResultsReview, "study_id"),
    _audited("trail_review", m.TrailReview, "study_id"),
    _audited("verification_seed", m.VerificationSeed, "study_id", without=("sealed",)),
    _audited("monitoring_visit", m.MonitoringVisit, "study_id"),
    _audited("visit_finding", m.VisitFinding, "visit__study_id"),
    _audited("cut", m.DataCut, "study_id"),
    _audited("kit_batch", m.KitBatch, "study_id", without=("sealed",)),
    _audited("kit", m.Kit, "study_id", without=("sealed",)),
    # What becomes of a product at a minute could tell who was given it: all of it is sealed.
    _audited("donor", m.Donor, "study_id", sealed=None),
    _audited("lot", m.Lot, "study_id", sealed=None),
    _audited("lot_donor", m.LotDonor, "lot__study_id", sealed=None),
    _audited("lot_component", m.LotComponent, "lot__study_id", sealed=None),
    _audited("product_result", m.ProductResult, "study_id", sealed=None),
    _audited("lot_decision", m.LotDecision, "lot__study_id", sealed=None),
    _audited("container", m.Container, "study_id", sealed=None),
    _audited(
        "container_move",
        m.ContainerMove,
        "study_id",
        without=("study_id", "container_id", "number", "sealed"),
    ),
    _audited("bedside_check", m.BedsideCheck, "study_id", without=("study_id", "number", "sealed")),
    _audited("product_notice", m.ProductNotice, "study_id", without=("sealed",)),
    _audited("board_meeting", m.BoardMeeting, "study_id", without=("sealed",)),
    _audited("meeting_signature", m.MeetingSignature, "meeting__study_id"),
    _audited("closed_report_copy", m.ClosedReportCopy, "study_id", without=("sealed",)),
    _audited("hold", m.Hold, "study_id", without=("sealed",)),
    _audited("hold_decision", m.HoldDecision, "study_id", without=("sealed",)),
    _audited("hold_signature", m.HoldSignature, "study_id", without=("sealed",)),
)
_BY_MODEL = {each.model: each for each in AUDITED}


def _hash_of_file(sha256: str) -> str | None:
    file = m.ProtocolFile.objects.filter(pk=sha256).first()
    return None if file is None else hashlib.sha256(file.source).hexdigest()


# The ledger holds the hash of a protocol for its file: what is compared is the file's own.
_READ: dict[str, dict[str, str | Read]] = {
    "protocol_version": {"sha256": Read("sha256", by=_hash_of_file)},
    # Each file is opened by itself: thousands of rows are read at once, and files are large.
    "attachment": {"file": Read("participant__study_id", "id", by=hash_of_file)},
}


def folded() -> tuple[Projected, ...]:
    """The same tables as `verify` reads them, and what is sealed in them."""
    columns = (
        Projected(
            each.entity,
            each.model._meta.label,
            study=each.study,
            id=each.model._meta.pk.attname,
            chain="sealed" if sealed else "open",
            fields=fields | ({} if sealed and not each.by_row else _READ.get(each.entity, {})),
            rows=each.rows_of_chain(sealed=sealed),
        )
        for each in AUDITED
        for sealed in (False, True)
        if (fields := each.in_chain(sealed=sealed))
    )
    identity = Read("id", "sealed", "hospital_mark", "key", by=committed)
    arm = Read("study_id", "list_name", "place", "sealed", by=sealed_values.open_arm)
    values = Read(
        "participant__study_id", "id", "sealed", by=sealed_values.open_text
    )  # fmt: skip
    details = Read("participant__study_id", "id", "sealed", by=sealed_values.open_step)
    return (
        *columns,
        Projected(
            "identity",
            m.Identity._meta.label,
            study="participant__study_id",
            fields={"participant_id": "participant_id", "sealed": identity},
        ),
        Projected(
            "slot",
            m.AllocationSlot._meta.label,
            study="study_id",
            chain="sealed",
            fields={"arm": arm},
        ),
        Projected(
            "allocation_source",
            m.AllocationSource._meta.label,
            study="study_id",
            id="study_id",
            chain="sealed",
            fields={"sealed": Read("study_id", "sealed", by=sealed_values.open_source)},
        ),
        Projected(
            "entry",
            m.Entry._meta.label,
            study="participant__study_id",
            chain="sealed",
            fields={"sealed": values},
            rows=Q(sealed__isnull=False),
        ),
        Projected(
            "step",
            m.StepRecord._meta.label,
            study="participant__study_id",
            chain="sealed",
            fields={"sealed": details},
            rows=Q(sealed__isnull=False),
        ),
        *(_sealed_details(each) for each in _WITH_DETAILS),
    )


_WITH_DETAILS: tuple[type[Model], ...] = (
    m.ClockEnding,
    m.CaseNarrative,
    m.BoardMeeting,
    m.ClosedReportCopy,
    m.Hold,
    m.HoldDecision,
    m.HoldSignature,
    m.UnplannedUnblinding,
    m.VerificationSeed,
    m.UploadedList,
    m.KitBatch,
    m.Kit,
    m.ContainerMove,
    m.BedsideCheck,
    m.ProductNotice,
)


def _sealed_details(model: type[Model]) -> Projected:
    """The ciphertext of a table of which each row has one."""
    entity = _BY_MODEL[model].entity
    read = Read("study_id", "id", "sealed", by=partial(sealed_values.open_details, entity))
    return Projected(
        entity, model._meta.label, study="study_id", chain="sealed", fields={"sealed": read}
    )


def record_sealed(writer: Writer, row: Model, text: str) -> None:
    """Insert a row whose `sealed` holds these details, with its ledger entries in both chains."""
    record_all_sealed(writer, [(row, text)])


def record_all_sealed(writer: Writer, rows: Sequence[tuple[Model, str]]) -> None:
    """The same for rows of one table at once, each with its details."""
    for row, text in rows:
        entity = _BY_MODEL[type(row)].entity
        study, key = str(row.study_id), row.pk  # type: ignore[attr-defined]
        row.sealed = sealed_values.seal_details(entity, study, key, text)  # type: ignore[attr-defined]
    record_all(writer, [row for row, _text in rows])
    for row, text in rows:
        entity = _BY_MODEL[type(row)].entity
        writer.write(
            entity=entity, id=str(row.pk), field="sealed", new=text, sealed=True, first=True
        )


def record(writer: Writer, row: Model) -> None:
    """Insert a row, and say in the ledger what each of its filled columns holds."""
    record_all(writer, [row])


def record_all(writer: Writer, rows: Sequence[Model]) -> None:
    """Insert rows of one table at once, each with its ledger entries."""
    if not rows:
        return
    tables.insert(rows)
    spec = _BY_MODEL[type(rows[0])]
    for row in rows:
        drawn = isinstance(row.pk, UUID)
        for column in spec.columns:
            value = getattr(row, column)
            if value is not None:
                writer.write(
                    entity=spec.entity,
                    id=str(row.pk),
                    field=column,
                    new=value,
                    sealed=spec.is_sealed(row, column),
                    first=drawn,
                )


def change(writer: Writer, row: Model, **columns: Any) -> None:
    """Change columns of a row; those that already hold the value are left alone."""
    if changed := _set(writer, row, columns):
        tables.update(row, changed)


def change_all(writer: Writer, changes: Sequence[tuple[Model, Mapping[str, Any]]]) -> None:
    """Change columns of rows of one table, in one statement for each set of columns."""
    together: dict[tuple[str, ...], list[Model]] = {}
    for row, columns in changes:
        if changed := _set(writer, row, columns):
            together.setdefault(tuple(changed), []).append(row)
    for names, rows in together.items():
        tables.update_all(rows, names)


def _set(writer: Writer, row: Model, columns: Mapping[str, Any]) -> list[str]:
    """Set what differs on the row and say so in the ledger; returns the columns' names."""
    spec = _BY_MODEL[type(row)]
    changed = []
    for column, value in columns.items():
        attribute = row._meta.get_field(column).attname  # type: ignore[union-attr]
        if getattr(row, column) == value:
            continue
        setattr(row, column, value)
        changed.append(attribute)
        writer.write(
            entity=spec.entity,
            id=str(row.pk),
            field=attribute,
            new=getattr(row, attribute),
            sealed=spec.is_sealed(row, attribute),
        )
    return changed


def remove(writer: Writer, row: Model) -> None:
    """Delete a row, and say so in the ledger."""
    remove_all(writer, [row])


def remove_all(writer: Writer, rows: Sequence[Model]) -> None:
    """Delete rows of one table at once, and say so in the ledger."""
    if not rows:
        return
    spec = _BY_MODEL[type(rows[0])]
    for row in rows:
        for sealed in sorted({spec.is_sealed(row, column) for column in spec.columns}):
            writer.remove(entity=spec.entity, id=str(row.pk), sealed=sealed)
    type(rows[0])._default_manager.filter(pk__in=[row.pk for row in rows]).delete()
