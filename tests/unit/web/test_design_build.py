"""What is typed on the design page becomes a design as a protocol file makes it, or a problem."""

import pytest
from django.http import QueryDict
from django.utils import translation

from trialwright.demonstration.protocol import demonstration
from trialwright.design import (
    Accrual,
    Boin,
    Crm,
    CrossoverOutcomes,
    ExactSingleArm,
    ExcessOverControl,
    Keyboard,
    Means,
    Minimisation,
    PermutedBlocks,
    SampleSize,
    SelectionDesign,
    SimonTwoStage,
    TiteBoin,
    TiteCrm,
    from_node,
)
from trialwright.design.crm import calibrated_skeleton
from trialwright.design.excess import ControlRate
from trialwright.design.minimisation import Mix
from trialwright.design.simon import SimonAim
from trialwright.report.words import ReportWords
from trialwright.web.design.build import Built, build
from trialwright.web.design.compute import (
    LEAST_TRIALS,
    MOST_STATES,
    TRIALS,
    NeverExact,
    TooLarge,
    answer,
)
from trialwright.web.design.demonstration_rules import demonstration_rules
from trialwright.web.design.families import families
from trialwright.web.design.request import MOST_TEXT, DesignRequest, parse_request
from trialwright.web.design.urls import PLACES


def asked(query: str, family: int = 0) -> DesignRequest:
    return parse_request(QueryDict(query), families(ReportWords("en"))[family])


def made(query: str, family: int = 0, language: str = "en") -> Built:
    return build(asked(query, family), language)


SAFETY, TWO_STAGE, SURVIVAL, MULTI_ARM, SIZE, SELECTION, ALLOCATION = map(
    PLACES.index,
    ("safety", "two-stage", "survival", "multi-arm", "sample-size", "selection", "allocation"),
)


@pytest.mark.parametrize("family", range(len(PLACES)))
def test_an_empty_address_asks_for_something_that_can_be_answered(family: int) -> None:
    found = made("", family)
    assert not found.problems and found.question is not None
    told, _cases = answer(list(found.designs.values()), found.question, "auto", "en")
    assert told.performance


def test_boxes_make_the_design_that_a_protocol_would() -> None:
    found = made("a.kind=boin&a.target=0.25&a.doses=4&a.cohort_size=2&a.max_participants=24")
    assert found.designs == {
        "a": Boin(target=0.25, doses=4, cohort_size=2, max_participants=24, eliminate_at=0.95)
    }


def test_a_second_design_takes_what_it_leaves_empty_from_the_first() -> None:
    found = made("a.kind=boin&a.target=0.25&a.doses=4&b.kind=keyboard&b.max_participants=18")
    assert found.designs["b"] == Keyboard(target=0.25, doses=4, max_participants=18)


def test_a_crm_without_skeleton_is_calibrated_with_the_middle_dose_at_the_target() -> None:
    crm = made("a.kind=crm&a.target=0.25&a.doses=5").designs["a"]
    expected = calibrated_skeleton(0.25, 5, 3, 0.05)
    assert isinstance(crm, Crm) and crm.skeleton == pytest.approx(expected, abs=1e-4)


def test_a_tite_design_stands_around_the_one_that_runs_when_all_are_followed() -> None:
    found = made(
        "a.kind=tite-boin&a.target=0.25&a.doses=4&a.suspend_above=0.4&b.kind=tite-crm&c.kind=boin"
        "&q.arrivals_per_week=2.5&q.window_days=56"
    )
    assert not found.problems and found.question is not None
    boin = Boin(target=0.25, doses=4)
    skeleton = tuple(round(guess, 4) for guess in calibrated_skeleton(0.25, 4, 2, 0.05))
    assert found.designs == {
        "a": TiteBoin(boin=boin, suspend_above=0.4),
        "b": TiteCrm(crm=Crm(target=0.25, skeleton=skeleton)),
        "c": boin,
    }
    assert found.question.accrual == Accrual(window_days=56, arrivals_per_week=2.5)


def test_the_other_questions_make_their_designs_too() -> None:
    excess = made("a.kind=excess-over-control&a.looks=5,9&q.rate=0.2", SAFETY)
    assert excess.designs["a"] == ExcessOverControl(looks=(5, 9), margin=0.1, threshold=0.9)
    assert excess.question is not None and excess.question.control == ControlRate(0.2)
    blocks = made("a.arms=3&a.ratio=2,1,1&a.block_sizes=4,8&a.strata=east,west", ALLOCATION)
    assert blocks.designs["a"] == PermutedBlocks(
        arms=3, ratio=(2, 1, 1), block_sizes=(4, 8), strata=("east", "west")
    )
    minimised = made("a.kind=minimisation&a.factors=age,site,sex&q.levels=2,5,2", ALLOCATION)
    assert minimised.designs["a"] == Minimisation(arms=2, factors=("age", "site", "sex"))
    assert minimised.question is not None and minimised.question.mix == Mix((2, 5, 2), 60)


