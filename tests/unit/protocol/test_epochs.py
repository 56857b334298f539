"""Epochs in order, anchors of every kind, and what an arm gets in each epoch."""

from datetime import date, timedelta

import pytest

from trialwright.protocol.anchoring import (
    Moments,
    days_of_anchors,
    missed_anchors,
    needed_for_anchors,
    spans_by,
)
from trialwright.protocol.epochs import standing
from trialwright.protocol.loader import parse_file
from trialwright.protocol.model import Protocol
from trialwright.protocol.problems import ProtocolFileError
from trialwright.protocol.schedule import Planning, plan
from trialwright.protocol.values import PartialDate
from trialwright.protocol.visits import EndEvent
from trialwright.simulation.examples import example

CROSSOVER = example("nct02390960").decode()
DAY_1 = date(2026, 1, 31)


def crossover(*changes: tuple[str, str]) -> Protocol:
    source = CROSSOVER
    for before, after in changes:
        assert source.count(before) == 1, before
        source = source.replace(before, after)
    return parse_file(source.encode(), "crossover.yaml")


def rules(*changes: tuple[str, str]) -> set[str]:
    with pytest.raises(ProtocolFileError) as caught:
        crossover(*changes)
    return {problem.rule for problem in caught.value.problems}


def on(days: int) -> date:
    return DAY_1 + timedelta(days=days)


def lived(**more: object) -> Moments:
    steps = {"consent": DAY_1, "allocation": on(43)}
    visits = {("visit_2", 1): on(36), ("visit_3", 1): on(43), ("visit_4", 1): on(50)}
    return Moments(**{"steps": steps, "visits": visits, **more})  # type: ignore[arg-type]


def where(moments: Moments, day: date) -> str | None:
    protocol = crossover()
    spans = spans_by(protocol, days_of_anchors(protocol, moments), moments)
    epoch = standing(spans, day)
    return epoch.key if epoch else None


@pytest.mark.parametrize(
    ("day", "epoch"),
    [
        (-1, None), (0, "screening"), (6, "screening"), (7, "run_in"), (34, "run_in"),
        (35, "qualification"), (42, "qualification"), (43, "period_1"), (49, "period_1"),
        (50, "washout"), (500, "washout"),
    ],
)  # fmt: skip
def test_one_stands_in_the_epoch_of_the_day(day: int, epoch: str | None) -> None:
    assert where(lived(), on(day)) == epoch


def test_a_washout_ends_when_the_second_period_begins() -> None:
    visits = {**lived().visits, ("visit_5", 1): on(57)}
    assert where(lived(visits=visits), on(56)) == "washout"
    assert where(lived(visits=visits), on(57)) == "period_2"
    assert where(lived(visits=visits), on(58)) == "follow_up"


def test_nothing_begins_after_the_participation_has_ended() -> None:
    gone = lived(left=on(20), endings={EndEvent.DEATH: on(20)})
    protocol = crossover()
    spans = spans_by(protocol, days_of_anchors(protocol, gone), gone)
    begun = [(each.epoch.key, each.end) for each in spans if each.start]
    assert begun == [("screening", on(7)), ("run_in", on(20))]


def test_death_before_the_first_visit() -> None:
    dead = Moments({"consent": DAY_1}, endings={EndEvent.DEATH: DAY_1}, left=DAY_1)
    protocol = crossover()
    spans = spans_by(protocol, days_of_anchors(protocol, dead), dead)
    assert [each.epoch.key for each in spans if each.start] == ["screening"]


def test_a_visit_is_counted_from_another_and_falls_with_it() -> None:
    protocol = crossover()
    planned = {each.visit: each for each in plan(protocol, days_of_anchors(protocol, lived()))}
    assert planned["visit_5"].target == on(57)
    assert (planned["visit_5"].first, planned["visit_5"].last) == (on(56), on(58))
    missed = lived(visits={**lived().visits, ("visit_4", 1): None})
    assert missed_anchors(protocol, missed) == {"at_visit_4"}
    known = days_of_anchors(protocol, missed)
    again = {each.visit: each for each in plan(protocol, known, impossible={"at_visit_4"})}
    assert again["visit_5"].planning is Planning.NOT_PLANNED


def test_a_visit_of_an_ended_epoch_is_not_planned_unless_it_took_place() -> None:
    protocol, known = crossover(), days_of_anchors(crossover(), lived())
    ended = {"period_2": on(55)}
    gone = {each.visit: each for each in plan(protocol, known, ended=ended)}
    assert gone["visit_5"].planning is Planning.NOT_PLANNED
    assert "Period 2" in gone["visit_5"].reason.in_language("en")
    came = {("visit_5", 1): on(57)}
    kept = {each.visit: each for each in plan(protocol, known, ended=ended, resolved=came)}
    assert kept["visit_5"].target == on(57)


def test_an_arm_says_what_it_gets_in_each_epoch() -> None:
    first, second = crossover().arms
    assert first.given_in("period_1") == second.given_in("period_2") == ("cream",)
    assert first.products == ("cream", "placebo_cream")
    assert first.given_in("washout") == ()
    assert first.given_in(None) == first.products


def test_progression_is_the_first_record_for_which_it_holds() -> None:
    protocol = parse_file(example("nct06868277"), "cycles.yaml")
    anchor = protocol.anchor("progression")
    assert anchor.item is not None and anchor.when is not None
    visit, form, item = str(anchor.item).split(".")
    visits = {(visit, number): on(60 * number) for number in (1, 2, 3)}
    names = set(needed_for_anchors(protocol, visits))
    assert {f"{visit}.{form}.{item}", f"{visit}~3.{form}.{item}"} <= names
    days = {
        f"{visit}{'' if n == 1 else f'~{n}'}.{form}.{item}": PartialDate.of(on(60 * n))
        for n in (1, 2, 3)
    }
    answers = {name.replace(item, "overall"): "sd" if "~" not in name else "pd" for name in days}
    found = days_of_anchors(protocol, Moments(visits=visits, values={**days, **answers}))
    assert found["progression"] == on(120)
    unknown = days_of_anchors(protocol, Moments(visits=visits, values=days))
    assert "progression" not in unknown


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        ("length: 1 d}", "length: 0 d}", "duration"),
        (", starts: at_visit_5, length", ", ends: [at_visit_5], length", "epoch-start"),
        ("period_2: [placebo_cream]}", "washout: [placebo_cream]}", "epoch-arm"),
        (
            "    in: {period_1: [placebo_cream], period_2: [cream]}",
            "    products: [cream]",
            "epoch-arm",
        ),
        (
            "{period_1: [placebo_cream], period_2: [cream]}",
            "{period_1: [cream], period_2: [cream]}",
            "epoch-arm",
        ),
        ("type: washout}", "type: wash_out}", "choice"),
        ("visit: visit_4}", "visit: visit_9}", "unknown-visit"),
        ("visit: visit_2}", "visit: visit_5}", "anchor-cycle"),
        (
            "{label: \"Visit 3\", visit: visit_3}",
            "{label: \"Visit 3\", epoch_end: period_1}",
            "anchor-cycle",
        ),
        (
            "{label: \"Visit 2\", visit: visit_2}",
            "{label: \"Visit 2\", visit: visit_2, when: \"1 == 1\"}",
            "anchor-source",
        ),
        ("{label: \"Visit 2\", visit: visit_2}", "{label: \"Visit 2\", event: moon}", "choice"),
    ],
)  # fmt: skip
def test_what_cannot_be_lived_is_refused(before: str, after: str, rule: str) -> None:
    assert rule in rules((before, after))
