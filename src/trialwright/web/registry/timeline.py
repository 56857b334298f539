"""A trial's dates as a picture, with what it shows in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from trialwright.registry.record.dates import PartialDate
from trialwright.registry.record.record import Record
from trialwright.report.figures.milestones import DrawnMilestone, milestones_figure
from trialwright.web import dates
from trialwright.web.registry.words import code_words
from trialwright.web.sentences import sentences

_LONGER_THAN_A_MONTH = 31


@dataclass(frozen=True, slots=True)
class TimelinePicture:
    """A drawing under the sentence that says what to see in it, and what its marks mean."""

    sentence: str
    key: str
    svg: SafeString


def timeline(record: Record, today: date) -> TimelinePicture | None:
    """Draw when a trial was registered, runs and was last heard of; None without any date."""
    milestones = list(_milestones(record))
    if not milestones:
        return None
    sentence = _sentence(record)
    told = "; ".join(f"{item.label}: {item.written}" for item in milestones)
    start, end = record.start.date.value, record.completion.date.value
    runs = (start.earliest, end.latest) if start and end else None
    figure = milestones_figure(milestones, runs, (today, _("today")), f"{sentence} {told}")
    # What stands in the drawing was escaped when it was made.
    return TimelinePicture(sentence, _key(milestones), mark_safe(figure.svg))  # noqa: S308


def _key(milestones: Sequence[DrawnMilestone]) -> str:
    """What the marks mean, where there are marks that need it."""
    said = []
    if any(milestone.expected for milestone in milestones):
        said.append(_("An open circle is an estimate."))
    if any((item.latest - item.earliest).days > _LONGER_THAN_A_MONTH for item in milestones):
        said.append(_("A bar spans the days that a date may mean."))
    return sentences(said)


def _milestones(record: Record) -> Iterator[DrawnMilestone]:
    for words, value, kind in (
        (_("First posted"), record.first_posted.date.value, None),
        (_("Start"), record.start.date.value, record.start.type.value),
        (
            _("Primary completion"),
            record.primary_completion.date.value,
            record.primary_completion.type.value,
        ),
        (_("Completion"), record.completion.date.value, record.completion.type.value),
        (_("Last verified"), record.verified.value, None),
        (_("Last update posted"), record.last_update_posted.date.value, None),
    ):
        if value is not None:
            yield _milestone(words, value, kind)


def _milestone(words: str, value: PartialDate, kind: str | None) -> DrawnMilestone:
    text = dates.written(value)
    if kind:
        text = _("{date} ({kind})").format(date=text, kind=code_words("date_type", kind))
    return DrawnMilestone(words, value.earliest, value.latest, text, expected=kind == "ESTIMATED")


def _sentence(record: Record) -> str:
    start, end = record.start.date.value, record.completion.date.value
    if start and end:
        months = (end.earliest.year - start.earliest.year) * 12
        months += end.earliest.month - start.earliest.month
        if months > 0:
            words = _("From {start} to {end}, {months} months, as registered.")
            return words.format(
                start=dates.written(start), end=dates.written(end), months=f"{months:,}"
            )
    return _("The dates that the record gives.")
