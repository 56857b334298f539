"""The values of one endpoint, arm by arm: what an analysis reads from a cut and its sealed part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from trialwright.analysis.cut import SealedPart
from trialwright.analysis.cut_participants import Participant
from trialwright.analysis.describe import NOT_DUE
from trialwright.analysis.event_times import event_time
from trialwright.analysis.flow import Reason
from trialwright.analysis.outcomes import memberships, variable_of
from trialwright.analysis.result import AnalysisError
from trialwright.analysis.values import Values
from trialwright.messages import Message
from trialwright.protocol.analysis_plan import AnalysisPlan, Method, MissingRule
from trialwright.protocol.model import Endpoint
from trialwright.protocol.values import Missing, Value

BEYOND_LIMIT = "beyond_limit"
NO_COVARIATE = "no_covariate"
NO_EXPOSURE = "no_exposure"
RUN_IN = "run-in"
"""The list that serves the first participants, as `design.allocation` names it."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One randomised participant of the population as an analysis sees them.

    value: 1 or 0 for yes and no, a number, or None. place: the order of randomisation, from 0.
    stratum: by the allocation's factors; None while it isn't known, "" without factors. time: days
    to the event (value 1) or watched without it (0), of an endpoint that is a time. exposure: the
    time a count was watched. outcomes: the values of the earlier visits of a mixed model. others:
    of an analysis at the margins of a factor, the levels of the other factors, in their order.
    missing: why the value is missing, "" where it isn't; one that counts as a failure has both.
    """

    code: str
    arm: str
    value: float | None
    covariates: tuple[float | None, ...]
    place: int
    stratum: str | None
    site: str = ""
    time: float | None = None
    exposure: float | None = None
    outcomes: tuple[float | None, ...] = ()
    others: tuple[str, ...] = ()
    missing: str = ""

    def left_out_for(self, plan: AnalysisPlan) -> str:
        """Why the plan's method can't take this participant; "" where it does.

        A mixed model takes whoever has a value at any of its visits, other methods those who have
        the endpoint's own; with covariates or a time watched all of these have to be known.
        """
        mixed = plan.method is Method.MIXED_MODEL
        if self.value is None and not (mixed and any(v is not None for v in self.outcomes)):
            return self.missing
        if None in self.covariates:
            return NO_COVARIATE
        return NO_EXPOSURE if plan.exposure is not None and self.exposure is None else ""


@dataclass(frozen=True, slots=True)
class ArmData:
    """One arm: its participants in the order of randomisation."""

    arm: str
    subjects: tuple[Subject, ...]

    @property
    def known(self) -> tuple[float, ...]:
        """The values that are analysed."""
        return tuple(s.value for s in self.subjects if s.value is not None)

    @property
    def without_value(self) -> int:
        """Participants whose value is missing and counts as nothing."""
        return len(self.subjects) - len(self.known)

    def left_out(self, plan: AnalysisPlan) -> tuple[Reason, ...]:
        """Whom the plan's method leaves out, counted by why."""
        return _counted(s.left_out_for(plan) for s in self.subjects)

    def analysed(self, plan: AnalysisPlan) -> int:
        """Participants that the plan's method takes."""
        return sum(not s.left_out_for(plan) for s in self.subjects)


@dataclass(frozen=True, slots=True)
class EndpointData:
    """Every arm by its key, in the order of the protocol, and everybody randomised in the order of
    randomisation; who isn't in the population has no value there and stands in no arm."""

    arms: dict[str, ArmData]
    everybody: tuple[Subject, ...]


def endpoint_data(values: Values, endpoint: Endpoint, sealed: SealedPart) -> EndpointData:
    """The data of an endpoint. Participants stand under the arm they were allocated to, whatever
    they received; of an analysis at the margins of a factor, under the level that their arm has."""
    cut, plan = values.cut, endpoint.analysis
    here = values.of_kind(endpoint)
    randomised = sorted((at, code) for code, at in cut.allocated().items() if code in here)
    people = {p.code: p for p in cut.participants}
    factor = plan.factor if plan is not None else ""
    side = {arm.key: arm.levels[factor] if factor else arm.key for arm in values.protocol.arms}
    arm_of = {a.participant: side[a.arm] for a in sealed.assignments}
    rest = [each.key for each in values.protocol.other_factors(factor)]
    others = {arm.key: tuple(arm.levels[key] for key in rest) for arm in values.protocol.arms}
    others_of = {a.participant: others[a.arm] for a in sealed.assignments}
    members = memberships(values)[endpoint.population].codes & here
    visits = {(v.participant, v.visit): v for v in cut.visits if v.occurrence == 1}
    failure = plan is not None and plan.missing is MissingRule.FAILURE
    everybody = []
    for place, code in enumerate(code for _at, code in randomised):
        person, value, time, missing = people[code], None, None, ""
        if code in members:
            found: Value | Missing
            if plan is not None and plan.event is not None:
                timed = event_time(values, endpoint, plan.event, person)
                time, found = (None, timed) if isinstance(timed, Missing) else timed
            else:
                found = variable_of(values, endpoint, person, visits.get((code, endpoint.at)))
            if isinstance(found, Missing):
                missing = found.reason
                if failure and found.reason != NOT_DUE:  # what isn't due yet hasn't failed
                    value = 0.0
            else:
                value = _number(found)
                missing = BEYOND_LIMIT if value is None else ""
        covariates = tuple(_number(values.of(x, person)) for x in (plan.covariates if plan else ()))
        everybody.append(
            Subject(
                code, arm_of[code], value, covariates, place, stratum_of(values, person),
                person.arm_of or person.site, time,
                _number(values.of(plan.exposure, person)) if plan and plan.exposure else None,
                tuple(_number(values.of(x, person)) for x in (plan.outcomes if plan else ())),
                others_of[code], missing,
            )
        )  # fmt: skip
    arms = {
        key: ArmData(key, tuple(s for s in everybody if s.arm == key and s.code in members))
        for key in side.values()
    }
    return EndpointData(arms, tuple(everybody))


def _counted(reasons: Iterable[str]) -> tuple[Reason, ...]:
    found = Counter(reason for reason in reasons if reason)
    return tuple(Reason(reason, n) for reason, n in sorted(found.items()))


def stratum_of(values: Values, person: Participant) -> str | None:
    """The stratum of a participant by the allocation's factors, as conduct names it."""
    allocation = values.protocol.allocation
    levels = []
    for factor in allocation.factors if allocation else ():
        level = next((v.key for v in factor.levels if values.of(v.when, person) is True), None)
        if level is None:
            return None
        levels.append(level)
    return "/".join(levels)


def list_of(values: Values, subject: Subject) -> str:
    """The list that served a participant: the run-in's, or that of their stratum.

    Raises AnalysisError where the stratum isn't in the cut.
    """
    allocation = values.protocol.allocation
    run_in = allocation.run_in if allocation else None
    if run_in and subject.place < run_in.participants:
        return RUN_IN
    return known_stratum(subject)


def known_stratum(subject: Subject) -> str:
    """The stratum of a participant; raises AnalysisError where it isn't in the cut."""
    if subject.stratum is None:
        raise AnalysisError(
            Message("The stratum of {code} isn't known.", code=subject.code),
            rule=Message("Everybody randomised has the values that decide the stratum."),
            fix=Message("Enter them, and make the cut again."),
        )
    return subject.stratum


def _number(value: object) -> float | None:
    """Yes and no as 1 and 0; a value known only to lie beyond a limit has no number."""
    if isinstance(value, bool):
        return float(value)
    return float(value) if isinstance(value, Decimal) else None
