"""A participant's story: her moments in words, the latest first, and her visits as a picture."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from trialwright.conduct.models import Participant
from trialwright.conduct.planning import ZONE, day_of
from trialwright.conduct.reads.participants import Story
from trialwright.protocol.basics import Text
from trialwright.report.figures.timeline import (
    Timeline,
    TimelineEvent,
    TimelineVisit,
    timeline_figure,
)
from trialwright.report.words import Words
from trialwright.web.clinical.frame import Frame
from trialwright.web.components import Moment
from trialwright.web.sentences import listed

WITHDRAWN_FROM = {
    "treatment": Text("treatment", "治疗"),
    "visits": Text("visits", "访视"),
    "contact": Text("being contacted", "联系"),
    "samples": Text("use of her samples", "样本使用"),
}
# What is further away than this is in the list of visits, and would squeeze the picture.
_MONTHS_AHEAD = 4
# The order within a day: a visit has no time, but comes after consent and before its own steps.
_FIRST, _VISIT, _STEP, _END = range(4)


def moments_of(frame: Frame, told: Story, href: str) -> list[Moment]:
    """What happened to her, the latest first; the day stands once, times beside what has one."""
    found: list[tuple[date, int, str, Moment]] = []
    for at, what, place in _steps(told.row):
        if at is not None:
            time = at.astimezone(ZONE).strftime("%H:%M")
            order = _FIRST if at in (told.row.screened_at, told.row.consented_at) else _STEP
            moment = Moment("", what, time, place and f"{href}/{place}")
            found.append((day_of(at), order, time, moment))
    for line in told.visits:
        label = line.visit.label.in_language(frame.language)
        if line.actual is not None:
            words = _("Visit: {visit}").format(visit=label)
            moment = Moment("", words, href=f"{href}/visits/{line.visit.key}")
            found.append((line.actual, _VISIT, "", moment))
    for ending in told.row.endings.all():
        words = _ending_word(ending.kind)
        if ending.stops and ending.kind == "withdrawn":
            stopped = (WITHDRAWN_FROM[stop].in_language(frame.language) for stop in ending.stops)
            words = _("Withdrawn from: {what}").format(what=listed(stopped))
        found.append((ending.on, _END, "", Moment("", words, ending.reason, tone="stop")))
    if told.row.screen_failure_reason:
        on = max(day for day, *_rest in found)
        what = _("Screening failure")
        failed = Moment("", what, told.row.screen_failure_reason, tone="stop")
        found.append((on, _END, "", failed))
    # Steps within one minute keep the order of the story: the sort is stable.
    found.reverse()
    found.sort(key=lambda each: each[:3], reverse=True)
    shown: list[Moment] = []
    last: date | None = None
    for on, _order, _time, moment in found:
        when: date | str = on if on != last else ""
        shown.append(Moment(when, moment.what, moment.detail, moment.href, moment.tone))
        last = on
    return shown


def _steps(row: Participant) -> list[tuple[datetime | None, str, str]]:
    """When, what, and the page below hers that tells more, or ""."""
    return [
        (row.screened_at, _("Screened"), ""),
        (row.consented_at, _("Consented"), ""),
        (row.eligible_at, _("Eligibility confirmed"), "eligibility"),
        (row.randomised_at, _("Randomised"), ""),
        (row.allocation_received_at, _("Allocation received at the cell laboratory"), ""),
        (row.product_released_at, _("Product released"), ""),
        (row.resection_complete_at, _("Resection declared complete"), ""),
        (row.surgeon_told_at, _("Surgeon told"), ""),
        (row.treated_at, _treatment_word(row), ""),
    ]


def _treatment_word(row: Participant) -> str:
    words = {
        "full": _("Treated"),
        "part": _("Treated in part: {reason}"),
        "none": _("Not treated: {reason}"),
    }
    return words.get(row.treatment_status or "", "").format(reason=row.treatment_reason)


def _ending_word(kind: str) -> str:
    return {
        "withdrawn": _("Withdrawn"),
        "lost": _("Lost to follow-up"),
        "died": _("Died"),
        "completed": _("Completed"),
    }[kind]


def story_figure(frame: Frame, told: Story) -> SafeString | None:
    """Her visits along the time, near ones only; None while there is nothing to draw."""
    today = day_of(timezone.now())
    visits = tuple(
        TimelineVisit(
            line.visit.label.in_language(frame.language),
            line.status or "planned",
            line.opens,
            line.closes,
            line.actual,
        )
        for line in told.visits
        if line.opens is not None
        and line.closes is not None
        and (line.opens - today).days < _MONTHS_AHEAD * 31
    )
    if not visits:
        return None
    row = told.row
    named = [(row.randomised_at, _("Randomised")), (row.treated_at, _treatment_word(row))]
    events = [TimelineEvent(what, day_of(at)) for at, what in named if at is not None]
    events += [TimelineEvent(_ending_word(each.kind), each.on) for each in row.endings.all()]
    if len(events) > 1 and events[0].day == events[1].day:
        events = events[1:]
    words = Words("zh" if frame.language.startswith("zh") else "en")
    drawing = timeline_figure(Timeline(visits, tuple(events), today), words)
    return mark_safe(drawing.svg)  # noqa: S308 - our own drawing, its texts escaped
