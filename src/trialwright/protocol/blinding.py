"""What must hold between who is blinded, what they enter and who takes the steps."""

from collections.abc import Iterator
from fractions import Fraction

from trialwright.protocol.allocation_kinds import AllocationKind
from trialwright.protocol.allocations import Allocation
from trialwright.protocol.forms import Form
from trialwright.protocol.groups import cohorts_of
from trialwright.protocol.model import Protocol
from trialwright.protocol.problems import Problem
from trialwright.protocol.roles import CHOOSES, Act, Knows, Roles
from trialwright.protocol.steps import Step

_NEEDED = (
    Act.SCREEN,
    Act.CONSENT,
    Act.EXPLAIN_CONSENT,
    Act.ASSESS_ELIGIBILITY,
    Act.CONFIRM_ELIGIBILITY,
    Act.RANDOMISE,
    Act.PLAN_VISITS,
    Act.CHANGE_PARTICIPATION,
    Act.SIGN_PROTOCOL,
    Act.MANAGE_PEOPLE,
)
"""Without somebody for each of these a study can't be begun or carried through."""


_TELLS_BLOCKS = frozenset({"block_size", "block_sizes", "blocks"})


def is_restricted(path: str) -> bool:
    """Whether the fact at a path tells how long blocks are, so that a next arm could be guessed."""
    return path.rsplit(".", 1)[-1] in _TELLS_BLOCKS


def is_restricted_step(protocol: Protocol, step: Step) -> bool:
    """Whether a step's times and words could tell an arm to somebody who may not learn it.

    They can where arms are allocated, all who take the step may learn them, and somebody who sees
    participants may not.
    """
    roles = protocol.roles
    return (
        protocol.has_allocated_arms
        and all(roles.may_learn_arm(key) for key in step.roles)
        and any(
            Act.SEE_PARTICIPANTS in role.grants and role.key in roles.blinded for role in roles.all
        )
    )


def role_problems(protocol: Protocol, line: int) -> Iterator[Problem]:
    """What no role can do; `line` is that of the file's own `roles`."""
    roles, spared = protocol.roles, set()
    if not protocol.has_allocated_arms:
        spared.add(Act.RANDOMISE)
    for act in _NEEDED:
        if act not in spared and not roles.who_may(act):
            message = f"No role may `{act}`, so nobody can do that step"
            way_out = f"Add `{act}` to the `may` of a role, or name a bundled role with `like:`."
            yield Problem(line, message, way_out, "step-for-nobody")


def form_problems(roles: Roles, forms: tuple[Form, ...]) -> Iterator[Problem]:
    """Forms for people who may not see them, and blinded assessments by who knows the arm."""
    for form in forms:
        signer = (form.signed_by,) if form.signed_by else ()
        people = dict.fromkeys((*form.completed_by, *signer))
        knowing = [role for role in people if roles.may_learn_arm(role)]
        if form.unmasking:
            for role in people:
                if role not in knowing:
                    yield Problem(
                        form.line,
                        f"The form `{form.key}` could unmask an arm, and `{role}`, who is to "
                        "complete or sign it, is blinded",
                        f"Name `{role}` among the unblinded roles, or give the form to another.",
                        "blinded-role",
                    )
        elif roles.assesses_blinded(form):
            for role in knowing:
                yield Problem(
                    form.line,
                    f"The form `{form.key}` is a blinded assessment, and `{role}`, who is to "
                    "complete or sign it, may know the arm",
                    f"Blind `{role}`, or let a blinded role alone complete and sign the form.",
                    "unblinded-assessor",
                )


def allocation_problems(protocol: Protocol) -> Iterator[Problem]:
    """Arms that could be guessed by who decides who gets them, or worked out by blinded people."""
    for allocation in protocol.allocations:
        yield from _of_allocation(protocol, allocation)


def _of_allocation(protocol: Protocol, allocation: Allocation) -> Iterator[Problem]:
    if allocation.kind is AllocationKind.BLOCKS:
        yield from _foreseeable_blocks(protocol.roles, allocation)
    elif allocation.kind is AllocationKind.RULE:
        yield from _telling_rules(protocol, allocation)
    elif allocation.kind is AllocationKind.DOSE_COHORT:
        yield from _closed_cohorts(protocol, allocation)
    elif not allocation.kind.is_drawn or Fraction(allocation.probability) < 1:
        return
    elif allocation.kind is not AllocationKind.SIMPLE:
        yield from _predictable_choice(protocol.roles, allocation)


