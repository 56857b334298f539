"""A participant's timeline: the moments in words, the latest first, and the visits as a picture."""

from collections.abc import Iterator
from datetime import date, datetime

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from trialwright.conduct.models import Ending, Instead, Participant
from trialwright.conduct.participants.progress import Treatment, TreatmentStatus
from trialwright.conduct.reads.participants import Story
from trialwright.messages import Message, several
from trialwright.report.figures.timeline import (
    Timeline,
    TimelineEvent,
    TimelineVisit,
    timeline_figure,
)
from trialwright.report.words import ReportWords
from trialwright.web.clinical.frame import Frame
from trialwright.web.clinical.step_words import taken_words
from trialwright.web.components import Moment

WITHDRAWN_FROM = {
    "treatment": Message("treatment"),
    "visits": Message("visits"),
    "contact": Message("being contacted"),
    "samples": Message("use of samples"),
}
# What is further away than this is in the list of visits, and would squeeze the picture.
_MONTHS_AHEAD = 4
# The order within a day: a visit has no time, but comes after consent and before its own steps.
_FIRST, _VISIT, _STEP, _END = range(4)


def moments_of(frame: Frame, told: Story, href: str) -> list[Moment]:
    """What happened to the participant, the latest first; the day stands once, times beside what
    has one.
    """
    found: list[tuple[date, int, str, Moment]] = []
    for at, what, place in _steps(told.row):
        if at is not None:
            time = timezone.localtime(at).strftime("%H:%M")
            order = _FIRST if at in (told.row.screened_at, told.row.consented_at) else _STEP
            moment = Moment("", what, time, place and f"{href}/{place}")
            found.append((timezone.localdate(at), order, time, moment))
    for each in told.taken:
        time = f"{timezone.localtime(each.details.at):%H:%M}" if each.details else ""
        moment = Moment("", taken_words(frame, each), time)
        found.append((each.on, _STEP, time, moment))
    for line in told.visits:
        label = line.visit.label.in_language(frame.language)
        if line.actual is not None:
            words = _("Visit: {visit}").format(visit=label)
            moment = Moment("", words, href=f"{href}/visits/{line.visit.key}")
            found.append((line.actual, _VISIT, "", moment))
    found += _consents(told, href)
    for ending in told.row.endings.all():
        words = ending_words(ending).in_language(frame.language)
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


def _consents(told: Story, href: str) -> Iterator[tuple[date, int, str, Moment]]:
    """The consents given again, and the parts withdrawn."""
    place = f"{href}/consent"
    consents = told.row.consents.order_by("given_at").prefetch_related("withdrawals")
    for number, consent in enumerate(consents):
        if number:
            words = _("Consented again, version {version}").format(version=consent.version)
            if consent.instead:
                words = _("Consented again by the representative, version {version}").format(
                    version=consent.version
                )
            time = timezone.localtime(consent.given_at).strftime("%H:%M")
            yield timezone.localdate(consent.given_at), _STEP, time, Moment("", words, time, place)
        for each in consent.withdrawals.all():
            words = _("A part of the consent withdrawn")
            yield each.on, _STEP, "", Moment("", words, each.reason, place, tone="stop")


def _consented(row: Participant) -> str:
    """How the participant came in, in words."""
    first = row.consents.order_by("given_at").first()
    if first is None or first.instead is None:
        return _("Consented")
    return {
        Instead.REPRESENTATIVE: _("Consented, by the representative"),
        Instead.WAIVED: _("Data from this day, consent waived"),
    }[Instead(first.instead)]


def _steps(row: Participant) -> list[tuple[datetime | None, str, str]]:
    """When, what, and the page below the participant's that tells more, or ""."""
    return [
        (row.screened_at, _("Screened"), ""),
        (row.consented_at, _consented(row), "consent"),
        (row.eligible_at, _("Eligibility confirmed"), "eligibility"),
        (row.randomised_at, _("Randomised"), ""),
    ]


def _treatment_word(treatment: Treatment) -> str:
    return {
        TreatmentStatus.FULL: _("Treated"),
        TreatmentStatus.PART: _("Treated in part"),
        TreatmentStatus.NONE: _("Not treated"),
    }[treatment.status]


_ENDINGS = {
    "withdrawn": Message("Withdrawn"),
    "lost": Message("Lost to follow-up"),
    "died": Message("Died"),
    "completed": Message("Completed"),
}


def ending_words(ending: Ending) -> Message:
    """How participation ended; of a withdrawal, what it is from."""
    if not ending.stops or ending.kind != "withdrawn":
        return _ENDINGS[ending.kind]
    what = several([WITHDRAWN_FROM[stop] for stop in ending.stops])
    return Message("Withdrawn from: {what}", what=what)


def story_figure(frame: Frame, told: Story) -> SafeString | None:
    """The visits along the time, near ones only; None while there is nothing to draw."""
    today = timezone.localdate()
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
    events = []
    if row.randomised_at is not None:
        events.append(TimelineEvent(_("Randomised"), timezone.localdate(row.randomised_at)))
    if told.treatment is not None:
        events.append(TimelineEvent(_treatment_word(told.treatment), told.treatment.on))
    events += [
        TimelineEvent(_ENDINGS[each.kind].in_language(frame.language), each.on)
        for each in row.endings.all()
    ]
    if len(events) > 1 and events[0].day == events[1].day:
        events = events[1:]
    words = ReportWords("zh" if frame.language.startswith("zh") else "en")
    drawing = timeline_figure(Timeline(visits, tuple(events), today), words)
    return mark_safe(drawing.svg)  # noqa: S308 - our own drawing, its texts escaped
