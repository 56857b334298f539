"""What goes in and comes out, as OpenAPI tells it."""

from datetime import date, datetime

from ninja import Field, Schema


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


class Problem(Schema):
    """RFC 9457, with the sentences of the pages."""

    type: str
    title: str
    status: int
    detail: str = ""
    problems: list[dict[str, str | bool]] = []
