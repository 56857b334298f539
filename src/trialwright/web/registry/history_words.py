"""What changed between versions of a record, in words and as a timeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trialwright.registry.record.parts import EnrolmentCount, StudyDate
from trialwright.registry.related.history import Part, RecordChange, VersionStep
from trialwright.web.registry.words import (
    RECORD_LANGUAGE,
    code_words,
    date_text,
    enrolment_text,
)
from trialwright.web.sentences import listed

_WHAT = {
    "title": gettext_lazy("Title"),
    "status": gettext_lazy("Status"),
    "dates": gettext_lazy("Dates"),
    "enrolment": gettext_lazy("Number of participants"),
    "design": gettext_lazy("Design"),
    "eligibility": gettext_lazy("Eligibility"),
    "primary outcome": gettext_lazy("Primary outcome"),
    "secondary outcome": gettext_lazy("Secondary outcome"),
    "other outcome": gettext_lazy("Other outcome"),
    "arms": gettext_lazy("Arm"),
    "interventions": gettext_lazy("Intervention"),
    "sponsor": gettext_lazy("Sponsor"),
    "results": gettext_lazy("Results"),
}
_NAMES = {
    "start": gettext_lazy("Start"),
    "primary completion": gettext_lazy("Primary completion"),
    "completion": gettext_lazy("Completion"),
    "allocation": gettext_lazy("Allocation"),
    "intervention model": gettext_lazy("Intervention model"),
    "masking": gettext_lazy("Masking"),
    "purpose": gettext_lazy("Primary purpose"),
    "phase": gettext_lazy("Phase"),
}
_HOW = {
    "changed": gettext_lazy("changed"),
    "added": gettext_lazy("added"),
    "dropped": gettext_lazy("dropped"),
    "reworded": gettext_lazy("reworded"),
}


_SHOWN_AT_ONCE = 6


@dataclass(frozen=True, slots=True)
class Told:
    """One change: what and how, before and after, the language of both, whether it is a switch."""

    what: str
    how: str
    before: str
    after: str
    lang: str
    switched: bool


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """A version of the record: its day and what changed with it; the oldest has no changes."""

    when: object
    oldest: bool
    changes: Sequence[Told]
    more_changes: Sequence[Told]
    switched: bool


def told(steps: Sequence[VersionStep]) -> Iterator[ShownVersion]:
    """Put a trial's steps in words, the newest first."""
    for step in reversed(steps):
        changes = [_told(change) for change in step.changes]
        changes.sort(key=lambda change: not change.switched)
        when = step.updated.value or _("no date")
        shown = len(changes) if len(changes) <= _SHOWN_AT_ONCE + 2 else _SHOWN_AT_ONCE
        switched = any(change.switched for change in changes)
        yield ShownVersion(when, step.version == 0, changes[:shown], changes[shown:], switched)


def _told(change: RecordChange) -> Told:
    what = _NAMES[change.name] if change.name in _NAMES else _WHAT[change.what]
    if change.what == "results":
        return Told(str(what), str(_HOW["added"]), "", _("results were posted"), "", False)
    before, after = _side(change.was, change.before), _side(change.now, change.after)
    lang = RECORD_LANGUAGE if change.was is None and change.now is None else ""
    return Told(str(what), str(_HOW[change.how]), before, after, lang, change.after_start)


def _side(part: Part, text: str) -> str:
    match part:
        case StudyDate():
            return date_text(part)
        case EnrolmentCount():
            return enrolment_text(part)
        case None:
            return text
    kind, codes = part
    return listed(code_words(kind, code) for code in codes)


def sentence(change: RecordChange) -> str:
    """A change as one line of plain text, for a feed."""
    one = _told(change)
    words = {
        "added": _("{what} added: {after}"),
        "dropped": _("{what} dropped: {before}"),
        "reworded": _("{what} reworded: “{before}” became “{after}”"),
        "changed": _("{what}: {before} → {after}"),
    }[change.how]
    unsaid = _("not provided")
    line = words.format(what=one.what, before=one.before or unsaid, after=one.after or unsaid)
    return _("{change} (after the trial had started)").format(change=line) if one.switched else line
