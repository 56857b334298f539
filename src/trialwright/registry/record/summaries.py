"""The short facts of a trial: what the index keeps for lists, see also and freshness."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from trialwright.registry.record.dates import PartialDate
from trialwright.registry.record.parts import Intervention, Location
from trialwright.registry.record.record import Record
from trialwright.registry.record.register_numbers import numbers_elsewhere
from trialwright.registry.record.values import Given, Several, Value


def stated(values: Iterable[Value[str]]) -> list[str]:
    """Return the texts that are stated."""
    return [value.value for value in values if value.value]


def codes_of_phases(phases: Several[Value[str]]) -> list[str]:
    """Return phases as codes; "N/A" as the register's own "NA", and nothing for nothing."""
    return ["NA"] if phases.given.value == "N/A" else stated(phases)


def updated(record: Record) -> Value[PartialDate]:
    """Return the date of a record's version: of its last submission, else of its last posting."""
    submitted = record.last_update_submitted
    return submitted if submitted.value else record.last_update_posted.date


def _phase(record: Record) -> list[str] | None:
    """Codes of phases: none for a place left blank, None where there is no such place."""
    codes = codes_of_phases(record.phases)
    return codes if codes or record.phases.given is Given.BLANK else None


def short_facts(record: Record, headings: Sequence[str] = ()) -> dict[str, Any]:
    """Return the short facts of a trial, as plain values; what isn't stated is None.

    Args:
        record: the trial.
        headings: its MeSH headings, as the index has them.
    """

    def date(value: Value[PartialDate]) -> str | None:
        return None if value.value is None else str(value.value)

    return {
        "nct": record.number,
        "register": str(record.register),
        "title": record.title.value or record.official_title.value,
        "status": record.status.value,
        "last_known_status": record.last_known_status.value,
        "phase": _phase(record),
        "type": record.study_type.value,
        "conditions": [item.value for item in record.conditions.items[:5] if item.value],
        "interventions": [Intervention.name.of(item) for item in record.interventions.items[:5]],
        "intervention_types": sorted(
            {kind for item in record.interventions if (kind := Intervention.type.of(item))}
        ),
        "mesh": list(headings),
        "sex": record.eligibility.sex.value,
        "ages": [
            None if limit.value is None else int(limit.value.years)
            for limit in (record.eligibility.minimum_age, record.eligibility.maximum_age)
        ],
        "sponsor": record.sponsor.name.value,
        "sponsor_class": record.sponsor.sponsor_class.value,
        "countries": sorted(
            {country for place in record.locations if (country := Location.country.of(place))}
        ),
        "enrolment": record.enrolment.count.value,
        "start": date(record.start.date),
        "primary_completion": date(record.primary_completion.date),
        "completion": date(record.completion.date),
        "completion_type": record.completion.type.value,
        "verified": date(record.verified),
        "updated": date(updated(record)),
        "results": record.has_results.value,
        "elsewhere": numbers_elsewhere(record),
    }