def test_a_two_stage_design_is_searched_or_given() -> None:
    found = made("b.kind=simon-search&b.criterion=minimax&c.kind=simon-two-stage", TWO_STAGE)
    assert found.designs == {  # Simon 1989, table 1: p0 0.10, p1 0.30, errors 0.05 and 0.20
        "a": SimonTwoStage(n1=10, r1=1, n=29, r=5),
        "b": SimonTwoStage(n1=15, r1=1, n=25, r=5),
        "c": SimonTwoStage(n1=10, r1=1, n=29, r=5),
    }
    assert found.question is not None and found.question.aims[2] is None
    aim = SimonAim(p0=0.1, p1=0.3, alpha=0.05, beta=0.2)
    assert found.question.aims[0] == aim and found.question.aims[1].criterion == "minimax"


def test_one_arm_has_any_number_of_looks_and_bounds_that_may_be_left_out() -> None:
    found = made("a.kind=exact-single-arm&a.looks=12,35&a.futile_at=1,5&a.active_at=none,6",
                 TWO_STAGE)  # fmt: skip
    assert found.designs["a"] == ExactSingleArm(
        looks=(12, 35), futile_at=(1, 5), active_at=(None, 6)
    )
    told, _cases = answer(list(found.designs.values()), found.question, "auto", "en")
    assert told.tree[0]["active"][0] == pytest.approx(0.0977, abs=1e-4)
    wrong = made("a.kind=exact-single-arm&a.active_at=none,none,none", TWO_STAGE)
    assert "At the last look every count ends the trial" in wrong.problems["a-futile-at"]


def test_boin_may_bound_its_mtd_and_boin12_may_end_at_once() -> None:
    assert made("a.bound_mtd=yes").designs["a"].bound_mtd
    assert not made("").designs["a"].bound_mtd
    assert made("a.kind=tite-boin&a.bound_mtd=yes").designs["a"].boin.bound_mtd
    ended = made("a.kind=boin12&a.stop_when=reached").designs["a"]
    assert ended.stop_when == "reached"
    assert made("a.kind=boin12").designs["a"].stop_when == "staying"


@pytest.mark.parametrize(
    ("query", "family"),
    [
        ("a.kind=crm&a.skeleton=0.1, 0.3&a.doses=2&b.kind=boin&b.target=0.2&method=exact"
         "&rates=0.1,0.2&rates=0.2,0.3", 0),
        ("a.kind=tite-crm&a.suspend_above=0.3&q.window_days=84&q.late_share=0.7", 0),
        ("a.kind=excess-over-control&a.margin=0.2&q.rate=0.3", SAFETY),
        ("a.kind=exact-single-arm&a.looks=5,9,14&a.futile_at=0,none,4&a.active_at=none,6,5",
         TWO_STAGE),
        ("a.p0=0.05&a.p1=0.25&b.kind=simon-search&b.criterion=minimax", TWO_STAGE),
        ("a.kind=minimisation&a.probability=7/10&q.levels=3,3&b.kind=permuted-blocks", ALLOCATION),
    ],
)  # fmt: skip
def test_the_address_asks_for_the_same_again(query: str, family: int) -> None:
    first = asked(query, family)
    again = asked(first.address(), family)
    assert not build(first, "en").problems
    assert build(again, "en").designs == build(first, "en").designs
    assert build(again, "en").question == build(first, "en").question
    assert (again.rates, again.method) == (first.rates, first.method)
    assert again.address() == first.address()


def test_the_selection_page_begins_with_the_demonstration_s_own_design() -> None:
    section = demonstration().design
    assert section is not None
    own = from_node(section)
    assert isinstance(own, SelectionDesign)
    assert made("", SELECTION).designs == {"a": own}


