"""What a file of laboratory results would change: each result new, equal, different or refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from trialwright.accounts.policy import Act, Actor, may, role_to_import
from trialwright.accounts.reads import names_of
from trialwright.conduct.acting import protocol_for, protocol_of
from trialwright.conduct.clock import day_of, zones_of
from trialwright.conduct.laboratory.result_files import ResultLine
from trialwright.conduct.laboratory.result_mappings import ResultMap, read_mapping
from trialwright.conduct.locks import place_of, require_unlocked
from trialwright.conduct.models import (
    Entry,
    ImportedValue,
    Participant,
    ResultFile,
    ResultMapping,
    Study,
    Value,
    VisitRecord,
)
from trialwright.conduct.participants.completing import say
from trialwright.conduct.participants.states import closed_because
from trialwright.conduct.reads.participants import study_and_protocol, visible
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.conduct.tables import version_of
from trialwright.protocol.answers import Refusal, read_value
from trialwright.protocol.basics import UnknownKeyError
from trialwright.protocol.forms import Form, Item
from trialwright.protocol.model import Protocol
from trialwright.protocol.values import canonical
from trialwright.safety.units import spelled


class Found(StrEnum):
    """What a result of a file is beside what is stored."""

    NEW = "new"
    EQUAL = "equal"
    DIFFERENT = "different"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ResultFound:
    """One result: where it goes, what stands there now (`held`), and why it is refused."""

    line: ResultLine
    found: Found
    visit: str = ""
    form: str = ""
    item: str = ""
    held: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class FormResults:
    """The results of a file for one form of a participant, as it stands at `revision`; `sampled`
    is the day that the file gives for the sample, where the form asks for it and it isn't there."""

    code: str
    visit: str
    form: str
    revision: int
    results: tuple[ResultFound, ...]
    sampled: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file that came: its number, name and hash, how it was read, by whom and when, and how many
    values were entered from it."""

    number: int
    file_name: str
    sha256: str
    mapping: str
    version: int
    at: datetime
    by: str
    role: str
    results: int
    entered: int


@dataclass(frozen=True, slots=True)
class MappingLine:
    """A version of a mapping."""

    name: str
    version: int
    newest: bool
    text: str
    at: datetime
    by: str
    role: str


@dataclass(frozen=True, slots=True)
class Preview:
    """A file beside what is stored now: forms with results, and results that go nowhere."""

    file: FileLine
    forms: tuple[FormResults, ...]
    astray: tuple[ResultFound, ...]

    @property
    def results(self) -> list[ResultFound]:
        """All results in the order of the file."""
        found = [each for form in self.forms for each in form.results] + list(self.astray)
        return sorted(found, key=lambda each: (each.line.row, each.line.test))

    @property
    def counts(self) -> dict[Found, int]:
        """How many results of each kind."""
        counts = dict.fromkeys(Found, 0)
        for each in self.results:
            counts[each.found] += 1
        return counts


def require_keeper(by: Actor) -> tuple[Study, Protocol]:
    """The study, for who keeps laboratory data."""
    study, protocol = study_and_protocol(by)
    if not may(by, Act.KEEP_LABORATORY) or not may(by, Act.SEE_PARTICIPANTS):
        raise NotFound
    return study, protocol


def mappings(by: Actor) -> list[MappingLine]:
    """All versions of all mappings, by name, the newest first."""
    require_keeper(by)
    rows = list(ResultMapping.objects.filter(study=by.study).order_by("name", "-version"))
    names = names_of({str(row.recorded_by) for row in rows})
    found: list[MappingLine] = []
    for row in rows:
        newest = not found or found[-1].name != row.name
        who = names.get(str(row.recorded_by), "")
        found.append(
            MappingLine(
                row.name, row.version, newest, row.text, row.recorded_at, who, row.role
            )
        )  # fmt: skip
    return found


def result_files(by: Actor) -> list[FileLine]:
    """The files that came, the newest first."""
    require_keeper(by)
    rows = ResultFile.objects.filter(study=by.study).select_related("mapping")
    rows = rows.order_by("-number")
    entered: dict[UUID, int] = {}
    for key in ImportedValue.objects.filter(file__in=rows).values_list("file_id", flat=True):
        entered[key] = entered.get(key, 0) + 1
    names = names_of({str(row.uploaded_by) for row in rows})
    return [_line(row, names, entered.get(row.pk, 0)) for row in rows]


def _line(row: ResultFile, names: Mapping[str, str], entered: int) -> FileLine:
    who = names.get(str(row.uploaded_by), "")
    return FileLine(
        row.number, row.file_name, row.sha256, row.mapping.name, row.mapping.version,
        row.uploaded_at, who, row.role, len(row.lines), entered,
    )  # fmt: skip


def preview(by: Actor, number: int) -> Preview:
    """A file's results beside what is stored now; it writes nothing.

    However many results there are, it costs the same few statements.
    """
    study, protocol = require_keeper(by)
    row = ResultFile.objects.filter(study=study, number=number).select_related("mapping").first()
    if row is None:
        raise NotFound
    lines = [ResultLine(*each) for each in row.lines]
    names = names_of({str(row.uploaded_by)})
    told = _line(row, names, ImportedValue.objects.filter(file=row).count())
    reading, _problems = read_mapping(protocol, row.mapping.text)
    beside = _Beside(by, study, lines)
    forms, astray = beside.judged(reading, lines)
    return Preview(told, tuple(forms), tuple(astray))


class _Beside:
    """What is stored of the participants that a file names, each kind in one statement."""

    def __init__(self, by: Actor, study: Study, lines: list[ResultLine]) -> None:
        self.by, self.study, self.zones = by, study, zones_of(study.identifier)
        codes = {line.participant for line in lines}
        rows = list(visible(by).filter(code__in=codes))
        self.people: dict[str, Participant] = {row.code: row for row in rows}
        for row in rows:
            row.study = study
        forms = {line.place.partition(".")[0] for line in lines}
        entries = list(Entry.objects.filter(participant__in=rows, form__in=forms, repeat=1))
        self.entries = {(e.participant_id, e.visit, e.form): e for e in entries}
        self.values: dict[UUID, dict[str, tuple[str | None, str | None]]] = {}
        for entry, item, text, missing in Value.objects.filter(entry__in=entries).values_list(
            "entry_id", "item", "text", "missing"
        ):
            self.values.setdefault(entry, {})[item] = (text, missing)
        self.came: dict[UUID, dict[str, date]] = {}
        came = VisitRecord.objects.filter(participant__in=rows, actual__isnull=False)
        for who, visit, day in came.values_list("participant_id", "visit", "actual"):
            if day is not None:
                self.came.setdefault(who, {})[visit] = day
        self.closed: dict[tuple[UUID, str, str], str] = {}

    def judged(
        self, reading: ResultMap, lines: list[ResultLine]
    ) -> tuple[list[FormResults], list[ResultFound]]:
        """The results by form, and those that go nowhere."""
        astray: list[ResultFound] = []
        by_form: dict[tuple[str, str, str], list[ResultLine]] = {}
        for line in lines:
            visit, why = self._place(reading, line)
            if why:
                astray.append(ResultFound(line, Found.REFUSED, why=why))
            else:
                key = (line.participant, visit, line.place.partition(".")[0])
                by_form.setdefault(key, []).append(line)
        return [self._form(*key, own) for key, own in by_form.items()], astray

    def _place(self, reading: ResultMap, line: ResultLine) -> tuple[str, str]:
        """The visit that a result belongs to, or why it goes nowhere."""
        if not line.place:
            return "", _("The mapping doesn't name the test “{test}”.").format(test=line.test)
        participant = self.people.get(line.participant)
        if participant is None:
            return "", _("There is no participant {code} in this study for you.").format(
                code=line.participant or "–"
            )
        assert self.study.version is not None  # noqa: S101 - `study_and_protocol` has asked
        protocol = protocol_for(participant, self.study.version)
        form, _dot, item = line.place.partition(".")
        try:
            protocol.form(form).item(item)
        except UnknownKeyError:
            words = _("The version of the protocol that {code} is under has no {place}.")
            return "", words.format(code=line.participant, place=line.place)
        if line.visit:
            name = reading.visits.get(line.visit, line.visit)
            if _has(protocol, name, form):
                return name, ""
            return "", _("The protocol has no visit “{visit}” with this form.").format(
                visit=line.visit
            )
        days = self.came.get(participant.pk, {})
        found = [
            name
            for name, day in days.items()
            if day.isoformat() == line.sampled[:10] and _has(protocol, name, form)
        ]
        if len(found) == 1:
            return found[0], ""
        words = _("No visit with this form took place on {day}.") if not found else _(
            "Several visits with this form took place on {day}; name the visit in the file."
        )  # fmt: skip
        return "", words.format(day=line.sampled or "–")

    def _form(self, code: str, visit: str, form_key: str, lines: list[ResultLine]) -> FormResults:
        participant = self.people[code]
        entry = self.entries.get((participant.pk, visit, form_key))
        assert self.study.version is not None  # noqa: S101 - `study_and_protocol` has asked
        protocol = protocol_for(participant, self.study.version)
        if entry is not None:
            protocol = protocol_of(version_of(entry.protocol_version_id))
        form = protocol.form(form_key)
        held = self.values.get(entry.pk, {}) if entry else {}
        closed = self._closed(participant, protocol, visit, form, entry)
        today = day_of(timezone.now(), self.zones.at(participant.site))
        results = []
        by_item = sorted(lines, key=lambda each: each.place)
        for place, same in groupby(by_item, key=lambda each: each.place):
            item = form.item(place.partition(".")[2])
            own = list(same)
            differing = len({each.value for each in own}) > 1
            for line in own:
                at = (visit, form_key, item.key)
                if closed:
                    results.append(ResultFound(line, Found.REFUSED, *at, why=closed))
                elif differing:
                    words = _("The file has two values for this test of one visit.")
                    results.append(ResultFound(line, Found.REFUSED, *at, why=words))
                else:
                    results.append(_judged(line, at, item, held.get(item.key), today))
        sampled = _sampled(form, held, lines)
        return FormResults(
            code, visit, form_key, entry.revision if entry else 0, tuple(results), sampled
        )

    def _closed(
        self, participant: Participant, protocol: Protocol, visit: str, form: Form,
        entry: Entry | None,
    ) -> str:  # fmt: skip
        """Why nothing of a form can be brought in; "" where it can."""
        if role_to_import(self.by, form, site=participant.site, knows_arm=False) is None:
            return _("This form isn't yours to fill in from a file.")
        came = visit in self.came.get(participant.pk, {})
        closed = closed_because(
            participant, protocol.visit(visit), came=came, begun=entry is not None
        )
        if closed is not None:
            return str(closed)
        if self.study.locks_held:
            try:
                place = place_of(participant, visit, form.key)
                require_unlocked(self.study, "import_results", place)
            except ActionRefused as error:
                return str(error.problems[0].sentence)
        return ""


def _has(protocol: Protocol, visit: str, form: str) -> bool:
    try:
        return form in protocol.visit(visit).forms
    except UnknownKeyError:
        return False


def _judged(
    line: ResultLine,
    at: tuple[str, str, str],
    item: Item,
    held: tuple[str | None, str | None] | None,
    today: date,
) -> ResultFound:
    if line.unit and spelled(line.unit) != spelled(item.unit or ""):
        words = _("The unit is {unit}, and the form asks for {asked}. Nothing is converted.")
        told = words.format(unit=line.unit, asked=item.unit or "–")
        return ResultFound(line, Found.REFUSED, *at, why=told)
    value = read_value(item, line.value, today=today)
    if isinstance(value, Refusal):
        return ResultFound(line, Found.REFUSED, *at, why=say(value.message))
    if held is None:
        return ResultFound(line, Found.NEW, *at)
    text, missing = held
    found = Found.EQUAL if canonical(value) == text else Found.DIFFERENT
    return ResultFound(line, found, *at, held=text if text is not None else missing or "")


def _sampled(
    form: Form, held: Mapping[str, tuple[str | None, str | None]], lines: list[ResultLine]
) -> dict[str, str]:
    """The day of the sample as the file has it, where the form asks for it and it isn't there."""
    days = {line.sampled[:10] for line in lines if line.sampled}
    if form.sampled is None or form.sampled in held or len(days) != 1:
        return {}
    return {form.sampled: days.pop()}
