"""The state of a study as a `Cut`: read under one snapshot, nothing but plain text in it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, OuterRef, Q

from trialwright.accounts.models import Person, Site
from trialwright.analysis import cut as c
from trialwright.analysis import cut_entries as filled
from trialwright.analysis import cut_participants as people
from trialwright.conduct import models as m
from trialwright.conduct import sealed_values
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.clock import (
    Zones,
    day_of,
    installation_zone,
    share_zones,
    zone_of,
    zones_of,
)
from trialwright.conduct.cut.attachments import attachments
from trialwright.conduct.cut.clocks import sealed_clocks
from trialwright.conduct.cut.cohorts import sealed_cohorts
from trialwright.conduct.cut.diaries import diary_marks
from trialwright.conduct.cut.doses import doses_of
from trialwright.conduct.cut.events import cut_events
from trialwright.conduct.cut.holds import open_holds, sealed_holds
from trialwright.conduct.cut.judgements import judgements
from trialwright.conduct.cut.kits import open_kits, sealed_kits
from trialwright.conduct.cut.meetings import open_meetings, sealed_meetings
from trialwright.conduct.cut.products import sealed_products
from trialwright.conduct.cut.situations import situations
from trialwright.conduct.cut.steps import TakenSteps, taken_steps
from trialwright.conduct.models.entries import EntryStatus
from trialwright.conduct.participants.planning import allocated_again, epochs_of
from trialwright.conduct.participants.progress import records_of_all
from trialwright.ledger import journal
from trialwright.protocol.model import Protocol
from trialwright.protocol.occurrences import occurrence_of

_AT_ONCE = 5000


def open_cut(study: m.Study, protocol: Protocol, name: str, at: datetime) -> c.Cut:
    """The open part: all participants, without arms and without what could reveal one."""
    assert study.activated_at is not None  # noqa: S101 - there is a protocol, so it was signed
    rows = list(m.Participant.objects.filter(study=study).select_related("linked_to", "arm_of"))
    codes = {row.pk: row.code for row in rows}
    zones = zones_of(study.identifier)
    share_zones(rows, zones)
    failed, endings = _failed(study), _endings(study)
    events, stopped = cut_events(study, protocol, rows)
    taken = records_of_all(rows, protocol)
    return c.Cut(
        study=study.identifier,
        name=name,
        demonstration=study.demonstration,
        protocol=c.ProtocolVersion(protocol.identifier, protocol.version, protocol.sha256),
        open_head=_head(study, "open"),
        sealed_head=_head(study, "sealed"),
        cut_at=_moment(at, installation_zone()),
        began_on=_day(study.activated_at, installation_zone()),
        sites=tuple(
            c.Site(site.code, site.name_en, site.name_zh)
            for site in Site.objects.filter(study=study.identifier)
        ),
        participants=tuple(
            _participant(
                row,
                failed.get(row.pk, ()),
                endings.get(row.pk, ()),
                taken_steps(protocol, row, taken.get(row.pk, ())),
                stopped.get(row.code),
            )
            for row in rows
        ),
        visits=tuple(_visits(study, codes)),
        entries=tuple(_entries(study, protocol)),
        queries=tuple(_queries(study, codes, zones)),
        deviations=tuple(_deviations(study, codes)),
        consents=tuple(_consents(study, codes, zones)),
        events=events,
        situations=tuple(situations(study, zones)),
        holds=tuple(open_holds(study)),
        kits=tuple(open_kits(study)),
        doses=tuple(
            dose for row in rows for dose, _whole in doses_of(protocol, row, taken.get(row.pk, ()))
        ),
        epochs=tuple(_epochs(rows, protocol, at)),
        judgements=tuple(judgements(study, codes, zones)),
        meetings=tuple(open_meetings(study)),
        attachments=tuple(attachments(study, restricted=False, zones=zones)),
        diaries=tuple(diary_marks(rows, protocol, at)),
    )


def _epochs(
    rows: Iterable[m.Participant], protocol: Protocol, at: datetime
) -> Iterable[people.EpochSpan]:
    """The epochs that participants have begun by the day of the cut."""
    for row in rows if protocol.epochs else ():
        today = day_of(at, zone_of(row))
        for span in epochs_of(row, protocol):
            if span.start is not None and span.start <= today:
                over = span.end is not None and span.end <= today
                end = _iso(span.end) if over else None
                yield people.EpochSpan(row.code, span.epoch.key, span.start.isoformat(), end)


def sealed_part(study: m.Study, protocol: Protocol, cut: c.Cut, cut_hash: str) -> c.SealedPart:
    """What only unmasked people may know: the arms, and the sealed values."""
    at = datetime.fromisoformat(cut.cut_at)
    arms = {arm.number: arm.key for arm in protocol.arms}
    members, decisions = sealed_cohorts(study, protocol, at)
    assignments = []
    allocated = list(allocation_list.arms_of_all(study))
    again = _again(study, protocol)
    share_zones((participant for participant, _arm in allocated), zones_of(study.identifier))
    taken = records_of_all([participant for participant, _arm in allocated], protocol)
    for participant, number in allocated:
        told = taken_steps(protocol, participant, taken.get(participant.pk, ()))
        arm = arms[number]
        assignments.append(
            c.Assignment(
                participant=participant.code,
                arm=arm,
                received=arm if told.given else None,
                treatment_reason=told.sealed_reason,
                steps=told.sealed,
                again=tuple(again[participant.pk]),
            )
        )
    entries = []
    rows = m.Entry.objects.filter(participant__study=study, sealed__isnull=False)
    for key, sealed, *place in rows.values_list("pk", "sealed", *_ENTRY):
        held = sealed_values.open_entry(study.identifier, key, sealed).values
        values = [filled.Value(item, each["text"], each["missing"]) for item, each in held.items()]
        entries.append(_entry(*place, values=values))
    return c.SealedPart(
        study=study.identifier,
        name=cut.name,
        cut_hash=cut_hash,
        assignments=tuple(assignments),
        entries=tuple(entries),
        holds=tuple(sealed_holds(study)),
        meetings=tuple(sealed_meetings(study)),
        attachments=tuple(attachments(study, restricted=True)),
        clocks=tuple(sealed_clocks(study, at)),
        kits=tuple(sealed_kits(study)),
        products=sealed_products(study, at),
        doses=tuple(
            whole
            for participant, _arm in allocated
            for _dose, whole in doses_of(protocol, participant, taken.get(participant.pk, ()))
            if whole is not None
        ),
        cohort_members=members,
        cohort_decisions=decisions,
    )


def _again(study: m.Study, protocol: Protocol) -> dict[UUID, list[c.Again]]:
    """The arm of each participant after each later allocation, in the order of the protocol."""
    arms = {arm.number: arm.key for arm in protocol.arms}
    order = [each.key for each in protocol.later_allocations]
    found: dict[UUID, list[c.Again]] = defaultdict(list)
    made = list(allocation_list.arms_again(study)) if order else []
    for participant, key, number in sorted(made, key=lambda each: order.index(each[1])):
        found[participant.pk].append(c.Again(key, arms[number]))
    return found


def _head(study: m.Study, chain: str) -> c.Head:
    head = journal.head(study.identifier, chain)
    return c.Head(head.seq, head.hash.hex())


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(timespec="minutes")


def _day(at: datetime, zone: ZoneInfo) -> str:
    return day_of(at, zone).isoformat()


_MILESTONES = (
    (people.SCREENED, "screened_at"),
    (people.CONSENTED, "consented_at"),
    (people.ELIGIBLE, "eligible_at"),
    (people.RANDOMISED, "randomised_at"),
)


def _milestones(row: m.Participant) -> Iterable[people.Step]:
    """The moments of every trial that a participant has reached."""
    for name, column in _MILESTONES:
        at = getattr(row, column)
        if at is not None:
            yield people.Step(name, _moment(at, zone_of(row)))
    for key, at in allocated_again(row).items():
        yield people.Step(f"allocation {key}", _moment(at, zone_of(row)))


def _participant(
    row: m.Participant,
    failed: Sequence[str],
    endings: Sequence[people.Ending],
    taken: TakenSteps,
    stopped: str | None,
) -> people.Participant:
    known = [people.Step(people.STOPPING_EVENT, stopped)] if stopped is not None else []
    return people.Participant(
        code=row.code,
        site=row.site,
        screening_number=row.code,
        kind=row.kind or "",
        linked_to=row.linked_to.code if row.linked_to else "",
        arm_of=row.arm_of.code if row.arm_of else "",
        group=row.group or "",
        state=row.state,
        steps=(*_milestones(row), *taken.open, *known),
        exclusion=_exclusion(row, failed),
        treatment=taken.treatment,
        endings=tuple(endings),
    )


def _exclusion(row: m.Participant, failed: Sequence[str]) -> people.Exclusion | None:
    if row.state != m.State.SCREEN_FAILED:
        return None
    kind = "ineligible" if failed else ("other" if row.consented_at else "declined")
    return people.Exclusion(
        kind, _day(row.screened_at, zone_of(row)), tuple(failed), row.screen_failure_reason
    )


def _failed(study: m.Study) -> dict[UUID, list[str]]:
    """The criteria that each participant failed."""
    answers = m.CriterionAnswer.objects.filter(participant__study=study, answer="fail")
    found: dict[UUID, list[str]] = defaultdict(list)
    for participant, criterion in answers.values_list("participant_id", "criterion"):
        found[participant].append(criterion)
    return found


def _endings(study: m.Study) -> dict[UUID, list[people.Ending]]:
    """How the participation of each ended, wholly or in part."""
    found: dict[UUID, list[people.Ending]] = defaultdict(list)
    for row in m.Ending.objects.filter(participant__study=study):
        ending = people.Ending(row.kind, row.on.isoformat(), tuple(row.stops), row.reason)
        found[row.participant_id].append(ending)
    return found


def _visits(study: m.Study, codes: Mapping[UUID, str]) -> Iterable[filled.Visit]:
    """All visits."""
    rows = m.VisitRecord.objects.filter(participant__study=study)
    for participant, visit, status, target, opens, closes, actual in rows.values_list(
        "participant_id", "visit", "status", "target", "opens", "closes", "actual"
    ).iterator(_AT_ONCE):
        window = (_iso(target), _iso(opens), _iso(closes))
        key, occurrence = occurrence_of(visit)
        yield filled.Visit(codes[participant], key, status, *window, _iso(actual), occurrence)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


_ENTRY = ("participant__code", "visit", "form", "repeat", "status", "protocol_version__version")


def _entries(study: m.Study, protocol: Protocol) -> Iterable[filled.Entry]:
    """Entries with their open values."""
    unmasking = {form.key for form in protocol.forms if form.unmasking}
    valid = m.Signature.objects.filter(participant__study=study, void_at=None)
    signed = set(valid.exclude(entry=None).values_list("entry", flat=True))
    held: dict[UUID, list[filled.Value]] = defaultdict(list)
    values = m.Value.objects.filter(entry__participant__study=study)
    columns = values.values_list("entry_id", "item", "text", "missing")
    for key, item, text, missing in columns.iterator(_AT_ONCE):
        held[key].append(filled.Value(item, text, missing))
    entries = m.Entry.objects.filter(participant__study=study).exclude(form__in=unmasking)
    for key, *place in entries.values_list("pk", *_ENTRY).iterator(_AT_ONCE):
        yield _entry(*place, values=held.pop(key, ()), signed=key in signed)


def _entry(
    participant: str, visit: str, form: str, repeat: int, status: str, version: str,
    *, values: Sequence[filled.Value], signed: bool = False,
) -> filled.Entry:  # fmt: skip
    status = "complete" if status == EntryStatus.COMPLETE else "draft"
    key, occurrence = occurrence_of(visit)
    place = (participant, key, form, repeat)
    return filled.Entry(*place, status, signed, version, tuple(values), occurrence)


def _queries(study: m.Study, codes: Mapping[UUID, str], zones: Zones) -> Iterable[filled.Query]:
    """All queries; none is about what could reveal an arm."""
    rows = m.Query.objects.filter(study=study).select_related("entry__participant")
    for row in rows.order_by("number"):
        zone = zones.at(row.entry.participant.site)
        yield filled.Query(
            number=row.number,
            participant=codes[row.entry.participant_id],
            visit=occurrence_of(row.entry.visit)[0],
            occurrence=occurrence_of(row.entry.visit)[1],
            form=row.entry.form,
            repeat=row.entry.repeat,
            item=row.item,
            status=row.status,
            opened_on=_day(row.opened_at, zone),
            closed_on=_day(row.closed_at, zone) if row.closed_at else None,
            text=row.text,
        )


def _deviations(study: m.Study, codes: Mapping[UUID, str]) -> Iterable[c.Deviation]:
    """All protocol deviations, with what was said of them."""
    for row in m.Deviation.objects.filter(study=study).iterator(_AT_ONCE):
        yield c.Deviation(
            participant=codes[row.participant_id],
            on=row.on.isoformat(),
            kind=row.kind,
            description=row.description,
            subject=row.subject,
            cause=row.cause,
            classification=row.classification or "",
            done=row.done or "",
        )
    yield from _unrecorded_windows(study, codes)


def _consents(
    study: m.Study, codes: Mapping[UUID, str], zones: Zones
) -> Iterable[people.ConsentPart]:
    """The parts of all consents, with who gave and explained them and what was withdrawn since; a
    waiver is a row without a part."""
    rows = m.Consent.objects.filter(participant__study=study).select_related("participant")
    rows = rows.prefetch_related("withdrawals")
    names = dict(Person.objects.values_list("pk", "name"))
    for row in rows:
        zone = zones.at(row.participant.site)
        withdrawn = {each.part: each for each in row.withdrawals.all()}
        for part, agreed in row.parts.items() or (("", False),):
            left = withdrawn.get(part)
            yield people.ConsentPart(
                participant=codes[row.participant_id],
                given_at=_moment(row.given_at, zone),
                version=row.version,
                language=row.language,
                explained_by=names.get(row.explained_by, ""),
                part=part,
                agreed=agreed,
                withdrawn_on=left.on.isoformat() if left else None,
                reason=left.reason if left else "",
                given_by=row.instead or "participant",
                assent="" if row.assent is None else ("yes" if row.assent else "no"),
            )


def _unrecorded_windows(study: m.Study, codes: Mapping[UUID, str]) -> Iterable[c.Deviation]:
    """Visits outside their window that were recorded before deviations had a record."""
    noted = m.Deviation.objects.filter(
        kind="visit_window", participant=OuterRef("participant"), subject=OuterRef("visit")
    )
    outside = m.VisitRecord.objects.filter(
        ~Exists(noted) & (Q(actual__lt=F("opens")) | Q(actual__gt=F("closes"))),
        participant__study=study,
    )
    for row in outside:
        assert row.actual is not None  # noqa: S101 - it was compared
        on = row.actual.isoformat()
        yield c.Deviation(codes[row.participant_id], on, "visit_window", row.reason, row.visit)
