"""The tables of a trial as run. No logic lives here; what the database can say simply, it says."""

from trialwright.conduct.models.adverse_events import AdverseEvent, EventGrade, EventOpinion
from trialwright.conduct.models.allocation import (
    AllocationSlot,
    AllocationSource,
    GivenBefore,
    Unblinding,
    UnplannedUnblinding,
    UploadedList,
)
from trialwright.conduct.models.appointments import (
    Appointment,
    AppointmentReminder,
    CalendarLink,
)
from trialwright.conduct.models.attachments import AttachedFile, Attachment
from trialwright.conduct.models.cases import CaseNarrative
from trialwright.conduct.models.clocks import Clock, ClockDue, ClockEnding
from trialwright.conduct.models.closed_reports import ClosedReportCopy
from trialwright.conduct.models.cohorts import CohortDecision
from trialwright.conduct.models.cuts import DataCut
from trialwright.conduct.models.deviations import Deviation
from trialwright.conduct.models.diaries import DiaryEntry, DiaryLink, DiaryReminder
from trialwright.conduct.models.entries import Draft, Entry, Query, Signature, Value
from trialwright.conduct.models.envelopes import Envelope, EnvelopeState
from trialwright.conduct.models.groups import GroupDecision
from trialwright.conduct.models.holds import Hold, HoldDecision, HoldSignature
from trialwright.conduct.models.identities import Identity
from trialwright.conduct.models.kits import Kit, KitBatch, KitStatus
from trialwright.conduct.models.laboratory import BoundRange, RangeList, ReferenceRange
from trialwright.conduct.models.locks import Lock, LockLevel
from trialwright.conduct.models.meetings import BoardMeeting, MeetingSignature
from trialwright.conduct.models.monitoring import MonitoringVisit, VerificationSeed, VisitFinding
from trialwright.conduct.models.participants import (
    Consent,
    ConsentWithdrawal,
    CriterionAnswer,
    Ending,
    Instead,
    Participant,
    State,
    VisitRecord,
    VisitStatus,
)
from trialwright.conduct.models.pregnancies import Pregnancy, PregnancyChild, PregnancyOutcome
from trialwright.conduct.models.products import (
    BedsideCheck,
    Container,
    ContainerMove,
    Donor,
    Lot,
    LotComponent,
    LotDecision,
    LotDonor,
    ProductNotice,
    ProductResult,
)
from trialwright.conduct.models.reminders import Reminder
from trialwright.conduct.models.results import ImportedValue, ResultFile, ResultMapping
from trialwright.conduct.models.reviews import ResultsReview
from trialwright.conduct.models.sendings import Sending
from trialwright.conduct.models.simulations import SimulationRun
from trialwright.conduct.models.steps import StepRecord
from trialwright.conduct.models.study import (
    Party,
    ProtocolDraft,
    ProtocolFile,
    ProtocolSignature,
    ProtocolVersion,
    SiteVersion,
    Study,
)
from trialwright.conduct.models.trail_reviews import TrailReview
from trialwright.conduct.models.value_reviews import ValueReview

__all__ = [
    "AdverseEvent",
    "AllocationSlot",
    "AllocationSource",
    "Appointment",
    "AppointmentReminder",
    "AttachedFile",
    "Attachment",
    "BedsideCheck",
    "BoardMeeting",
    "BoundRange",
    "CalendarLink",
    "CaseNarrative",
    "Clock",
    "ClockDue",
    "ClockEnding",
    "ClosedReportCopy",
    "CohortDecision",
    "Consent",
    "ConsentWithdrawal",
    "Container",
    "ContainerMove",
    "CriterionAnswer",
    "DataCut",
    "Deviation",
    "DiaryEntry",
    "DiaryLink",
    "DiaryReminder",
    "Donor",
    "Draft",
    "Ending",
    "Entry",
    "Envelope",
    "EnvelopeState",
    "EventGrade",
    "EventOpinion",
    "GivenBefore",
    "GroupDecision",
    "Hold",
    "HoldDecision",
    "HoldSignature",
    "Identity",
    "ImportedValue",
    "Instead",
    "Kit",
    "KitBatch",
    "KitStatus",
    "Lock",
    "LockLevel",
    "Lot",
    "LotComponent",
    "LotDecision",
    "LotDonor",
    "MeetingSignature",
    "MonitoringVisit",
    "Participant",
    "Party",
    "Pregnancy",
    "PregnancyChild",
    "PregnancyOutcome",
    "ProductNotice",
    "ProductResult",
    "ProtocolDraft",
    "ProtocolFile",
    "ProtocolSignature",
    "ProtocolVersion",
    "Query",
    "RangeList",
    "ReferenceRange",
    "Reminder",
    "ResultFile",
    "ResultMapping",
    "ResultsReview",
    "Sending",
    "Signature",
    "SimulationRun",
    "SiteVersion",
    "State",
    "StepRecord",
    "Study",
    "TrailReview",
    "Unblinding",
    "UnplannedUnblinding",
    "UploadedList",
    "Value",
    "ValueReview",
    "VerificationSeed",
    "VisitFinding",
    "VisitRecord",
    "VisitStatus",
]
