"""Registered outcomes as endpoints, and the visits and forms that their time frames name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from trialwright.protocol.durations import Duration, Unit
from trialwright.registry.draft.measures import DraftMeasure, read_measure
from trialwright.registry.draft.time_frames import TimeFrame, read_time_frame
from trialwright.registry.draft.yaml_writing import Block, stated
from trialwright.registry.record.parts import RegisteredOutcome

MOST_OUTCOMES = 60
UNTIMED = "time_not_stated"
BASELINE = "baseline"
Gap = Callable[..., None]
"""Notes what the registration doesn't tell: the name of the gap, and what it is about."""


@dataclass(slots=True)
class Occasions:
    """The visits of a draft in the order of their days, and the outcomes measured at each."""

    lengths: dict[str, Duration | None] = field(default_factory=dict)
    windows: dict[str, Duration] = field(default_factory=dict)
    items: dict[str, dict[str, Block]] = field(default_factory=dict)

    def place(self, frame: TimeFrame, key: str, item: Block) -> str:
        """Put an item at each visit that a time frame names; return the last of them.

        Only a frame understood to its last word names visits: else the outcome is left at a time
        that isn't stated, and what was read of it is a question.
        """
        visits: dict[str, Duration | None] = {}
        if frame.whole:
            if frame.baseline:
                visits[BASELINE] = Duration(0, Unit.DAY)
            for point in sorted(frame.points, key=lambda each: each.least_days):
                visits[_visit_key(point) if point.number else BASELINE] = point
        if not set(visits) - {BASELINE}:
            visits |= {UNTIMED: None}
        for visit, length in visits.items():
            self.lengths.setdefault(visit, length)
            if frame.window is not None and visit not in (BASELINE, UNTIMED):
                self.windows.setdefault(visit, frame.window)
            self.items.setdefault(visit, {})[key] = item
        return list(visits)[-1]

    def visits(self, anchor: str) -> Block:
        """The visits as a block of the file, counted from an anchor."""
        return {key: self._visit(key, anchor) for key in sorted(self.lengths, key=self._order)}

    def _order(self, visit: str) -> tuple[bool, int]:
        length = self.lengths[visit]
        return length is None, length.least_days if length else 0

    def _visit(self, key: str, anchor: str) -> Block:
        length = self.lengths[key]
        visit: Block = {"label": _label(key, length)}
        if length is not None:
            visit["anchor"] = anchor
        if length is not None and length.number:
            visit["after"] = stated(str(length))
        if window := self.windows.get(key):
            days = window.least_days
            visit["window_before_days"] = visit["window_after_days"] = stated(days)
        return visit | {"forms": [form_key(key)]}

    def forms(self) -> Block:
        """A form for each visit, with what is measured there."""
        return {
            form_key(visit): {
                "label": "Outcomes",
                "sections": {"measures": {"label": "As registered", "items": items}},
            }
            for visit, items in self.items.items()
        }


def form_key(visit: str) -> str:
    """The key of a visit's form."""
    return f"outcomes_{visit}"


def _visit_key(length: Duration) -> str:
    return f"{length.unit}_{length.number}"


def _label(key: str, length: Duration | None) -> str:
    if length is None:
        return "At a time that the registration doesn't state"
    if key == BASELINE:
        return "Baseline"
    return f"{length.unit.value.capitalize()} {length.number}"


def draft_outcomes(outcomes: Iterable[RegisteredOutcome], randomised: bool, gap: Gap) -> Block:
    """Return the parts of a protocol file that follow from the outcomes.

    Args:
        outcomes: those with a measure; the first ones, up to MOST_OUTCOMES, are taken.
        randomised: whether participants are: who is analysed, and what visits are counted from.
        gap: notes what the registration doesn't tell.
    """
    occasions, endpoints = Occasions(), {}
    numbers = {"primary": 0, "secondary": 0, "other": 0}
    for outcome in list(outcomes)[:MOST_OUTCOMES]:
        numbers[outcome.role] += 1
        key = f"{outcome.role}_{numbers[outcome.role]}"
        frame = _frame(outcome, gap)
        visit = occasions.place(frame, key, _item(outcome, gap))
        endpoints[key] = _endpoint(outcome, visit, key, randomised)
    block: Block = {"populations": _population(randomised)}
    anchor = "allocation" if randomised else "consent"
    if any(length is not None for length in occasions.lengths.values()):
        gap("visit anchor")
        label = "Randomisation" if randomised else "Consent"
        block["anchors"] = {anchor: {"label": label, "step": anchor}}
    block["visits"] = occasions.visits(anchor)
    block["forms"] = occasions.forms()
    block["endpoints"] = endpoints
    return block


def _frame(outcome: RegisteredOutcome, gap: Gap) -> TimeFrame:
    words, measure = outcome.time_frame.value, outcome.measure.or_else("")
    if not words:
        gap("time frame", measure)
        return TimeFrame(whole=False)
    frame = read_time_frame(words)
    if frame.repetitions:
        gap("repetition", measure)
    elif not (frame.whole and frame.points):
        gap("time frame words", measure)
    return frame


def _item(outcome: RegisteredOutcome, gap: Gap) -> Block:
    measure = read_measure(outcome.measure.or_else(""), outcome.description.value or "")
    item: Block = {"label": outcome.measure.or_else(""), "type": measure.type}
    if measure.type == "text":
        gap("measure", outcome.measure.or_else(""))
    return item | _limits(measure)


def _limits(measure: DraftMeasure) -> Block:
    given: Mapping[str, str | int | None] = {
        "unit": measure.unit,
        "likely_minimum": measure.minimum,
        "likely_maximum": measure.maximum,
    }
    return {key: stated(value) for key, value in given.items() if value is not None}


def _population(randomised: bool) -> Block:
    who, what = ("randomised", "randomised") if randomised else ("consented", "enrolled")
    rule = "participant.randomised" if randomised else "true"
    return {
        who: {
            "label": what.capitalize(),
            "definition": f"All {what} participants.",
            "who": rule,
        }
    }


def _endpoint(outcome: RegisteredOutcome, visit: str, key: str, randomised: bool) -> Block:
    frame = outcome.time_frame.value
    words = outcome.description.value or outcome.measure.or_else("")
    kind = outcome.role if outcome.role != "other" else "exploratory"
    return {
        "label": outcome.measure.or_else(""),
        "kind": stated(kind),
        "population": "randomised" if randomised else "consented",
        "treatments": "Not stated in the registration: which arms are compared.",
        "variable": f"{visit}.{form_key(visit)}.{key}",
        "definition": stated(f"{words} Time frame: {frame}." if frame else words),
        "at": visit,
        "intercurrent_events": {
            "not_stated": {
                "label": "Not stated in the registration",
                "strategy": "treatment_policy",
            }
        },
        "summary": "Not stated in the registration.",
    }
