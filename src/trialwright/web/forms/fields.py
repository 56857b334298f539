"""A protocol's form as fields ready to show: what each box is called, holds, hints and says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Literal

from django.utils.translation import gettext as _

from trialwright.messages import Message
from trialwright.protocol.forms import CodeList, Form, Item, ItemType
from trialwright.protocol.values import Missing
from trialwright.web import dates
from trialwright.web.components import Problem
from trialwright.web.forms.columns import is_result
from trialwright.web.forms.date_boxes import boxes_of
from trialwright.web.forms.posting import CHOSEN, DATES, Raw
from trialwright.web.forms.presenter import (
    answer_text,
    field_id,
    flag_words,
    limits_text,
    unit_text,
)

Control = Literal["box", "area", "date", "radios", "select", "score"]
FEW = 7
"""Up to so many choices stand as radio buttons; more become a list to pick from."""

_AREA_FROM = 120


@dataclass(frozen=True, slots=True)
class Answers:
    """What is known when a form is shown; every mapping goes by item key.

    Attributes:
        values: what stands in the boxes, and the computed values as canonical text.
        completed: the values of the completed entry; one that differs needs its why. Empty while
            the entry has never been complete.
        last: the value at the visit before, shown beside the box.
        problems: what is refused, as a sentence that says what to do.
        questions: what is unlikely: accepted with a remark, and becomes a query.
        skipped: items not asked, as things stand.
        saved: whether the form has been saved, so that what is empty is wanted or has its reason.
        on: the day of the visit, offered where a date is empty.
        columns: by section, what was pasted as a column and could not be filled in.
        grades: what the criteria of adverse events say of a value as it is saved.
    """

    values: Mapping[str, Raw] = field(default_factory=dict)
    completed: Mapping[str, Raw] = field(default_factory=dict)
    last: Mapping[str, Raw] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    questions: Mapping[str, str] = field(default_factory=dict)
    change_reasons: Mapping[str, str] = field(default_factory=dict)
    remarks: Mapping[str, str] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()
    saved: bool = False
    on: date | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    grades: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Option:
    """One choice, or one reason for having no value."""

    value: str
    label: str
    chosen: bool
    id: str


@dataclass(frozen=True, slots=True)
class DateBox:
    """One of the three boxes of a date."""

    name: str
    id: str
    label: str
    value: str
    width: str


@dataclass(frozen=True, slots=True)
class Field:
    """One question as shown.

    `key` begins with the form's prefix where a page holds several forms. `gated`: whether it is
    asked depends on other answers. `watched`: it stands in a completed entry, as `was`, so that a
    change needs its `why`. `unfolded`: the reasons for having no value are shown unasked.
    `offered`: the day of the visit in words, for a date that is empty; `first`: the cursor is put
    here. `lab`: it can be a row of a table of results, `brief` is its hint there; `normal` are
    the limits of normal, and `flag` says on which side of them the value lies. `grade` is what
    the criteria of adverse events say of the value as it is saved.
    """

    key: str
    id: str
    control: Control
    label: str
    value: str
    hint: str
    unit: str
    optional: bool
    width: str
    inputmode: str
    boxes: tuple[DateBox, ...]
    options: tuple[Option, ...]
    reasons: tuple[Option, ...]
    last: str
    watched: bool
    was: str
    changed: bool
    why: str
    problem: str
    question: str
    remark: str
    gated: bool
    shown: bool
    sealed: bool
    unfolded: bool = False
    offered: str = ""
    offered_value: str = ""
    first: bool = False
    lab: bool = False
    brief: str = ""
    normal: str = ""
    flag: str = ""
    grade: str = ""

    @property
    def missing(self) -> bool:
        """Whether there is no value, and the reason is given."""
        return any(reason.chosen for reason in self.reasons)

    @property
    def described_by(self) -> str:
        """The ids of what is said about the box, for `aria-describedby`."""
        said = {"hint": self.hint, "problem": self.problem, "asking": self.question}
        return " ".join(f"{part}-{self.key}" for part, text in said.items() if text)


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that belong together, as on the paper source."""

    key: str
    label: str
    fields: tuple[Field, ...]
    column: str = ""

    @property
    def runs(self) -> list[tuple[bool, tuple[Field, ...]]]:
        """The fields as they stand on the page: runs of results make a table, (True, rows)."""
        found = [(lab, tuple(run)) for lab, run in groupby(self.fields, lambda each: each.lab)]
        return [(lab and len(run) > 1, run) for lab, run in found]

    @property
    def has_reasons(self) -> bool:
        """Whether any question may be left without a value for a reason."""
        return any(each.reasons for each in self.fields)


