"""Reading what comes before a randomisation and before a treatment."""

from collections.abc import Collection

from trialwright.protocol.fields import Fields
from trialwright.protocol.requirements import GUARDED, Before, Requirement
from trialwright.protocol.shapes import BEFORE, REQUIREMENTS
from trialwright.protocol.steps import Milestone


def read_before(top: Fields, names: Collection[str], *, allocates: bool) -> tuple[Before, ...]:
    """What the file asks for before each moment.

    Args:
        names: what can be asked for (`requirements.names_of`).
        allocates: whether anybody is allocated, so that something can come before it.
    """
    inner = top.within("before", BEFORE) if top.has("before") else None
    found = []
    for milestone in GUARDED if inner is not None else ():
        assert inner is not None  # noqa: S101 - else there is no milestone
        fields = inner.within(milestone, REQUIREMENTS) if inner.has(milestone) else None
        if fields is None:
            continue
        if milestone is Milestone.ALLOCATION and not allocates:
            message = "Something comes before the allocation, and nobody is allocated"
            way_out = "Take `allocation` away from `before`, or add the file's `allocation:`."
            fields.reading.problem(fields.line, message, way_out, "before-nothing")
        refuse = fields.words_among("refuse", names)
        warn = fields.words_among("warn", names)
        if twice := set(refuse) & set(warn):
            message = f"`{min(twice)}` is both refused and warned of"
            way_out = "Name it under `refuse` or under `warn`."
            fields.reading.problem(fields.line, message, way_out, "before-twice")
        found.append(
            Before(
                milestone,
                tuple(map(Requirement.of, refuse)),
                tuple(map(Requirement.of, warn)),
                fields.line,
            )
        )
    return tuple(found)
