"""The protocol's endpoints, computed for each participant of their population and described."""

from dataclasses import dataclass

from trialwright.analysis.cut_entries import Visit
from trialwright.analysis.cut_participants import Participant
from trialwright.analysis.describe import (
    INCOMPLETE,
    NOT_DUE,
    NOT_RECORDED,
    VISIT_MISSED,
    Group,
    describe,
)
from trialwright.analysis.summaries import Description
from trialwright.analysis.values import Values
from trialwright.protocol.model import Endpoint, Population
from trialwright.protocol.terms import UNKNOWN, Kind, Sort
from trialwright.protocol.values import Missing, Value


@dataclass(frozen=True, slots=True)
class Outcome:
    """One endpoint, described in each group in turn, in its population."""

    endpoint: Endpoint
    groups: tuple[Description, ...]


@dataclass(frozen=True, slots=True)
class Membership:
    """Who is in a population at the cut, and of how many it can't be told yet."""

    population: Population
    codes: frozenset[str]
    unknown: int


def memberships(values: Values) -> dict[str, Membership]:
    """Every population of the protocol by its key, over all screened people."""
    found = {}
    for population in values.protocol.populations:
        truths = {p.code: values.of(population.who, p) for p in values.cut.participants}
        codes = frozenset(code for code, truth in truths.items() if truth is True)
        unknown = sum(truth is UNKNOWN for truth in truths.values())
        found[population.key] = Membership(population, codes, unknown)
    return found


def outcomes(values: Values, groups: tuple[Group, ...]) -> tuple[Outcome, ...]:
    """Describe every endpoint in every group."""
    members = memberships(values)
    people = {p.code: p for p in values.cut.participants}
    visits = {(v.participant, v.visit): v for v in values.cut.visits if v.occurrence == 1}
    found = []
    for endpoint in values.protocol.endpoints:
        within = members[endpoint.population].codes & values.of_kind(endpoint)
        variable = {
            code: variable_of(values, endpoint, people[code], visits.get((code, endpoint.at)))
            for code in within
        }
        kind = endpoint.variable.kind or Kind(Sort.TEXT)
        described = tuple(
            describe(kind, [variable[code] for code in group.codes if code in within])
            for group in groups
        )
        found.append(Outcome(endpoint, described))
    return tuple(found)


def variable_of(
    values: Values, endpoint: Endpoint, person: Participant, visit: Visit | None
) -> Value | Missing:
    """The endpoint's value for one participant, or why there is none.

    The reason is the one recorded for an item it needs; without one it follows from the visit.
    """
    result = values.of(endpoint.variable, person)
    if result is not UNKNOWN:
        return result
    facts = values.facts(person)
    needed = [
        values.named(path, person.code, facts) for path in values.references(endpoint.variable)
    ]
    for value in needed:
        if isinstance(value, Missing):
            return value
    if visit is None:
        return Missing(NOT_DUE)
    if visit.status == "planned":
        overdue = visit.closes is not None and visit.closes[:10] < values.cut.cut_on
        return Missing(NOT_RECORDED if overdue else NOT_DUE)
    if visit.status in ("missed", "cancelled"):
        return Missing(VISIT_MISSED)
    return Missing(INCOMPLETE if any(value is not None for value in needed) else NOT_RECORDED)
