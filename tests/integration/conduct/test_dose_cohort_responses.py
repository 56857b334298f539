"""Dose cohorts whose rule reads responses too: BOIN12 waits for them, TITE-BOIN12 reads who is
still followed."""

import pytest

from tests.integration.conduct.other_trials import Trial, begin
from tests.integration.conduct.test_dose_cohorts import (
    DAY,
    FILE,
    STUDY,
    browser,
    decide,
    now,
    outcome,
    treated,
)
from trialwright.conduct.actions import entering, participation, visiting
from trialwright.conduct.refusals import ActionRefused
from trialwright.design import Boin12, TiteBoin12
from trialwright.design.cohorts import Standing
from trialwright.design.section import problems_of
from trialwright.protocol.loader import parse_file
from trialwright.protocol.problems import ProtocolFileError

BOIN12 = Boin12(target=0.35, min_response=0.25, doses=3, max_participants=18)
BOTH = (
    FILE.replace("rule: three-plus-three", "rule: boin12")
    .replace(
        '  evaluable: "day_28.score.counts"\n',
        '  evaluable: "day_28.score.counts"\n'
        '  response: "day_56.scan.responded"\n  response_window: 8 weeks\n',
    )
    .replace(
        "populations:\n",
        '  scan:\n    label: "Scan"\n    sections:\n'
        '      all: {label: "All", items: {responded: {label: "Responded", type: yes_no}}}\n'
        "populations:\n",
    )
    .replace(
        "design: {kind: three-plus-three, doses: 3}",
        "design: {kind: boin12, target: 0.35, min_response: 0.25, doses: 3, max_participants: 18}",
    )
    + """\
  day_56:
    label: "Day 56"
    anchor: first
    day: 56
    window_before_days: 20
    window_after_days: 7
    forms: [scan]
"""
)
OVER_TIME = BOTH.replace("rule: boin12", "rule: tite-boin12").replace(
    "design: {kind: boin12, target: 0.35, min_response: 0.25, doses: 3, max_participants: 18}",
    "design: {kind: tite-boin12, suspend_above: 1, boin12: {target: 0.35, min_response: 0.25, "
    "doses: 3, max_participants: 18}}",
)


def scanned(trial: Trial, code: str, *, responded: bool) -> None:
    by = trial.person("coordinator")
    visiting.record_visit(by=by, code=code, visit="day_56", on=trial.now.date(), at=trial.now)
    raw = {"responded": "yes" if responded else "no"}
    entering.save_entry(
        by=by, code=code, visit="day_56", form="scan", raw=raw, based_on=0, at=trial.now
    )


def responses(trial: Trial) -> list[Standing]:
    return [each.outcome.response for each in now(trial).members]


def begun(file: str) -> tuple[Trial, list[str]]:
    """A first cohort of three, at the end of their DLT window without an event."""
    trial = begin(file)
    decide(trial, 1)
    codes = [treated(trial) for _ in range(3)]
    trial.later(days=DAY)
    for code in codes:
        outcome(trial, code, dlt=False)
    return trial, codes


@pytest.mark.django_db
def test_boin12_waits_for_the_responses_and_then_says_what_the_design_says() -> None:
    trial, codes = begun(BOTH)
    assert responses(trial) == [Standing.PENDING] * 3 and not now(trial).complete
    with pytest.raises(ActionRefused, match="isn't complete"):
        decide(trial, 2)
    trial.later(days=DAY)
    assert responses(trial) == [Standing.MISSING] * 3 and not now(trial).complete
    seen = now(trial).content_hash
    for code in codes:
        scanned(trial, code, responded=code == codes[0])
    assert now(trial).complete and now(trial).content_hash != seen
    assert responses(trial) == [Standing.EVENT, Standing.DONE, Standing.DONE]
    said = now(trial).reading
    state = BOIN12.start().observe(1, 3, 0, responses=1)
    assert said is not None and said.decision == BOIN12.decide(state)
    assert said.selected == BOIN12.select(state)
    assert said.decision is not None
    decide(trial, said.decision.dose)


@pytest.mark.django_db
def test_who_left_after_the_dlt_window_counts_without_a_response() -> None:
    trial, codes = begun(BOTH)
    trial.later(days=3)
    participation.withdraw(
        by=trial.person("coordinator"), code=codes[2], reason="Moved", on=trial.now.date(),
        stops=("treatment", "visits", "contact", "samples"), at=trial.now,
    )  # fmt: skip
    trial.later(days=DAY)
    for code in codes[:2]:
        scanned(trial, code, responded=True)
    said = now(trial).reading
    assert said is not None and said.state == BOIN12.start().observe(1, 3, 0, responses=2)


@pytest.mark.django_db
def test_tite_boin12_reads_the_part_of_the_window_that_is_over() -> None:
    trial, codes = begun(OVER_TIME)
    trial.later(days=14)
    scanned(trial, codes[0], responded=True)
    said = now(trial).reading
    design = TiteBoin12(boin12=BOIN12, suspend_above=1)
    state = design.start().observe(1, 3, 0, responses=1, pending_responses=(0.75, 0.75))
    assert said is not None and said.state == state
    assert now(trial).complete and said.decision == design.decide(state)


@pytest.mark.django_db
def test_the_page_counts_responses() -> None:
    trial, codes = begun(BOTH)
    trial.later(days=14)
    scanned(trial, codes[0], responded=True)
    page = browser(trial, "board").get(f"/studies/{STUDY}/cohorts").content.decode()
    assert "responded: 1" in page and "response missing: 2" in page
    assert "followed without one; responded" in page


def test_what_a_response_needs_is_said() -> None:
    response = '  response: "day_56.scan.responded"\n'
    window = "  response_window: 8 weeks\n"
    for text, sentence in (
        (BOTH.replace(response, "").replace(window, ""), "the cohorts have no response"),
        (BOTH.replace(response, ""), "a `response_window` and no `response`"),
        (BOTH.replace("8 weeks", "2 months"), "`response_window` is not a number of days"),
        (BOTH.replace("  rule: boin12\n", "  size: 3\n"), "no `rule` that reads it"),
        (
            BOTH.replace("rule: boin12", "rule: boin").replace(
                "kind: boin12, target: 0.35, min_response: 0.25", "kind: boin, target: 0.35"
            ),
            "The cohorts have a response",
        ),
    ):
        assert text != BOTH
        try:
            protocol = parse_file(text.encode())
        except ProtocolFileError as error:
            assert sentence in str(error), (sentence, str(error))
            continue
        assert any(sentence in str(each) for each in problems_of(protocol)), sentence
