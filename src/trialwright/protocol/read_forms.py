"""Reading code lists, forms, items and checks."""

from dataclasses import replace
from decimal import Decimal

from trialwright.protocol.basics import Text
from trialwright.protocol.fields import Fields
from trialwright.protocol.forms import (
    Check,
    Code,
    CodeList,
    Form,
    Item,
    ItemType,
    Section,
    Severity,
)
from trialwright.protocol.nodes import Scalar
from trialwright.protocol.read_diaries import read_diary
from trialwright.protocol.roles import PARTICIPANT, Act, Roles
from trialwright.protocol.shapes import CHECK, CODE, FORM, ITEM, SECTION
from trialwright.protocol.typecheck import suggestion

MISSING_REASONS = "missing_reasons"
"""The code list that says why a value can be missing."""

NUMERIC = frozenset({ItemType.NUMBER, ItemType.INTEGER, ItemType.LAB})
_COMPUTABLE = frozenset(
    {ItemType.NUMBER, ItemType.INTEGER, ItemType.SCORE, ItemType.YES_NO, ItemType.DATE}
)
_RANGE = ("minimum", "maximum", "likely_minimum", "likely_maximum")
_NOTHING = Text("", "")


def read_code_lists(root: Fields) -> tuple[CodeList, ...]:
    """The code lists, in the order written."""
    lists = []
    for entry, provenance in root.entries("code_lists"):
        holder = Fields.of_entry(root, "code_lists", entry, provenance)
        if holder is None:
            continue
        codes = tuple(
            Code(key, fields.text("label"), fields.number("points"))
            for key, fields in holder.coded(CODE)
        )
        if not codes:
            message = f"The code list `{entry.key}` has no codes"
            root.reading.problem(entry.line, message, "Add its codes.", "empty-code-list")
        if any(code.points is None for code in codes) and any(
            code.points is not None for code in codes
        ):
            message = f"Some codes of `{entry.key}` have points and some have none"
            way_out = "Give points to every code, or to none."
            root.reading.problem(entry.line, message, way_out, "half-scored")
        lists.append(CodeList(entry.key, codes, entry.line))
    return tuple(lists)


def read_forms(root: Fields, code_lists: tuple[CodeList, ...], roles: Roles) -> tuple[Form, ...]:
    """The forms, their expressions not yet typed."""
    return tuple(_form(key, fields, code_lists, roles) for key, fields in root.named("forms", FORM))


def _form(key: str, fields: Fields, code_lists: tuple[CodeList, ...], roles: Roles) -> Form:
    unmasking = fields.truth("unmasking")
    sections = tuple(
        Section(
            section_key,
            section.text("label"),
            tuple(
                read_item(item_key, item, code_lists, unmasking=unmasking)
                for item_key, item in section.named("items", ITEM)
            ),
        )
        for section_key, section in fields.named("sections", SECTION)
    )
    diary = read_diary(fields)
    form = Form(
        key=key,
        label=fields.text("label"),
        sections=sections,
        checks=tuple(_check(name, check, key) for name, check in fields.named("checks", CHECK)),
        line=fields.line,
        completed_by=(PARTICIPANT,)
        if diary
        else fields.words_among("completed_by", roles.people) or _usual(roles, unmasking=unmasking),
        diary=diary,
        signed_by=fields.word_among("signed_by", tuple(roles.by_key)),
        repeating=fields.truth("repeating"),
        unmasking=unmasking,
        sampled=fields.words("sampled"),
        last_values=fields.optional_truth("last_values"),
        instructions=fields.optional_text("instructions"),
    )
    _check_items(form, fields)
    return form


def _usual(roles: Roles, *, unmasking: bool) -> tuple[str, ...]:
    """Who completes a form that names nobody: the roles that record visits, in their order; one
    that could reveal an arm, those that may know it."""
    may = roles.who_may(Act.PLAN_VISITS)
    if unmasking:
        may = roles.who_may(Act.SEE_PARTICIPANTS) & roles.unblinded
    return tuple(key for key in roles.people if key in may)


def _check_items(form: Form, fields: Fields) -> None:
    problem = fields.reading.problem
    seen: dict[str, int] = {}
    for item in form.items:
        if item.key in seen:
            message = (
                f"The item `{item.key}` stands twice in the form `{form.key}`; the first is on "
                f"line {seen[item.key]}"
            )
            problem(item.line, message, "Give one of them another key.", "duplicate-item")
        seen.setdefault(item.key, item.line)
    if not form.items:
        message = f"The form `{form.key}` has no items"
        problem(form.line, message, "Add items, or take the form away.", "empty-form")
    if form.sampled is not None:
        dated = {item.key for item in form.items if item.type is ItemType.DATE}
        if form.sampled not in dated - form.unmasking_items:
            message = (
                f"`sampled` names `{form.sampled}`, which is no open item of the type date here"
            )
            way_out = "Name the item that holds the day of the sample."
            problem(fields.line_of("sampled"), message, way_out, "laboratory")
    for check in form.checks:
        for key in check.items:
            if key not in seen:
                message = f"The check `{check.key}` is said at `{key}`, which is not an item here"
                problem(check.line, message, suggestion(key, seen), "unknown-item")


def _check(key: str, fields: Fields, form: str) -> Check:
    return Check(
        key=key,
        form=form,
        when=fields.needed_expression("when"),
        severity=fields.choice("severity", Severity) or Severity.ASK,
        message=fields.text("message"),
        items=tuple(name.text for name in fields.names("items")),
        line=fields.line,
    )


