"""What is told of a design: the case, what is asked of it, and the answer as plain parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from trialwright.design._catalogue import kind_of
from trialwright.design.backfill_boin import BackfillBoin
from trialwright.design.boin12 import Boin12
from trialwright.design.characteristics import MAX_STATES
from trialwright.design.excess import ControlRate
from trialwright.design.minimisation import Mix
from trialwright.design.planned_size import SampleSize
from trialwright.design.time_to_event import Accrual, TimeToEvent
from trialwright.design.treatment_schedule import TreatmentSchedule
from trialwright.report.document import Block
from trialwright.report.words import ReportWords


@dataclass(frozen=True, slots=True)
class Case:
    """A design, the name it is told under, a method of its own where it has one, and how wide the
    picture of its rule is drawn."""

    name: str
    design: Any
    method: str = ""
    width: float = 620.0


@dataclass(frozen=True, slots=True)
class Question:
    """The true rates to answer for, scenarios x doses (or arms, or a row of rates), with true
    response rates where a design needs them; how participants come, for TITE designs; the control's
    true event rate, for an excess over it; when participants are treated, for a stopping rule; who
    comes, for a minimisation; how to answer, and how many states at the most; and what each design
    was searched for, if it was."""

    rates: tuple[tuple[float, ...], ...]
    responses: tuple[tuple[float, ...], ...] = ()
    accrual: Accrual = field(default_factory=Accrual)
    control: ControlRate = field(default_factory=ControlRate)
    schedule: TreatmentSchedule = field(default_factory=TreatmentSchedule)
    mix: Mix | None = None
    method: str = "auto"
    trials: int = 10_000
    seed: int = 1
    max_states: int = MAX_STATES
    aims: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class DesignSummary:
    """A design, or several beside each other, told: the parts of its rule, those of how it
    performs, sentences on the method, and the same numbers as a sheet and as a tree."""

    rule: tuple[tuple[Block, ...], ...]
    performance: tuple[Block, ...] = ()
    method: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    tree: tuple[dict[str, Any], ...] = field(default=())


def complete_of(design: Any) -> Any:
    """The dose-finding design itself; where some are still followed, the one of all followed."""
    return design.complete if isinstance(design, TimeToEvent) else design


def reads_responses(design: Any) -> bool:
    """Whether a dose-finding design needs true response rates beside those of DLTs."""
    return isinstance(complete_of(design), Boin12 | BackfillBoin)


def is_timed(design: Any) -> bool:
    """Whether it matters to a dose-finding design when participants come."""
    return isinstance(design, TimeToEvent | BackfillBoin)


def target_of(design: Any) -> float:
    """The DLT rate a design seeks; for 3+3, which names none, that of its rule."""
    named = getattr(design, "target", None)
    return float(design.rule.plug[-1] if named is None else named)


def kind_name(words: ReportWords, kind: str) -> str:
    """What people call a kind of design."""
    return words(f"oc_kind_{kind.replace('-', '_')}")


def named(designs: Sequence[Any], words: ReportWords) -> tuple[Case, ...]:
    """Designs under the names of their kinds, with a letter where two are of one kind."""
    names = [_name_of(design, words) for design in designs]
    return tuple(
        Case(f"{name} {'ABC'[i]}" if names.count(name) > 1 else name, design)
        for i, (name, design) in enumerate(zip(names, designs, strict=True))
    )


def _name_of(design: Any, words: ReportWords) -> str:
    """The name of a design's kind; of a sample size that of its outcomes."""
    if isinstance(design, SampleSize):
        return words(f"oc_outcomes_{design.outcomes.kind.replace('-', '_')}")
    return kind_name(words, kind_of(design))
