"""Reading the factors of a factorial trial, and the level of each that an arm has."""

from collections import Counter
from collections.abc import Iterator

from trialwright.protocol.factorial import TreatmentFactor, TreatmentLevel
from trialwright.protocol.fields import Fields
from trialwright.protocol.model import Arm, Protocol
from trialwright.protocol.problems import Problem
from trialwright.protocol.shapes import TREATMENT_FACTOR, TREATMENT_LEVEL, Shape
from trialwright.protocol.typecheck import suggestion

RULE = "factors"


def read_factors(root: Fields) -> tuple[TreatmentFactor, ...]:
    """The factors whose levels the arms combine, in the order written."""
    return tuple(
        TreatmentFactor(
            key,
            fields.text("label"),
            tuple(
                TreatmentLevel(level, inner.text("label"))
                for level, inner in fields.named("levels", TREATMENT_LEVEL)
            ),
            fields.line,
        )
        for key, fields in root.named("factors", TREATMENT_FACTOR)
    )


def read_levels_of_arm(fields: Fields, factors: tuple[TreatmentFactor, ...]) -> dict[str, str]:
    """The level of each factor that an arm has, by factor."""
    keys = tuple(factor.key for factor in factors)
    inner = fields.within("levels", Shape("the levels of an arm", (), keys))
    if inner is None:
        return {}
    read = {}
    for factor in factors:
        word = inner.words(factor.key) if inner.has(factor.key) else None
        known = [level.key for level in factor.levels]
        if word in known:
            read[factor.key] = word
        elif word:
            message = f"`{word}` is not a level of the factor `{factor.key}`"
            line = inner.line_of(factor.key)
            fields.reading.problem(line, message, suggestion(word, known), RULE)
    return read


def factor_problems(protocol: Protocol) -> Iterator[Problem]:
    """Arms that aren't one combination each, levels that nobody gets, factors with one level."""
    factors = protocol.factors
    if not factors:
        return
    for factor in factors:
        if len(factor.levels) < 2:
            message = f"The factor `{factor.key}` has {len(factor.levels)} level"
            yield Problem(factor.line, message, "Write two levels at least.", RULE)
        given = {arm.levels.get(factor.key) for arm in protocol.arms}
        for level in factor.levels:
            if level.key not in given:
                message = f"No arm has the level `{level.key}` of the factor `{factor.key}`"
                yield Problem(factor.line, message, "Give it to an arm, or take it away.", RULE)
    yield from _combinations(protocol.arms, factors)


def _combinations(arms: tuple[Arm, ...], factors: tuple[TreatmentFactor, ...]) -> Iterator[Problem]:
    found = Counter(tuple(arm.levels.get(factor.key) for factor in factors) for arm in arms)
    for arm in arms:
        for factor in factors:
            if factor.key not in arm.levels:
                message = f"The arm `{arm.key}` has no level of the factor `{factor.key}`"
                levels = ", ".join(f"`{level.key}`" for level in factor.levels)
                way_out = f"Add it to the arm's `levels`: one of {levels}."
                yield Problem(arm.line, message, way_out, RULE)
        combined = tuple(arm.levels.get(factor.key) for factor in factors)
        if None not in combined and found[combined] > 1:
            message = f"The arm `{arm.key}` has the same levels as another arm"
            way_out = "Give each arm a combination of its own, or add the factor that differs."
            yield Problem(arm.line, message, way_out, RULE)
