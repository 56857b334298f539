"""A calendar file: moments in UTC, lines as RFC 5545 has them, read back by another reader."""

from datetime import datetime
from zoneinfo import ZoneInfo

from trialwright.exchange.calendar_file import CalendarEvent, calendar_file

SUMMARY = "C-001, 第三个月随访；一个很长的访视名称，超过一行，" * 4 + "a, b; c\\d"


def written() -> bytes:
    zone = ZoneInfo("Europe/Berlin")
    events = [
        CalendarEvent("one", SUMMARY, "Site C", datetime(2026, 7, 1, 0, 30, tzinfo=zone), 90, 2,
                      datetime(2026, 6, 1, 12, 0, 0, 123456, tzinfo=zone)),
        CalendarEvent("two", "C-002", "", datetime(2026, 12, 1, 9, 0, tzinfo=zone), 60, 0,
                      datetime(2026, 6, 1, 12, tzinfo=zone)),
    ]  # fmt: skip
    return calendar_file("DEMO, appointments", events)


def test_moments_are_in_utc_and_name_no_zone() -> None:
    lines = unfolded(written())
    starts = [line for line in lines if line.startswith("DTSTART")]
    # Summer and winter time; the first is of the day before in UTC.
    assert starts == ["DTSTART:20260630T223000Z", "DTSTART:20261201T080000Z"]
    assert "DTSTAMP:20260601T100000Z" in lines and "DURATION:PT1H30M" in lines
    assert not any("TZID" in line or "VTIMEZONE" in line for line in lines)
    assert [line for line in lines if line.startswith("SEQUENCE")] == ["SEQUENCE:2", "SEQUENCE:0"]


def test_lines_are_folded_between_characters_and_end_as_the_standard_says() -> None:
    content = written()
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    for line in content.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()
    summary = next(line for line in unfolded(content) if line.startswith("SUMMARY:C-001"))
    escaped = SUMMARY.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    assert summary == f"SUMMARY:{escaped}"


def unfolded(content: bytes) -> list[str]:
    """Lines as RFC 5545, 3.1 has them put together again, read without the library."""
    return content.decode().replace("\r\n ", "").split("\r\n")
