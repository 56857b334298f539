"""A diary of the file: its entries, and what a participant's page can't do or must not show."""

from datetime import date, time
from zoneinfo import ZoneInfo

import pytest

from tests.integration.conduct.diary_trial import FILE
from trialwright.protocol.diaries import Diary
from trialwright.protocol.loader import parse_file
from trialwright.protocol.problems import ProtocolFileError


def problems(old: str, new: str) -> list[str]:
    assert old in FILE
    try:
        parse_file(FILE.replace(old, new, 1).encode())
    except ProtocolFileError as error:
        return [str(each).split(": ", 1)[1] for each in error.problems]
    return []


def test_a_diary_is_read_and_is_the_participants() -> None:
    form = parse_file(FILE.encode()).form("bleeding")
    assert form.completed_by == ("participant",)
    diary = form.diary
    assert diary is not None
    assert (diary.anchor, diary.day, diary.entries, diary.remind_hours) == ("began", 1, 5, 2)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("from: began", "from: nowhere", "counted from `nowhere`, which is no anchor"),
        ('at: ["20:00"]', "at: [8]", "`8` is not a time of the day"),
        ('at: ["20:00"]', 'at: ["20:00", "08:00"]', "don't rise"),
        ("open_hours: 48", "open_hours: 3", "closes before its entries are late"),
        ('5, at: ["20:00"]', '501, at: ["08:00", "20:00"]', "has 1,002 entries"),
        ("    repeating: yes\n", "", "holds one record alone"),
        ("    repeating: yes\n", "    repeating: yes\n    completed_by: [nurse]\n", "names others"),
        ("forms: [bleeding]}", "anchor: began, day: 3, forms: [bleeding]}", "one visit of its own"),
        ("forms: [score]}\n  diary", "forms: [score, bleeding]}\n  diary", "one visit of its own"),
        ("type: yes_no}", "type: yes_no, unmasking: yes}", "could reveal an arm"),
        ("minimum: 0, maximum", 'show_when: "bled", minimum: 0, maximum', "under a condition"),
    ],
)
def test_what_a_diary_can_not_be_is_a_problem_of_the_file(old: str, new: str, told: str) -> None:
    found = problems(old, new)
    assert any(told in each for each in found), found


def test_the_clocks_of_the_site_move_the_entries() -> None:
    diary = Diary("start", 3, (time(20),), 12, 48, 1)
    slots = diary.slots(date(2026, 3, 28), ZoneInfo("Europe/Berlin"))
    assert [slot.opens.hour for slot in slots] == [19, 18, 18]
    assert slots[0].reminded is None and slots[1].number == 2
