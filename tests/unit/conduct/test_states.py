"""The states a participant can be in: which step leads where, what can still be stopped."""

from datetime import UTC, datetime
from itertools import product

import pytest

from trialwright.conduct.models import Participant, State
from trialwright.conduct.participants.states import (
    STATE_LABELS,
    can_stop,
    closed_because,
    last_state,
    require_consent,
    require_step,
)
from trialwright.conduct.refusals import ActionRefused
from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.progress import Progress, StepFact

AT = datetime(2026, 1, 5, tzinfo=UTC)
EVERYTHING = ["treatment", "visits", "contact", "samples"]
# Written out apart from the program's own table: from where, to where.
LEADS = {
    "screened": "consented screen_failed",
    "consented": "eligible screen_failed withdrawn lost died",
    "eligible": "consented randomised screen_failed withdrawn lost died",
    "randomised": "treated not_treated withdrawn lost died",
    "treated": "completed withdrawn lost died",
    "not_treated": "completed withdrawn lost died",
    "lost": "withdrawn died",
    "withdrawn": "died",
    "completed": "died",
    "screen_failed": "",
    "died": "",
}


def participant(state: str = "consented", **columns: object) -> Participant:
    return Participant(code="C-001", state=state, screened_at=AT, **columns)


@pytest.mark.parametrize(("here", "to"), [*product(State, State)])
def test_a_step_leads_only_where_it_may(here: State, to: State) -> None:
    if to.value in LEADS[here.value].split():
        require_step(participant(here.value), to, demonstration())
    else:
        with pytest.raises(ActionRefused) as refusal:
            require_step(participant(here.value), to, demonstration())
        said = str(refusal.value.problems[0].sentence)
        for part in ("C-001", str(STATE_LABELS[here]), str(STATE_LABELS[to])):
            assert part in said


@pytest.mark.parametrize(
    ("state", "possible"),
    [
        ("screened", []),
        ("died", []),
        ("completed", ["contact", "samples"]),
        ("screen_failed", ["contact", "samples"]),
        *((state, EVERYTHING) for state in ("consented", "eligible", "randomised", "treated")),
        *((state, EVERYTHING) for state in ("not_treated", "lost", "withdrawn")),
    ],
)
def test_what_a_withdrawal_can_still_stop_follows_from_the_state(
    state: str, possible: list[str]
) -> None:
    assert can_stop(participant(state)) == possible


@pytest.mark.parametrize("stopped", EVERYTHING)
def test_what_was_stopped_is_not_stopped_again(stopped: str) -> None:
    left = [each for each in EVERYTHING if each != stopped]
    assert can_stop(participant("treated", **{f"stops_{stopped}": True})) == left


@pytest.mark.parametrize(
    ("columns", "given", "state"),
    [
        ({"consented_at": AT}, None, "consented"),
        ({"consented_at": AT, "eligible_at": AT}, None, "eligible"),
        ({"consented_at": AT, "eligible_at": AT, "randomised_at": AT}, None, "randomised"),
        ({"randomised_at": AT}, True, "treated"),
        ({"randomised_at": AT}, False, "not_treated"),
    ],
)
@pytest.mark.parametrize("since", ["lost", "withdrawn"])
def test_who_comes_back_stands_where_the_steps_had_led(
    columns: dict[str, object], given: bool | None, state: str, since: str
) -> None:
    facts = () if given is None else (StepFact("place", given=given),)
    row = participant(since, **columns)
    assert last_state(row, demonstration(), Progress(frozenset(), facts)) == state


def test_no_study_procedure_before_consent() -> None:
    with pytest.raises(ActionRefused, match="not consented"):
        require_consent(participant("screened"))
    require_consent(participant(consented_at=AT))


@pytest.mark.parametrize("came", [True, False])
@pytest.mark.parametrize("begun", [True, False])
def test_a_form_is_open_after_consent_at_a_visit_that_took_place(came: bool, begun: bool) -> None:
    visit, running = (demonstration().visit(key) for key in ("month_1", "running"))
    without = closed_because(participant("screened"), visit, came=came, begun=begun)
    assert "not consented" in str(without)
    consented = participant("treated", consented_at=AT)
    closed = closed_because(consented, visit, came=came, begun=begun)
    assert (closed is None) == came
    assert came or "not taken place" in str(closed)
    # Some forms belong to no day.
    assert closed_because(consented, running, came=came, begun=begun) is None


@pytest.mark.parametrize("begun", [True, False])
def test_a_screening_failure_has_corrections_but_nothing_new(begun: bool) -> None:
    failed = participant("screen_failed", consented_at=AT)
    visit = demonstration().visit("screening")
    closed = closed_because(failed, visit, came=True, begun=begun)
    assert (closed is None) == begun
    assert begun or "did not enter" in str(closed)
