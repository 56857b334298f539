"""Clocks of reports as a cut seals them: whether one went out could tell an arm."""

from dataclasses import dataclass

from trialwright.analysis.cut_checks import CutError, date_text, one_of

HOW = ("", "sent", "incomplete", "not_due")


@dataclass(frozen=True, slots=True)
class ReportClock:
    """One report that was due: `rule` is its key in the protocol, `site` is "" where the sponsor
    counts. It is of an event of `participant`, or of a hold. `how` it ended is "" while it runs;
    `late` if it ended, or ran at the cut, after it was due."""

    number: int
    rule: str
    region: str
    stage: str
    site: str
    participant: str
    event: int | None
    hold: int | None
    started_at: str
    due_at: str
    how: str = ""
    ended_at: str | None = None
    late: bool = False

    def __post_init__(self) -> None:
        where = f"clock {self.number}"
        one_of(self.how, HOW, where)
        for moment in (self.started_at, self.due_at, self.ended_at):
            date_text(moment, where)
        if (self.event is None) is (self.hold is None):
            raise CutError(f"{where}: it is of an event or of a hold")
