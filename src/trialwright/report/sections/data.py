"""Visits and data: how much of what was due is there, and what is still asked."""

from trialwright.analysis.completeness import (
    deviation_counts,
    diary_counts,
    form_counts,
    query_counts,
    visit_counts,
)
from trialwright.analysis.cut import Deviation
from trialwright.report.context import ReportContext
from trialwright.report.document import Column, Row, Section, Table

# More deviations than this are counted by kind; one by one they stand in the cut's files.
LONGEST_LISTING = 60


def data_section(told: ReportContext) -> Section:
    """Tables of visits, forms, queries and deviations."""
    return Section(
        told.words("section_data"),
        (_visits(told), _forms(told), *_diaries(told), _queries(told), _deviations(told)),
    )


def _visits(told: ReportContext) -> Table:
    words = told.words
    labels = {visit.key: told.text(visit.label) for visit in told.protocol.visits}
    heads = ("due", "done", "inside", "early", "late", "missed", "overdue", "cancelled")
    rows = [
        Row((labels.get(c.visit, c.visit), *(str(getattr(c, head)) for head in heads)))
        for c in visit_counts(told.cut, told.protocol)
    ]
    return Table(
        words("table_visits"),
        (
            Column(words("visit"), share=1),
            *(Column(words(f"col_{head}"), "right") for head in heads),
        ),
        tuple(rows),
        (words("visits_note"),),
        words("no_visits"),
    )


def _forms(told: ReportContext) -> Table:
    words = told.words
    forms = {form.key: form for form in told.protocol.forms}
    rows = []
    for c in form_counts(told.cut, told.protocol):
        if not c.expected and not c.entered:
            continue
        signed = str(c.signed) if forms[c.form].signed_by else "–"
        expected, absent = ("–" if n is None else str(n) for n in (c.expected, c.absent))
        label = told.text(forms[c.form].label)
        rows.append(Row((label, expected, str(c.entered), str(c.complete), signed, absent)))
    heads = ("expected", "entered", "complete", "signed", "absent")
    return Table(
        words("table_forms"),
        (
            Column(words("form"), share=1),
            *(Column(words(f"col_{head}"), "right") for head in heads),
        ),
        tuple(rows),
        (words("forms_note"),),
        words("no_forms"),
    )


def _diaries(told: ReportContext) -> tuple[Table, ...]:
    """How the diaries were kept; nothing where the protocol has none."""
    words = told.words
    labels = {form.key: told.text(form.label) for form in told.protocol.forms}
    heads = {
        "due": "col_due", "on_time": "col_on_time", "late": "col_late", "missed": "col_missed",
        "open": "col_open",
    }  # fmt: skip
    rows = tuple(
        Row((labels.get(c.form, c.form), *(str(getattr(c, head)) for head in heads)))
        for c in diary_counts(told.cut, told.protocol)
    )
    if not rows:
        return ()
    columns = (Column(words(key), "right") for key in heads.values())
    return (
        Table(
            words("table_diaries"),
            (Column(words("diary"), share=1), *columns),
            rows,
            (words("diaries_note"),),
        ),
    )


def _queries(told: ReportContext) -> Table:
    words = told.words
    labels = {form.key: told.text(form.label) for form in told.protocol.forms}
    rows = [
        Row((labels.get(c.form, c.form), str(c.open), str(c.answered), str(c.closed)))
        for c in query_counts(told.cut, told.protocol)
    ]
    return Table(
        words("table_queries"),
        (
            Column(words("form"), share=1),
            *(Column(words(f"col_{head}"), "right") for head in ("open", "answered", "closed")),
        ),
        tuple(rows),
        empty=words("no_queries"),
    )


def _deviations(told: ReportContext) -> Table:
    words = told.words
    if len(told.cut.deviations) > LONGEST_LISTING:
        return Table(
            words("table_deviations"),
            (Column(words("kind"), share=1), Column(words("count_head"), "right")),
            tuple(
                Row((told.deviation(kind), str(count)))
                for kind, count in deviation_counts(told.cut)
            ),
            (words("deviations_note"),),
            narrow=True,
        )
    return Table(
        words("table_deviations"),
        (
            Column(words("participant"), code=True),
            Column(words("date")),
            Column(words("kind")),
            Column(words("what"), share=1),
            Column(words("seriousness")),
        ),
        tuple(
            Row(
                (
                    each.participant,
                    each.on,
                    told.deviation(each.kind),
                    _about(told, each),
                    words(f"serious_{each.classification}"),
                )
            )
            for each in told.cut.deviations
        ),
        empty=words("no_deviations"),
    )


def _about(told: ReportContext, deviation: Deviation) -> str:
    """What a deviation is about, then what a person wrote of it."""
    labels = {each.key: each.label for each in told.protocol.visits}
    labels |= {each.key: each.text for each in told.protocol.criteria}
    label = labels.get(deviation.subject)
    parts = (told.text(label) if label else "", deviation.description)
    return ": ".join(part for part in parts if part)
