"""Reading how participants are allocated: the kind, and what an allocation of that kind says."""

from dataclasses import replace
from fractions import Fraction

from trialwright.protocol.allocation_kinds import AllocationKind, ArmRule, Imbalance
from trialwright.protocol.allocations import Allocation, Factor, Level, Pause, RunIn
from trialwright.protocol.cohorts import Cohorts
from trialwright.protocol.fields import Fields
from trialwright.protocol.model import Arm
from trialwright.protocol.nodes import Block, Scalar
from trialwright.protocol.provenance import Reading
from trialwright.protocol.read_external import check_columns, who_uploads
from trialwright.protocol.roles import Act, Knows, Roles
from trialwright.protocol.shapes import (
    ALLOCATION,
    ARM_RULE,
    FACTOR,
    LEVEL,
    NAMED_ALLOCATION,
    PAUSE,
    PROVENANCE,
    RUN_IN,
    Shape,
)
from trialwright.protocol.typecheck import suggestion


def allocation_keys(root: Fields) -> tuple[str, ...]:
    """The names of the allocations at later epochs, whose days anchors can count from."""
    node = root.block.get("allocations")
    return tuple(
        entry.key
        for entry in (node if isinstance(node, Block) else ())
        if isinstance(entry.value, Block) and entry.value.get("at") is not None
    )


def read_allocations(
    root: Fields,
    arms: tuple[Arm, ...],
    participants: int,
    roles: Roles,
    cohorts: Cohorts | None,
    epochs: tuple[str, ...],
) -> tuple[Allocation, ...]:
    """The allocations, in the order written: the one of `allocation`, or those of `allocations`.

    Their expressions are not yet typed; those that groups bring are added by `read_groups`.
    """
    one = root.within("allocation", ALLOCATION)
    named = list(root.named("allocations", NAMED_ALLOCATION))
    if one is not None and named:
        message = "The file has `allocation` and `allocations`"
        way_out = "Write the one among the others, or leave the others away."
        root.reading.problem(named[0][1].line, message, way_out, "allocations")
    found = [] if one is None else [_allocation(one, arms, participants, roles, cohorts)]
    for key, fields in named:
        read = _allocation(fields, _arms_of(fields, arms, cohorts), participants, roles, cohorts)
        found.append(_named(key, read, fields, arms, epochs))
    doses = any(each.kind is AllocationKind.DOSE_COHORT for each in found)
    if cohorts is not None and not doses:
        _together(root.reading, cohorts.line)
    # Of a file with one arm alone, or a cohort, nobody is allocated.
    none = found and one is not None and found[0].kind is AllocationKind.NONE
    return () if none else tuple(found)


def _allocation(
    fields: Fields,
    arms: tuple[Arm, ...],
    participants: int,
    roles: Roles,
    cohorts: Cohorts | None,
) -> Allocation:
    kind = fields.choice("kind", AllocationKind) or AllocationKind.BLOCKS
    _check_keys(fields, kind)
    later = fields.has("at")
    _check_cohorts(fields, kind, cohorts)
    if kind is AllocationKind.NONE:
        _check_one_arm(fields, arms)
    paced = cohorts if kind is AllocationKind.DOSE_COHORT else None
    if paced is not None and paced.control is not None:
        arms = arms_of_cohorts(paced, arms)
    ratio = _ratio(fields, arms)
    factors = _factors(fields)
    uploaded = kind is AllocationKind.EXTERNAL
    if uploaded:
        check_columns(fields, arms, factors)
    return Allocation(
        ratio=ratio,
        block_sizes=tuple(
            _block_size(fields, name.text, name.line, sum(ratio))
            for name in fields.names("block_sizes")
        ),
        factors=factors,
        run_in=_run_in(fields, sum(ratio)) or (None if later else apart(participants, paced)),
        line=fields.line,
        pause_after=_pause(fields, participants, roles),
        kind=kind,
        probability=_probability(fields, kind, len(arms)),
        weights=_weights(fields, factors),
        measure=fields.choice("measure", Imbalance) or Imbalance.RANGE,
        by=who_uploads(fields, roles) if uploaded else _who_chooses(fields, roles),
        rules=_rules(fields, arms),
        arms=tuple(arm.number for arm in arms),
        control=control_of(paced, arms),
    )


