"""The trial as written: what one version of a protocol file says, as frozen nouns.

Every other package reads these. `loader.load` makes them from a file and guarantees what the types
can't say: keys are unique and found, expressions are typed, each visit has an anchor that exists.
Arms are numbered from 1. A reference names an item as `visit.form.item`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from trialwright.protocol.allocations import Allocation
from trialwright.protocol.analysis_plan import AnalysisPlan
from trialwright.protocol.basics import Fact, Source, Text, UnknownKeyError, found
from trialwright.protocol.cohorts import Cohorts, DoseLevel
from trialwright.protocol.consent import Consent
from trialwright.protocol.cycles import Cycle
from trialwright.protocol.epochs import Epoch
from trialwright.protocol.expression import Expression
from trialwright.protocol.factorial import TreatmentFactor
from trialwright.protocol.forms import CodeList, Form, Item
from trialwright.protocol.groups import Group
from trialwright.protocol.hypotheses import HypothesisGraph
from trialwright.protocol.kinds import Kind
from trialwright.protocol.kits import Kits
from trialwright.protocol.laboratory import Laboratory
from trialwright.protocol.monitoring import MonitoringPlan
from trialwright.protocol.nodes import Block
from trialwright.protocol.occurrences import occurrence_of
from trialwright.protocol.problems import Note
from trialwright.protocol.products import Product
from trialwright.protocol.requirements import Before
from trialwright.protocol.roles import Roles
from trialwright.protocol.simulation_plan import SimulationPlan
from trialwright.protocol.steps import Milestone, Step
from trialwright.protocol.versions import Amended
from trialwright.protocol.visits import Anchor, Visit


class ArmType(StrEnum):
    """The register's kinds of arm that this language knows, and a sequence of a crossover."""

    EXPERIMENTAL = "experimental"
    ACTIVE_COMPARATOR = "active_comparator"
    PLACEBO_COMPARATOR = "placebo_comparator"
    SHAM_COMPARATOR = "sham_comparator"
    NO_INTERVENTION = "no_intervention"
    SEQUENCE = "sequence"


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm, numbered from 1 in the order written.

    `in_epochs` says which products are given in each epoch, where the arm's epochs differ: a
    sequence of a crossover is an arm.
    """

    key: str
    number: int
    label: Text
    description: Text
    type: ArmType
    products: tuple[str, ...]
    line: int
    in_epochs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    levels: Mapping[str, str] = field(default_factory=dict)
    """Of a factorial trial, the arm's level of each factor."""

    def given_in(self, epoch: str | None) -> tuple[str, ...]:
        """The products that are given in an epoch; all of the arm where it doesn't say."""
        return self.in_epochs.get(epoch or "", () if self.in_epochs and epoch else self.products)


class CriterionKind(StrEnum):
    """Inclusion must hold; exclusion must not."""

    INCLUSION = "inclusion"
    EXCLUSION = "exclusion"


@dataclass(frozen=True, slots=True)
class Criterion:
    """An eligibility criterion.

    `check` is true when the text holds of the participant (so a true exclusion excludes), unknown
    when what it needs is missing; without one a person judges.
    """

    key: str
    kind: CriterionKind
    text: Text
    check: Expression | None
    line: int
    of_kind: str | None = None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The plan of enrolment: days from the signing of the protocol to the first and the last
    participant randomised, and a steady pace between."""

    first_after_days: int
    last_after_days: int

    def between(self, signed: date) -> tuple[date, date]:
        """The planned days of the first and the last, for a protocol signed on that day."""
        first, last = self.first_after_days, self.last_after_days
        return signed + timedelta(days=first), signed + timedelta(days=last)


class EndpointKind(StrEnum):
    """The rank of an endpoint."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    SAFETY = "safety"
    EXPLORATORY = "exploratory"


class Strategy(StrEnum):
    """What is done about an intercurrent event (ICH E9(R1))."""

    TREATMENT_POLICY = "treatment_policy"
    HYPOTHETICAL = "hypothetical"
    COMPOSITE = "composite"
    WHILE_ON_TREATMENT = "while_on_treatment"
    PRINCIPAL_STRATUM = "principal_stratum"


