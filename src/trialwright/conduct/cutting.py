"""The state of a study as a `Cut`: read under one snapshot, nothing but plain text in it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from trialwright.accounts.models import Site
from trialwright.analysis import cut as c
from trialwright.conduct import models as m
from trialwright.conduct import sealed_values, slots
from trialwright.conduct.models.entries import EntryStatus
from trialwright.conduct.planning import ZONE, day_of
from trialwright.ledger import book
from trialwright.protocol.model import Protocol

_AT_ONCE = 5000


def open_cut(study: m.Study, protocol: Protocol, name: str, at: datetime) -> c.Cut:
    """The open part: all participants, without arms and without what could reveal one."""
    assert study.activated_at is not None  # noqa: S101 - there is a protocol, so it was signed
    rows = list(m.Participant.objects.filter(study=study))
    codes = {row.pk: row.code for row in rows}
    failed, endings = _failed(study), _endings(study)
    visits = tuple(_visits(study, codes))
    return c.Cut(
        study=study.identifier,
        name=name,
        demonstration=study.demonstration,
        protocol=c.ProtocolVersion(protocol.identifier, protocol.version, protocol.sha256),
        open_head=_head(study, "open"),
        sealed_head=_head(study, "sealed"),
        cut_at=_moment(at),
        began_on=_day(study.activated_at),
        sites=tuple(
            c.Site(site.code, site.name_en, site.name_zh)
            for site in Site.objects.filter(study=study.identifier)
        ),
        participants=tuple(
            _participant(row, failed.get(row.pk, ()), endings.get(row.pk, ())) for row in rows
        ),
        visits=tuple(visit for visit, _reason in visits),
        entries=tuple(_entries(study, protocol)),
        queries=tuple(_queries(study, codes)),
        deviations=tuple(_deviations(visits)),
    )


def sealed_part(study: m.Study, protocol: Protocol, cut: c.Cut, cut_hash: str) -> c.SealedPart:
    """What only unmasked people may know: the arms, and the sealed values."""
    arms = {arm.number: arm.key for arm in protocol.arms}
    assignments = []
    for participant, number in slots.arms_of_all(study):
        given = participant.treatment_status in ("full", "part")
        arm = arms[number]
        assignments.append(c.Assignment(participant.code, arm, arm if given else None))
    entries = []
    rows = m.Entry.objects.filter(participant__study=study, sealed__isnull=False)
    for key, sealed, *place in rows.values_list("pk", "sealed", *_ENTRY):
        held = sealed_values.open_entry(study.identifier, key, sealed).values
        values = [c.Value(item, each["text"], each["missing"]) for item, each in held.items()]
        entries.append(_entry(*place, values=values))
    return c.SealedPart(
        study=study.identifier,
        name=cut.name,
        cut_hash=cut_hash,
        assignments=tuple(assignments),
        entries=tuple(entries),
    )


def _head(study: m.Study, chain: str) -> c.Head:
    head = book.head(study.identifier, chain)
    return c.Head(head.seq, head.hash.hex())


def _moment(at: datetime) -> str:
    return at.astimezone(ZONE).isoformat(timespec="minutes")


def _day(at: datetime) -> str:
    return day_of(at).isoformat()


_STEPS = (
    (c.SCREENED, "screened_at"),
    (c.CONSENTED, "consented_at"),
    (c.ELIGIBLE, "eligible_at"),
    (c.RANDOMISED, "randomised_at"),
    (c.ALLOCATION_SENT, "allocation_received_at"),
    (c.RELEASED, "product_released_at"),
    (c.TREATED, "treated_at"),
)


def _participant(
    row: m.Participant, failed: Sequence[str], endings: Sequence[c.Ending]
) -> c.Participant:
    steps = []
    for name, column in _STEPS:
        at = getattr(row, column)
        if at is not None and not (name == c.TREATED and row.treatment_status == "none"):
            steps.append(c.Step(name, _moment(at)))
    return c.Participant(
        code=row.code,
        site=row.site,
        screening_number=row.code,
        state=row.state,
        steps=tuple(steps),
        exclusion=_exclusion(row, failed),
        treatment=c.Treatment(row.treatment_status, _day(row.treated_at), row.treatment_reason)
        if row.treatment_status and row.treated_at
        else None,
        endings=tuple(endings),
    )


def _exclusion(row: m.Participant, failed: Sequence[str]) -> c.Exclusion | None:
    if row.state != m.State.SCREEN_FAILED:
        return None
    kind = "ineligible" if failed else ("other" if row.consented_at else "declined")
    return c.Exclusion(kind, _day(row.screened_at), tuple(failed), row.screen_failure_reason)


def _failed(study: m.Study) -> dict[UUID, list[str]]:
    """The criteria that each participant failed."""
    answers = m.CriterionAnswer.objects.filter(participant__study=study, answer="fail")
    found: dict[UUID, list[str]] = defaultdict(list)
    for participant, criterion in answers.values_list("participant_id", "criterion"):
        found[participant].append(criterion)
    return found


def _endings(study: m.Study) -> dict[UUID, list[c.Ending]]:
    """How the participation of each ended, wholly or in part."""
    found: dict[UUID, list[c.Ending]] = defaultdict(list)
    for row in m.Ending.objects.filter(participant__study=study):
        ending = c.Ending(row.kind, row.on.isoformat(), tuple(row.stops), row.reason)
        found[row.participant_id].append(ending)
    return found


def _visits(study: m.Study, codes: Mapping[UUID, str]) -> Iterable[tuple[c.Visit, str]]:
    """All visits, each with its reason."""
    rows = m.VisitRecord.objects.filter(participant__study=study)
    for participant, visit, status, target, opens, closes, actual, reason in rows.values_list(
        "participant_id", "visit", "status", "target", "opens", "closes", "actual", "reason"
    ).iterator(_AT_ONCE):
        window = (_iso(target), _iso(opens), _iso(closes))
        yield c.Visit(codes[participant], visit, status, *window, _iso(actual)), reason


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


_ENTRY = ("participant__code", "visit", "form", "repeat", "status", "protocol_version__version")


def _entries(study: m.Study, protocol: Protocol) -> Iterable[c.Entry]:
    """Entries with their open values."""
    unmasking = {form.key for form in protocol.forms if form.unmasking}
    valid = m.Signature.objects.filter(participant__study=study, void_at=None)
    signed = set(valid.exclude(entry=None).values_list("entry", flat=True))
    held: dict[UUID, list[c.Value]] = defaultdict(list)
    values = m.Value.objects.filter(entry__participant__study=study)
    columns = values.values_list("entry_id", "item", "text", "missing")
    for key, item, text, missing in columns.iterator(_AT_ONCE):
        held[key].append(c.Value(item, text, missing))
    entries = m.Entry.objects.filter(participant__study=study).exclude(form__in=unmasking)
    for key, *place in entries.values_list("pk", *_ENTRY).iterator(_AT_ONCE):
        yield _entry(*place, values=held.pop(key, ()), signed=key in signed)


def _entry(
    participant: str, visit: str, form: str, repeat: int, status: str, version: str,
    *, values: Sequence[c.Value], signed: bool = False,
) -> c.Entry:  # fmt: skip
    status = "complete" if status == EntryStatus.COMPLETE else "draft"
    return c.Entry(participant, visit, form, repeat, status, signed, version, tuple(values))


def _queries(study: m.Study, codes: dict[UUID, str]) -> Iterable[c.Query]:
    """All queries; none is about what could reveal an arm."""
    rows = m.Query.objects.filter(study=study).select_related("entry").order_by("number")
    for row in rows:
        yield c.Query(
            number=row.number,
            participant=codes[row.entry.participant_id],
            visit=row.entry.visit,
            form=row.entry.form,
            repeat=row.entry.repeat,
            item=row.item,
            status=row.status,
            opened_on=_day(row.opened_at),
            closed_on=_day(row.closed_at) if row.closed_at else None,
            text=row.text,
        )


def _deviations(visits: Iterable[tuple[c.Visit, str]]) -> Iterable[c.Deviation]:
    """Visits outside their window, with the reason that was given."""
    for visit, reason in visits:
        if visit.actual is None or visit.opens is None or visit.closes is None:
            continue
        if not visit.opens <= visit.actual <= visit.closes:
            yield c.Deviation(visit.participant, visit.actual, "visit_window", reason)
