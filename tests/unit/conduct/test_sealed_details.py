"""Details of rows as sealed text: every kind comes back as it was, byte for byte as before."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from trialwright.conduct.participants.step_details import StepDetails
from trialwright.conduct.products.bedside import Check
from trialwright.conduct.products.moves import Move
from trialwright.conduct.products.notices import NoticeDetails
from trialwright.conduct.safety.clock_details import EndingDetails, How
from trialwright.conduct.safety.hold_details import (
    Choice,
    CoveredCounts,
    DecisionDetails,
    HoldDetails,
)
from trialwright.conduct.safety.meeting_details import DeclaredConflict, MeetingDetails
from trialwright.conduct.safety.narratives import Narrative
from trialwright.conduct.sealed_values import dump, load
from trialwright.custody.bedside import Refusal
from trialwright.custody.containers import ContainerStatus
from trialwright.custody.lots import LotStatus
from trialwright.safety.board import Recommendation

AT = datetime(2026, 3, 4, 9, 30, tzinfo=timezone(timedelta(hours=8)))
WHO = UUID(int=7)
DETAILS = (
    Narrative(3, 1, "Fever, “then” well", "", ("cells",), AT, WHO, "safety_office"),
    EndingDetails(4, How.NOT_DUE, AT, "", "The comparator", WHO, "safety_office", AT),
    HoldDetails("a", "rule", ("C-1", "C-2"), 4, 2, 5, 4, None, ""),
    DecisionDetails(
        Choice.RESUME, ("a",), "Why", "00", meeting=2,
        covered=(CoveredCounts("a", 4, 2, ("C-1",)), CoveredCounts("all", 9, 2, ())),
    ),
    MeetingDetails(next(iter(Recommendation)), (), "", "", (DeclaredConflict("chen", "None"),)),
    StepDetails(AT, "5", "4.5", "mL"),
    StepDetails(AT, second_person=WHO),
    Move("T1", ContainerStatus.GIVEN, AT, str(WHO), ended_at=AT, counted=True),
    Check(AT, "a", "b", "C-1", "infuse", "", 1, "T1", "4", "mL", AT, AT, tuple(Refusal)[:2]),
    NoticeDetails(("L1",), LotStatus.FAILED, "Sterility"),
)  # fmt: skip


@pytest.mark.parametrize("details", DETAILS, ids=lambda each: type(each).__name__)
def test_what_is_sealed_comes_back_as_it_was(details: object) -> None:
    assert load(type(details), dump(details)) == details


def test_the_text_is_that_which_stands_in_older_chains() -> None:
    assert dump(StepDetails(AT, second_person=WHO)) == (
        '{"amount":"","at":"2026-03-04T09:30:00+08:00","planned":"","reason":"",'
        '"second_person":"00000000-0000-0000-0000-000000000007","unit":"","why_late":""}'
    )
    assert dump(NoticeDetails(("L1",), LotStatus.FAILED, "无菌")) == (
        '{"lots":["L1"],"reason":"无菌","status":"failed"}'
    )


def test_what_could_not_be_read_back_is_not_sealed() -> None:
    @dataclass
    class Odd:
        value: object

    with pytest.raises(TypeError, match="has no text"):
        dump(Odd(UTC))
