"""A registered trial's page: its record put into plain words, facts and tables, in that order."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from trialwright.registry.record.record import Record
from trialwright.registry.record.values import Value
from trialwright.web import dates
from trialwright.web.components import Cell, Column, Row, Table
from trialwright.web.prose import ProseBlock, blocks
from trialwright.web.registry.words import (
    RECORD_LANGUAGE,
    age_text,
    cell,
    code_row,
    code_words,
    codes_text,
    date_row,
    enrolment_text,
    row,
    status,
    unsaid,
)
from trialwright.web.sentences import listed, sentences

_MOST_PLACES = 100


@dataclass(frozen=True, slots=True)
class TextBlocks:
    """A text of the record: set in blocks, or why it isn't there."""

    blocks: tuple[ProseBlock, ...]
    unsaid: str
    condensed: bool

    @classmethod
    def of(cls, value: Value[str]) -> "TextBlocks":
        """Set a text of the record."""
        return cls(blocks(value.value or ""), unsaid(value.given), value.condensed)


def plain_words(record: Record) -> Sequence[Row]:
    """Say what is tested, for whom, and where it stands: each a fact of the record, no more."""
    things = [item.name.value for item in record.interventions if item.name.value]
    conditions = [item.value for item in record.conditions if item.value]
    return [
        Row(_("What is tested"), listed(things), unsaid(record.interventions.given), lang="en"),
        Row(_("For what"), listed(conditions), unsaid(record.conditions.given), lang="en"),
        Row(_("For whom"), _for_whom(record), unsaid(record.eligibility.sex.given)),
        Row(_("Where it stands"), _where_it_stands(record)),
    ]


def _for_whom(record: Record) -> str:
    who = record.eligibility
    words = {
        "FEMALE": _("Women"),
        "MALE": _("Men"),
        "ALL": _("People of any sex"),
    }.get(who.sex.value or "", _("People (sex not provided)"))
    low, high = who.minimum_age.value, who.maximum_age.value
    if low and high and low.unit == high.unit == "year":
        text = _("{who}, {low} to {high} years old")
        return text.format(who=words, low=f"{low.count:g}", high=f"{high.count:g}")
    if low and high:
        text = _("{who}, from {low} to {high} old")
        return text.format(who=words, low=age_text(low), high=age_text(high))
    if low:
        return _("{who}, {low} and older").format(who=words, low=age_text(low))
    if high:
        return _("{who}, up to {high} old").format(who=words, high=age_text(high))
    return words


def _where_it_stands(record: Record) -> str:
    parts = [_("Registered as: {status}.").format(status=status(record.status).word)]
    if start := record.start.date.value:
        parts.append(_("Start: {date}.").format(date=dates.written(start)))
    if end := record.completion.date.value:
        parts.append(_("Completion: {date}.").format(date=dates.written(end)))
    if (count := record.enrolment.count.value) is not None:
        counted = record.enrolment.type.value == "ACTUAL"
        words = (
            _("{count} participants took part.") if counted else _("{count} participants planned.")
        )
        parts.append(words.format(count=count))
    return sentences(parts)


def study_design(record: Record) -> Sequence[Row]:
    """Show how the study is built."""
    design = record.design
    rows = [
        code_row(_("Study type"), "study_type", record.study_type),
        Row(_("Phase"), codes_text("phase", record.phases), unsaid(record.phases.given)),
    ]
    if record.study_type.value == "OBSERVATIONAL":
        rows += [
            code_row(_("Model"), "observational_model", design.observational_model),
            code_row(_("Time perspective"), "time_perspective", design.time_perspective),
        ]
    else:
        rows += [
            code_row(_("Primary purpose"), "purpose", design.purpose),
            code_row(_("Allocation"), "allocation", design.allocation),
            code_row(_("Intervention model"), "intervention_model", design.intervention_model),
            code_row(_("Masking"), "masking", design.masking),
            Row(_("Who is masked"), codes_text("who_masked", design.who_masked),
                unsaid(design.who_masked.given)),
        ]  # fmt: skip
    return [
        *rows,
        Row(
            _("Number of participants"),
            enrolment_text(record.enrolment),
            unsaid(record.enrolment.count.given),
        ),
    ]


