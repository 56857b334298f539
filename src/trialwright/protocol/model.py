"""The trial as written: what one version of a protocol file says, as frozen nouns.

Every other room reads these. `loader.load` makes them from a file and guarantees what the types
can't say: keys are unique and found, expressions are typed, each visit has an anchor that exists.
Arms are numbered from 1. A reference names an item as `visit.form.item`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from trialwright.protocol.basics import Fact, Role, Source, Text, found
from trialwright.protocol.expression import Expression
from trialwright.protocol.forms import CodeList, Form, Item
from trialwright.protocol.nodes import Block
from trialwright.protocol.visits import Anchor, Visit


class ArmType(StrEnum):
    """The register's kinds of arm that this protocol language knows."""

    EXPERIMENTAL = "experimental"
    ACTIVE_COMPARATOR = "active_comparator"
    PLACEBO_COMPARATOR = "placebo_comparator"
    SHAM_COMPARATOR = "sham_comparator"
    NO_INTERVENTION = "no_intervention"


@dataclass(frozen=True, slots=True)
class ReleaseTest:
    """A measurement that decides whether a lot may be released: released only if `requires`."""

    item: Item
    requires: Expression


@dataclass(frozen=True, slots=True)
class Product:
    """What is given to participants, with what a lot must pass before it is."""

    key: str
    label: Text
    description: Text
    supplier: str | None
    use_within_hours: Decimal | None
    release: tuple[ReleaseTest, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm, numbered from 1 in the order written."""

    key: str
    number: int
    label: Text
    description: Text
    type: ArmType
    products: tuple[str, ...]
    line: int


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


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a stratification factor."""

    key: str
    label: Text
    when: Expression


@dataclass(frozen=True, slots=True)
class Factor:
    """A stratification factor: a participant has the first level whose `when` is true."""

    key: str
    label: Text
    levels: tuple[Level, ...]


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


@dataclass(frozen=True, slots=True)
class RunIn:
    """The first participants: unstratified, in blocks of one size, treated some days apart."""

    participants: int
    block_size: int
    days_apart: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """Stratified permuted blocks. `ratio` follows the order of the arms."""

    ratio: tuple[int, ...]
    block_sizes: tuple[int, ...]
    factors: tuple[Factor, ...]
    run_in: RunIn | None
    line: int


@dataclass(frozen=True, slots=True)
class ConsentPart:
    """One thing a participant agrees to or not; the whole is refused only if a part that isn't
    optional is."""

    key: str
    label: Text
    optional: bool


@dataclass(frozen=True, slots=True)
class Consent:
    """The consent document in force under this protocol version."""

    version: str
    languages: tuple[str, ...]
    parts: tuple[ConsentPart, ...]


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
    expression over `visit.form.item`, `at` the visit of its last value.
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

    `masked` are the roles that may not learn an arm. `design` and `safety` are kept as nodes with
    their lines for the rooms that read them. `sha256` is the hash of `source_bytes`, the file.
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
    languages: tuple[str, ...]
    participants: int
    sites: int | None
    enrolment: Enrolment | None
    sources: tuple[Source, ...]
    arms: tuple[Arm, ...]
    products: tuple[Product, ...]
    masked: frozenset[Role]
    unmasked: frozenset[Role]
    criteria: tuple[Criterion, ...]
    allocation: Allocation | None
    anchors: tuple[Anchor, ...]
    visits: tuple[Visit, ...]
    forms: tuple[Form, ...]
    code_lists: tuple[CodeList, ...]
    endpoints: tuple[Endpoint, ...]
    populations: tuple[Population, ...]
    consent: Consent | None
    safety: Block | None
    design: Block | None
    facts: tuple[Fact, ...]
    file: str
    sha256: str
    source_bytes: bytes

    def arm(self, key: str) -> Arm:
        """The arm with this key."""
        return found(self.arms, "key", key, "arm")

    def form(self, key: str) -> Form:
        """The form with this key."""
        return found(self.forms, "key", key, "form")

    def visit(self, key: str) -> Visit:
        """The visit with this key."""
        return found(self.visits, "key", key, "visit")

    def anchor(self, key: str) -> Anchor:
        """The anchor with this key."""
        return found(self.anchors, "key", key, "anchor")

    def item(self, form_key: str, item_key: str) -> Item:
        """The item of a form."""
        return self.form(form_key).item(item_key)

    def code_list(self, key: str) -> CodeList:
        """The code list with this key."""
        return found(self.code_lists, "key", key, "code list")

    def visits_with(self, form_key: str) -> tuple[Visit, ...]:
        """The visits at which a form is completed."""
        return tuple(visit for visit in self.visits if form_key in visit.forms)
