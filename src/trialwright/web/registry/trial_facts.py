"""The facts of a trial by which it is held against others, each as one cell of a table."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from trialwright.registry.record.record import Record
from trialwright.web.components import Cell
from trialwright.web.registry.words import (
    RECORD_LANGUAGE,
    age_text,
    cell,
    codes_text,
    date_text,
    enrolment_text,
    status,
    unsaid,
)
from trialwright.web.sentences import listed

_MOST_LISTED = 6


def summary_facts(record: Record) -> Sequence[tuple[str, Cell]]:
    """Return the names and cells of a trial's facts, the same names in the same order for all."""
    who, design = record.eligibility, record.design
    low, high = who.minimum_age.value, who.maximum_age.value
    ages = f"{age_text(low) if low else '…'} – {age_text(high) if high else '…'}"
    countries = dict.fromkeys(p.country.value for p in record.locations if p.country.value)
    return [
        (_("Register"), Cell(record.register.value, lang="en")),
        (_("Status as registered"), Cell(status(record.status))),
        (_("Study type"), cell(record.study_type, "study_type")),
        (_("Phase"), Cell(codes_text("phase", record.phases), unsaid=unsaid(record.phases.given))),
        (_("Conditions"), _several([one.value for one in record.conditions])),
        (_("Interventions"), _several([one.name.value for one in record.interventions])),
        (_("Allocation"), cell(design.allocation, "allocation")),
        (_("Masking"), cell(design.masking, "masking")),
        (_("Number of participants"),
         Cell(enrolment_text(record.enrolment), unsaid=unsaid(record.enrolment.count.given))),
        (_("Sex"), cell(who.sex, "sex")),
        (_("Ages"), Cell(ages if low or high else "", unsaid=unsaid(who.minimum_age.given))),
        (_("Primary outcomes"), _several([one.measure.value for one in record.primary_outcomes])),
        (_("Start"), Cell(date_text(record.start), unsaid=unsaid(record.start.date.given))),
        (_("Completion"),
         Cell(date_text(record.completion), unsaid=unsaid(record.completion.date.given))),
        (_("Source (lead sponsor)"), cell(record.sponsor.name)),
        (_("Countries"), _several(list(countries))),
        (_("Results posted"), Cell(_("Yes") if record.has_results.value else _("No"))),
    ]  # fmt: skip


def _several(names: Sequence[str | None]) -> Cell:
    known = [name for name in names if name]
    more = len(known) - _MOST_LISTED
    text = listed(known[:_MOST_LISTED])
    if more > 0:
        text = _("{names} and {count} more").format(names=text, count=more)
    return Cell(text, unsaid=_("Not provided in the record"), lang=RECORD_LANGUAGE)