def key_facts(record: Record) -> Sequence[Row]:
    """Show the facts one looks a trial up by."""
    return [
        Row(_("Register number"), record.number, code=True),
        Row(_("Register"), record.register.value, lang="en"),
        row(_("Official title"), record.official_title),
        row(_("Source (lead sponsor)"), record.sponsor.name),
        row(_("Sponsor's number"), record.sponsor_number),
        Row(_("Status as registered"), status(record.status).word),
        *_about_status(record),
        code_row(_("Study type"), "study_type", record.study_type),
        Row(_("Phase"), codes_text("phase", record.phases), unsaid(record.phases.given)),
        date_row(_("Start"), record.start),
        date_row(_("Primary completion"), record.primary_completion),
        date_row(_("Completion"), record.completion),
        date_row(_("First posted"), record.first_posted),
        date_row(_("Last update posted"), record.last_update_posted),
        row(_("Last verified"), record.verified, dates.written),
        row(_("Results posted"), record.has_results, lambda yes: _("Yes") if yes else _("No")),
    ]


def _about_status(record: Record) -> Sequence[Row]:
    """What the record adds to its status, where it does."""
    rows = []
    if record.last_known_status.value:
        rows.append(code_row(_("Last known status"), "status", record.last_known_status))
    if record.why_stopped.value:
        rows.append(row(_("Why it stopped"), record.why_stopped))
    return rows


def eligibility_facts(record: Record) -> Sequence[Row]:
    """Show who may take part, besides the criteria."""
    who = record.eligibility
    return [
        code_row(_("Sex"), "sex", who.sex),
        row(_("Youngest"), who.minimum_age, age_text),
        row(_("Oldest"), who.maximum_age, age_text),
        row(_("Healthy volunteers"), who.healthy_volunteers, lambda y: _("Yes") if y else _("No")),
    ]


def contacts(record: Record) -> Sequence[Sequence[Row]]:
    """Show whom to ask, as registered, one list of facts for each."""
    return [
        [
            row(_("Name"), contact.name),
            row(_("Telephone"), contact.phone),
            row(_("E-mail"), contact.email),
        ]
        for contact in record.contacts
    ]


def arms(record: Record) -> Table:
    """Show the arms as registered, with their interventions where the record links them."""
    given = [record.interventions_of(arm) for arm in record.arms]
    linked = any(given)
    columns = [Column(_("No."), number=True), Column(_("Arm")), Column(_("Type"))]
    columns += [Column(_("Interventions"))] if linked else []
    rows = []
    for arm, items in zip(record.arms, given, strict=True):
        names = listed(item.name.value for item in items if item.name.value)
        shown = [Cell(names, unsaid=_("None named"), lang=RECORD_LANGUAGE)] if linked else []
        kind = cell(arm.type, "arm_type")
        rows.append([Cell(arm.number), cell(arm.label), kind, *shown, cell(arm.description)])
    columns.append(Column(_("What is done")))
    return Table(_("Arms"), columns, rows, empty=unsaid(record.arms.given))


def interventions(record: Record) -> Table:
    """Show what is given or done."""
    return Table(
        _("Interventions"),
        [Column(_("Intervention")), Column(_("Type")), Column(_("Description"))],
        [
            [cell(item.name), cell(item.type, "intervention_type"), cell(item.description)]
            for item in record.interventions
        ],
        empty=unsaid(record.interventions.given),
    )


def outcomes(record: Record) -> Table:
    """Show what is measured, primary outcomes first."""
    roles = {"primary": _("Primary"), "secondary": _("Secondary"), "other": _("Other")}
    return Table(
        _("Outcomes"),
        [
            Column(_("Outcome")),
            Column(_("Role")),
            Column(_("Time frame")),
            Column(_("Description")),
        ],
        [
            [cell(it.measure), Cell(roles[it.role]), cell(it.time_frame), cell(it.description)]
            for it in record.outcomes
        ],
        empty=unsaid(record.primary_outcomes.given),
        captioned=False,
    )


def places(record: Record) -> Table:
    """Show where the trial runs."""
    return Table(
        _("Places"),
        [Column(_("Place")), Column(_("City")), Column(_("Country")), Column(_("Status there"))],
        [
            [
                cell(it.facility),
                cell(it.city),
                cell(it.country),
                Cell(code_words("status", it.status.value) if it.status.value else "—"),
            ]
            for it in record.locations.items[:_MOST_PLACES]
        ],
        note=_places_note(len(record.locations)),
        empty=unsaid(record.locations.given),
        captioned=False,
    )


def _places_note(count: int) -> str:
    """What is said where not every place is listed."""
    if count <= _MOST_PLACES:
        return ""
    words = _("The first {shown} of {all}; the CSV has every one.")
    return words.format(shown=_MOST_PLACES, all=f"{count:,}")
