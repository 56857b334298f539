"""Reading the diary of a form."""

from datetime import time

from trialwright.protocol.diaries import Diary
from trialwright.protocol.fields import Fields
from trialwright.protocol.shapes import DIARY


def read_diary(form: Fields) -> Diary | None:
    """The block; None where people of the study fill the form in."""
    fields = form.within("diary", DIARY)
    if fields is None:
        return None
    if form.has("completed_by"):
        message = "A diary is filled in by the participant, and `completed_by` names others"
        form.reading.problem(
            form.line_of("completed_by"), message, "Take `completed_by` away.", "diary"
        )
    remind = fields.whole("remind_hours", 0, minimum=0, maximum=720)
    return Diary(
        anchor=fields.words("from") or "",
        days=fields.whole("days", 1, minimum=1, maximum=1000),
        at=_times(fields),
        on_time_hours=fields.whole("on_time_hours", 24, minimum=1, maximum=8760),
        open_hours=fields.whole("open_hours", 24, minimum=1, maximum=8760),
        line=fields.line,
        day=fields.days("day", before=True),
        remind_hours=remind if fields.has("remind_hours") else None,
    )


def _times(fields: Fields) -> tuple[time, ...]:
    found = []
    for word in fields.names("at"):
        try:
            if len(word.text) != len("08:00"):
                raise ValueError(word.text)
            found.append(time.fromisoformat(word.text))
        except ValueError:
            message = f"`{word.text}` is not a time of the day"
            way_out = 'Write hours and minutes, as in `at: ["08:00", "20:00"]`.'
            fields.reading.problem(word.line, message, way_out, "diary")
    if not found or found != sorted(set(found)):
        message = "The times of the diary are missing, or don't rise"
        way_out = "Name each time of a day once, the earliest first."
        fields.reading.problem(fields.line_of("at"), message, way_out, "diary")
    return tuple(sorted(set(found))) or (time(0),)