def choosing_roles(roles: Roles) -> list[str]:
    """The roles that know arms and choose whom to allocate."""
    return [
        role.key for role in roles.all if role.knows_arm is not Knows.NO and role.grants & CHOOSES
    ]


def _foreseeable_blocks(roles: Roles, allocation: Allocation) -> Iterator[Problem]:
    choosing = choosing_roles(roles)
    fixed = len(set(allocation.block_sizes)) == 1 or allocation.run_in is not None
    if choosing and fixed:
        yield Problem(
            allocation.line,
            f"Who chooses whom to allocate (`{choosing[0]}`) knows arms, and could guess the next "
            "one of a block of known size",
            "Vary `block_sizes` (two sizes or more) and do without `run_in`, or let a blinded role "
            "confirm eligibility and randomise.",
            "foreseeable-block",
        )


def _predictable_choice(roles: Roles, allocation: Allocation) -> Iterator[Problem]:
    if choosing := choosing_roles(roles):
        yield Problem(
            allocation.line,
            f"Who chooses whom to allocate (`{choosing[0]}`) knows arms, and with `probability: 1` "
            "could work the next one out",
            "Write a probability below 1, like 4/5, or let a blinded role confirm eligibility and "
            "randomise.",
            "foreseeable-draw",
        )


def reads_cohorts_pooled(protocol: Protocol) -> bool:
    """Whether the outcomes of dose cohorts are counted over arms together, since somebody who sees
    participants may not learn an arm."""
    return bool(protocol.roles.blinded & protocol.roles.who_may(Act.SEE_PARTICIPANTS))


def _closed_cohorts(protocol: Protocol, allocation: Allocation) -> Iterator[Problem]:
    """Dose cohorts whose dose somebody may not know, who sees participants and their order, and
    rules whose counts would tell who is on the control."""
    roles = protocol.roles
    seeing = sorted(roles.blinded & roles.who_may(Act.SEE_PARTICIPANTS))
    if seeing and allocation.control:
        if cohorts_of(protocol, allocation).rule is not None:
            yield Problem(
                allocation.line,
                "The rule reads those at the dose alone, so what it says tells who is on the "
                f"control, and `{seeing[0]}`, who sees participants, may not learn an arm",
                "Write `size` instead of `rule`, so that people decide by the pooled outcomes, or "
                "`knows_arm: yes` for the roles that see participants.",
                "cohorts",
            )
        if allocation.among:
            arm = protocol.arm_numbered(allocation.among[0])
            yield Problem(
                allocation.line,
                f"Everybody sees who joins a cohort, which tells who had the arm `{arm.key}`, and "
                f"`{seeing[0]}`, who sees participants, may not learn an arm",
                "Say by `when` who joins, by what everybody may know.",
                "cohorts",
            )
    elif seeing:
        yield Problem(
            allocation.line,
            f"The dose of a cohort is known to all who open it, and `{seeing[0]}`, who sees "
            "participants, may not learn an arm",
            "Write `knows_arm: yes` for the roles that see participants.",
            "cohorts",
        )


def _telling_rules(protocol: Protocol, allocation: Allocation) -> Iterator[Problem]:
    """Rules over values that blinded people see: they could apply them too."""
    roles = protocol.roles
    seeing = sorted(roles.blinded & roles.who_may(Act.SEE_PARTICIPANTS))
    if not seeing:
        return
    for rule in allocation.rules:
        for name in rule.when.references:
            _visit, form, item = name.split(".") if name.count(".") == 2 else ("", "", "")
            if form and item not in protocol.form(form).unmasking_items:
                yield Problem(
                    rule.when.line,
                    f"The arm `{rule.arm}` follows from `{name}`, which `{seeing[0]}` sees, who "
                    "may not learn the arm",
                    "Mark the item `unmasking: yes`, or let those who see participants know arms.",
                    "telling-rule",
                )
                break