def lay_out(
    form: Form,
    answers: Answers,
    *,
    reasons: CodeList | None,
    language: str,
    kept_back: frozenset[str] = frozenset(),
    prefix: str = "",
) -> tuple[Group, ...]:
    """Lay a form out, section by section.

    `reasons` is the protocol's list of missing reasons; `kept_back` are the items that the person
    may not see: of them nothing is on the page. `prefix` stands before every name, where a page
    holds several forms.
    """
    groups = [
        Group(
            f"{prefix}{section.key}",
            section.label.in_language(language),
            tuple(
                _field(item, answers, reasons, language, prefix)
                for item in section.items
                if item.key not in kept_back
            ),
            answers.columns.get(section.key, ""),
        )
        for section in form.sections
    ]
    return tuple(group for group in groups if group.fields)


def with_focus(groups: Sequence[Group]) -> tuple[Group, ...]:
    """Put the cursor into the first box that is still empty; where none is, into the first."""
    fields = [each for group in groups for each in group.fields]
    open_now = [each for each in fields if each.shown and each.control != "score"]
    empty = [each for each in open_now if not each.value and not each.missing]
    first = next(iter([*empty, *open_now]), None)
    return tuple(
        replace(
            group,
            fields=tuple(
                replace(each, first=True) if each is first else each for each in group.fields
            ),
        )
        for group in groups
    )


def problems_of(groups: Sequence[Group]) -> list[Problem]:
    """List what has to be mended, in the order of the page, for the summary on top."""
    return [
        Problem(each.problem, each.id)
        for group in groups
        for each in group.fields
        if each.problem and each.shown
    ]


def _field(
    item: Item, answers: Answers, reasons: CodeList | None, language: str, prefix: str
) -> Field:
    raw = answers.values.get(item.key, "")
    before = answers.completed.get(item.key)
    watched = before is not None and not item.computed
    control = _control(item)
    text = "" if isinstance(raw, Missing) else raw
    if item.computed:
        text = answer_text(item, raw, reasons, language)
    choices = control in ("radios", "select")
    first = field_id(item, prefix)
    offered = answers.on if item.type is ItemType.DATE and not text and not item.computed else None
    return Field(
        key=f"{prefix}{item.key}",
        id=first,
        control=control,
        label=item.label.in_language(language),
        value=text,
        hint=_hint(item, language),
        unit=unit_text(item.unit),
        optional=item.optional,
        width=_width(item),
        inputmode={ItemType.NUMBER: "decimal", ItemType.INTEGER: "numeric"}.get(item.type, ""),
        boxes=_date_boxes(f"{prefix}{item.key}", first, text, language)
        if control == "date"
        else (),
        options=_options(item, raw, language, first) if choices else (),
        reasons=_reasons(item, raw, reasons, language, first),
        last=answer_text(item, answers.last.get(item.key, ""), reasons, language),
        watched=watched,
        was=answer_text(item, before or "", reasons, language),
        changed=watched and before != raw,
        why=answers.change_reasons.get(item.key, ""),
        problem=answers.problems.get(item.key, ""),
        question=answers.questions.get(item.key, ""),
        remark=answers.remarks.get(item.key, ""),
        gated=item.show_when is not None,
        shown=item.key not in answers.skipped,
        sealed=item.unmasking,
        unfolded=answers.saved and not text and not item.optional,
        offered=dates.written(offered) if offered else "",
        offered_value=offered.isoformat() if offered else "",
        lab=is_result(item),
        brief=" ".join(_own_hints(item, language)),
        normal="" if item.computed else limits_text(item),
        flag="" if item.computed else flag_words(item, text),
        grade=answers.grades.get(item.key, ""),
    )


