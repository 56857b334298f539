"""History: what changed between two versions of a record, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, TypeAlias

from trialwright.registry.index.words import normal_form, words_of
from trialwright.registry.record.codes import Kind, in_words
from trialwright.registry.record.dates import PartialDate
from trialwright.registry.record.parts import ArmGroup, EnrolmentCount, RegisteredOutcome, StudyDate
from trialwright.registry.record.record import Record
from trialwright.registry.record.summaries import codes_of_phases, updated
from trialwright.registry.record.values import Value

What = Literal[
    "title", "status", "dates", "enrolment", "design", "eligibility", "primary outcome",
    "secondary outcome", "other outcome", "arms", "interventions", "sponsor", "results",
]  # fmt: skip
How = Literal["changed", "added", "dropped", "reworded"]

# What is said in words: dates, numbers of participants, and codes with their kind.
Part: TypeAlias = StudyDate | EnrolmentCount | tuple[Kind, tuple[str, ...]] | None

# Two outcomes that share this much of their words are one outcome, reworded.
_SAME_OUTCOME = 0.6


@dataclass(frozen=True, slots=True)
class RecordChange:
    """One difference between two versions.

    Attributes:
        what: the part of the record.
        how: added, dropped, reworded or changed.
        before: what it was, as shown; "" where it was not there.
        after: what it is.
        name: which one, of several (the date or arm that changed).
        after_start: for a primary outcome, whether the trial had started by then: a switch.
        was: where `before` puts a part of the record in words, that part.
        now: the same of `after`.
    """

    what: What
    how: How
    before: str
    after: str
    name: str = ""
    after_start: bool = False
    was: Part = None
    now: Part = None

    @property
    def sentence(self) -> str:
        """The change as an English sentence."""
        name = f"{self.what} “{self.name}”" if self.name else self.what
        text = {
            "added": f"{self.what} added: {self.after}",
            "dropped": f"{self.what} dropped: {self.before}",
            "reworded": f"{self.what} reworded: “{self.before}” became “{self.after}”",
            "changed": f"{name}: {self.before or 'not provided'} → {self.after or 'not provided'}",
        }[self.how]
        return f"{text} (after the trial had started)" if self.after_start else text


@dataclass(frozen=True, slots=True)
class VersionStep:
    """A version and what changed with it; the first has no changes."""

    version: int
    updated: Value[PartialDate]
    changes: tuple[RecordChange, ...]


def history(versions: Sequence[Record]) -> tuple[VersionStep, ...]:
    """Return the steps of a trial, the oldest first, without versions that change nothing."""
    steps = []
    for place, record in enumerate(versions):
        changes = tuple(changes_between(versions[place - 1], record)) if place else ()
        if changes or not place:
            steps.append(VersionStep(place, updated(record), changes))
    return tuple(steps)


def changes_between(old: Record, new: Record) -> Iterator[RecordChange]:
    """Yield the differences that matter between two versions of one trial."""
    yield from _single("title", old.title, new.title)
    yield from _single("status", old.status, new.status, kind="status")
    for name in ("start", "primary_completion", "completion"):
        was, now = (getattr(record, name) for record in (old, new))
        before, after = _date_in_words(was), _date_in_words(now)
        if before != after:
            name = name.replace("_", " ")
            yield RecordChange("dates", "changed", before, after, name, was=was, now=now)
    before, after = (_enrolment(record) for record in (old, new))
    if before != after:
        parts = old.enrolment, new.enrolment
        yield RecordChange("enrolment", "changed", before, after, was=parts[0], now=parts[1])
    yield from _design(old, new)
    started = _started(new)
    yield from _outcomes("primary outcome", old.primary_outcomes, new.primary_outcomes, started)
    yield from _outcomes("secondary outcome", old.secondary_outcomes, new.secondary_outcomes)
    yield from _outcomes("other outcome", old.other_outcomes, new.other_outcomes)
    yield from _sets("arms", *(_arms(record.arms) for record in (old, new)))
    names = ([item.name.value or "" for item in record.interventions] for record in (old, new))
    yield from _sets("interventions", *names)
    if old.eligibility.criteria.value and new.eligibility.criteria.value:
        texts = [words_of(record.eligibility.criteria.or_else("")) for record in (old, new)]
        if texts[0] != texts[1]:
            yield RecordChange("eligibility", "changed", *_differing_lines(old, new))
    yield from _single("sponsor", old.sponsor.name, new.sponsor.name)
    if new.has_results.value and old.has_results.value is False:
        yield RecordChange("results", "added", "", "results were posted")


def _single(
    what: What, old: Value[str], new: Value[str], kind: Kind | None = None
) -> Iterator[RecordChange]:
    before, after = (value.value or "" for value in (old, new))
    if before == after:
        return
    if kind:
        was, now = ((code,) if code else () for code in (before, after))
        yield _coded(what, kind, was, now)
    else:
        yield RecordChange(what, "changed", before, after)


def _coded(
    what: What, kind: Kind, was: tuple[str, ...], now: tuple[str, ...], name: str = ""
) -> RecordChange:
    before, after = (", ".join(in_words(kind, code) for code in codes) for codes in (was, now))
    return RecordChange(what, "changed", before, after, name, was=(kind, was), now=(kind, now))


def _date_in_words(milestone: StudyDate) -> str:
    if milestone.date.value is None:
        return ""
    kind = milestone.type.value
    return f"{milestone.date.value}" + (f" ({in_words('date_type', kind)})" if kind else "")


def _enrolment(record: Record) -> str:
    count, kind = record.enrolment.count.value, record.enrolment.type.value
    if count is None:
        return ""
    return f"{count:,}" + (f" ({in_words('date_type', kind)})" if kind else "")


def _design(old: Record, new: Record) -> Iterator[RecordChange]:
    parts: tuple[tuple[str, Kind], ...] = (
        ("allocation", "allocation"),
        ("intervention_model", "intervention_model"),
        ("masking", "masking"),
        ("purpose", "purpose"),
    )
    for name, kind in parts:
        codes = (getattr(record.design, name).value for record in (old, new))
        was, now = ((code,) if code else () for code in codes)
        if was != now:
            yield _coded("design", kind, was, now, name.replace("_", " "))
    phases = [tuple(codes_of_phases(record.phases)) for record in (old, new)]
    if phases[0] != phases[1]:
        yield _coded("design", "phase", phases[0], phases[1], "phase")


def _started(new: Record) -> bool:
    """Whether a trial had started by the time of a version, as far as its dates tell."""
    start, at = new.start.date.value, updated(new).value
    return start is not None and at is not None and start.latest < at.earliest


def _in_short(outcome: RegisteredOutcome) -> str:
    frame = outcome.time_frame.value
    return (outcome.measure.value or "") + (f" [{frame}]" if frame else "")


def _outcomes(
    what: What,
    old: Iterable[RegisteredOutcome],
    new: Iterable[RegisteredOutcome],
    started: bool = False,
) -> Iterator[RecordChange]:
    """Match outcomes by their words; what matches no other was dropped or added."""
    gone = {normal_form(_in_short(item)): _in_short(item) for item in old}
    come = {normal_form(_in_short(item)): _in_short(item) for item in new}
    for form in gone.keys() & come.keys():
        del gone[form], come[form]
    pairs = sorted(
        ((_likeness(a, b), a, b) for a in gone for b in come),
        reverse=True,
    )
    for likeness, a, b in pairs:
        if likeness >= _SAME_OUTCOME and a in gone and b in come:
            yield RecordChange(what, "reworded", gone.pop(a), come.pop(b), after_start=started)
    for text in gone.values():
        yield RecordChange(what, "dropped", text, "", after_start=started)
    for text in come.values():
        yield RecordChange(what, "added", "", text, after_start=started)


def _likeness(a: str, b: str) -> float:
    return SequenceMatcher(None, a.split(), b.split(), autojunk=False).ratio()


def _arms(arms: Iterable[ArmGroup]) -> list[str]:
    return [arm.label.value or f"arm {arm.number}" for arm in arms]


def _sets(what: What, old: list[str], new: list[str]) -> Iterator[RecordChange]:
    known, now = ({normal_form(name): name for name in names} for names in (old, new))
    for form, name in known.items():
        if form not in now:
            yield RecordChange(what, "dropped", name, "")
    for form, name in now.items():
        if form not in known:
            yield RecordChange(what, "added", "", name)


def _differing_lines(old: Record, new: Record) -> tuple[str, str]:
    """The lines of the criteria that only one of the versions has."""
    texts = [record.eligibility.criteria.or_else("").split("\n") for record in (old, new)]
    forms = [{normal_form(line) for line in lines} for lines in texts]
    kept = [
        [line.strip(" *-") for line in lines if normal_form(line) not in others]
        for lines, others in zip(texts, reversed(forms), strict=True)
    ]
    return "; ".join(filter(None, kept[0])), "; ".join(filter(None, kept[1]))
