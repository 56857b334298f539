"""How visits of monitors and their findings are said."""

from django.utils.translation import gettext as _

from trialwright.conduct.models.monitoring import Severity, VisitKind
from trialwright.conduct.reads.monitoring import (
    FindingTold,
    MonitoringMatter,
    VisitTold,
    Waits,
)
from trialwright.conduct.visit_reports import FindingState
from trialwright.messages import Message
from trialwright.web import dates
from trialwright.web.clinical.frame import Frame
from trialwright.web.components import Status, Task

KIND_WORDS: dict[VisitKind, Message] = {
    VisitKind.INITIATION: Message("Site initiation"),
    VisitKind.ON_SITE: Message("Visit to the site"),
    VisitKind.REMOTE: Message("Remote monitoring"),
    VisitKind.CLOSE_OUT: Message("Close-out"),
}
SEVERITY_WORDS: dict[Severity, Message] = {
    Severity.MINOR: Message.in_context("finding", "Minor"),
    Severity.MAJOR: Message.in_context("finding", "Major"),
    Severity.CRITICAL: Message.in_context("finding", "Critical"),
}
STATE_WORDS: dict[FindingState, Message] = {
    FindingState.OPEN: Message("Waits for the site"),
    FindingState.ANSWERED: Message("Answered, to be judged"),
    FindingState.CLOSED: Message.in_context("finding", "Closed"),
}


def kind_words(frame: Frame, visit: VisitTold) -> str:
    """What kind of visit it was."""
    return KIND_WORDS[visit.kind].in_language(frame.language)


def days_words(visit: VisitTold) -> str:
    """The days of a visit."""
    first, last = dates.written(visit.first_day), dates.written(visit.last_day)
    return first if first == last else _("{first} to {last}").format(first=first, last=last)


def visit_status(visit: VisitTold) -> Status:
    """Where a report stands."""
    if visit.signed is None:
        return Status(_("To be signed"), "todo")
    if visit.acknowledged is None:
        return Status(_("To be acknowledged"), "todo")
    return Status(_("Acknowledged"), "good")


def finding_status(frame: Frame, finding: FindingTold) -> Status:
    """Where a finding stands."""
    if not finding.signed:
        return Status(_("Not signed yet"), "idle")
    if finding.overdue:
        return Status(_("Overdue"), "stop")
    words = STATE_WORDS[finding.state].in_language(frame.language)
    return Status(words, "good" if finding.state is FindingState.CLOSED else "todo")


def about_words(frame: Frame, finding: FindingTold) -> str:
    """Of whom and in which form it was found, "" where it is about none."""
    forms = {form.key: form for form in frame.protocol.forms}
    form = forms.get(finding.form)
    label = form.label.in_language(frame.language) if form else finding.form
    return " · ".join(each for each in (finding.participant, label) if each)


def finding_name(visit: int, number: int) -> str:
    """A finding as its page is called."""
    return _("Finding {visit}.{number}").format(visit=visit, number=number)


def monitoring_task(frame: Frame, matter: MonitoringMatter) -> Task:
    """What waits of a report or a finding, for Today."""
    where, site = f"{frame.href}/monitoring/{matter.visit}", matter.site
    words = {
        Waits.SIGN: Status(_("To be signed"), "todo"),
        Waits.ACKNOWLEDGE: Status(_("To be acknowledged"), "todo"),
        Waits.ANSWER: Status(_("To be answered"), "todo"),
        Waits.REPLY: Status(_("Answered, to be judged"), "todo"),
    }
    if matter.finding is None:
        name = _("Monitoring visit {number}, site {site}").format(number=matter.visit, site=site)
        return Task(name, words[matter.what], where)
    name = _("{finding}, site {site}").format(
        finding=finding_name(matter.visit, matter.finding), site=site
    )
    status = Status(_("Overdue"), "stop") if matter.overdue else words[matter.what]
    due = _("until {day}").format(day=dates.written(matter.due)) if matter.due else ""
    return Task(name, status, f"{where}/findings/{matter.finding}", due)
