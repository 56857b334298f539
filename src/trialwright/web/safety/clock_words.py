"""How the clocks of reports are said on pages."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from trialwright.conduct.reads.clocks import ClockLine, DueLine, Missing
from trialwright.conduct.safety.clock_details import How
from trialwright.messages import Message
from trialwright.safety.duties import Stage, Why
from trialwright.web import dates
from trialwright.web.components import Status
from trialwright.web.sentences import listed

WHY_WORDS: dict[Why, Message] = {
    Why.SERIOUS: Message("The event is serious"),
    Why.SPECIAL: Message("A special situation"),
    Why.SUSPECTED: Message("A suspected, serious and unexpected reaction"),
    Why.GRAVE: Message("A fatal or life-threatening suspected reaction"),
    Why.UPGRADE: Message("Known to be fatal or life-threatening after it began"),
    Why.NEWS: Message("Significant news"),
    Why.NULLIFIED: Message("The event is nullified"),
    Why.HOLD: Message("The trial was put on hold"),
}
STAGE_WORDS: dict[Stage, Message] = {
    Stage.FIRST: Message("First report"),
    Stage.COMPLETE: Message("Complete report, if the first was not"),
    Stage.NEWS: Message("Follow-up report"),
}
HOW_WORDS: dict[How, Message] = {
    How.SENT: Message("Sent, and complete"),
    How.INCOMPLETE: Message("Sent, to be completed"),
    How.NOT_DUE: Message("No report is due"),
}
MISSING_WORDS: dict[Missing, Message] = {
    Missing.INVESTIGATOR: Message("the investigator's opinion of the cause"),
    Missing.SPONSOR: Message("the sponsor's opinion of the cause"),
    Missing.ONSET: Message("when it began"),
    Missing.DESCRIPTION: Message("what was observed"),
    Missing.OUTCOME: Message("what became of it"),
}


def due_words(due: DueLine, zone: str) -> str:
    """The last moment, in the zone that counts: for days, the end of the last day."""
    if due.last_day is not None:
        return _("end of {day} ({zone})").format(day=dates.written(due.last_day), zone=zone)
    with timezone.override(ZoneInfo(zone)):
        return _("{moment} ({zone})").format(moment=dates.written(due.due_at), zone=zone)


def start_words(moment: datetime, zone: str) -> str:
    """When it started, in the zone that counts."""
    with timezone.override(ZoneInfo(zone)):
        return _("{moment} ({zone})").format(moment=dates.written(moment), zone=zone)


def what_words(line: ClockLine, language: str) -> str:
    """What is to be told, to whom: the rule's own words, and which report."""
    told = line.label.in_language(language)
    if line.stage is Stage.FIRST:
        return told
    return f"{told} · {STAGE_WORDS[line.stage].in_language(language)}"


def missing_words(line: ClockLine, language: str) -> str:
    """What the report still lacks, in words; "" if nothing."""
    return listed(MISSING_WORDS[each].in_language(language) for each in line.missing)


def status_of(line: ClockLine, now: datetime) -> Status:
    """Whether a clock runs, ended in time or is late; what may not be known is not said."""
    if not line.open_told:
        return Status(_("Restricted"), "plain")
    if line.ending is None:
        return Status(_("Overdue"), "stop") if line.late(now) else Status(_("Running"), "todo")
    if line.ending.how is How.NOT_DUE:
        return Status(_("Closed: no report is due"), "idle")
    return (
        Status(_("Sent late"), "caution") if line.late(now) else Status(_("Sent in time"), "good")
    )
