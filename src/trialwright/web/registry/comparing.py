"""Trials side by side: those one chose, and the registrations of one trial in several registers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from trialwright.registry.record.record import Record
from trialwright.registry.related.linked import Difference, differences
from trialwright.web.components import Cell, Column, Link, Status, Table
from trialwright.web.registry.active_library import active_library
from trialwright.web.registry.trial_facts import summary_facts
from trialwright.web.registry.words import RECORD_LANGUAGE, code_words

_FEWEST, _MOST = 2, 5
_NUMBER = re.compile(r"[\s,;]+")


@require_safe
def compare_page(request: HttpRequest) -> HttpResponse:
    """Show two to five trials side by side; their numbers stand in the address."""
    from trialwright.web.registry.trial import record_or_404

    asked = " ".join(request.GET.getlist("n"))
    numbers = list(dict.fromkeys(filter(None, _NUMBER.split(asked))))[:_MOST]
    library = active_library().library
    records, unknown = [], []
    for number in numbers:
        try:
            records.append(record_or_404(library, number))
        except Http404:
            unknown.append(number)
    context = {
        "heading": _("Trials side by side"),
        "crumbs": [Link(_("Registered trials"), "/trials")],
        "asked": " ".join(numbers),
        "unknown": unknown,
        "enough": len(records) >= _FEWEST,
        "table": side_by_side(records) if len(records) >= _FEWEST else None,
    }
    return render(request, "web/registry/compare.html", context)


def side_by_side(records: Sequence[Record]) -> Table:
    """Return the facts of trials as rows, one column for each."""
    columns = [Column(_("Fact")), *(Column(record.number) for record in records)]
    per_trial = [summary_facts(record) for record in records]
    rows = []
    for place, (name, _first) in enumerate(per_trial[0]):
        cells = [facts[place][1] for facts in per_trial]
        rows.append([Cell(name), *cells])
    title = [Cell(record.title.value or record.number, f"/trials/{record.number}", lang="en")
             for record in records]  # fmt: skip
    return Table(_("Trials side by side"), columns, [[Cell(_("Title")), *title], *rows],
                 captioned=False)  # fmt: skip


def registrations_table(record: Record, others: Sequence[Record]) -> Table | None:
    """Return what the registers say of one trial, marked where they differ; None for one alone."""
    if not others:
        return None
    known = [record, *others]
    names = _names()
    columns = [Column(_("Fact")), Column(_("Agreement"))]
    columns += [Column(f"{one.number} ({one.register.value})") for one in known]
    rows = []
    for one in differences(known):
        mark = Cell(Status(_("Differs"), "caution")) if one.differs else Cell("")
        cells = [_cell(one, text) for text in one.told]
        rows.append([Cell(names[one.fact]), mark, *cells])
    return Table(_("What each register says"), columns, rows)


def _cell(of: Difference, text: str) -> Cell:
    if not text:
        return Cell("—")
    if of.fact in {"status", "sex"}:
        return Cell(code_words("status" if of.fact == "status" else "sex", text))
    if of.fact == "phase":
        return Cell(", ".join(code_words("phase", code) for code in text.split("|")))
    return Cell(text, lang=RECORD_LANGUAGE)


def _names() -> dict[str, str]:
    return {
        "status": _("Status as registered"), "start": _("Start"), "completion": _("Completion"),
        "enrolment": _("Number of participants"), "phase": _("Phase"), "sex": _("Sex"),
        "youngest": _("Youngest"), "oldest": _("Oldest"), "sponsor": _("Source (lead sponsor)"),
        "primary outcomes": _("Primary outcomes"), "updated": _("Last update posted"),
    }  # fmt: skip
