"""The rows of true rates: numbers with commas, as many as there are doses or arms."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from typing import Any

from trialwright.analysis.words import Said
from trialwright.design import DesignError
from trialwright.report.designs.case import complete_of
from trialwright.web.design.asked import Typed

MOST_RATES = 12
Rows = tuple[tuple[float, ...], ...]


def read_rows(
    asked: Typed,
    name: str,
    rows: Sequence[str],
    design: Any,
    language: str,
    problems: MutableMapping[str, str],
) -> Rows:
    """The rows as numbers; what can't be read is a problem at its own row."""
    found = []
    for number, text in enumerate(rows, start=1):
        try:
            found.append(_row(text, _width(asked, design)))
        except DesignError as error:
            problems[f"{name}-{number}"] = error.said().in_language(language)
    return tuple(found)


def _width(asked: Typed, design: Any) -> int | None:
    match asked.family.width:
        case "doses":
            return complete_of(design).doses
        case "arms":
            return int(design.arms)
        case "pair":
            return 2
        case _:
            return None


def _row(text: str, width: int | None) -> tuple[float, ...]:
    try:
        rates = tuple(float(part) for part in text.split(","))
    except ValueError:
        raise DesignError(
            Said(f"{text!r} are not rates.", f"{text!r} 不是率。"),
            rule=Said("A row holds numbers from 0 to 1.", "每行为 0 至 1 的数。"),
            fix=Said("Write them with commas, such as 0.05, 0.15, 0.3.",
                     "以逗号分隔，例如 0.05, 0.15, 0.3。"),
        ) from None  # fmt: skip
    if not all(0 <= rate <= 1 for rate in rates):
        raise DesignError(
            Said("A true rate is not within 0 and 1.", "有真实率不在 0 至 1 之间。"),
            rule=Said("A row holds numbers from 0 to 1.", "每行为 0 至 1 的数。"),
            fix=Said("Write 0.3 for 30%.", "30% 请写作 0.3。"),
        )
    if width is not None and len(rates) != width:
        raise DesignError(
            Said(f"{len(rates)} rates.", f"共 {len(rates)} 个率。"),
            rule=Said(f"A row holds {width}, one for each dose or arm.",
                      f"每行须有 {width} 个，每个剂量或组一个。"),
            fix=Said("Add or take away rates.", "请增减。"),
        )  # fmt: skip
    if len(rates) > MOST_RATES:
        raise DesignError(
            Said(f"{len(rates)} rates.", f"共 {len(rates)} 个率。"),
            rule=Said(f"On this page a row holds at most {MOST_RATES}.",
                      f"本页每行至多 {MOST_RATES} 个。"),
            fix=Said("Leave some out.", "请减少。"),
        )  # fmt: skip
    return rates
