"""Reading the groups, and the allocations that they bring: of their own arms or dose cohorts."""

from dataclasses import replace

from trialwright.protocol.allocation_kinds import AllocationKind
from trialwright.protocol.allocations import Allocation
from trialwright.protocol.cohorts import Cohorts, DoseLevel
from trialwright.protocol.fields import Fields
from trialwright.protocol.groups import Closing, Group, Opening
from trialwright.protocol.model import Arm
from trialwright.protocol.nodes import Block
from trialwright.protocol.read_allocation import apart, arms_of_cohorts, control_of
from trialwright.protocol.read_cohorts import cohorts_in
from trialwright.protocol.roles import Act, Roles
from trialwright.protocol.shapes import CLOSING, COHORTS, GROUP, OPENING, PROVENANCE

RULE = "group"


def group_keys(root: Fields) -> tuple[str, ...]:
    """The names of the file's groups."""
    node = root.block.get("groups")
    keys = node.keys() if isinstance(node, Block) else ()
    return tuple(key for key in keys if key not in PROVENANCE)


def cohorts_by_group(root: Fields) -> bool:
    """Whether a group escalates by itself."""
    node = root.block.get("groups")
    blocks = [entry.value for entry in node] if isinstance(node, Block) else []
    return any(isinstance(each, Block) and each.get("cohorts") is not None for each in blocks)


def read_groups(
    root: Fields,
    arms: tuple[Arm, ...],
    levels: tuple[DoseLevel, ...],
    roles: Roles,
    allocations: tuple[Allocation, ...],
) -> tuple[tuple[Group, ...], tuple[Allocation, ...]]:
    """The groups, in the order written, and all allocations with those that they bring.

    A group names one of `allocations`, or brings its own by `arms` (one arm for everybody) or
    `cohorts`; where it says nothing, its participants enter as the file's one allocation has it.
    """
    keys, entries = group_keys(root), [each for each in allocations if each.at is None]
    found: list[Group] = []
    brought: list[Allocation] = []
    for key, fields in root.named("groups", GROUP):
        label = fields.text("label")
        most = fields.whole("participants", 1, minimum=1) if fields.has("participants") else None
        own = _brought(key, fields, arms, levels, roles)
        named = fields.word_among("allocation", [each.key for each in entries])
        if own is None and named is None and len(entries) == 1:
            named = entries[0].key
        if own is not None:
            run_in = apart(most or 999, own[1])
            brought.append(replace(own[0], label=label, run_in=run_in))
        found.append(
            Group(
                key=key,
                label=label,
                line=fields.line,
                participants=most,
                when=fields.expression("when"),
                chosen_by=_who_chooses(fields, roles),
                allocation=own[0].key if own else named or "",
                cohorts=own[1] if own else None,
                opens=_opening(fields, keys, roles),
                closes=_closing(fields, roles),
            )
        )
    several = found and len(entries) + len(brought) > 1
    every = (*entries, *brought)
    if several or brought:
        every = tuple(replace(each, of_groups=True) for each in every)
    later = tuple(each for each in allocations if each.at is not None)
    return tuple(found), (*every, *later)


def _brought(
    key: str,
    fields: Fields,
    arms: tuple[Arm, ...],
    levels: tuple[DoseLevel, ...],
    roles: Roles,
) -> tuple[Allocation, Cohorts | None] | None:
    """The allocation that a group brings, with the cohorts it escalates by."""
    given = [each for each in ("allocation", "cohorts") if fields.has(each)]
    if len(given) == 2 or (fields.has("allocation") and fields.has("arms")):
        message = f"The group `{key}` names an allocation and brings its own"
        way_out = "Keep `allocation`, or `arms` and `cohorts`."
        fields.reading.problem(fields.line_of("allocation"), message, way_out, RULE)
    known = [arm.key for arm in arms]
    inner = fields.within("cohorts", COHORTS)
    named = fields.words_among("arms", known)
    if inner is not None:
        own = tuple(level for level in levels if not named or level.arm in named)
        cohorts = cohorts_in(inner, own, arms, roles, key)
        joined = arms_of_cohorts(cohorts, arms)
        entry = _entry(key, fields, tuple(arm.number for arm in joined), AllocationKind.DOSE_COHORT)
        return replace(entry, control=control_of(cohorts, arms)), cohorts
    if not fields.has("arms"):
        return None
    if len(named) != 1:
        message = f"The group `{key}` has {len(named)} arms, and doesn't say who gets which"
        way_out = "Name in `allocation:` one of `allocations:` that leads to them, or one arm."
        fields.reading.problem(fields.line_of("arms"), message, way_out, RULE)
    numbers = tuple(arm.number for arm in arms if arm.key in named)
    return _entry(key, fields, numbers, AllocationKind.NONE), None


def _entry(
    key: str,
    fields: Fields,
    numbers: tuple[int, ...],
    kind: AllocationKind,
) -> Allocation:
    return Allocation(
        ratio=(1,) * len(numbers),
        block_sizes=(),
        factors=(),
        run_in=None,
        line=fields.line,
        kind=kind,
        key=key,
        arms=numbers,
    )


def _who_chooses(fields: Fields, roles: Roles) -> str:
    """The role that chooses a group: it confirms the eligibility, with which a group is given."""
    key = fields.word_among("chosen_by", roles.people) or ""
    role = roles.by_key.get(key)
    if role is not None and Act.CONFIRM_ELIGIBILITY not in role.grants:
        message = f"`{key}` chooses the group, and may not confirm an eligibility"
        way_out = f"Add `{Act.CONFIRM_ELIGIBILITY}` to its `may`, or name another role."
        fields.reading.problem(fields.line_of("chosen_by"), message, way_out, RULE)
    return key


def _who_decides(fields: Fields, roles: Roles) -> str:
    """The role whose signed decision opens or closes a group, for all sites."""
    key = fields.word_among("decided_by", roles.people) or ""
    role = roles.by_key.get(key)
    if role is not None and (role.at_site or Act.SEE_PARTICIPANTS not in role.grants):
        message = f"`{key}` doesn't see the participants of all sites"
        way_out = "Name a role that does, such as `safety_board`."
        fields.reading.problem(fields.line_of("decided_by"), message, way_out, RULE)
    return key


def _opening(fields: Fields, keys: tuple[str, ...], roles: Roles) -> Opening:
    inner = fields.within("opens", OPENING)
    if inner is None:
        return Opening()
    if inner.has("reached") and not inner.has("after"):
        message = "`reached` counts the participants of another group, and none is named"
        inner.reading.problem(inner.line_of("reached"), message, "Add `after:`.", RULE)
    return Opening(
        on=inner.day("on") if inner.has("on") else None,
        after=inner.word_among("after", keys),
        reached=inner.whole("reached", 1, minimum=1) if inner.has("reached") else None,
        by=_who_decides(inner, roles),
    )


def _closing(fields: Fields, roles: Roles) -> Closing:
    inner = fields.within("closes", CLOSING)
    if inner is None:
        return Closing()
    return Closing(on=inner.day("on") if inner.has("on") else None, by=_who_decides(inner, roles))
