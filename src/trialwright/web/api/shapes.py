"""What goes in and comes out, as OpenAPI tells it; what one module alone uses stands there."""

from datetime import date, datetime

from ninja import Field, Schema

from trialwright.conduct.models.adverse_events import Outcome, Special
from trialwright.conduct.models.deviations import Classification, DeviationKind
from trialwright.safety.onset import Onset
from trialwright.safety.seriousness import SeriousCriterion


class StudyOut(Schema):
    """A study that the person is in."""

    study: str
    title: str
    roles: list[str]
    demonstration: bool


class ParticipantOut(Schema):
    """One line of the list of participants."""

    code: str
    site: str
    state: str
    screened_at: datetime
    randomised_at: datetime | None
    next_visit: str | None
    open_queries: int


class FormOut(Schema):
    """How one form of a visit stands."""

    form: str
    repeat: int
    status: str
    signed: bool
    open_queries: int
    may_enter: bool


class VisitOut(Schema):
    """One visit of a participant."""

    visit: str
    status: str | None
    target: date | None
    actual: date | None
    forms: list[FormOut]


class ParticipantDetail(Schema):
    """One participant as this person may see them."""

    code: str
    site: str
    state: str
    visits: list[VisitOut]


class AnswersOut(Schema):
    """The answers of a form: of each item the text as typed, or why there is none."""

    revision: int
    complete: bool
    values: dict[str, str]
    missing: dict[str, str]
    computed: list[str] = Field(description="Items that the protocol computes.")


class AppointmentOut(Schema):
    """When a participant is expected for a visit."""

    participant: str
    site: str
    visit: str
    starts_at: datetime = Field(description="In UTC.")
    minutes: int
    zone: str = Field(description="Of the site, by its name in the IANA database.")
    status: str = Field(
        description="By the visit: ahead, unrecorded, kept, other_day, missed, not_planned or "
        "cancelled."
    )
    moves: int
    reason: str


class AttachmentOut(Schema):
    """A file that is attached to a form, or (without visit and form) to the participant."""

    number: int
    visit: str
    form: str
    repeat: int
    kind: str = Field(description="pdf, png or jpeg, by its content.")
    size_bytes: int
    sha256: str
    about: str
    attached_at: datetime


class AnswersIn(Schema):
    """A form to be saved as a whole, as a page would."""

    revision: int = Field(ge=0, le=2**31 - 1, description="The one that was read; 0 for none.")
    values: dict[str, str] = {}
    missing: dict[str, str] = {}
    change_reasons: dict[str, str] = {}
    remarks: dict[str, str] = {}


class SavedOut(Schema):
    """What a saving came to."""

    revision: int
    complete: bool
    queries: list[int]
    signatures_void: int


class ScreenIn(Schema):
    """Somebody to be added to the screening log."""

    site: str = Field(max_length=8)


class CodeOut(Schema):
    """The code that a participant keeps."""

    code: str


class QueryOut(Schema):
    """A query on one answer."""

    number: int
    participant: str
    visit: str
    form: str
    repeat: int
    item: str
    text: str
    status: str
    answer: str


class AnswerIn(Schema):
    """The answer to a query."""

    answer: str = Field(max_length=5000)


class QueryIn(Schema):
    """A query to be raised."""

    item: str = Field(max_length=64)
    text: str = Field(max_length=5000)


class QueryNumber(Schema):
    """The number of a query."""

    number: int


class ReasonIn(Schema):
    """Why something is done."""

    reason: str = Field(max_length=500)


class ItemOut(Schema):
    """What one item of a form takes."""

    item: str
    label: str
    type: str
    unit: str | None
    choices: dict[str, str] = Field(description="Code and words, for a choice.")
    optional: bool
    computed: bool
    missing_reasons: list[str]


class FormDefinition(Schema):
    """A form of the protocol."""

    form: str
    label: str
    repeating: bool
    items: list[ItemOut]


class VisitDefinition(Schema):
    """A visit of the protocol."""

    visit: str
    label: str
    unscheduled: bool
    forms: list[str]


class DictionaryOut(Schema):
    """The names that a program reads and sends, of the version of the protocol in force."""

    study: str
    version: str
    visits: list[VisitDefinition]
    forms: list[FormDefinition]


class VisitDayIn(Schema):
    """The day on which a visit took place; with the reason where a rule asks for one."""

    on: date
    reason: str = Field("", max_length=500)


class UnscheduledIn(Schema):
    """An unscheduled visit that took place."""

    visit: str = Field(max_length=64, description="As the protocol names it.")
    on: date
    reason: str = Field(max_length=500)


class VisitKey(Schema):
    """The name of a visit's occurrence."""

    visit: str


class PartOut(Schema):
    """A part of a consent."""

    part: str
    agreed: bool
    withdrawn_on: date | None


class ConsentOut(Schema):
    """A consent of a participant."""

    number: int
    version: str
    language: str
    given_by: str
    given_at: datetime
    parts: list[PartOut]


class EventOut(Schema):
    """An adverse event, or a special situation without one (then `term` is empty)."""

    number: int
    participant: str
    term: str
    ctcae: str
    worst_grade: int | None
    started: str = Field(description="An ISO date, cut short where only part is known.")
    ended: str
    onset_to_consent: Onset | None = Field(description="None of a situation, and of a child's.")
    onset_to_treatment: Onset | None
    known_at: datetime
    outcome: str
    criteria: list[SeriousCriterion] = Field(description="Those of seriousness that are met.")
    special: str
    nullified: str


class EventIn(Schema):
    """What is reported of an adverse event. A death is recorded on the pages."""

    term: str = Field(max_length=255, description="A term of the protocol's version of CTCAE.")
    grade: int = Field(ge=1, le=5)
    started: str = Field("", max_length=10)
    ended: str = Field("", max_length=10)
    known_at: datetime | None = Field(None, description="The present if left out.")
    described: str = Field("", max_length=10_000)
    outcome: Outcome = Outcome.NOT_RECOVERED
    special: Special | None = None
    criteria: list[SeriousCriterion] = []
    stopping: list[str] = Field([], description="Stopping questions answered with yes.")


class EventNumber(Schema):
    """The number of an adverse event in the study."""

    number: int


class ClockOut(Schema):
    """A report that is due."""

    number: int
    rule: str
    region: str
    event: int | None
    hold: int | None
    participant: str | None
    because: str
    started_at: datetime
    zone: str
    due_at: datetime
    missing: list[str]
    ended: str
    ended_at: datetime | None


class NextParticipantOut(Schema):
    """Whether another participant may be treated today, and what stands against it."""

    on: date
    may_treat: bool
    reasons: list[str]
    randomised: int
    places: int


class DeviationOut(Schema):
    """A protocol deviation."""

    number: int
    participant: str
    kind: DeviationKind
    subject: str
    on: date
    description: str
    classification: Classification | None
    done: str


class DeviationIn(Schema):
    """A deviation that a person, or their program, has found."""

    kind: DeviationKind = DeviationKind.OTHER
    on: date
    description: str = Field(max_length=5000)


class DeviationNumber(Schema):
    """The number of a deviation in the study."""

    number: int


class Problem(Schema):
    """RFC 9457, with the sentences of the pages."""

    type: str
    title: str
    status: int
    detail: str = ""
    problems: list[dict[str, str | bool]] = []
