"""Meetings of the board as cells of a cut's table, and back."""

from trialwright.analysis.cut_meetings import BoardMeeting

MEETING_COLUMNS = (
    "number", "held_on", "read", "present", "quorum", "advice", "minutes", "signed_on",
)  # fmt: skip


def meeting_cells(meeting: BoardMeeting) -> tuple[str, ...]:
    """One row."""
    return (
        str(meeting.number),
        meeting.held_on,
        meeting.read,
        str(meeting.present),
        str(meeting.quorum),
        meeting.advice,
        meeting.minutes,
        meeting.signed_on or "",
    )


def read_meeting(row: tuple[str, ...]) -> BoardMeeting:
    """The meeting of a row."""
    number, held_on, read, present, quorum, advice, minutes, signed_on = row
    counts = (int(present), int(quorum))
    return BoardMeeting(int(number), held_on, read, *counts, advice, minutes, signed_on or None)
