"""Entries of participants' diaries as a cut has them: each that had opened, come or not."""

from dataclasses import dataclass

from trialwright.analysis.cut_checks import CutError, date_text, one_of

DIARY_STATUSES = ("on_time", "late", "missed", "open")


@dataclass(frozen=True, slots=True)
class DiaryMark:
    """One entry of a diary that could be written by the cut; `repeat` is its number and that of the
    form's record.

    on_time and late: it came, and was written by then or after; missed: it closed without;
    open: it could still be written. Those of who was given no link, and what was due after a
    participation ended, aren't there. Moments
    are those of the site, to the minute: from which it could be written, was written (by the
    participant's own clock) and came in.
    """

    participant: str
    form: str
    repeat: int
    due_at: str
    status: str
    written_at: str = ""
    received_at: str = ""

    def __post_init__(self) -> None:
        where = f"diary {self.form} {self.repeat} of {self.participant}"
        one_of(self.status, DIARY_STATUSES, where)
        for moment in (self.due_at, self.written_at, self.received_at):
            date_text(moment or None, where)
        if (self.status in ("on_time", "late")) is not bool(self.received_at):
            raise CutError(f"{where}: what came has a moment, and nothing else has")

    @property
    def place(self) -> tuple[str, str, int]:
        """Whose it is, and which."""
        return self.participant, self.form, self.repeat
