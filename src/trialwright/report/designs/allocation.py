"""Allocation told: how evenly it fills the arms, and how well the next arm can be guessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from trialwright.design import DesignError
from trialwright.design.allocation import PermutedBlocks
from trialwright.design.minimisation import Minimisation, Mix
from trialwright.messages import Message
from trialwright.report.context import fixed, percent
from trialwright.report.designs.case import Case, DesignSummary, Question
from trialwright.report.document import Block, Column, Figure, Row, Table
from trialwright.report.figures.bars import BarChart, BarPlace, Panel, bars_figure
from trialwright.report.words import ReportWords

TRIALS = 2_000
"""Lists of a minimisation that are simulated: their mean imbalance is then known to about 0.03."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What one rule is asked for: the share guessed right by someone who knows rule and past, and
    by always naming the largest arm; the largest imbalance, and where it is simulated the mean; and
    the standard error of the first share."""

    guessed: float
    blind: float
    largest_imbalance: float
    mean_imbalance: float | None
    standard_error: float
    method: str


def summarise(cases: Sequence[Case], question: Question, words: ReportWords) -> DesignSummary:
    """Up to three ways to allocate."""
    found = [_behaviour(case.design, question) for case in cases]
    return DesignSummary(
        tuple(_blocks(case.design, words) for case in cases),
        (_bars(cases, found, words), _table(cases, found, words)),
        tuple(
            _method(case, each, question, words) for case, each in zip(cases, found, strict=True)
        ),
        ("design", *asdict(found[0])),
        tuple((case.name, *asdict(each).values()) for case, each in zip(cases, found, strict=True)),
        tuple(asdict(each) for each in found),
    )


def _behaviour(design: PermutedBlocks | Minimisation, question: Question) -> Behaviour:
    blind = max(design.ratio) / sum(design.ratio)
    if isinstance(design, PermutedBlocks):
        return Behaviour(
            design.guessing_probability(), blind, design.max_imbalance(), None, 0.0, "exact"
        )
    profiles = _mix(design, question).profiles(question.seed)
    seen = design.properties(profiles, TRIALS, question.seed)
    return Behaviour(
        seen.guessed,
        blind,
        seen.largest_imbalance,
        seen.mean_imbalance,
        seen.standard_error,
        "monte-carlo",
    )


def _mix(design: Minimisation, question: Question) -> Mix:
    factors = len(design.factors)
    mix = question.mix or Mix((2,) * factors)
    if len(mix.levels) != factors:
        raise DesignError(
            Message(
                "{levels} numbers of levels for {factors} factors.",
                levels=len(mix.levels),
                factors=factors,
            ),
            rule=Message("Each factor has its number of levels."),
            fix=Message("Give one for each factor."),
        )  # fmt: skip
    return mix


def _blocks(design: PermutedBlocks | Minimisation, words: ReportWords) -> tuple[Block, ...]:
    """What one block of each size gives away; a minimisation has no blocks."""
    if not isinstance(design, PermutedBlocks):
        return ()
    columns = tuple(
        Column(words(key), "right", 1.0)
        for key in ("oc_block_size", "oc_block_guesses", "oc_block_excess", "oc_block_foretold",
                    "oc_block_imbalance")
    )  # fmt: skip
    rows = tuple(
        Row((str(each.size), fixed(each.correct_guesses, 2), fixed(each.excess_guesses, 2),
             fixed(each.deterministic, 2), f"{each.max_imbalance:g}"))
        for each in design.properties()
    )  # fmt: skip
    return (Table(words("oc_block_table"), columns, rows, (words("oc_block_note"),)),)


def _bars(cases: Sequence[Case], found: Sequence[Behaviour], words: ReportWords) -> Figure:
    places = (BarPlace(words("oc_guess_knowing")), BarPlace(words("oc_guess_blind")))
    chances = tuple((each.guessed, each.blind) for each in found)
    panel = Panel(words("oc_guessed_axis"), places, chances)
    said = words("oc_join").join(
        words("oc_guess_said", design=case.name, knowing=percent(each.guessed),
              blind=percent(each.blind))
        for case, each in zip(cases, found, strict=True)
    )  # fmt: skip
    sentence = words("oc_guess_sentence", said=said)
    chart = BarChart(tuple(case.name for case in cases), (panel,))
    return Figure(words("oc_guess_figure"), bars_figure(chart, sentence), sentence)


def _table(cases: Sequence[Case], found: Sequence[Behaviour], words: ReportWords) -> Table:
    columns = (
        Column(words("oc_allocation"), share=1.0),
        *(
            Column(words(key), "right")
            for key in ("oc_guess_knowing_percent", "oc_guess_blind_percent",
                        "oc_imbalance_largest", "oc_imbalance_mean")
        ),
    )  # fmt: skip
    rows = tuple(
        Row((case.name, percent(each.guessed), percent(each.blind),
             fixed(each.largest_imbalance, 1),
             "–" if each.mean_imbalance is None else fixed(each.mean_imbalance, 2)))
        for case, each in zip(cases, found, strict=True)
    )  # fmt: skip
    return Table(words("oc_allocation_table"), columns, rows, (words("oc_imbalance_note"),))


def _method(case: Case, found: Behaviour, question: Question, words: ReportWords) -> str:
    if isinstance(case.design, PermutedBlocks):
        return words("oc_exact_blocks", design=case.name)
    mix = _mix(case.design, question)
    levels: Any = words("oc_listed").join(map(str, mix.levels))
    return words(
        "oc_simulated_minimisation",
        design=case.name,
        trials=f"{TRIALS:,}",
        participants=mix.participants,
        levels=levels,
        error=fixed(100 * found.standard_error, 2),
    )
