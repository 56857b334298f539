"""What the words of a time frame say, and what they leave to be asked."""

import pytest

from trialwright.registry.draft.time_frames import read_time_frame


def told(frame):
    read = read_time_frame(frame)
    return [str(point) for point in read.points]


@pytest.mark.parametrize(
    ("frame", "points"),
    [
        ("Week 12", ["12 weeks"]),
        ("Baseline, week 4, 8 and 12", ["4 weeks", "8 weeks", "12 weeks"]),
        ("1, 3, 6, and 12 months", ["1 month", "3 months", "6 months", "12 months"]),
        ("At 3-, 6- and 12-months", ["3 months", "6 months", "12 months"]),
        ("Days 1, 8 and 15", ["1 day", "8 days", "15 days"]),
        ("Week 2, Week 6, Month 3", ["2 weeks", "6 weeks", "3 months"]),
        ("twelve weeks", ["12 weeks"]),
        ("Baseline to 6 months", ["6 months"]),
        ("Up to 24 Weeks (Day 197)", ["197 days"]),
    ],
)
def test_points_are_read_in_their_order(frame, points):
    assert told(frame) == points
    assert read_time_frame(frame).whole


@pytest.mark.parametrize(
    ("frame", "horizon"),
    [
        ("Up to 28 days", "28 days"),
        ("through study completion, an average of 2 years", "2 years"),
        ("Week 0 - Week 12", "12 weeks"),
        ("0-60 days", "60 days"),
        ("within 4 years", "4 years"),
        ("Up to approximately 24 months", "24 months"),
    ],
)
def test_a_length_of_follow_up_is_no_visit(frame, horizon):
    assert told(frame) == []
    assert str(read_time_frame(frame).horizon) == horizon


def test_what_comes_again_is_a_repetition():
    [cycle] = read_time_frame("Days 1 and 8 of each 21-day cycle").repetitions
    assert (str(cycle.every), cycle.days) == ("21 days", (1, 8))
    [scans] = read_time_frame("Every 12 weeks").repetitions
    assert (str(scans.every), scans.days) == ("12 weeks", (1,))


def test_a_window_around_a_point_is_read():
    read = read_time_frame("Week 24 ± 3 days")
    assert ([str(p) for p in read.points], str(read.window)) == (["24 weeks"], "3 days")


@pytest.mark.parametrize(
    "frame",
    [
        "41.6 months",
        "Day -14",
        "Baseline, Cycle 5 Day 1 and Cycle 7 Day 1 (each cycle was 3 weeks)",
        "about 2 years",
        "through discharge",
        "0 (pre-dose), 0.25, 0.5, 1, 2 and 4 hours post-dose",
    ],
)
def test_what_cannot_be_counted_makes_no_point(frame):
    assert told(frame) == []
    assert not read_time_frame(frame).whole or read_time_frame(frame).horizon is None


def test_a_frame_with_words_beyond_its_points_is_not_whole():
    assert not read_time_frame("12 months of age").whole
    assert not read_time_frame("Up to 2 years and 10 months").whole
    assert not read_time_frame("6 months after the last patient enrolled").whole


def test_the_baseline_is_told_apart():
    assert read_time_frame("Baseline and week 6").baseline
    assert read_time_frame("Weeks 0 and 24").points[0].number == 0
    assert not read_time_frame("Week 6").baseline
