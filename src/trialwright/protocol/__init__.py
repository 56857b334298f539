"""The trial as written: frozen, typed nouns read from one YAML file, each fact with its origin."""

from trialwright.protocol.allocations import Allocation, Factor, Level, Pause, RunIn
from trialwright.protocol.basics import (
    LANGUAGES,
    Fact,
    Origin,
    Role,
    Source,
    Text,
    UnknownKeyError,
)
from trialwright.protocol.consent import Consent, ConsentPart, Giver
from trialwright.protocol.expression import (
    Expression,
)
from trialwright.protocol.forms import (
    Check,
    Code,
    CodeList,
    Form,
    Item,
    ItemType,
    Section,
    Severity,
)
from trialwright.protocol.model import (
    Arm,
    ArmType,
    Criterion,
    CriterionKind,
    Endpoint,
    EndpointKind,
    IntercurrentEvent,
    Population,
    Protocol,
    Strategy,
)
from trialwright.protocol.nodes import (
    Block,
    Entry,
    Listing,
    Node,
    Scalar,
)
from trialwright.protocol.products import (
    Product,
    ReleaseTest,
)
from trialwright.protocol.steps import (
    Milestone,
    PlannedDose,
    Records,
    Step,
)
from trialwright.protocol.terms import (
    UNKNOWN,
)
from trialwright.protocol.values import (
    Censored,
    Missing,
    PartialDate,
    Value,
    canonical,
)
from trialwright.protocol.visits import (
    Anchor,
    Fallback,
    Reference,
    Visit,
)

__all__ = [
    "LANGUAGES",
    "UNKNOWN",
    "Allocation",
    "Anchor",
    "Arm",
    "ArmType",
    "Block",
    "Censored",
    "Check",
    "Code",
    "CodeList",
    "Consent",
    "ConsentPart",
    "Criterion",
    "CriterionKind",
    "Endpoint",
    "EndpointKind",
    "Entry",
    "Expression",
    "Fact",
    "Factor",
    "Fallback",
    "Form",
    "Giver",
    "IntercurrentEvent",
    "Item",
    "ItemType",
    "Level",
    "Listing",
    "Milestone",
    "Missing",
    "Node",
    "Origin",
    "PartialDate",
    "Pause",
    "PlannedDose",
    "Population",
    "Product",
    "Protocol",
    "Records",
    "Reference",
    "ReleaseTest",
    "Role",
    "RunIn",
    "Scalar",
    "Section",
    "Severity",
    "Source",
    "Step",
    "Strategy",
    "Text",
    "UnknownKeyError",
    "Value",
    "Visit",
    "canonical",
]
