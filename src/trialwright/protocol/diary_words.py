"""When a diary is written, in words."""

from trialwright.messages import Message
from trialwright.protocol.diaries import Diary
from trialwright.protocol.model import Protocol


def diary_said(protocol: Protocol, diary: Diary) -> tuple[Message, ...]:
    """Who writes a diary, on which days and at what times, until when, and the reminder."""
    when = Message(
        "The participant writes it on {days} days, from day {day} after “{anchor}”, at {times}. "
        "It is on time for {on_time} hours, then late, and closed after {open} hours.",
        days=diary.days,
        day=diary.day,
        anchor=protocol.anchor(diary.anchor).label,
        times=", ".join(f"{each:%H:%M}" for each in diary.at),
        on_time=diary.on_time_hours,
        open=diary.open_hours,
    )
    if diary.remind_hours is None:
        return (when,)
    reminder = Message("A reminder goes out after {hours} hours.", hours=diary.remind_hours)
    return (when, reminder)
