"""The case report form as a document, from the protocol alone: blank to be written on, or annotated
with the names that its answers have in the data.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Literal

from trialwright.protocol.diary_words import diary_said
from trialwright.protocol.forms import CodeList, Form, Item, ItemType
from trialwright.protocol.model import Protocol
from trialwright.protocol.read_forms import MISSING_REASONS
from trialwright.protocol.unit_words import unit_words
from trialwright.report.context import ProtocolContext
from trialwright.report.document import (
    Block,
    Column,
    Document,
    Facts,
    Paragraph,
    Row,
    Running,
    Section,
    Table,
)
from trialwright.report.words import ReportWords

_LINE = "_" * 12


@dataclass(frozen=True, slots=True)
class DataNames:
    """How the files of a cut name a form's table and an item's column, by their keys."""

    file: Callable[[str], str]
    column: Callable[[str], str]


def case_report_form(
    protocol: Protocol, *, language: Literal["en", "zh"], names: DataNames | None = None
) -> Document:
    """Every form of the protocol, in its order, under the visits that have them.

    Args:
        names: what annotates the form; without them it is blank.
    """
    words = ReportWords(language)
    told = ProtocolContext(protocol, language, words)
    day = protocol.date
    return Document(
        language=language,
        kind=words("crf_annotated_kind" if names else "crf_kind"),
        title=told.text(protocol.title),
        running=Running(
            study=protocol.identifier,
            cut=words("plan_running", version=protocol.version),
            head=words("plan_head", hash=protocol.sha256[:12]),
            demonstration=words.mark(protocol.demonstration, protocol.training_of),
        ),
        facts=Facts(
            (
                (words("fact_study"), protocol.identifier),
                (
                    words("fact_protocol"),
                    words("protocol_version", version=protocol.version, date=day.isoformat()),
                ),
            )
        ),
        blocks=(_visits(told), *(_form(told, form, names) for form in protocol.forms)),
        made_at=datetime(day.year, day.month, day.day, tzinfo=UTC),
    )


def _visits(told: ProtocolContext) -> Section:
    forms = {form.key: told.text(form.label) for form in told.protocol.forms}
    rows = tuple(
        Row((told.text(visit.label), "; ".join(forms[key] for key in visit.forms)))
        for visit in told.protocol.visits
    )
    title = told.words("crf_visits")
    heads = (Column(told.words("crf_visit"), share=1), Column(told.words("crf_forms"), share=2))
    return Section(title, (Table(title, heads, rows),))


def _form(told: ProtocolContext, form: Form, names: DataNames | None) -> Section:
    words = told.words
    notes = _who(told, form)
    if form.signed_by is not None:
        role = told.protocol.roles.label(form.signed_by, told.language)
        notes.append(words("crf_signed_by", role=role))
    notes += [words("crf_repeats")] if form.repeating else []
    notes += [words("crf_restricted")] if form.unmasking else []
    notes += [told.text(form.instructions)] if form.instructions else []
    given = {reason for item in form.items for reason in item.missing_reasons}
    reasons = ", ".join(label for code, label in _reasons(told) if code in given)
    notes += [words("crf_reason", reasons=reasons)] if reasons and names is None else []
    blocks: list[Block] = []
    if names is not None:
        notes.append(words("crf_file", file=names.file(form.key)))
        blocks.append(_annotated(told, form, names.column))
    else:
        blanks = ("crf_participant", "crf_visit", "crf_day")
        blocks.append(Facts(tuple((words(key), _LINE) for key in blanks)))
        blocks.append(_blank(told, form))
        if form.signed_by is not None:
            blocks.append(Facts(((words("crf_signature"), _LINE * 2),)))
    # A note between a heading and its table could be left alone with it at the foot of a page.
    note = Paragraph(" ".join(notes), "note")
    return Section(told.text(form.label), (*blocks, note))


def _who(told: ProtocolContext, form: Form) -> list[str]:
    """Who fills a form in; of a diary also when."""
    if form.diary is not None:
        said = diary_said(told.protocol, form.diary)
        return [each.in_language(told.language) for each in said]
    who = ", ".join(told.protocol.roles.labels(set(form.completed_by), told.language))
    return [told.words("crf_filled_by", roles=who)]


def _blank(told: ProtocolContext, form: Form) -> Table:
    words = told.words
    heads = (Column(words("crf_question"), share=1), Column(words("crf_answer"), share=1))
    return Table(told.text(form.label), heads, tuple(_rows(told, form, heads, _to_write)))


def _annotated(told: ProtocolContext, form: Form, column: Callable[[str], str]) -> Table:
    words = told.words
    heads = (
        Column(words("crf_question"), share=2),
        Column(words("crf_variable"), share=1, code=True),
        Column(words("crf_type")),
        Column(words("crf_values"), share=2),
    )
    return Table(
        told.text(form.label),
        heads,
        tuple(_rows(told, form, heads, partial(_named, column=column))),
    )


def _rows(
    told: ProtocolContext,
    form: Form,
    heads: tuple[Column, ...],
    cells: Callable[[ProtocolContext, Item], tuple[str, ...]],
) -> Iterator[Row]:
    """The questions of a form, under the names of its sections where it has several."""
    for section in form.sections:
        if len(form.sections) > 1:
            yield Row((told.text(section.label), *("" for _ in heads[1:])), "group")
        for item in section.items:
            yield Row((_question(told, item), *cells(told, item)))


def _question(told: ProtocolContext, item: Item) -> str:
    """The question with its condition, as it is to be read on paper."""
    text = told.text(item.label)
    if item.show_when is None:
        return text
    return f"{text}\n({told.words('crf_when', condition=item.show_when.text)})"


def _to_write(told: ProtocolContext, item: Item) -> tuple[str]:
    """Where the answer is written."""
    words = told.words
    if item.computed:
        return (words("crf_computed"),)
    choices = _choices(told, item)
    if choices:
        between = "     " if item.type is ItemType.YES_NO else "\n"
        written = between.join(f"[   ]  {label}" for _code, label in choices)
    elif item.type in (ItemType.DATE, ItemType.PARTIAL_DATE):
        written = f"____ – __ – __  ({words('crf_date')})"
    elif item.type is ItemType.TIME:
        written = f"__ : __  ({words('crf_time')})"
    else:
        written = " ".join(each for each in (_LINE, _unit(told, item), _range(item)) if each)
    return (written,)


def _named(
    told: ProtocolContext, item: Item, *, column: Callable[[str], str]
) -> tuple[str, str, str]:
    """The column of the data, the type, and what it can hold."""
    words = told.words
    parts = [f"{code} = {label}" for code, label in _choices(told, item)]
    parts += [each for each in (_unit(told, item), _range(item)) if each]
    if item.expression is not None:
        parts.append(words("crf_computed_as", expression=item.expression.text))
    return column(item.key), item.type.value, "; ".join(parts)


def _unit(told: ProtocolContext, item: Item) -> str:
    words = unit_words(item.unit)
    return words if isinstance(words, str) else words.in_language(told.language)


def _range(item: Item) -> str:
    if item.minimum is None and item.maximum is None:
        return ""
    low = f"{item.minimum:f}" if item.minimum is not None else ""
    high = f"{item.maximum:f}" if item.maximum is not None else ""
    return f"({low}–{high})"


def _choices(told: ProtocolContext, item: Item) -> list[tuple[str, str]]:
    if item.type is ItemType.YES_NO:
        return [("yes", told.words("crf_yes")), ("no", told.words("crf_no"))]
    return _labels(told, item.code_list) if item.code_list is not None else []


def _reasons(told: ProtocolContext) -> list[tuple[str, str]]:
    lists = [each for each in told.protocol.code_lists if each.key == MISSING_REASONS]
    return _labels(told, lists[0]) if lists else []


def _labels(told: ProtocolContext, codes: CodeList) -> list[tuple[str, str]]:
    return [(code.code, told.text(code.label)) for code in codes]
