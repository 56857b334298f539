"""The tables of a trial as run. No logic lives here; what the database can say simply, it says."""

from trialwright.conduct.models.allocation import AllocationSlot, ArmSeen
from trialwright.conduct.models.building import Building
from trialwright.conduct.models.cuts import DataCut
from trialwright.conduct.models.entries import Draft, Entry, Query, Signature, Value
from trialwright.conduct.models.participants import (
    Consent,
    CriterionAnswer,
    Ending,
    Participant,
    State,
    VisitRecord,
    VisitStatus,
)
from trialwright.conduct.models.study import ProtocolFile, ProtocolVersion, Study

__all__ = [
    "AllocationSlot",
    "ArmSeen",
    "Building",
    "Consent",
    "CriterionAnswer",
    "DataCut",
    "Draft",
    "Ending",
    "Entry",
    "Participant",
    "ProtocolFile",
    "ProtocolVersion",
    "Query",
    "Signature",
    "State",
    "Study",
    "Value",
    "VisitRecord",
    "VisitStatus",
]
