"""Entries of diaries as cells of a cut's table, and back."""

from trialwright.analysis.cut_diaries import DiaryMark

DIARY_COLUMNS = (
    "participant", "form", "repeat", "due_at", "entry_status", "written_at", "received_at",
)  # fmt: skip


def diary_cells(each: DiaryMark) -> tuple[str, ...]:
    """One row."""
    moments = (each.written_at, each.received_at)
    return (*each.place[:2], str(each.repeat), each.due_at, each.status, *moments)


def read_diary_mark(row: tuple[str, ...]) -> DiaryMark:
    """The entry of a row."""
    participant, form, repeat, *told = row
    return DiaryMark(participant, form, int(repeat), *told)
