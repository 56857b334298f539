"""Reading the steps: who takes them, at which visits, in which order."""

from collections.abc import Collection

from trialwright.protocol.fields import Fields
from trialwright.protocol.nodes import Block
from trialwright.protocol.shapes import DOSE_ROW, PLANNED_DOSE, PROVENANCE, STEP, TIME_LIMIT
from trialwright.protocol.steps import (
    COME_BEFORE,
    Dispenses,
    DoseRow,
    Milestone,
    PlannedDose,
    Records,
    Step,
    TimeLimit,
)


def step_keys(root: Fields) -> tuple[str, ...]:
    """The names of the file's steps, which anchors and roles refer to."""
    node = root.block.get("steps")
    keys = node.keys() if isinstance(node, Block) else ()
    return tuple(key for key in keys if key not in PROVENANCE)


def read_steps(
    root: Fields, roles: Collection[str], visits: Collection[str], before: Collection[str]
) -> tuple[Step, ...]:
    """The steps, in the order written.

    Args:
        roles: the roles that people sign in under.
        visits: the visits at which a step can be taken.
        before: what a step can come after: milestones, steps, visits, forms and signatures.
    """
    steps = step_keys(root)
    return tuple(
        _step(key, fields, roles, visits, before, steps)
        for key, fields in root.named("steps", STEP)
    )


def before_steps(*, allocates: bool) -> tuple[Milestone, ...]:
    """The milestones that a step can come after; the allocation where there is one."""
    return tuple(each for each in COME_BEFORE if allocates or each is not Milestone.ALLOCATION)


def _step(
    key: str,
    fields: Fields,
    roles: Collection[str],
    visits: Collection[str],
    before: Collection[str],
    steps: Collection[str],
) -> Step:
    problem = fields.reading.problem
    if key in list(Milestone):
        message = f"`{key}` is a moment that every trial can have, and can't be a step's name"
        problem(fields.line, message, "Choose another key.", "step-name")
    records = fields.choice("records", Records) or Records.DATE
    if fields.has("planned") and records is not Records.DOSE:
        message = f"The step `{key}` plans an amount and records no dose"
        way_out = "Add `records: dose`, or take `planned` away."
        problem(fields.line_of("planned"), message, way_out, "step-dose")
    people = fields.words_among("roles", roles)
    if fields.has("roles") and not fields.names("roles"):
        message = f"Nobody can take the step `{key}`"
        way_out = "Name at least one role in its `roles`."
        problem(fields.line_of("roles"), message, way_out, "step-for-nobody")
    return Step(
        key=key,
        label=fields.text("label"),
        roles=people,
        line=fields.line,
        at=fields.words_among("at", visits),
        after=fields.words_among("after", before),
        reveals_arm=fields.truth("reveals_arm"),
        records=records,
        planned=_planned(fields),
        two_people=fields.truth("two_people"),
        run_in=fields.truth("run_in"),
        dispenses=fields.choice("dispenses", Dispenses),
        within=_time_limit(fields, steps),
    )


def _time_limit(fields: Fields, steps: Collection[str]) -> TimeLimit | None:
    inner = fields.within("within", TIME_LIMIT)
    if inner is None:
        return None
    step, hours = inner.word_among("step", steps), inner.number("hours")
    if hours is not None and hours <= 0:
        message = "The time limit is not above 0 hours"
        inner.reading.problem(inner.line_of("hours"), message, "Write how many.", "step-limit")
    return None if step is None or hours is None else TimeLimit(step, hours)


def _planned(fields: Fields) -> PlannedDose | None:
    inner = fields.within("planned", PLANNED_DOSE)
    if inner is None:
        return None
    if inner.has("amount") is inner.has("table"):
        message = "The planned dose has an `amount` or a `table`, and one of them"
        inner.reading.problem(inner.line, message, "Write how much.", "step-dose")
    unit, rows = inner.words("unit", longest=32) or "", _rows(inner)
    if (rows and any(row.when is None for row in rows[:-1])) or (rows and rows[-1].when):
        message = "The last row of the dose table, and no other, is for everybody else"
        way_out = "Let the last row be without `when`, so that the table has no hole."
        inner.reading.problem(inner.line_of("table"), message, way_out, "step-dose")
    if not inner.has("amount"):
        return PlannedDose(None, unit, rows)
    amount = inner.needed_expression("amount")
    if amount.references:
        return PlannedDose(None, unit, (DoseRow(amount),))
    fixed = inner.number("amount")
    if fixed is not None and fixed <= 0:
        message = "The planned amount is not above 0"
        inner.reading.problem(inner.line_of("amount"), message, "Write how much.", "step-dose")
    return PlannedDose(fixed, unit)


def _rows(fields: Fields) -> tuple[DoseRow, ...]:
    return tuple(
        DoseRow(row.needed_expression("amount"), row.expression("when"))
        for _key, row in fields.named("table", DOSE_ROW)
    )