def _control(item: Item) -> Control:
    if item.computed:
        return "score"
    if item.type in DATES:
        return "date"
    if item.type in CHOSEN:
        many = item.code_list is not None and len(item.code_list.codes) > FEW
        return "select" if many else "radios"
    if item.type is ItemType.TEXT and (item.longest is None or item.longest > _AREA_FROM):
        return "area"
    return "box"


def _width(item: Item) -> str:
    if item.type is ItemType.TEXT:
        return "full" if (item.longest or 0) > 20 else "narrow-20"
    if item.type is ItemType.TIME:
        return "narrow-4"
    digits = len(str(int(item.maximum))) if item.maximum is not None else 5
    digits += (item.decimals or 0) + 1 if item.decimals else 0
    return "narrow-4" if digits <= 5 and item.type is not ItemType.LAB else "narrow-8"


def _hint(item: Item, language: str) -> str:
    hints = _own_hints(item, language)
    if item.normal_low is not None and item.normal_high is not None:
        normal = _("Normal: {low} to {high}.")
        hints.append(normal.format(low=_plain(item.normal_low), high=_plain(item.normal_high)))
    if item.type is ItemType.LAB:
        hints.append(_("Write < or > before a value beyond the limit of measuring."))
    if item.type is ItemType.PARTIAL_DATE:
        hints.append(_("Leave the day, or the day and month, empty where they aren't known."))
    if item.type is ItemType.TIME:
        hints.append(_("24-hour clock, such as 14:05."))
    return " ".join(hints)


def _own_hints(item: Item, language: str) -> list[str]:
    """What the protocol says of an item, and its range."""
    hints = [item.hint.in_language(language)] if item.hint else []
    if item.minimum is not None and item.maximum is not None:
        hints.append(
            _("From {low} to {high}.").format(low=_plain(item.minimum), high=_plain(item.maximum))
        )
    elif item.minimum is not None:
        hints.append(_("{low} or more.").format(low=_plain(item.minimum)))
    elif item.maximum is not None:
        hints.append(_("{high} or less.").format(high=_plain(item.maximum)))
    return hints


def _plain(number: Decimal) -> str:
    return f"{number:f}"


def _date_boxes(key: str, first: str, raw: str, language: str) -> tuple[DateBox, ...]:
    labels = {"day": _("Day"), "month": _("Month"), "year": _("Year")}
    widths = {"day": "narrow-2", "month": "narrow-3", "year": "narrow-4"}
    held = boxes_of(raw)._asdict()
    order = Message.in_context("order of a date's boxes", "day month year")
    parts = order.in_language(language).split()
    return tuple(
        DateBox(
            f"{key}.{part}",
            first if part == parts[0] else f"{first}.{part}",
            labels[part],
            held[part],
            widths[part],
        )
        for part in parts
    )


def _options(item: Item, raw: Raw, language: str, first: str) -> tuple[Option, ...]:
    if item.code_list is None:
        labels = [("yes", _("Yes")), ("no", _("No"))]
    else:
        labels = [(code.code, code.label.in_language(language)) for code in item.code_list]
    return tuple(
        Option(value, label, value == raw, first if place == 0 else f"{first}-{place + 1}")
        for place, (value, label) in enumerate(labels)
    )


def _reasons(
    item: Item, raw: Raw, reasons: CodeList | None, language: str, first: str
) -> tuple[Option, ...]:
    if reasons is None or item.computed:
        return ()
    chosen = raw.reason if isinstance(raw, Missing) else ""
    return tuple(
        Option(
            code,
            reasons.code(code).label.in_language(language),
            code == chosen,
            f"{first}-{code}",
        )
        for code in item.missing_reasons
    )
