"""Reference ranges as people read them: the lists of each laboratory, and what a form goes by."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from trialwright.accounts.models import Site
from trialwright.accounts.policy import Act, Actor, may
from trialwright.accounts.reads import names_of
from trialwright.conduct.laboratory.reference_ranges import (
    in_force,
    limits_of,
    newest_lists,
    results_in,
    sampled_on,
    traits_of,
)
from trialwright.conduct.models import BoundRange, Entry, Participant, RangeList, VisitRecord
from trialwright.conduct.reads.participants import study_and_protocol
from trialwright.conduct.refusals import NotFound
from trialwright.conduct.sealed_values import Stored
from trialwright.conduct.tables import row_of
from trialwright.protocol.forms import Form

Pair = tuple[Decimal | None, Decimal | None]


@dataclass(frozen=True, slots=True)
class RangeLine:
    """One range of a list, as its file has it."""

    test: str
    unit: str
    sex: str
    age_from: int | None
    age_below: int | None
    low: str
    high: str
    first_day: date
    last_day: date | None


@dataclass(frozen=True, slots=True)
class KeptList:
    """One version of a laboratory's list; `sites` is empty where it serves all."""

    laboratory: str
    version: int
    newest: bool
    sites: tuple[str, ...]
    file_name: str
    sha256: str
    at: datetime
    by: str
    role: str


@dataclass(frozen=True, slots=True)
class Laboratories:
    """All versions of all lists, the newest of each laboratory first; `sites` of the study."""

    lists: tuple[KeptList, ...]
    sites: tuple[str, ...]
    keeps: bool


def laboratories(by: Actor) -> Laboratories:
    """The lists, for who sees participants or keeps ranges."""
    _require(by)
    newest = {each.pk for each in newest_lists(by.study)}
    rows = list(RangeList.objects.filter(study=by.study).order_by("laboratory", "-version"))
    names = names_of({str(row.recorded_by) for row in rows})
    sites = Site.objects.filter(study=by.study).order_by("code").values_list("code", flat=True)
    return Laboratories(
        tuple(_kept(row, names, newest=row.pk in newest) for row in rows),
        tuple(sites),
        may(by, Act.KEEP_LABORATORY),
    )


def ranges_of(by: Actor, laboratory: str, version: int) -> tuple[KeptList, tuple[RangeLine, ...]]:
    """One version of a laboratory's list, with its ranges in the order of the file."""
    _require(by)
    row = RangeList.objects.filter(study=by.study, laboratory=laboratory, version=version).first()
    if row is None:
        raise NotFound
    newest = {each.pk for each in newest_lists(by.study)}
    lines = tuple(
        RangeLine(
            each.test, each.unit, each.sex, each.age_from, each.age_below, each.low, each.high,
            each.first_day, each.last_day,
        )
        for each in row.ranges.order_by("row")
    )  # fmt: skip
    return _kept(row, names_of({str(row.recorded_by)}), newest=row.pk in newest), lines


def _require(by: Actor) -> None:
    study_and_protocol(by)
    if not (may(by, Act.SEE_PARTICIPANTS) or may(by, Act.KEEP_LABORATORY)):
        raise NotFound


def _kept(row: RangeList, names: Mapping[str, str], *, newest: bool) -> KeptList:
    person = str(row.recorded_by)
    return KeptList(
        row.laboratory,
        row.version,
        newest,
        tuple(row.sites.split(",")) if row.sites else (),
        row.file_name,
        row.sha256,
        row.recorded_at,
        names.get(person, person),
        row.role,
    )


@dataclass(frozen=True, slots=True)
class FormRange:
    """The range that a result on a form goes by: of which laboratory and version, in force when."""

    limits: Pair
    laboratory: str
    version: int
    sampled_on: date | None


def ranges_on_form(
    participant: Participant, visit: str, form: Form, entry: Entry | None, stored: Stored
) -> dict[str, FormRange]:
    """By item: what is bound to each result and, of one not there yet, what would be today.

    Empty in a study where no laboratory's ranges are kept.
    """
    if not participant.study.laboratories:
        return {}
    items = results_in(form)
    found = bound_ranges([entry]).get(str(entry.pk), {}) if entry else {}
    missing = [item for item in items if item.key not in found]
    if not missing or not items:
        return found
    record = row_of(VisitRecord, participant_id=participant.pk, visit=visit)
    came = record.actual if record else None
    # Before the day of the sample is entered, that of the visit is the best guess.
    day = sampled_on(form, stored, came) or came
    if day is None:
        return found
    ranges = in_force(participant.study_id)
    traits = traits_of(participant.study, [participant])[participant.pk]
    for item in missing:
        row = ranges.find(participant.site, item, traits, day)
        if row is not None and item.key not in stored:
            kept = next(each for each, _ranges in ranges.lists if each.pk == row.list_id)
            found[item.key] = FormRange(limits_of(row), kept.laboratory, kept.version, day)
    return found


def bound_ranges(entries: Iterable[Entry]) -> dict[str, dict[str, FormRange]]:
    """What is bound to the results of these forms, by the form's key and the item."""
    found: dict[str, dict[str, FormRange]] = {}
    rows = BoundRange.objects.filter(entry__in=list(entries))
    for row in rows.select_related("range__list"):
        kept = row.range.list
        found.setdefault(str(row.entry_id), {})[row.item] = FormRange(
            limits_of(row.range), kept.laboratory, kept.version, row.sampled_on
        )
    return found


def limited(form: Form, ranges: Mapping[str, FormRange]) -> Form:
    """The form with the limits that its results go by."""
    return form.with_limits({key: each.limits for key, each in ranges.items()})


def form_of_entry(entry: Entry, form: Form) -> Form:
    """The form of an entry with the limits bound to its results."""
    if not entry.participant.study.laboratories:
        return form
    return limited(form, bound_ranges([entry]).get(str(entry.pk), {}))
