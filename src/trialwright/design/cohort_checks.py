"""Whether the rule that a protocol's dose cohorts name goes with them: levels, amounts, responses,
sizes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trialwright.design.backfill_boin import BackfillBoin
from trialwright.design.cohorts import (
    doses_of,
    is_cohort_rule,
    reads_any_number,
    reads_responses,
    size_of,
)
from trialwright.design.combination_boin import CombinationBoin
from trialwright.design.efftox import EffTox
from trialwright.design.errors import DesignError
from trialwright.messages import Message, several
from trialwright.protocol.cohorts import Cohorts, second_doses


def require_levels(designs: Mapping[str, Any], cohorts: Cohorts) -> None:
    """Refuse a rule of cohorts that isn't there, or that has other dose levels than they have."""
    if cohorts.rule is None:
        return
    design = designs.get(cohorts.rule)
    doses = len(cohorts.levels)
    if not is_cohort_rule(design):
        raise DesignError(
            Message("rule is {rule!r}.", rule=cohorts.rule),
            rule=Message("The rule of the cohorts is a dose-finding design of `design:`."),
            fix=Message("Name one of {known}.", known=several(sorted(designs))),
            line=cohorts.line,
        )
    _require_agents(design, cohorts)
    if doses_of(design) != doses:
        raise DesignError(
            Message("doses is {doses}.", doses=doses_of(design)),
            rule=Message("The cohorts have {levels} dose levels.", levels=doses),
            fix=Message("Write {levels}.", levels=doses),
        )
    if isinstance(design, EffTox):
        _require_amounts(design, cohorts)
    _require_responses(design, cohorts)
    _require_control(design, cohorts)
    _require_sizes(design, cohorts)


def _require_agents(design: Any, cohorts: Cohorts) -> None:
    """Refuse a rule of two agents over levels of one, the other way round, and other grids."""
    two = isinstance(design, CombinationBoin)
    columns = second_doses(cohorts.levels)
    if two != (columns > 0):
        raise DesignError(
            Message("rule is {rule!r}, of two agents.", rule=cohorts.rule)
            if two
            else Message("rule is {rule!r}, of one agent.", rule=cohorts.rule),
            rule=Message("The dose levels have as many agents as the rule."),
            fix=Message("Give each dose level agent B's dose: `with: {dose: …, unit: …}`.")
            if two
            else Message("Name a design of two agents, `combination-boin`, or take `with` away."),
            line=cohorts.line,
        )
    if two and (design.doses_a, design.doses_b) != (len(cohorts.levels) // columns, columns):
        raise DesignError(
            Message("doses_a is {doses_a}, doses_b {doses_b}.", doses_a=design.doses_a,
                    doses_b=design.doses_b),
            rule=Message("The dose levels have {rows} doses of agent A and {columns} of "
                         "agent B.", rows=len(cohorts.levels) // columns, columns=columns),
            fix=Message("Write the same numbers in both."),
        )  # fmt: skip


def _require_amounts(design: EffTox, cohorts: Cohorts) -> None:
    """Refuse a model of other amounts than the dose levels have."""
    amounts = tuple(float(level.dose) for level in cohorts.levels)
    if tuple(map(float, design.doses)) != amounts:
        raise DesignError(
            Message("doses is {doses}.", doses=several(design.doses)),
            rule=Message("The dose levels have {amounts}, and the model reads the amounts.",
                         amounts=several(level.dose for level in cohorts.levels)),
            fix=Message("Write the same numbers in both."),
        )  # fmt: skip


def _require_responses(design: Any, cohorts: Cohorts) -> None:
    """Refuse a rule that reads responses which the cohorts don't tell, and the other way round."""
    if reads_responses(design) and cohorts.response is None:
        raise DesignError(
            Message("rule is {rule!r}, and the cohorts have no response.", rule=cohorts.rule),
            rule=Message("This design reads responses beside dose-limiting events."),
            fix=Message("Add response: with an expression that is true of who has responded."),
            line=cohorts.line,
        )
    if cohorts.response is not None and not reads_responses(design):
        raise DesignError(
            Message("The cohorts have a response, and rule is {rule!r}.", rule=cohorts.rule),
            rule=Message("This design reads dose-limiting events alone."),
            fix=Message("Take response: away, or name a design that reads it."),
            line=cohorts.line,
        )


def _require_control(design: Any, cohorts: Cohorts) -> None:
    """Refuse a control beside a rule that lets participants join a lower level meanwhile."""
    if cohorts.control is not None and isinstance(design, BackfillBoin):
        raise DesignError(
            Message("The cohorts have a control, and rule is {rule!r}.", rule=cohorts.rule),
            rule=Message("Those backfilled are of no cohort, so that none is on the control."),
            fix=Message("Take control: away, or name a design without backfill."),
            line=cohorts.control.line,
        )


def _require_sizes(design: Any, cohorts: Cohorts) -> None:
    """Refuse sizes of cohorts that the rule can't be read after, or that end elsewhere than it."""
    if not cohorts.sizes:
        return
    last = cohorts.sizes[-1]
    if not reads_any_number(design):
        raise DesignError(
            Message("sizes change on the way, and the rule is {rule!r}.", rule=cohorts.rule),
            rule=Message(
                "3+3 counts in cohorts of three, and a titration says itself when they become "
                "larger."
            ),
            fix=Message("Name another design, or take the rule away and let people decide."),
            line=cohorts.sizes[0].line,
        )
    if last.each != size_of(design):
        raise DesignError(
            Message("each is {size} in the last stretch of sizes.", size=last.each),
            rule=Message("The design has cohorts of {size}.", size=size_of(design)),
            fix=Message("Write the same number in both."),
            line=last.line,
        )