def _named(
    key: str, read: Allocation, fields: Fields, arms: tuple[Arm, ...], epochs: tuple[str, ...]
) -> Allocation:
    """One of several allocations, with when it is made and of whom."""
    numbers = {arm.key: arm.number for arm in arms}
    read = replace(read, to=_switched(fields, numbers))
    among = tuple(numbers[name] for name in fields.words_among("among", list(numbers)))
    if read.to and among:
        message = f"The switch `{key}` has `among`, and says in `to` from which arms"
        fields.reading.problem(
            fields.line_of("among"), message, "Leave it away.", "allocation-kind"
        )
    return replace(
        read,
        key=key,
        label=fields.text("label"),
        at=fields.word_among("at", epochs),
        among=tuple(read.to) or among,
        when=fields.expression("when"),
    )


def _switched(fields: Fields, numbers: dict[str, int]) -> dict[int, int]:
    """The arm that follows each arm of a switch, by their numbers; none follows itself."""
    inner = fields.within("to", Shape("the arm that follows each", (), tuple(numbers)))
    found = {}
    for key in numbers if inner else ():
        if inner is None or not inner.has(key):
            continue
        to = inner.word_among(key, list(numbers))
        if to == key:
            message = f"The arm `{key}` would switch to itself"
            way_out = "Leave it away: who has no arm under `to` keeps theirs."
            inner.reading.problem(inner.line_of(key), message, way_out, "allocation-kind")
        elif to is not None:
            found[numbers[key]] = numbers[to]
    return found


def _arms_of(fields: Fields, arms: tuple[Arm, ...], cohorts: Cohorts | None) -> tuple[Arm, ...]:
    """The arms that one of several allocations leads to: those that it names, or all; in dose
    cohorts the levels."""
    kind = fields.block.get("kind")
    if cohorts is not None and isinstance(kind, Scalar) and kind.text == AllocationKind.DOSE_COHORT:
        return arms_of_cohorts(cohorts, arms)
    named = set(fields.words_among("arms", [arm.key for arm in arms]))
    for key in ("ratio", "rule"):
        node = fields.block.get(key)
        named |= set(node.keys()) - set(PROVENANCE) if isinstance(node, Block) else set()
    switched = fields.block.get("to")
    if isinstance(switched, Block):
        named |= {each.value.text for each in switched if isinstance(each.value, Scalar)}
    found = tuple(arm for arm in arms if arm.key in named)
    return found or arms


def arms_of_cohorts(cohorts: Cohorts, arms: tuple[Arm, ...]) -> tuple[Arm, ...]:
    """The arms that dose cohorts lead to; of those that are randomised the levels in their order,
    then the control."""
    named = [level.arm for level in cohorts.levels]
    if cohorts.control is None:
        return tuple(arm for arm in arms if arm.key in named)
    known = {arm.key: arm for arm in arms}
    return tuple(known[key] for key in (*named, cohorts.control.arm) if key in known)


def control_of(cohorts: Cohorts | None, arms: tuple[Arm, ...]) -> int:
    """The number of the arm that dose cohorts are randomised against, 0 without one."""
    control = cohorts.control if cohorts else None
    return next((arm.number for arm in arms if control and arm.key == control.arm), 0)


def _check_keys(fields: Fields, kind: AllocationKind) -> None:
    """Name the keys that this kind of allocation needs, and those that it doesn't have."""
    required, optional = kind.keys
    for key in required:
        if not fields.has(key):
            message = f"The allocation has no `{key}` (allocation)"
            way_out = f"Add `{key}:` to the block that begins on line {fields.line}."
            fields.reading.problem(fields.line, message, way_out, "missing-key")
    for key in ALLOCATION.optional:
        if fields.has(key) and key not in ("kind", *required, *optional):
            fits = [f"`{each}`" for each in AllocationKind if key in sum(each.keys, ())]
            message = f"An allocation of the kind `{kind}` has no `{key}`"
            way_out = f"Take it away, or write `kind:` {' or '.join(fits)}."
            fields.reading.problem(fields.line_of(key), message, way_out, "allocation-kind")


