"""Adverse events and holds of a cut as cells, and back."""

from trialwright.analysis.cut_events import AdverseEvent, GradeStep
from trialwright.analysis.cut_holds import Hold
from trialwright.exchange.text_tables import COLUMNS, Cells

_TEXTS_OF_AN_EVENT = (
    "participant", "term", "system", "ctcae", "started", "ended", "known_on", "outcome",
    "special", "described", "nullified", "child", "onset_to_consent", "onset_to_treatment",
)  # fmt: skip


def event_cells(e: AdverseEvent) -> Cells:
    """The steps of the grade stand one space apart, each with its day after a colon."""
    said = (e.term, e.system, e.ctcae, e.started, e.ended, e.known_on, e.outcome)
    grades = " ".join(f"{step.grade}:{step.since}" for step in e.grades)
    answers = ("yes" if e.related else "no", "yes" if e.assessed else "no")
    lists = (grades, " ".join(e.criteria), e.special, *answers, " ".join(e.stopping))
    last = (e.described, e.nullified, e.child, e.onset_to_consent, e.onset_to_treatment)
    return (str(e.number), e.participant, *said, *lists, *last)


def read_event(row: Cells) -> AdverseEvent:
    cells = dict(zip(COLUMNS["events"], row, strict=True))
    steps = (step.split(":") for step in cells["grades"].split())
    return AdverseEvent(
        number=int(cells["number"]),
        grades=tuple(GradeStep(int(grade), since) for grade, since in steps),
        criteria=tuple(cells["criteria"].split()),
        related=cells["related"] == "yes",
        assessed=cells["assessed"] == "yes",
        stopping=tuple(cells["stopping"].split()),
        **{name: cells[name] for name in _TEXTS_OF_AN_EVENT},
    )


def hold_cells(h: Hold) -> Cells:
    goes_on = ("yes" if h.goes_on else "no") if h.ended_on else ""
    return (str(h.number), h.kind, h.pauses, h.set_on, h.ended_on or "", goes_on, h.reason)
