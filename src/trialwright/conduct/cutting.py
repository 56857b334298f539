"""The state of a study as a `Cut`: read under one snapshot, nothing but plain text in it."""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from trialwright.accounts.models import Site
from trialwright.analysis import cut as c
from trialwright.conduct import models as m
from trialwright.conduct import sealed_values, slots
from trialwright.conduct.models.entries import EntryStatus
from trialwright.conduct.planning import ZONE, day_of
from trialwright.ledger import book
from trialwright.protocol.model import Protocol


def open_cut(study: m.Study, protocol: Protocol, name: str, at: datetime) -> c.Cut:
    """The open part: all participants, without arms and without what could reveal one."""
    assert study.activated_at is not None  # noqa: S101 - there is a protocol, so it was signed
    participants = list(
        m.Participant.objects.filter(study=study)
        .order_by("code")
        .prefetch_related("endings", "criteria", "visits")
    )
    codes = {participant.pk: participant.code for participant in participants}
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
        participants=tuple(map(_participant, participants)),
        visits=tuple(_visits(participants)),
        entries=tuple(_entries(study, protocol)),
        queries=tuple(_queries(study, codes)),
        deviations=tuple(_deviations(participants)),
    )


def sealed_part(study: m.Study, protocol: Protocol, cut: c.Cut, cut_hash: str) -> c.SealedPart:
    """What only unmasked people may know: the arms, and the sealed values."""
    arms = {arm.number: arm.key for arm in protocol.arms}
    randomised = m.Participant.objects.filter(study=study, slot__isnull=False)
    assignments = []
    for participant in randomised.select_related("slot"):
        arm = arms[slots.arm_of(participant)]
        given = participant.treatment_status in ("full", "part")
        assignments.append(c.Assignment(participant.code, arm, arm if given else None))
    entries = []
    for row in _entry_rows(study).filter(sealed__isnull=False):
        held = sealed_values.open_entry(study.identifier, row.pk, row.sealed).values
        values = [c.Value(item, each["text"], each["missing"]) for item, each in held.items()]
        entries.append(_entry(row, values))
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


def _participant(row: m.Participant) -> c.Participant:
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
        exclusion=_exclusion(row),
        treatment=c.Treatment(row.treatment_status, _day(row.treated_at), row.treatment_reason)
        if row.treatment_status and row.treated_at
        else None,
        endings=tuple(
            c.Ending(ending.kind, ending.on.isoformat(), tuple(ending.stops), ending.reason)
            for ending in row.endings.all()
        ),
    )


def _exclusion(row: m.Participant) -> c.Exclusion | None:
    if row.state != m.State.SCREEN_FAILED:
        return None
    failed = tuple(answer.criterion for answer in row.criteria.all() if answer.answer == "fail")
    kind = "ineligible" if failed else ("other" if row.consented_at else "declined")
    return c.Exclusion(kind, _day(row.screened_at), failed, row.screen_failure_reason)


def _visits(participants: Iterable[m.Participant]) -> Iterable[c.Visit]:
    for participant in participants:
        for visit in participant.visits.all():
            yield c.Visit(
                participant=participant.code,
                visit=visit.visit,
                status=visit.status,
                target=_iso(visit.target),
                opens=_iso(visit.opens),
                closes=_iso(visit.closes),
                actual=_iso(visit.actual),
            )


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _entry_rows(study: m.Study):  # type: ignore[no-untyped-def]
    return m.Entry.objects.filter(participant__study=study).select_related(
        "participant", "protocol_version"
    )


def _entries(study: m.Study, protocol: Protocol) -> Iterable[c.Entry]:
    """Entries with their open values."""
    unmasking = {form.key for form in protocol.forms if form.unmasking}
    signed = set(
        m.Signature.objects.filter(participant__study=study, void_at=None)
        .exclude(entry=None)
        .values_list("entry", flat=True)
    )
    values = (
        m.Value.objects.filter(entry__participant__study=study)
        .order_by("entry_id")
        .values_list("entry_id", "item", "text", "missing")
    )
    by_entry = {
        key: [c.Value(item, text, missing) for _, item, text, missing in rows]
        for key, rows in groupby(values.iterator(chunk_size=5000), key=lambda row: row[0])
    }
    for row in _entry_rows(study).exclude(form__in=unmasking).iterator(chunk_size=2000):
        yield _entry(row, by_entry.get(row.pk, []), signed=row.pk in signed)


def _entry(row: m.Entry, values: list[c.Value], *, signed: bool = False) -> c.Entry:
    return c.Entry(
        participant=row.participant.code,
        visit=row.visit,
        form=row.form,
        repeat=row.repeat,
        status="complete" if row.status == EntryStatus.COMPLETE else "draft",
        signed=signed,
        protocol_version=row.protocol_version.version,
        values=tuple(values),
    )


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


def _deviations(participants: Iterable[m.Participant]) -> Iterable[c.Deviation]:
    """Visits outside their window, with the reason that was given."""
    for participant in participants:
        for visit in participant.visits.all():
            if visit.actual is None or visit.opens is None or visit.closes is None:
                continue
            if not visit.opens <= visit.actual <= visit.closes:
                yield c.Deviation(
                    participant.code, visit.actual.isoformat(), "visit_window", visit.reason
                )
