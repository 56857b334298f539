"""Reading dose levels and cohorts."""

from decimal import Decimal
from itertools import product

from trialwright.protocol.cohorts import CohortControl, Cohorts, DoseLevel, SizeStretch, no_higher
from trialwright.protocol.fields import Fields
from trialwright.protocol.model import Arm
from trialwright.protocol.nodes import Block, Listing, Node, Scalar
from trialwright.protocol.roles import Act, Roles
from trialwright.protocol.shapes import (
    COHORT_CONTROL,
    COHORT_SIZES,
    COHORTS,
    DOSE_LEVEL,
    SECOND_DOSE,
)
from trialwright.protocol.typecheck import suggestion


def read_cohorts(
    root: Fields,
    levels: tuple[DoseLevel, ...],
    arms: tuple[Arm, ...],
    roles: Roles,
    *,
    by_group: bool,
) -> Cohorts | None:
    """The cohorts of the whole trial with their dose levels; expressions not yet typed.

    Args:
        by_group: whether groups have cohorts of their own, which use the levels.
    """
    fields = root.within("cohorts", COHORTS)
    if fields is not None:
        return cohorts_in(fields, levels, arms, roles)
    if levels and not by_group:
        message = "The file has `dose_levels` and no `cohorts`"
        way_out = "Say how cohorts follow one another, or take the levels away."
        root.reading.problem(levels[0].line, message, way_out, "cohorts")
    return None


def cohorts_in(
    fields: Fields,
    levels: tuple[DoseLevel, ...],
    arms: tuple[Arm, ...],
    roles: Roles,
    group: str = "",
) -> Cohorts:
    """The cohorts in a block, of the trial or of a group by its key, over these dose levels."""
    if not levels:
        message = "The file has `cohorts` and no `dose_levels`"
        fields.reading.problem(fields.line, message, "Add them, the lowest first.", "cohorts")
    _check_order(fields, levels)
    rule = fields.words("rule")
    _check_who_says_size(fields, ruled=rule is not None)
    window_days = _window(fields, "window")
    response = fields.expression("response")
    if response is not None and rule is None:
        message = "The cohorts have a `response` and no `rule` that reads it"
        way_out = "Name a rule that reads responses, such as `boin12`, or take it away."
        fields.reading.problem(fields.line_of("response"), message, way_out, "cohorts")
    if response is None and fields.has("response_window"):
        message = "The cohorts have a `response_window` and no `response`"
        way_out = "Say in `response` who has responded, or take the window away."
        fields.reading.problem(fields.line_of("response_window"), message, way_out, "cohorts")
    return Cohorts(
        levels=levels,
        rule=rule,
        size=fields.whole("size", 0, minimum=1),
        window_days=window_days,
        event=fields.needed_expression("event"),
        evaluable=fields.expression("evaluable"),
        decide=_who_decides(fields, roles),
        days_apart=fields.days("days_apart"),
        line=fields.line,
        group=group,
        sizes=_sizes(fields, levels),
        response=response,
        response_window_days=_window(fields, "response_window") or window_days,
        control=_control(fields, levels, arms),
    )


def _control(
    fields: Fields, levels: tuple[DoseLevel, ...], arms: tuple[Arm, ...]
) -> CohortControl | None:
    """The arm that each cohort is randomised against: one that is no dose level."""
    inner = fields.within("control", COHORT_CONTROL)
    if inner is None:
        return None
    arm = inner.word_among("arm", [each.key for each in arms]) or ""
    if arm in [level.arm for level in levels]:
        message = f"The control `{arm}` is a dose level of the cohorts"
        way_out = "Name an arm that is no dose level, such as one of placebo."
        inner.reading.problem(inner.line_of("arm"), message, way_out, "cohorts")
    return CohortControl(arm, inner.whole("each", 1, minimum=1, maximum=99), inner.line)


def _window(fields: Fields, key: str) -> int:
    """The days of a window from the first dose; 0 without one."""
    window = fields.duration(key)
    if window is not None and window.months:
        message = f"`{key}` is not a number of days"
        way_out = "Write days or weeks: `28 d`, `4 weeks`."
        fields.reading.problem(fields.line_of(key), message, way_out, "duration")
    return window.days if window else 0


def _check_who_says_size(fields: Fields, *, ruled: bool) -> None:
    """A rule or the file says how large cohorts are; `sizes` may change what a rule says."""
    if fields.has("size") and fields.has("sizes"):
        message = "The cohorts have a `size` and `sizes`"
        way_out = "Keep `size` where all cohorts are alike, `sizes` where they change on the way."
        fields.reading.problem(fields.line_of("size"), message, way_out, "cohorts")
    elif fields.has("size") if ruled else not fields.has("sizes") and not fields.has("size"):
        message = "The cohorts have a `rule` or a `size`, and not both"
        way_out = (
            "A rule of `design:` says how large cohorts are; without one write `size`, or `sizes` "
            "where they change on the way."
        )
        fields.reading.problem(fields.line, message, way_out, "cohorts")


def _sizes(fields: Fields, levels: tuple[DoseLevel, ...]) -> tuple[SizeStretch, ...]:
    """The stretches of cohort sizes, in order; each but the last says where it ends."""
    node = fields.block.get("sizes")
    if node is None:
        return ()
    found = [_stretch(fields, each, levels) for each in node] if isinstance(node, Listing) else []
    ended = [each.until is not None or each.through is not None for each in found]
    if len(found) < 2 or not all(ended[:-1]) or ended[-1]:
        message = "`sizes` are not stretches of which each but the last says where it ends"
        way_out = (
            'Write two or more, as `sizes: [{each: 1, until: "…"}, {each: 3}]`, with `until` or '
            "`through` in all but the last; where the size never changes write `size`."
        )
        fields.reading.problem(node.line, message, way_out, "cohorts")
    before: list[int] = []
    for stretch in found:
        through = stretch.through
        if through is not None and any(no_higher(levels, through, each) for each in before):
            message = "A stretch of `sizes` goes through no dose level beyond those before it"
            way_out = "Name a higher level in `through`, or take the stretch away."
            fields.reading.problem(stretch.line, message, way_out, "cohorts")
        before += [through] if through is not None else []
    return tuple(found)


