"""What a selection of this size can and can't decide, and what size would."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trialwright.design import DesignError, SelectionDesign
from trialwright.design.naming_power import naming_power, search_thresholds, size_to_name
from trialwright.report.context import fixed, percent
from trialwright.report.document import Block, Column, Paragraph, Row, Table
from trialwright.report.words import ReportWords

COMMON = 0.3
"""The response rate of every arm but the best."""
BETTER = (0.4, 0.5, 0.6, 0.7, 0.8)
POWER = 0.8
MISTAKEN = 0.1
_LIMIT = 100
_TRIALS, _SIZE_TRIALS = 2_000, 1_000


def deciding(design: SelectionDesign, words: ReportWords) -> tuple[Block, ...]:
    """Three sentences and a table: the chance to name the best regimen where its true response is
    so high, and the participants with whom it would be named in 80% of trials."""
    found = decided(design)
    per_arm, everybody = design.blocks, design.participants
    middle = found["right"][BETTER.index(0.6)]
    able = next((rate for rate, right in zip(BETTER, found["right"], strict=True)
                 if right >= POWER), None)  # fmt: skip
    said = [
        words("oc_decides_alike", n=everybody, common=_whole(COMMON),
              mistaken=percent(found["mistaken"])),
        words("oc_decides_can", best=_whole(able), common=_whole(COMMON), power=_whole(POWER))
        if able is not None
        else words("oc_decides_cannot", best=_whole(BETTER[-1]), common=_whole(COMMON),
                   power=_whole(POWER)),
        words("oc_decides_middle", best=_whole(0.6), common=_whole(COMMON),
              right=percent(middle), none=percent(found["none"][BETTER.index(0.6)])),
    ]  # fmt: skip
    rows = tuple(
        Row((_whole(rate), percent(found["right"][i]), percent(found["wrong"][i]),
             percent(found["none"][i]), _needed(found["needed"][i], design, words),
             percent(found["calibrated"][i])))
        for i, rate in enumerate(BETTER)
    )  # fmt: skip
    keys = ("oc_decides_best", "oc_decides_right", "oc_decides_wrong", "oc_decides_none",
            "oc_decides_needed", "oc_decides_calibrated")  # fmt: skip
    heads = tuple(Column(words(key, mistaken=_whole(MISTAKEN), power=_whole(POWER)), "right")
                  for key in keys)  # fmt: skip
    note = words("oc_decides_note", trials=f"{found['trials']:,}", per_arm=per_arm,
                 error=fixed(50 / found["trials"] ** 0.5, 1))  # fmt: skip
    caption = words("oc_decides", n=everybody)
    return (*map(Paragraph, said), Table(caption, heads, rows, (note,)))


def decided(design: SelectionDesign) -> dict[str, Any]:
    """The figures behind it, by the rate of the best regimen."""
    per_arm = design.blocks
    alike = naming_power(design, per_arm, [COMMON] * design.arms, trials=_TRIALS)
    tree: dict[str, Any] = {
        "participants": design.participants, "common": COMMON, "best": list(BETTER),
        "mistaken": 1 - alike.none_named, "trials": alike.trials, "right": [], "wrong": [],
        "none": [], "needed": [], "calibrated": [],
    }  # fmt: skip
    for rate in BETTER:
        rates = rates_with_best(design, rate)
        found = naming_power(design, per_arm, rates, trials=_TRIALS)
        right = float(found.named[design.regimens[-1] - 1])
        tree["right"].append(right)
        tree["none"].append(found.none_named)
        tree["wrong"].append(1 - right - found.none_named)
        tree["needed"].append(_per_arm_needed(design, rates))
        tree["calibrated"].append(
            search_thresholds(
                design, per_arm, COMMON, rates, mistaken=MISTAKEN, trials=_TRIALS
            ).right
        )
    return tree


def rates_with_best(design: SelectionDesign, rate: float) -> list[float]:
    """The last regimen's response rate, all others' being the common one."""
    last = design.regimens[-1]
    return [rate if arm == last else COMMON for arm in range(1, design.arms + 1)]


def _per_arm_needed(design: SelectionDesign, rates: Sequence[float]) -> int | None:
    try:
        return size_to_name(design, rates, power=POWER, limit=_LIMIT, trials=_SIZE_TRIALS)
    except DesignError:
        return None


def _needed(per_arm: int | None, design: SelectionDesign, words: ReportWords) -> str:
    if per_arm is None:
        return words("oc_decides_more", n=_LIMIT * design.arms)
    return str(per_arm * design.arms)


def _whole(rate: float) -> str:
    """A rate of the plan as a percentage, without decimals that say nothing."""
    return f"{100 * rate:g}"
