"""How a visit and its forms are said on pages."""

from django.utils import timezone
from django.utils.translation import gettext as _

from trialwright.conduct.reads.participants import FormLine, Story, VisitLine
from trialwright.web import dates
from trialwright.web.clinical.frame import Frame
from trialwright.web.components import Status, Task


def visit_status(line: VisitLine) -> Status:
    """What has become of a visit."""
    if line.visit.any_time:
        if any(form.status != "empty" for form in line.forms):
            return Status(_("Has data"), "good")
        return Status(_("Closed"), "idle") if line.closed else Status(_("Open"), "idle")
    match line.status:
        case "done":
            waits = any(
                form.status != "complete" and not (form.status == "empty" and form.repeat > 1)
                for form in line.forms
            )
            if waits:
                return Status(_("Forms to fill in"), "todo")
            if any(form.needs_signature and not form.signed for form in line.forms):
                return Status(_("To be signed"), "todo")
            return Status(_("Completed"), "good")
        case "missed":
            return Status(_("Missed"), "caution")
        case "cancelled":
            return Status(_("Will not take place"), "idle")
        case "planned" if line.opens is not None and line.closes is not None:
            today = timezone.localdate()
            if line.closes < today:
                return Status(_("Overdue"), "stop")
            return Status(_("Due"), "todo") if line.opens <= today else Status(_("Planned"), "idle")
        case _:
            return Status(_("Not dated yet"), "idle")


def window_words(line: VisitLine) -> str:
    """When it took place, or may."""
    if line.actual is not None:
        words = _("took place on {day}").format(day=dates.written(line.actual))
        return _("{what}; historic").format(what=words) if line.historic else words
    if line.opens is None or line.closes is None:
        return ""
    if line.opens == line.closes:
        return _("on {day}").format(day=dates.written(line.opens))
    return _("{first} to {last}").format(
        first=dates.written(line.opens), last=dates.written(line.closes)
    )


def form_status(form: FormLine) -> Status:
    """How a form stands; what is typed and not saved comes first."""
    if form.draft:
        return Status(_("Draft, not saved"), "todo")
    if form.status == "empty":
        return Status(_("Not begun"), "todo" if form.can_enter else "idle")
    if form.open_queries:
        return Status(_("Query open"), "caution")
    if form.status == "incomplete":
        return Status(_("Incomplete"), "todo")
    if form.signed:
        return Status(_("Completed"), "good")
    return Status(_("To be signed"), "todo") if form.needs_signature else Status(
        _("Completed"), "good"
    )  # fmt: skip


def form_task(frame: Frame, told: Story, line: VisitLine, form: FormLine, href: str) -> Task:
    """A form as a row of a task list."""
    label = told.protocol.form(form.key).label.in_language(frame.language)
    if form.repeat > 1 or told.protocol.form(form.key).repeating:
        label = f"{label} {form.repeat}"
    return Task(
        name=label,
        status=Status(_("Nothing recorded"), "idle")
        if form.status == "empty"
        and not form.draft
        and (line.visit.any_time or form.repeat > 1)
        and not line.visit.screening
        else form_status(form),
        href=f"{href}/visits/{line.visit.key}/{form.key}/{form.repeat}",
        hint=line.visit.label.in_language(frame.language),
    )