def _check_cohorts(fields: Fields, kind: AllocationKind, cohorts: Cohorts | None) -> None:
    if kind is AllocationKind.DOSE_COHORT and cohorts is None:
        _together(fields.reading, fields.line)


def _together(reading: Reading, line: int) -> None:
    message = "The allocation of dose cohorts and the block `cohorts` go together"
    way_out = "Write `allocation: {kind: dose_cohort}` and `cohorts:`, or neither."
    reading.problem(line, message, way_out, "cohorts")


def apart(participants: int, cohorts: Cohorts | None) -> RunIn | None:
    """The days between first doses in dose cohorts: kept as in a run-in that never ends."""
    return RunIn(participants, 1, cohorts.days_apart) if cohorts and cohorts.days_apart else None


def _check_one_arm(fields: Fields, arms: tuple[Arm, ...]) -> None:
    if len(arms) > 1:
        message = f"The allocation is of the kind `none`, and leads to {len(arms)} arms"
        way_out = "Say how participants come to their arms, or keep one arm."
        fields.reading.problem(fields.line_of("kind"), message, way_out, "allocation-kind")


def _ratio(fields: Fields, arms: tuple[Arm, ...]) -> tuple[int, ...]:
    given = {}
    for key, number in fields.shares("ratio"):
        if key not in [arm.key for arm in arms]:
            message = f"`{key}` is not an arm"
            way_out = suggestion(key, [arm.key for arm in arms])
            fields.reading.problem(fields.line_of("ratio"), message, way_out, "unknown-arm")
        given[key] = number
    absent = [arm.key for arm in arms if arm.key not in given]
    if absent and fields.has("ratio"):
        message = f"The ratio leaves out {', '.join(absent)}"
        way_out = "Give every arm its share, a whole number from 1."
        fields.reading.problem(fields.line_of("ratio"), message, way_out, "ratio")
    return tuple(given.get(arm.key, 1) for arm in arms)


def _probability(fields: Fields, kind: AllocationKind, arms: int) -> str:
    """The probability of an arm that is behind, above 1/arms; Efron's 2/3 of a coin, 4/5 of
    minimisation, if the file doesn't say."""
    if not fields.has("probability"):
        return "2/3" if kind is AllocationKind.BIASED_COIN and arms == 2 else "4/5"
    chance = fields.fraction("probability")
    if chance and arms and chance <= Fraction(1, arms):
        message = f"The probability {chance} is no more than that of any of {arms} arms"
        way_out = f"Write a number above 1/{arms} and at most 1, like 4/5."
        fields.reading.problem(fields.line_of("probability"), message, way_out, "number")
    return str(chance)


def _weights(fields: Fields, factors: tuple[Factor, ...]) -> tuple[int, ...]:
    """The weight of each factor, 1 where the file doesn't say."""
    known = [factor.key for factor in factors]
    given = {}
    for key, weight in fields.shares("weights"):
        if key not in known:
            message = f"`{key}` is not a stratification factor"
            way_out = suggestion(key, known)
            fields.reading.problem(fields.line_of("weights"), message, way_out, "levels")
        given[key] = weight
    return tuple(given.get(key, 1) for key in known)


