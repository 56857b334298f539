"""Designs of one arm told, Simon's two stages and any number of looks: chance to declare the
treatment active, at each true rate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from trialwright.design.checks import scenario_matrix
from trialwright.design.exact_single_arm import ExactSingleArm
from trialwright.design.simon import SimonAim, SimonTwoStage
from trialwright.report.context import fixed, percent, short_percent
from trialwright.report.designs.case import Case, DesignSummary, Question
from trialwright.report.designs.rule_only import rule_table
from trialwright.report.designs.testing import GRID, chance_figure
from trialwright.report.document import Block, Column, Row, Table
from trialwright.report.figures.curves import Curve
from trialwright.report.words import ReportWords


@dataclass(frozen=True, slots=True)
class Behaviour:
    """At one true rate: chance to declare the treatment active, to end before the last look, and
    the expected number of participants."""

    active: float
    early_stop: float
    expected_participants: float


def summarise(cases: Sequence[Case], question: Question, words: ReportWords) -> DesignSummary:
    """Up to three designs of one arm at the same true response rates, and where one was searched
    for, the admissible designs beside it."""
    rates = scenario_matrix([question.rates[0]], len(question.rates[0]), "rates")[0]
    found = [_behaviour(case.design, rates) for case in cases]
    curves = tuple(
        Curve(
            case.name,
            tuple(zip(GRID, (each.active for each in _behaviour(case.design, GRID)), strict=True)),
        )
        for case in cases
    )
    rows = []
    for case, answers in zip(cases, found, strict=True):
        stages = isinstance(case.design, SimonTwoStage)
        early = words("oc_early_stop" if stages else "oc_stopped_early")
        rows += [
            Row((case.name, *[""] * len(rates)), "group"),
            Row((words("oc_active"), *(percent(a.active) for a in answers)), level=1),
            Row((early, *(percent(a.early_stop) for a in answers)), level=1),
            Row((words("oc_expected_treated"), *(fixed(a.expected_participants, 1)
                                                 for a in answers)), level=1),
        ]  # fmt: skip
    axes = (words("oc_true_response_axis"), words("oc_chance_active"))
    figure = chance_figure(curves, axes, words("oc_active_figure"), words("oc_active_sentence"))
    heads = _heads(rates, words)
    performance: list[Block] = [figure, Table(words("oc_active_table"), heads, tuple(rows))]
    performance += [
        _ends(case, rates, words) for case in cases if isinstance(case.design, ExactSingleArm)
    ]
    performance += [_admissible(aim, words) for aim in _aims(question)]
    return DesignSummary(
        tuple(rule_table(case.design, words) for case in cases),
        tuple(performance),
        (words("oc_exact_all"),),
        ("design", "true_response_rate", "active", "early_stop", "participants"),
        tuple(
            (case.name, float(rate), a.active, a.early_stop, a.expected_participants)
            for case, answers in zip(cases, found, strict=True)
            for rate, a in zip(rates, answers, strict=True)
        ),
        tuple(
            _columns(rates, answers) | _searched(aim)
            for answers, aim in zip(found, question.aims or (None,) * len(cases), strict=True)
        ),
    )


def _behaviour(design: SimonTwoStage | ExactSingleArm, rates: Sequence[float]) -> list[Behaviour]:
    """What a design does at each true rate, exactly."""
    if isinstance(design, SimonTwoStage):
        each = (design.characteristics(float(rate)) for rate in rates)
        return [Behaviour(one.active, one.early_stop, one.expected_participants) for one in each]
    found = design.operating_characteristics(list(rates))
    early = (found.active_by_look + found.futile_by_look)[:, :-1].sum(axis=1)
    columns = (found.active, early, found.expected_participants)
    return [Behaviour(*map(float, row)) for row in zip(*columns, strict=True)]


def _heads(rates: Sequence[float], words: ReportWords) -> tuple[Column, ...]:
    shown = (Column(short_percent(rate), "right") for rate in rates)
    return (Column(words("oc_true_response"), share=1.0), *shown)


def _ends(case: Case, rates: Sequence[float], words: ReportWords) -> Table:
    """How often a trial with any number of looks ends at each, and how."""
    found = case.design.operating_characteristics(list(rates))
    rows = []
    for look, treated in enumerate(case.design.looks):
        head = words("oc_look_treated", look=look + 1, treated=treated)
        rows.append(Row((head, *[""] * len(rates)), "group"))
        for key, chances in (
            ("oc_ends_active", found.active_by_look), ("oc_ends_futile", found.futile_by_look),
        ):  # fmt: skip
            rows.append(Row((words(key), *map(percent, chances[:, look])), level=1))
    caption = words("oc_ends_by_look", design=case.name)
    return Table(caption, _heads(rates, words), tuple(rows))


def _aims(question: Question) -> Iterator[SimonAim]:
    """What was searched for, each once whatever the criterion."""
    seen = set()
    for aim in question.aims:
        if isinstance(aim, SimonAim) and aim.admissible not in seen:
            seen.add(aim.admissible)
            yield aim


def _admissible(aim: SimonAim, words: ReportWords) -> Table:
    columns = tuple(
        Column(words(key), "right", 1.0)
        for key in ("oc_column_stage_1", "oc_column_stage_2", "oc_column_type_1",
                    "oc_column_power", "oc_column_expected", "oc_column_stopped")
    )  # fmt: skip
    aims = {name: short_percent(getattr(aim, name)) for name in ("p0", "p1", "alpha", "beta")}
    rows = tuple(_admissible_row(design, aim, words) for design in aim.admissible)
    return Table(words("oc_admissible", **aims), columns, rows, (words("oc_admissible_note"),))


def _admissible_row(design: SimonTwoStage, aim: SimonAim, words: ReportWords) -> Row:
    null, other = design.characteristics(aim.p0), design.characteristics(aim.p1)
    return Row(
        (
            words("oc_bound_of", bound=design.r1, size=design.n1),
            words("oc_bound_of", bound=design.r, size=design.n),
            percent(null.active),
            percent(other.active),
            fixed(null.expected_participants, 1),
            percent(null.early_stop),
        )
    )


def _searched(aim: SimonAim | None) -> dict[str, Any]:
    if aim is None:
        return {}
    return {"search": asdict(aim), "admissible": [asdict(design) for design in aim.admissible]}


def _columns(rates: Any, answers: Sequence[Behaviour]) -> dict[str, Any]:
    return {
        "rates": [float(rate) for rate in rates],
        "active": [a.active for a in answers],
        "early_stop": [a.early_stop for a in answers],
        "expected_participants": [a.expected_participants for a in answers],
        "method": "exact",
    }