def read_item(
    key: str, fields: Fields, code_lists: tuple[CodeList, ...], *, unmasking: bool = False
) -> Item:
    """One item, its expressions not yet typed."""
    item = Item(
        key=key,
        label=fields.text("label"),
        type=fields.choice("type", ItemType) or ItemType.TEXT,
        line=fields.line,
        unit=fields.words("unit"),
        minimum=fields.number("minimum"),
        maximum=fields.number("maximum"),
        likely_minimum=fields.number("likely_minimum"),
        likely_maximum=fields.number("likely_maximum"),
        normal_low=fields.number("normal_low"),
        normal_high=fields.number("normal_high"),
        test=fields.words("test", longest=40),
        decimals=fields.whole("decimals", maximum=12) if fields.has("decimals") else None,
        longest=fields.whole("longest", minimum=1) if fields.has("longest") else None,
        code_list=_code_list(fields, code_lists),
        optional=fields.truth("optional"),
        future=fields.truth("future"),
        show_when=fields.expression("show_when"),
        expression=fields.expression("expression"),
        hint=fields.optional_text("hint"),
        unmasking=fields.truth("unmasking") or unmasking,
    )
    _check_keys(item, fields)
    _check_range(item, fields)
    return replace(item, missing_reasons=_missing(item, fields, code_lists))


def _code_list(fields: Fields, code_lists: tuple[CodeList, ...]) -> CodeList | None:
    key = fields.words("choices")
    if key is None:
        return None
    for code_list in code_lists:
        if code_list.key == key:
            return code_list
    message = f"`{key}` is not a code list"
    way_out = suggestion(key, [each.key for each in code_lists])
    fields.reading.problem(fields.line_of("choices"), message, way_out, "unknown-code-list")
    return CodeList(key, (), fields.line)


def _check_keys(item: Item, fields: Fields) -> None:
    """Keys that don't go with the item's type, or that the type needs."""
    wrong: list[tuple[str, str]] = []
    if item.type is ItemType.CHOICE and item.code_list is None:
        wrong.append(("type", "A choice needs `choices:` with a code list"))
    if item.type is ItemType.SCORE and item.expression is None and not fields.has("expression"):
        wrong.append(("type", "A score needs an `expression:`"))
    if item.code_list is not None and item.type not in (ItemType.CHOICE, ItemType.SCORE):
        wrong.append(("choices", f"`choices` doesn't go with the type {item.type}"))
    if item.expression is not None and item.type not in _COMPUTABLE:
        wrong.append(("expression", f"An item of the type {item.type} can't be computed"))
    for key in (*_RANGE, "unit", "normal_low", "normal_high", "test", "decimals"):
        scored = item.type is ItemType.SCORE and key in (*_RANGE, "unit", "decimals")
        if fields.has(key) and item.type not in NUMERIC and not scored:
            wrong.append((key, f"`{key}` doesn't go with the type {item.type}"))
    if item.decimals and item.type is ItemType.INTEGER:
        wrong.append(("decimals", "A whole number has no decimals"))
    if item.future and item.type not in (ItemType.DATE, ItemType.PARTIAL_DATE):
        wrong.append(("future", f"`future` doesn't go with the type {item.type}"))
    if item.longest is not None and item.type is not ItemType.TEXT:
        wrong.append(("longest", f"`longest` doesn't go with the type {item.type}"))
    if item.type is ItemType.LAB and item.unit is None:
        wrong.append(("type", "A laboratory value needs its `unit`"))
    elif item.test is not None and item.unit is None:
        wrong.append(("test", "A laboratory's test needs its `unit`"))
    for key, message in wrong:
        way_out = f"Change the keys of `{item.key}` or its type."
        fields.reading.problem(fields.line_of(key), message, way_out, "item-keys")


def _check_range(item: Item, fields: Fields) -> None:
    pairs = (
        ("minimum", item.minimum, "maximum", item.maximum),
        ("likely_minimum", item.likely_minimum, "likely_maximum", item.likely_maximum),
        ("minimum", item.minimum, "likely_minimum", item.likely_minimum),
        ("likely_maximum", item.likely_maximum, "maximum", item.maximum),
        ("normal_low", item.normal_low, "normal_high", item.normal_high),
    )
    for low_key, low, high_key, high in pairs:
        if low is not None and high is not None and low > high:
            message = f"`{item.key}`: no value meets {low_key} {low} and {high_key} {high}"
            way_out = f"Make `{low_key}` the smaller of the two."
            fields.reading.problem(fields.line_of(high_key), message, way_out, "empty-range")
            return
    if item.minimum is None or item.maximum is None:
        return
    step = Decimal(1) if item.type is ItemType.INTEGER else None
    if item.decimals is not None:
        step = Decimal(1).scaleb(-item.decimals)
    if step is not None and (item.minimum / step).to_integral_value("ROUND_CEILING") * step > (
        item.maximum
    ):
        bounds = f"{item.minimum} and {item.maximum}"
        message = f"`{item.key}`: no value in steps of {step:f} lies between {bounds}"
        way_out = "Widen the range or allow more decimals."
        fields.reading.problem(fields.line_of("maximum"), message, way_out, "empty-range")


def _missing(item: Item, fields: Fields, code_lists: tuple[CodeList, ...]) -> tuple[str, ...]:
    """The reasons a value may be missing for: all, those listed, or with `[]` none."""
    known = next((each for each in code_lists if each.key == MISSING_REASONS), None)
    reasons = tuple(code.code for code in known) if known else ()
    node = fields.block.get("missing")
    if isinstance(node, Scalar) and node.text == "no":
        return ()
    if node is None:
        return () if item.computed else reasons
    chosen = fields.names("missing")
    for name in chosen:
        if name.text not in reasons:
            message = f"{name.text!r} is not a code of `{MISSING_REASONS}`"
            fields.reading.problem(name.line, message, suggestion(name.text, reasons), "choice")
    return tuple(name.text for name in chosen)
