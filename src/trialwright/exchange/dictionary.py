"""The data dictionary of a cut's files, made from the protocol: every column, in both languages."""

from collections.abc import Iterable, Sequence

from trialwright.exchange.tables import (
    COLUMNS,
    ENTRY_COLUMNS,
    FORM_PREFIX,
    MISSING_SUFFIX,
    TextTable,
    item_column,
)
from trialwright.protocol.basics import Fact, Text
from trialwright.protocol.forms import Form, Item
from trialwright.protocol.model import Protocol

HEADS = (
    "file",
    "column",
    "label_en",
    "label_zh",
    "type",
    "unit",
    "minimum",
    "maximum",
    "likely_minimum",
    "likely_maximum",
    "code_list",
    "computed_as",
    "shown_when",
    "missing_reasons",
    "unmasking",
    "origin",
    "source",
)

# The columns that every study has; the protocol says what all others mean.
FIXED = {
    "participant": Text("Participant’s code", "受试者编号"),
    "site": Text("Site’s code", "中心编号"),
    "code": Text("Site’s code", "中心编号"),
    "name": Text("Site’s name", "中心名称"),
    "name_zh": Text("Site’s name in Chinese", "中心的中文名称"),
    "screening_number": Text("Number in the screening log", "筛选日志编号"),
    "state": Text("State at the cut", "截取时状态"),
    "exclusion_kind": Text("Why not randomised: kind", "未随机原因类别"),
    "exclusion_on": Text("Date of the exclusion", "排除日期"),
    "exclusion_criteria": Text("Criteria not met, one space apart", "未满足的标准，以空格分隔"),
    "exclusion_reason": Text("Why not randomised, in words", "未随机原因说明"),
    "treatment_status": Text("Treatment given: full, part or none", "治疗情况：全部、部分、未治疗"),
    "treatment_on": Text("Date of treatment, or of deciding against it", "治疗或决定不治疗日期"),
    "treatment_reason": Text("Why treatment was not given in full", "未完成治疗原因"),
    "step": Text("What happened", "步骤"),
    "at": Text("When it happened", "发生时间"),
    "kind": Text("Kind", "类别"),
    "on": Text("Date", "日期"),
    "stops": Text("What ends with it, one space apart", "随之终止的内容，以空格分隔"),
    "reason": Text("Reason", "原因"),
    "visit": Text("Visit’s key in the protocol", "方案中的访视代码"),
    "status": Text("Status", "状态"),
    "target": Text("Target date", "目标日期"),
    "opens": Text("First day of the window", "时间窗首日"),
    "closes": Text("Last day of the window", "时间窗末日"),
    "actual": Text("Date it took place", "实际日期"),
    "number": Text("Query’s number", "质疑编号"),
    "form": Text("Form’s key in the protocol", "方案中的表单代码"),
    "repeat": Text("Number of the record on a repeating form", "重复表单的记录序号"),
    "item": Text("Item’s key in the protocol", "方案中的项目代码"),
    "opened_on": Text("Date opened", "提出日期"),
    "closed_on": Text("Date closed", "关闭日期"),
    "text": Text("Text", "内容"),
    "description": Text("What happened", "经过"),
    "signed": Text("Whether the form is signed: yes or no", "表单是否已签名"),
    "protocol_version": Text("Protocol version it was entered under", "录入时的方案版本"),
}
_WHY_MISSING = Text("Why missing: {0}", "缺失原因：{0}")


def dictionary_table(protocol: Protocol, tables: Iterable[str]) -> TextTable:
    """One row for each column of each of these tables."""
    rows: list[tuple[str, ...]] = []
    forms = {FORM_PREFIX + form.key: form for form in protocol.forms}
    for name in tables:
        fixed = ENTRY_COLUMNS if name.startswith(FORM_PREFIX) else COLUMNS[name]
        rows += [_fixed_row(name, column) for column in fixed]
        if name in forms:
            rows += _form_rows(protocol, name, forms[name])
    return TextTable("dictionary", HEADS, rows)


def code_table(protocol: Protocol) -> TextTable:
    """The choices of every code list, and the arms are not among them."""
    rows = [
        (codes.key, c.code, c.label.en, c.label.zh, "" if c.points is None else str(c.points))
        for codes in protocol.code_lists
        for c in codes
    ]
    return TextTable("codes", ("code_list", "code", "label_en", "label_zh", "points"), rows)


def readme(study: str, name: str, demonstration: bool) -> bytes:
    """What the folder holds, in a few lines of both languages."""
    lines = []
    if demonstration:
        lines += [
            "DEMONSTRATION: every person and value here is invented.",
            "演示数据：所有人员和数值均为虚构。",
            "",
        ]
    lines += [
        f"Data cut “{name}” of {study}.",
        "*.csv hold the exact text as recorded; *.parquet the same with types.",
        "dictionary.csv explains every column, codes.csv every code.",
        "manifest.json holds the SHA-256 of every file and the ledger heads of the cut.",
        "",
        f"{study} 数据截取“{name}”。",
        "*.csv 为记录原文，*.parquet 为带类型的相同数据。",
        "dictionary.csv 说明各栏，codes.csv 说明各代码。",
        "manifest.json 含各文件的 SHA-256 及截取时的账本行号与哈希值。",
    ]
    return "".join(line + "\n" for line in lines).encode()


def _fixed_row(name: str, column: str) -> tuple[str, ...]:
    label = FIXED[column]
    return (name, column, label.en, label.zh, *[""] * (len(HEADS) - 4))


def _form_rows(protocol: Protocol, name: str, form: Form) -> Iterable[tuple[str, ...]]:
    origins = _origins(protocol.facts, form)
    for item in form.items:
        column = item_column(item.key)
        yield _item_row(name, column, form, item, origins.get(item.key, ("", "")))
        en = _WHY_MISSING.en.format(item.label.en)
        zh = _WHY_MISSING.zh.format(item.label.zh)
        yield (name, column + MISSING_SUFFIX, en, zh, *[""] * (len(HEADS) - 4))


def _item_row(
    name: str, column: str, form: Form, item: Item, origin: Sequence[str]
) -> tuple[str, ...]:
    limits = (item.minimum, item.maximum, item.likely_minimum, item.likely_maximum)
    return (
        name,
        column,
        item.label.en,
        item.label.zh,
        item.type.value,
        item.unit or "",
        *("" if limit is None else str(limit) for limit in limits),
        item.code_list.key if item.code_list else "",
        item.expression.text if item.expression else "",
        item.show_when.text if item.show_when else "",
        " ".join(item.missing_reasons),
        "yes" if item.unmasking or form.unmasking else "no",
        *origin,
    )


def _origins(facts: Iterable[Fact], form: Form) -> dict[str, tuple[str, str]]:
    """The origin of each item of a form: that of the first fact stated about it."""
    found: dict[str, tuple[str, str]] = {}
    for fact in facts:
        parts = fact.path.split(".")
        if parts[:2] == ["forms", form.key] and "items" in parts[:-1]:
            key = parts[parts.index("items") + 1]
            found.setdefault(key, (fact.origin.value, fact.source))
    return found