def _stretch(fields: Fields, node: Node, levels: tuple[DoseLevel, ...]) -> SizeStretch:
    if not isinstance(node, Block):
        message = "A stretch of `sizes` is not a block"
        way_out = "Write `{each: 1, through: LEVEL}`."
        fields.reading.problem(node.line, message, way_out, "cohorts")
        return SizeStretch(1, None, None, node.line)
    path = fields.path_to("sizes")
    inner = Fields(fields.reading, node, COHORT_SIZES, path, fields.provenance)
    keys = [level.arm for level in levels]
    through = inner.word_among("through", keys)
    if through is not None and through == keys[-1]:
        message = f"`{through}` is the highest dose level, so the stretch never ends by it"
        way_out = "Name a lower level, or take `through` away."
        fields.reading.problem(inner.line_of("through"), message, way_out, "cohorts")
    return SizeStretch(
        each=inner.whole("each", 1, minimum=1, maximum=99),
        until=inner.expression("until"),
        through=keys.index(through) + 1 if through is not None else None,
        line=node.line,
    )


def _check_order(fields: Fields, levels: tuple[DoseLevel, ...]) -> None:
    """The levels over which cohorts escalate go up, in one unit; of two agents they are all
    combinations."""
    two = any(level.second_dose is not None for level in levels)
    if two:
        _check_combinations(fields, levels)
    before: DoseLevel | None = None
    for level in levels:
        if level.dose <= 0 or (not two and before is not None and level.dose <= before.dose):
            message = f"The dose of `{level.arm}` is no more than that before it"
            way_out = "Write the levels in order, the lowest first, each above 0."
            fields.reading.problem(level.line, message, way_out, "cohorts")
        units = (level.unit, level.second_unit)
        if before is not None and units != (before.unit, before.second_unit):
            message = f"The unit of `{level.arm}` is another than that before it"
            way_out = "Write all levels in one unit."
            fields.reading.problem(level.line, message, way_out, "cohorts")
        before = level


def _check_combinations(fields: Fields, levels: tuple[DoseLevel, ...]) -> None:
    """The levels are every dose of agent A with every one of agent B, in order."""
    rows = sorted({level.dose for level in levels})
    columns = sorted({level.second_dose for level in levels if level.second_dose is not None})
    given = [(level.dose, level.second_dose) for level in levels]
    if given != list(product(rows, columns)) or columns[0] <= 0 or min(len(rows), len(columns)) < 2:
        message = "The dose levels are not all combinations of the doses of two agents, in order"
        way_out = (
            "Write each dose of agent A, the lowest first, `with` each of agent B, the lowest "
            "first; both have two or more, above 0."
        )
        fields.reading.problem(levels[0].line, message, way_out, "cohorts")


def read_levels(root: Fields, arms: tuple[Arm, ...]) -> tuple[DoseLevel, ...]:
    """The dose levels, the lowest first; each arm is one, where there are no groups."""
    known = [arm.key for arm in arms]
    levels: list[DoseLevel] = []
    for key, fields in root.named("dose_levels", DOSE_LEVEL):
        if key not in known:
            message = f"The dose level `{key}` is not an arm"
            fields.reading.problem(fields.line, message, suggestion(key, known), "unknown-arm")
        second = fields.within("with", SECOND_DOSE)
        level = DoseLevel(
            key,
            fields.number("dose") or Decimal(0),
            fields.words("unit") or "",
            fields.line,
            (second.number("dose") or Decimal(0)) if second else None,
            (second.words("unit") or "") if second else "",
        )
        levels.append(level)
    cohorts = root.block.get("cohorts")
    named = {*(level.arm for level in levels), _control_named(cohorts)}
    absent = [key for key in known if key not in named]
    node = root.block.get("dose_levels")
    # With groups some may have arms that are no levels: those of an expansion, or of a comparison;
    # with several allocations those from which participants come to the cohorts.
    others = root.has("groups") or root.has("allocations")
    if levels and absent and isinstance(node, Block) and not others:
        message = f"The dose levels leave out the arms {', '.join(absent)}"
        way_out = "Each level is an arm, and each arm but a cohort's `control` a level."
        root.reading.problem(node.line, message, way_out, "cohorts")
    return tuple(levels)


def _control_named(cohorts: Node | None) -> str:
    """The arm that the cohorts of the whole trial name as their control, "" without any."""
    control = cohorts.get("control") if isinstance(cohorts, Block) else None
    arm = control.get("arm") if isinstance(control, Block) else None
    return arm.text if isinstance(arm, Scalar) else ""


def _who_decides(fields: Fields, roles: Roles) -> str:
    """The role that opens cohorts: somebody who sees the participants of all sites."""
    key = fields.word_among("decide", tuple(roles.by_key)) or ""
    role = roles.by_key.get(key)
    if role is not None and (role.at_site or Act.SEE_PARTICIPANTS not in role.grants):
        message = f"`{key}` doesn't see the participants of all sites"
        way_out = "Name a role that does, such as `safety_board`."
        fields.reading.problem(fields.line_of("decide"), message, way_out, "cohorts")
    return key