def test_the_demonstration_s_rules_are_those_of_its_protocol_with_their_exact_figures() -> None:
    section = demonstration().design
    assert section is not None
    own = demonstration_rules("en")
    assert own is not None and own.sha256 == from_node(section).table().sha256
    tables = [part.table for part in own.parts if part.table is not None]
    assert tables[0].rows[-1].cells == ("26–30", "7")
    held = [row.cells[1:] for row in tables[2].rows if row.cells[0] == "Probability of a hold, %"]
    assert held == [
        ("2.6", "10.1", "34.6", "61.1", "81.3"),
        ("1.6", "12.7", "68.1", "96.5", "99.9"),
    ]


@pytest.mark.parametrize(
    ("query", "family", "field", "words"),
    [
        ("a.kind=excess-over-control&a.looks=5,3", SAFETY, "a-looks", "whole number, 6 to 200"),
        ("a.kind=excess-over-control&q.rate=1.2", SAFETY, "q-rate", "within 0 and 1"),
        ("a.p0=0.4&a.p1=0.3", TWO_STAGE, "a-p1", "strictly between 0.4 and 1"),
        ("a.p0=0.40&a.p1=0.42", TWO_STAGE, "a-p0", "No two-stage design with at most 100"),
        ("a.kind=simon-two-stage&a.n1=50", TWO_STAGE, "a-n1", "whole number, 1 to 28"),
        ("a.block_sizes=5", ALLOCATION, "a-block-sizes", "multiples of 2"),
        ("a.block_sizes=200", ALLOCATION, "a-block-sizes", "at most 24"),
        ("a.ratio=1,2,3", ALLOCATION, "a-ratio", "one positive whole number for each arm"),
        ("a.kind=minimisation&a.factors=,", ALLOCATION, "a-factors", "different names"),
        ("a.kind=minimisation&a.probability=1/2", ALLOCATION, "a-probability", "above 1/2"),
        ("a.kind=minimisation&q.levels=2,0", ALLOCATION, "q-levels", "whole number, 1 to 100"),
        ("a.kind=minimisation&q.participants=x", ALLOCATION, "q-participants", "a whole number"),
        ("b.kind=no-such", SAFETY, "b-kind", "“no-such” cannot be chosen here."),
    ],
)  # fmt: skip
def test_each_question_says_at_which_box_what_is_wrong(
    query: str, family: int, field: str, words: str
) -> None:
    found = made(query, family)
    assert list(found.problems) == [field]
    assert words in found.problems[field]
    assert found.question is None


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ("a.kind=tite-boin&q.window_days=0", "q-window-days", "is above 0"),
        ("a.kind=tite-boin&q.late_share=1", "q-late-share", "strictly between 0 and 1"),
        ("a.kind=tite-crm&a.suspend_above=2", "a-suspend-above", "strictly between 0 and 1"),
        ("a.kind=tite-crm&a.skeleton=0.3,0.2&a.doses=2", "a-skeleton", "increases from each dose"),
        ("a.kind=tite-boin&a.target=", "a-target", "Target DLT rate is empty."),
        ("method=guess", "method", "“guess” cannot be chosen here."),
        ("a.target=1.3", "a-target", "Target DLT rate is 1.3. Target DLT rate lies strictly"),
        ("a.target=", "a-target", "Target DLT rate is empty. It has no default."),
        ("a.target=abc", "a-target", "Target DLT rate is 'abc'. It is a number."),
        ("a.doses=9", "a-doses", "On this page it is at most 8."),
        ("a.doses=2.5", "a-doses", "It is a whole number."),
        ("a.cohort_size=0", "a-cohort-size", "Cohort size is a whole number, 1 to 12."),
        ("a.max_participants=500", "a-max-participants", "`trialwright design oc`"),
        ("b.kind=keyboard&b.below=0.4", "b-below", "Margin below the target (ε1) is 0.4."),
        ("a.kind=crm&a.skeleton=0.3,0.2&a.doses=2", "a-skeleton", "increases from each dose"),
        ("a.kind=crm&a.skeleton=0.3,0.4", "a-skeleton", "one for each of 5 doses"),
        ("rates=0.1,0.2", "rates-1", "A row holds 5, one for each dose or arm."),
        ("rates=0.1,0.2,0.3,0.4,0.5&rates=x", "rates-2", "'x' are not rates."),
        ("rates=0.1,0.2,0.3,0.4,1.5", "rates-1", "too low or too high"),
        ("rates=0.1,0.2,0.3,0.4,nan", "rates-1", "too low or too high"),
    ],
)  # fmt: skip
def test_a_problem_stands_at_its_box_in_the_words_of_the_design(
    query: str, field: str, words: str
) -> None:
    found = made(query)
    assert list(found.problems) == [field]
    assert words in found.problems[field]
    assert found.question is None


