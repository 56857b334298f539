"""A register's values in words: what is stated, and for what isn't, which of the ways it isn't."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from trialwright.registry.record.codes import Kind, Language, in_words
from trialwright.registry.record.dates import PartialDate, read_date
from trialwright.registry.record.parts import Age, EnrolmentCount, StudyDate
from trialwright.registry.record.values import Given, Several, Value
from trialwright.web import dates
from trialwright.web.components import Cell, Row, Status, Tone
from trialwright.web.sentences import listed

T = TypeVar("T")
RECORD_LANGUAGE = "en"

# How another sponsor's trial fares is no problem of ours: nothing here is red.
_TONES: dict[str, Tone] = {
    "RECRUITING": "good", "ENROLLING_BY_INVITATION": "good", "AVAILABLE": "good",
    "NOT_YET_RECRUITING": "todo", "COMPLETED": "plain", "ACTIVE_NOT_RECRUITING": "plain",
    "UNKNOWN": "caution",
}  # fmt: skip


def language() -> Language:
    """The language in use, as the registry's own words know it."""
    return "zh-hans" if (get_language() or "en").startswith("zh") else "en"


def code_words(kind: Kind, code: str) -> str:
    """Put one of the registers' codes in words of the language in use."""
    return in_words(kind, code, language())


def unsaid(given: Given) -> str:
    """Say why there is no value: absent and blank, not applicable and left out differ."""
    match given:
        case Given.NOT_APPLICABLE:
            return _("Not applicable, says the record")
        case Given.LEFT_OUT:
            return _("Left out of this copy; read it at the register")
        case Given.UNREADABLE:
            return _("Written in the record in a way that can't be read")
        case Given.BLANK:
            return _("Not provided in the record (left blank)")
        case _:
            return _("Not provided in the record")


def row(key: str, value: Value[T], read: Callable[[T], object] | None = None) -> Row:
    """Show a value as a fact; without `read` its text is the record's own, in its language."""
    if value.value is None:
        return Row(key, unsaid=unsaid(value.given))
    if read is None:
        return Row(key, value.value, lang=RECORD_LANGUAGE)
    return Row(key, read(value.value))


def cell(value: Value[str], kind: Kind | None = None) -> Cell:
    """Show a value as a cell: in words where it is a code of a `kind`."""
    if value.value is None:
        return Cell(unsaid=unsaid(value.given))
    if kind is not None:
        return Cell(code_words(kind, value.value))
    return Cell(value.value, lang=RECORD_LANGUAGE)


def code_row(key: str, kind: Kind, value: Value[str]) -> Row:
    """Show a coded value as a fact."""
    return row(key, value, lambda code: code_words(kind, code))


def codes_text(kind: Kind, several: Several[Value[str]]) -> str:
    """Put a list of codes in words: "Phase 1, Phase 2"."""
    return listed(code_words(kind, item.value) for item in several if item.value)


def age_text(age: Age) -> str:
    """Write an age limit: "20 years"."""
    count = f"{age.count:g}"
    return {
        "year": _("{count} years"),
        "month": _("{count} months"),
        "week": _("{count} weeks"),
        "day": _("{count} days"),
        "hour": _("{count} hours"),
        "minute": _("{count} minutes"),
    }[age.unit].format(count=count)


def date_text(milestone: StudyDate) -> str:
    """Write a milestone with whether it is actual or estimated; "" where it has no date."""
    if milestone.date.value is None:
        return ""
    text = dates.written(milestone.date.value)
    if not milestone.type.value:
        return text
    kind = code_words("date_type", milestone.type.value)
    return _("{date} ({kind})").format(date=text, kind=kind)


def date_row(key: str, milestone: StudyDate) -> Row:
    """Show a milestone as a fact."""
    return Row(key, date_text(milestone), unsaid(milestone.date.given))


def enrolment_text(enrolment: EnrolmentCount) -> str:
    """Write how many participants, and whether counted or planned; "" where it isn't said."""
    count, kind = enrolment.count.value, enrolment.type.value
    if count is None:
        return ""
    if kind is None:
        return f"{count:,}"
    return _("{date} ({kind})").format(date=f"{count:,}", kind=code_words("date_type", kind))


def written_date(text: str | None) -> PartialDate | None:
    """Read a date of a trial's short facts."""
    return read_date(text) if text else None


def status(value: Value[str]) -> Status:
    """Show a trial's status exactly as registered."""
    if value.value is None:
        return Status(unsaid(value.given), "idle")
    return Status(code_words("status", value.value), _TONES.get(value.value, "idle"))


def summary_status(summary: dict[str, Any]) -> Status:
    """Show the status of a trial's short facts, as registered."""
    code = summary["status"]
    if not code:
        return Status(unsaid(Given.ABSENT), "idle")
    return Status(code_words("status", code), _TONES.get(code, "idle"))


def summary_phase(summary: dict[str, Any]) -> tuple[str, str]:
    """The phase of a trial's short facts as registered, or why there is none."""
    codes = summary["phase"]
    if codes == ["NA"]:
        return "", unsaid(Given.NOT_APPLICABLE)
    if not codes:
        return "", unsaid(Given.ABSENT if codes is None else Given.BLANK)
    return listed(code_words("phase", code) for code in codes), ""