def _who_chooses(fields: Fields, roles: Roles) -> str:
    """The role that chooses arms: it may randomise, and it learns the arms that it chooses."""
    if not fields.has("by"):
        return ""
    key = fields.word_among("by", roles.people) or ""
    role = roles.by_key.get(key)
    if role is not None and Act.RANDOMISE not in role.grants:
        message = f"`{key}` chooses the arm, and may not randomise"
        way_out = f"Add `{Act.RANDOMISE}` to its `may`, or name another role."
        fields.reading.problem(fields.line_of("by"), message, way_out, "allocation-kind")
    if role is not None and role.knows_arm is not Knows.YES:
        message = f"`{key}` chooses the arm, and may not know it"
        way_out = f"Write `knows_arm: yes` for `{key}`, or name a role that knows arms."
        fields.reading.problem(fields.line_of("by"), message, way_out, "blinded-role")
    return key


def _rules(fields: Fields, arms: tuple[Arm, ...]) -> tuple[ArmRule, ...]:
    """What decides the arm, in the order written; every arm has its line."""
    known = [arm.key for arm in arms]
    rules = []
    for key, inner in fields.named("rule", ARM_RULE):
        if key not in known:
            way_out = suggestion(key, known)
            inner.reading.problem(inner.line, f"`{key}` is not an arm", way_out, "unknown-arm")
        rules.append(ArmRule(key, inner.needed_expression("when")))
    absent = [key for key in known if key not in [rule.arm for rule in rules]]
    if absent and fields.has("rule"):
        message = f"The rule leaves out {', '.join(absent)}"
        way_out = "Write for every arm who gets it: `arm: {when: …}`."
        fields.reading.problem(fields.line_of("rule"), message, way_out, "ratio")
    return tuple(rules)


def _pause(fields: Fields, participants: int, roles: Roles) -> Pause | None:
    inner = fields.within("pause_after", PAUSE)
    if inner is None:
        return None
    count = inner.whole("participants", 1, minimum=1)
    if participants and count >= participants:
        message = f"The pause comes after {count} participants, and the trial has {participants}"
        way_out = "Let it come before the last one is randomised, or take it away."
        inner.reading.problem(inner.line_of("participants"), message, way_out, "pause")
    role = _who_reviews(inner, roles)
    return Pause(count, inner.days("after_days"), role)


def _who_reviews(fields: Fields, roles: Roles) -> str:
    """The role that must have seen the results: somebody who sees the participants of all sites."""
    key = fields.word_among("seen_by", tuple(roles.by_key)) or ""
    role = roles.by_key.get(key)
    if role is not None and (role.at_site or Act.SEE_PARTICIPANTS not in role.grants):
        message = f"`{key}` doesn't see the results of all sites"
        way_out = "Name a role that does, such as `safety_board`."
        fields.reading.problem(fields.line_of("seen_by"), message, way_out, "pause")
    return key


def _run_in(fields: Fields, share: int) -> RunIn | None:
    inner = fields.within("run_in", RUN_IN)
    if inner is None:
        return None
    size = inner.whole("block_size", share, minimum=1)
    _block_size(inner, str(size), inner.line_of("block_size"), share)
    participants = inner.whole("participants", size, minimum=1)
    if participants % size:
        message = f"The run-in's {participants} participants don't fill blocks of {size}"
        way_out = "Make the number a multiple of the block size."
        line = inner.line_of("participants")
        inner.reading.problem(line, message, way_out, "block-size")
    return RunIn(participants, size, inner.days("days_apart"))


def _block_size(fields: Fields, text: str, line: int, share: int) -> int:
    size = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    if size < 1 or (share and size % share):
        message = f"A block of {text} can't hold the ratio, which adds up to {share}"
        way_out = f"Use multiples of {share}."
        fields.reading.problem(line, message, way_out, "block-size")
    return size


def _factors(fields: Fields) -> tuple[Factor, ...]:
    factors = []
    for key, factor in fields.named("strata", FACTOR):
        levels = tuple(
            Level(level_key, level.text("label"), level.needed_expression("when"))
            for level_key, level in factor.named("levels", LEVEL)
        )
        if len(levels) < 2:
            message = f"The factor `{key}` has fewer than two levels"
            way_out = "Add levels, or take the factor away."
            factor.reading.problem(factor.line, message, way_out, "levels")
        factors.append(Factor(key, factor.text("label"), levels))
    return tuple(factors)