def test_a_problem_is_said_in_chinese_with_the_names_of_the_page() -> None:
    with translation.override("zh-hans"):
        zh = families(ReportWords("zh"))[0]
        found = build(parse_request(QueryDict("a.target=1.3"), zh), "zh")
    expected = "目标 DLT 率为 1.3。目标 DLT 率须严格介于 0 与 1 之间。请填写此范围内的数。"
    assert found.problems == {"a-target": expected}


def test_an_exact_answer_that_is_too_large_is_refused_and_otherwise_simulated() -> None:
    found = made("a.max_participants=60&a.cohort_size=1")
    assert found.question is not None
    designs = list(found.designs.values())
    with pytest.raises(TooLarge):
        answer(designs, found.question, "exact", "en")
    told, _cases = answer(designs, found.question, "auto", "en")
    assert told.tree[0]["method"] == "monte-carlo"
    assert "simulated" in told.method[0] and "standard error" in told.method[0]
    small = made("")
    assert small.question is not None
    exact, _cases = answer(list(small.designs.values()), small.question, "auto", "en")
    assert exact.tree[0]["method"] == "exact" and exact.tree[0]["states"] <= MOST_STATES


def test_the_largest_model_is_simulated_with_as_many_trials_as_one_can_wait_for() -> None:
    found = made("a.kind=crm&a.doses=8&a.cohort_size=1&a.max_participants=60")
    assert found.question is not None
    designs = list(found.designs.values())
    waited, _cases = answer(designs, found.question, "auto", "en")
    chosen, _cases = answer(designs, found.question, "monte-carlo", "en")
    few, many = waited.tree[0]["trials"], chosen.tree[0]["trials"]
    assert LEAST_TRIALS <= few < many == TRIALS
    assert f"simulated, {few:,} trials" in waited.method[0]


def test_a_tite_design_is_simulated_by_its_seed_and_never_exact() -> None:
    found = made("a.kind=tite-boin&q.arrivals_per_week=4")
    assert found.question is not None
    designs = list(found.designs.values())
    with pytest.raises(NeverExact):
        answer(designs, found.question, "exact", "en")
    told, _cases = answer(designs, found.question, "auto", "en")
    alone = designs[0].operating_characteristics(
        found.question.rates, accrual=Accrual(arrivals_per_week=4), trials=told.tree[0]["trials"]
    )
    assert told.tree[0]["selected"] == alone.selected.tolist()
    assert told.tree[0]["duration_days"] == alone.duration_days.tolist()
    assert "Participants arrive at 4 a week on average" in told.method[0]


def test_what_nobody_can_read_is_cut_and_never_fatal() -> None:
    long = asked(f"a.target={'9' * 5000}&rates={'0.1,' * 3000}&rates=&a.kind=no-such&d.kind=boin")
    assert len(long.texts["a.target"]) == MOST_TEXT
    assert build(long, "en").problems
    assert set(long.kinds) == {"a"}


def test_a_sample_size_is_chosen_by_its_outcomes() -> None:
    found = made("a.kind=crossover&a.difference=0.7&a.power=0.9&b.kind=means", SIZE)
    assert found.designs["a"] == SampleSize(
        outcomes=CrossoverOutcomes(difference=0.7), power=0.9, trials=400
    )
    # What the second leaves empty it takes from the first.
    assert found.designs["b"] == SampleSize(outcomes=Means(difference=0.5), power=0.9)
    wrong = made("a.kind=ordered&a.first=0.5,0.4,0.2", SIZE)
    assert "add to 1" in wrong.problems["a-first"]


def test_effects_of_arms_may_be_below_zero_and_rates_may_not() -> None:
    good = made("rates=-0.5,0,0.5", MULTI_ARM)
    assert good.question is not None and good.question.rates == ((-0.5, 0.0, 0.5),)
    bad = made("rates=-2.5,0,0.5", MULTI_ARM)
    assert "from -2 to 2" in bad.problems["rates-1"]


def test_a_logistic_regression_has_amounts_that_double_unless_it_is_told_others() -> None:
    usual = made("a.kind=blrm&a.doses=4").designs["a"]
    assert (usual.model.doses, usual.model.reference) == ((1, 2, 4, 8), 8)
    told = made("a.kind=blrm&a.model.doses=5,10,30&a.model.reference=30").designs["a"]
    assert (told.model.doses, told.model.reference) == ((5, 10, 30), 30)
    problem = made("a.kind=blrm&a.model.prior_sd=0,1").problems
    assert list(problem) == ["a-model-prior-sd"]
