"""The grades that the criteria of the protocol propose for stored results.

A form is graded by the version of the protocol that it was entered under, each result by the range
of its own report. The baseline is the participant's at the visit that the protocol names; it, and
what was measured on a day before it, are graded by their range alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from trialwright.conduct.acting import protocol_of
from trialwright.conduct.laboratory.graded import grading_under
from trialwright.conduct.laboratory.reference_ranges import Limits, limits_of, sampled_on
from trialwright.conduct.models import BoundRange, Entry, Value, VisitRecord
from trialwright.conduct.sealed_values import Stored, open_entry
from trialwright.conduct.tables import version_of
from trialwright.protocol.forms import Form
from trialwright.safety.laboratory import Graded
from trialwright.safety.laboratory_grading import (
    LaboratoryGrading,
    Measured,
    propose,
)

Pair = tuple[Decimal | None, Decimal | None]


@dataclass(frozen=True, slots=True)
class _Sample:
    """A form of results as it is stored: the day of its sample, and each with its limits."""

    day: date | None
    results: Mapping[str, Measured]


def proposed_grades(
    entries: Sequence[Entry], *, restricted: bool = False
) -> dict[UUID, dict[str, Graded]]:
    """The grade of each result of these forms, by the form's key and the item.

    Args:
        restricted: whether what could reveal an arm is graded too, for who may see it.
    """
    rules = {each.pk: grading_under(each.protocol_version_id) for each in entries}
    graded = [each for each in entries if _grades(rules[each.pk], each)]
    if not graded:
        return {}
    record = _load(graded, rules, restricted)
    found: dict[UUID, dict[str, Graded]] = {}
    for entry in graded:
        known = rules[entry.pk]
        assert known is not None  # noqa: S101 - `graded` has only these
        found[entry.pk] = _of_form(entry, known, record)
    return found


def _grades(rules: LaboratoryGrading | None, entry: Entry) -> bool:
    return rules is not None and entry.form in rules.forms


@dataclass(slots=True)
class _Record:
    samples: dict[UUID, _Sample]
    baselines: dict[tuple[UUID, str, str], Entry]
    """The form of the baseline, by participant, visit and form."""
    came: frozenset[tuple[UUID, str]]
    """Which visits took place, by participant."""


def _load(
    graded: list[Entry], rules: Mapping[UUID, LaboratoryGrading | None], restricted: bool
) -> _Record:
    people = {each.participant_id for each in graded}
    visits = {known.baseline for known in rules.values() if known is not None and known.baseline}
    forms = {each.form for each in graded}
    first = list(
        Entry.objects.filter(
            participant__in=people, visit__in=visits, form__in=forms, repeat=1
        ).select_related("participant")
        if visits
        else ()
    )
    every = {each.pk: each for each in (*first, *graded)}
    values: dict[UUID, Stored] = {key: {} for key in every}
    rows = Value.objects.filter(entry__in=every)
    for key, item, text, missing in rows.values_list("entry_id", "item", "text", "missing"):
        values[key][item] = {"text": text, "missing": missing}
    limits: dict[UUID, dict[str, Pair]] = {key: {} for key in every}
    for row in BoundRange.objects.filter(entry__in=every).select_related("range"):
        limits[row.entry_id][row.item] = limits_of(row.range)
    came = VisitRecord.objects.filter(participant__in=people, actual__isnull=False)
    days = {(who, visit): day for who, visit, day in
            came.values_list("participant_id", "visit", "actual")}  # fmt: skip
    samples = {}
    for key, entry in every.items():
        held = values[key]
        if restricted and entry.sealed:
            held |= open_entry(entry.participant.study_id, entry.pk, entry.sealed).values
        day = days.get((entry.participant_id, entry.visit))
        samples[key] = _sample(entry, held, limits[key], day, restricted)
    return _Record(
        samples,
        {(each.participant_id, each.visit, each.form): each for each in first},
        frozenset(days),
    )


def _sample(
    entry: Entry, held: Stored, limits: Limits, day: date | None, restricted: bool
) -> _Sample:
    form: Form = protocol_of(version_of(entry.protocol_version_id)).form(entry.form)
    kept_back = frozenset() if restricted else form.unmasking_items
    form = form.with_limits(limits)
    results = {}
    for item in form.items:
        text = (held.get(item.key) or {}).get("text")
        if text and item.key not in kept_back:
            results[item.key] = Measured(text, item.normal_low, item.normal_high)
    return _Sample(sampled_on(form, held, day), results)


def _of_form(entry: Entry, rules: LaboratoryGrading, record: _Record) -> dict[str, Graded]:
    form = protocol_of(version_of(entry.protocol_version_id)).form(entry.form)
    sample = record.samples[entry.pk]
    first = record.baselines.get((entry.participant_id, rules.baseline, entry.form))
    baseline = record.samples[first.pk] if first is not None else None
    if first is not None and first.pk == entry.pk:
        later = False
    elif baseline is not None:
        # Of a sample whose day isn't known it can't be said that it came before.
        earlier = sample.day and baseline.day and sample.day < baseline.day
        later = not earlier
    else:
        later = (entry.participant_id, rules.baseline) in record.came
    return {
        key: propose(
            rules,
            test,
            form.item(key).unit or "",
            measured,
            baseline.results.get(key) if baseline is not None else None,
            later=later,
        )
        for key, measured in sample.results.items()
        if (test := rules.test_of(entry.form, key))
    }
