"""A protocol's form as fields ready to show: what each box is called, holds, hints and says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from django.utils.translation import gettext as _

from trialwright.protocol.forms import CodeList, Form, Item, ItemType
from trialwright.protocol.values import Missing
from trialwright.web.components import Problem
from trialwright.web.forms.date_boxes import boxes_of
from trialwright.web.forms.posting import CHOSEN, DATES, Raw
from trialwright.web.forms.showing import answer_text, field_id, unit_text

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
    """

    values: Mapping[str, Raw] = field(default_factory=dict)
    completed: Mapping[str, Raw] = field(default_factory=dict)
    last: Mapping[str, Raw] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    questions: Mapping[str, str] = field(default_factory=dict)
    whys: Mapping[str, str] = field(default_factory=dict)
    remarks: Mapping[str, str] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()


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

    `gated`: whether it is asked depends on other answers. `watched`: it stands in a completed
    entry, as `was`, so that a change needs its `why`.
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


def lay_out(
    form: Form,
    answers: Answers,
    *,
    reasons: CodeList | None,
    language: str,
    kept_back: frozenset[str] = frozenset(),
) -> tuple[Group, ...]:
    """Lay a form out, section by section.

    `reasons` is the protocol's list of missing reasons; `kept_back` are the items that the person
    may not see: of them nothing is on the page.
    """
    groups = [
        Group(
            section.key,
            section.label.in_language(language),
            tuple(
                _field(item, answers, reasons, language)
                for item in section.items
                if item.key not in kept_back
            ),
        )
        for section in form.sections
    ]
    return tuple(group for group in groups if group.fields)


def problems_of(groups: Sequence[Group]) -> list[Problem]:
    """List what has to be mended, in the order of the page, for the summary on top."""
    return [
        Problem(each.problem, each.id)
        for group in groups
        for each in group.fields
        if each.problem and each.shown
    ]


def _field(item: Item, answers: Answers, reasons: CodeList | None, language: str) -> Field:
    raw = answers.values.get(item.key, "")
    before = answers.completed.get(item.key)
    watched = before is not None and not item.computed
    control = _control(item)
    text = "" if isinstance(raw, Missing) else raw
    if item.computed:
        text = answer_text(item, raw, reasons, language)
    choices = control in ("radios", "select")
    return Field(
        key=item.key,
        id=field_id(item),
        control=control,
        label=item.label.in_language(language),
        value=text,
        hint=_hint(item, language),
        unit=unit_text(item.unit),
        optional=item.optional,
        width=_width(item),
        inputmode={ItemType.NUMBER: "decimal", ItemType.INTEGER: "numeric"}.get(item.type, ""),
        boxes=_date_boxes(item, text, language) if control == "date" else (),
        options=_options(item, raw, language) if choices else (),
        reasons=_reasons(item, raw, reasons, language),
        last=answer_text(item, answers.last.get(item.key, ""), reasons, language),
        watched=watched,
        was=answer_text(item, before or "", reasons, language),
        changed=watched and before != raw,
        why=answers.whys.get(item.key, ""),
        problem=answers.problems.get(item.key, ""),
        question=answers.questions.get(item.key, ""),
        remark=answers.remarks.get(item.key, ""),
        gated=item.show_when is not None,
        shown=item.key not in answers.skipped,
        sealed=item.unmasking,
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
    hints = [item.hint.in_language(language)] if item.hint else []
    if item.minimum is not None and item.maximum is not None:
        hints.append(
            _("From {low} to {high}.").format(low=_plain(item.minimum), high=_plain(item.maximum))
        )
    elif item.minimum is not None:
        hints.append(_("{low} or more.").format(low=_plain(item.minimum)))
    elif item.maximum is not None:
        hints.append(_("{high} or less.").format(high=_plain(item.maximum)))
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


def _plain(number: Decimal) -> str:
    return f"{number:f}"


def _date_boxes(item: Item, raw: str, language: str) -> tuple[DateBox, ...]:
    labels = {"day": _("Day"), "month": _("Month"), "year": _("Year")}
    widths = {"day": "narrow-2", "month": "narrow-3", "year": "narrow-4"}
    held = boxes_of(raw)._asdict()
    order = ["year", "month", "day"] if language.startswith("zh") else ["day", "month", "year"]
    return tuple(
        DateBox(
            f"{item.key}.{part}",
            field_id(item) if part == order[0] else f"{field_id(item)}.{part}",
            labels[part],
            held[part],
            widths[part],
        )
        for part in order
    )


def _options(item: Item, raw: Raw, language: str) -> tuple[Option, ...]:
    if item.code_list is None:
        labels = [("yes", _("Yes")), ("no", _("No"))]
    else:
        labels = [(code.code, code.label.in_language(language)) for code in item.code_list]
    first = field_id(item)
    return tuple(
        Option(value, label, value == raw, first if place == 0 else f"{first}-{place + 1}")
        for place, (value, label) in enumerate(labels)
    )


def _reasons(item: Item, raw: Raw, reasons: CodeList | None, language: str) -> tuple[Option, ...]:
    if reasons is None or item.computed:
        return ()
    chosen = raw.reason if isinstance(raw, Missing) else ""
    return tuple(
        Option(
            code,
            reasons.code(code).label.in_language(language),
            code == chosen,
            f"{field_id(item)}-{code}",
        )
        for code in item.missing_reasons
    )