@dataclass(frozen=True, slots=True)
class IntercurrentEvent:
    """An event after treatment that changes what a value means, and what is done about it."""

    key: str
    label: Text
    strategy: Strategy
    detail: Text | None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What is measured and compared: the five attributes of an ICH E9(R1) estimand.

    `population`, `treatments`, `variable`, `intercurrent_events`, `summary`; `variable` is an
    expression over `visit.form.item`, `at` the visit of its last value. Without an `analysis` it is
    described and not compared.
    """

    key: str
    label: Text
    kind: EndpointKind
    population: str
    treatments: Text
    variable: Expression
    definition: Text
    at: str
    intercurrent_events: tuple[IntercurrentEvent, ...]
    summary: Text
    line: int
    more_is_better: bool | None = None
    analysis: AnalysisPlan | None = None


@dataclass(frozen=True, slots=True)
class Population:
    """An analysis population; `who` is over the `participant.` facts of `expression_scope`."""

    key: str
    label: Text
    definition: Text
    who: Expression
    line: int


@dataclass(frozen=True, slots=True)
class Protocol:
    """One version of a trial's protocol file.

    `part_of`, `of_group`: the kind of participant and the group whose part of the file this is;
    None of the whole.
    `roles` say what each may do and whether it may learn an arm. `notes` are what the reader
    assumed. `design` and `safety` are kept as nodes with
    their lines for the packages that read them. `sha256` is the hash of `source_bytes`, the file.
    """

    identifier: str
    version: str
    date: date
    title: Text
    synopsis: Text | None
    phase: str | None
    sponsor: str | None
    demonstration: bool
    registered_as: str | None
    twin_of: str | None
    training_of: str
    languages: tuple[str, ...]
    participants: int
    sites: int | None
    enrolment: Enrolment | None
    sources: tuple[Source, ...]
    arms: tuple[Arm, ...]
    products: tuple[Product, ...]
    roles: Roles
    steps: tuple[Step, ...]
    before: tuple[Before, ...]
    criteria: tuple[Criterion, ...]
    allocations: tuple[Allocation, ...]
    anchors: tuple[Anchor, ...]
    cycles: tuple[Cycle, ...]
    visits: tuple[Visit, ...]
    forms: tuple[Form, ...]
    code_lists: tuple[CodeList, ...]
    endpoints: tuple[Endpoint, ...]
    populations: tuple[Population, ...]
    consent: Consent | None
    safety: Block | None
    design: Block | None
    simulation: SimulationPlan
    facts: tuple[Fact, ...]
    notes: tuple[Note, ...]
    file: str
    sha256: str
    source_bytes: bytes
    multiplicity: HypothesisGraph | None = None
    dose_levels: tuple[DoseLevel, ...] = ()
    cohorts: Cohorts | None = None
    amendment: Amended | None = None
    epochs: tuple[Epoch, ...] = ()
    kits: Kits | None = None
    kinds: tuple[Kind, ...] = ()
    part_of: Kind | None = None
    groups: tuple[Group, ...] = ()
    of_group: Group | None = None
    factors: tuple[TreatmentFactor, ...] = ()
    laboratory: Laboratory | None = None
    monitoring: MonitoringPlan | None = None
    baseline: tuple[str, ...] = ()
    """The items of the baseline table as `form.item`; empty for all that can stand there."""

    @property
    def allocation(self) -> Allocation | None:
        """How participants enter: the allocation at no epoch; None where nobody is allocated.

        Where groups enter by several it is the first of them, and of a group's part its own.
        """
        return next(iter(self.entry_allocations), None)

    @property
    def entry_allocations(self) -> tuple[Allocation, ...]:
        """All by which participants enter: several where groups have theirs."""
        return tuple(each for each in self.allocations if each.at is None)

    def group(self, key: str) -> Group:
        """The group with this key."""
        return found(self.groups, "key", key, "group")

    @property
    def later_allocations(self) -> tuple[Allocation, ...]:
        """The allocations at later epochs, in their order."""
        return tuple(each for each in self.allocations if each.at is not None)

    def allocations_by(self, visit: str) -> tuple[Allocation, ...]:
        """The later allocations that come before what is given at a visit, in their order."""
        epoch = self.visit(visit).epoch if self.later_allocations else None
        if epoch is None:
            return ()
        begun = [each.key for each in self.epochs]
        begun = begun[: begun.index(epoch) + 1]
        return tuple(each for each in self.later_allocations if each.at in begun)

    def is_after(self, allocation: str, visit: str) -> bool:
        """Whether a later allocation, by its key, comes before what is given at a visit ("": at
        none, which belongs to no epoch)."""
        return bool(visit) and any(each.key == allocation for each in self.allocations_by(visit))

    def arms_at(self, visit: str) -> tuple[Arm, ...]:
        """The arms that participants can have at a visit ("": at none)."""
        if self.allocation is None:
            return self.arms
        held = {number for each in self.entry_allocations for number in each.arms}
        for each in self.allocations_by(visit) if visit else ():
            left = set() if each.when else set(each.among or held)
            held = held - left | set(each.arms)
        return tuple(arm for arm in self.arms if arm.number in held)

    @property
    def gives_doses(self) -> bool:
        """Whether participants are given the treatment, by a step."""
        return any(step.treats for step in self.steps)

    @property
    def has_allocated_arms(self) -> bool:
        """Whether whose protocol this is have an arm by allocation, their own or a shared one."""
        shares = self.part_of is not None and self.part_of.shares_arm
        return shares or self.allocation is not None

    @property
    def has_visits_of_arms(self) -> bool:
        """Whether some arms have visits that others don't."""
        return any(visit.arms for visit in self.visits)

    def gives_doses_in(self, arm: str) -> bool:
        """Whether participants of an arm (its key; "" before there is one) are given a dose."""
        coming = {visit.key for visit in self.visits if visit.is_for(arm)}
        return any(step.treats and (not step.at or coming & {*step.at}) for step in self.steps)

    def required_before(self, milestone: Milestone) -> Before:
        """What must be there before a moment; nothing where the file doesn't say."""
        found = (each for each in self.before if each.milestone is milestone)
        return next(found, Before(milestone))

    def product(self, key: str) -> Product:
        """The product with this key."""
        return found(self.products, "key", key, "product")

    def arm(self, key: str) -> Arm:
        """The arm with this key."""
        return found(self.arms, "key", key, "arm")

    def factor(self, key: str) -> TreatmentFactor:
        """The factor of the arms with this key."""
        return found(self.factors, "key", key, "factor")

    def other_factors(self, key: str) -> tuple[TreatmentFactor, ...]:
        """Of a factorial trial, the factors beside this one; none beside ""."""
        return tuple(each for each in self.factors if key and each.key != key)

    def arm_numbered(self, number: int) -> Arm:
        """The arm with this number, by which allocations know it."""
        return next(arm for arm in self.arms if arm.number == number)

    def form(self, key: str) -> Form:
        """The form with this key."""
        return found(self.forms, "key", key, "form")

    def visit(self, name: str) -> Visit:
        """The visit with this key or, of one that comes again, the occurrence of this name."""
        key, occurrence = occurrence_of(name)
        visit = found(self.visits, "key", key, "visit")
        if visit.repeats:
            return visit.at(occurrence, self.cycle(visit.cycle).label if visit.cycle else None)
        if occurrence != 1:
            raise UnknownKeyError(f"The visit {key} comes once: there is no {name}")
        return visit

    def step(self, key: str) -> Step:
        """The step with this key."""
        return found(self.steps, "key", key, "step")

    def anchor(self, key: str) -> Anchor:
        """The anchor with this key."""
        return found(self.anchors, "key", key, "anchor")

    def epoch(self, key: str) -> Epoch:
        """The epoch with this key."""
        return found(self.epochs, "key", key, "epoch")

    def cycle(self, key: str) -> Cycle:
        """The cycle with this key."""
        return found(self.cycles, "key", key, "cycle")

    def item(self, form_key: str, item_key: str) -> Item:
        """The item of a form."""
        return self.form(form_key).item(item_key)

    def code_list(self, key: str) -> CodeList:
        """The code list with this key."""
        return found(self.code_lists, "key", key, "code list")

    def moves_others(self, visit: Visit) -> bool:
        """Whether other visits are planned once this one took place or was missed."""
        return visit.cycle is not None or any(
            anchor.visit == visit.base or (anchor.item and anchor.item.visit == visit.base)
            for anchor in self.anchors
        )

    def visits_with(self, form_key: str) -> tuple[Visit, ...]:
        """The visits at which a form is completed."""
        return tuple(visit for visit in self.visits if form_key in visit.forms)
