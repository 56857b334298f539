"""An error says what, rule and way out, in English and in Chinese, with the words people use."""

import pickle

import numpy as np
import pytest

from trialwright.design import (
    BetaBinomialStopping,
    Boin,
    Boin12,
    Crm,
    DesignError,
    ExactTwoArm,
    GroupSequential,
    Minimisation,
    PermutedBlocks,
    TiteBoin,
    TiteCrm,
)
from trialwright.messages import Message
from trialwright.protocol.basics import Text


def refused(make: object, **arguments: object) -> DesignError:
    with pytest.raises(DesignError) as caught:
        make(**arguments)  # type: ignore[operator]
    return caught.value


@pytest.mark.parametrize(
    ("make", "arguments"),
    [
        (Boin, {"target": 1.3, "doses": 3}),
        (Boin, {"target": 0.3, "doses": 0}),
        (Boin, {"target": 0.3, "doses": 3, "stop_when": "later"}),
        (Boin, {"target": 0.3, "doses": 3, "titration": True, "cohort_size": 1}),
        (Crm, {"target": 0.3, "skeleton": (0.3, 0.2)}),
        (Boin12, {"target": 0.3, "min_response": 0.2, "doses": 3, "neither": 30.0}),
        (GroupSequential, {"timing": (0.5,)}),
        (ExactTwoArm, {"per_arm": (10, 20), "upper": (2.0,)}),
    ],
)
def test_both_languages_say_all_three_parts(make: object, arguments: dict[str, object]) -> None:
    error = refused(make, **arguments)
    for part in (error.what, error.rule, error.fix):
        assert isinstance(part, Message)
        assert any("\u4e00" <= c <= "\u9fff" for c in part.in_language("zh"))
    assert str(error.said()) == str(error) == f"{error.what} {error.rule} {error.fix}"


def test_arguments_are_called_what_people_call_them() -> None:
    error = refused(Boin, target=1.3, doses=3)
    said = error.said({"target": Text("target DLT rate", "目标 DLT 率")})
    english = "Target DLT rate is 1.3. Target DLT rate lies strictly between 0 and 1."
    assert said.in_language("en").startswith(english)
    assert said.in_language("zh").startswith("目标 DLT 率为 1.3。")


def test_a_name_is_replaced_only_where_it_stands_alone() -> None:
    error = DesignError(
        Message("n is 1, not n1."), rule=Message("No number."), fix=Message("Again.")
    )
    said = error.said({"n": Text("Size", "例数")})
    assert str(said) == "Size is 1, not n1. No number. Again."


def test_an_error_travels_between_processes() -> None:
    error = refused(Boin, target=1.3, doses=3)
    again = pickle.loads(pickle.dumps(error))
    assert again.said() == error.said()


@pytest.mark.parametrize("wrong", [None, 3, 0.5, "abc", float("nan"), {}])
@pytest.mark.parametrize(
    ("make", "name", "others"),
    [
        (Crm, "skeleton", {"target": 0.3}),
        (GroupSequential, "timing", {}),
        (ExactTwoArm, "per_arm", {"upper": (2.0,)}),
        (PermutedBlocks, "block_sizes", {"arms": 2}),
        (PermutedBlocks, "strata", {"arms": 2}),
        (Minimisation, "factors", {"arms": 2}),
        (BetaBinomialStopping, "prior", {"limit": 0.2, "threshold": 0.9, "participants": 9}),
        (TiteBoin, "boin", {}),
        (TiteCrm, "crm", {}),
    ],
)
def test_what_is_of_another_kind_is_refused(
    make: object, name: str, others: dict[str, object], wrong: object
) -> None:
    assert name in refused(make, **{name: wrong}, **others).what.in_language("en")


def test_lists_and_arrays_are_as_good_as_tuples() -> None:
    skeleton = (0.05, 0.12, 0.25)
    for given in (list(skeleton), np.array(skeleton)):
        assert Crm(target=0.25, skeleton=given) == Crm(target=0.25, skeleton=skeleton)
    assert PermutedBlocks(arms=2, block_sizes=[2, 4]) == PermutedBlocks(arms=2, block_sizes=(2, 4))
