"""Onsets against consent and treatment: what a partial date can tell, and what it can't."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.safety.onset import Onset, OnsetMarks, onset_against, onset_marks
from trialwright.safety.partial import PartialDate, may_be_from, partial_date

DAYS = st.dates(date(2023, 1, 1), date(2025, 12, 31))


@st.composite
def known_onsets(draw: st.DrawFn) -> tuple[PartialDate | None, date]:
    """An onset as it is known, and the day that it truly was."""
    true = draw(DAYS)
    text = true.isoformat()[: draw(st.sampled_from([0, 4, 7, 10]))]
    return partial_date(text), true


@given(known_onsets(), DAYS)
def test_a_mark_says_no_more_than_the_date_tells(
    onset: tuple[PartialDate | None, date], day: date
) -> None:
    known, true = onset
    mark = onset_against(known, day)
    assert (mark is Onset.BEFORE) <= (true < day)
    assert (mark is Onset.SINCE) <= (true >= day)
    if mark is Onset.MAY_BE_BEFORE and known is not None:
        # Both are possible by what is known: neither is claimed.
        assert known.first < day <= known.last


@given(known_onsets(), DAYS, st.integers(0, 60))
def test_a_mark_agrees_with_what_counts_as_emergent(
    onset: tuple[PartialDate | None, date], consented: date, wait: int
) -> None:
    """What is unknown never excludes an event: only what surely began before isn't emergent."""
    known, _true = onset
    treated = consented + timedelta(days=wait)
    marks = onset_marks(known, consented_on=consented, treated_on=treated)
    emergent = may_be_from(known, PartialDate(treated, treated))
    assert emergent == (marks.treatment is not Onset.BEFORE)
    # Nothing began before the consent that may have begun since the treatment.
    assert not (marks.consent is Onset.BEFORE and marks.treatment is Onset.SINCE)


@pytest.mark.parametrize(
    ("onset", "expected"),
    [
        ("2024-03-09", (Onset.BEFORE, Onset.BEFORE)),
        ("2024-03-10", (Onset.SINCE, Onset.BEFORE)),
        ("2024-03-15", (Onset.SINCE, Onset.SINCE)),
        ("2024-03", (Onset.MAY_BE_BEFORE, Onset.MAY_BE_BEFORE)),
        ("2024", (Onset.MAY_BE_BEFORE, Onset.MAY_BE_BEFORE)),
        ("", (Onset.MAY_BE_BEFORE, Onset.MAY_BE_BEFORE)),
        ("2024-02", (Onset.BEFORE, Onset.BEFORE)),
    ],
)
def test_consent_on_the_tenth_and_treatment_on_the_fifteenth(
    onset: str, expected: tuple[Onset, Onset]
) -> None:
    marks = onset_marks(
        partial_date(onset), consented_on=date(2024, 3, 10), treated_on=date(2024, 3, 15)
    )
    assert (marks.consent, marks.treatment) == expected


def test_without_such_a_day_that_is_said() -> None:
    assert onset_marks(None, consented_on=None, treated_on=None).marked() == (
        ("consent", Onset.NO_DAY),
    )
    assert OnsetMarks(Onset.SINCE, Onset.NO_DAY).marked() == (("treatment", Onset.NO_DAY),)
    assert OnsetMarks(Onset.BEFORE, Onset.BEFORE).marked() == (("consent", Onset.BEFORE),)
    assert OnsetMarks(Onset.MAY_BE_BEFORE, Onset.MAY_BE_BEFORE).marked() == (
        ("consent", Onset.MAY_BE_BEFORE), ("treatment", Onset.MAY_BE_BEFORE)
    )  # fmt: skip
