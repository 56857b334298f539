"""Dose cohorts whose rule backfills lower levels while a cohort is awaited, or reads each
participant's event and response together (EffTox)."""

import pytest

from tests.integration.conduct.other_trials import begin
from tests.integration.conduct.test_dose_cohort_responses import BOTH, scanned
from tests.integration.conduct.test_dose_cohorts import (
    DAY,
    STUDY,
    browser,
    decide,
    level_of,
    now,
    outcome,
    treated,
)
from trialwright.conduct.refusals import ActionRefused
from trialwright.design import BackfillBoin, Boin, EffTox
from trialwright.design.section import problems_of
from trialwright.protocol.loader import parse_file

OLD = "{kind: boin12, target: 0.35, min_response: 0.25, doses: 3, max_participants: 18}"
PRIOR = (
    "prior_mean: [-7.9593, 1.5482, 0.7367, 3.4181, 0, 0], "
    "prior_sd: [3.5487, 3.5018, 2.5423, 2.4406, 0.2, 1]"
)
BACKFILL = BOTH.replace("rule: boin12", "rule: backfill-boin").replace(
    OLD, "{kind: backfill-boin, cap: 6, boin: {target: 0.25, doses: 3, max_participants: 18}}"
)
EFFTOX = BOTH.replace("rule: boin12", "rule: efftox").replace(
    OLD, f"{{kind: efftox, doses: [1, 2, 4], {PRIOR}, max_participants: 12}}"
)


@pytest.mark.django_db
def test_who_comes_while_a_cohort_is_awaited_is_backfilled_as_the_design_says() -> None:
    design = BackfillBoin(boin=Boin(target=0.25, doses=3, max_participants=18), cap=6)
    trial = begin(BACKFILL)
    decide(trial, 1)
    first = [treated(trial) for _ in range(3)]
    with pytest.raises(ActionRefused, match="no place left"):
        treated(trial)
    trial.later(days=DAY)
    for code in first:
        outcome(trial, code, dlt=False)
    assert now(trial).complete and now(trial).backfills is None
    trial.later(days=10)
    decide(trial, 2)
    second = [treated(trial) for _ in range(3)]
    assert now(trial).backfills is None  # nobody has responded
    scanned(trial, first[0], responded=True)
    assert now(trial).backfills == 1
    page = browser(trial, "board").get(f"/studies/{STUDY}/cohorts").content.decode()
    assert "Backfilled meanwhile" in page
    seen = now(trial).content_hash
    late = treated(trial)
    assert level_of(trial, late) == 1 and now(trial).content_hash != seen
    page = browser(trial, "board").get(f"/studies/{STUDY}/cohorts").content.decode()
    assert "beside cohort 2, backfilled at level 1" in page
    trial.later(days=3)
    outcome(trial, late, dlt=True)
    trial.later(days=DAY)
    for code in second:
        outcome(trial, code, dlt=False)
    state = design.start().observe(1, 3, 0, responses=1).observe(2, 3, 0).backfill(1, 1, 1)
    said = now(trial).reading
    assert said is not None and (said.state, said.decision) == (state, design.decide(state))
    with pytest.raises(ActionRefused, match="no place left"):
        treated(trial)  # the decision comes first
    assert said.decision is not None and said.size == 3
    decide(trial, said.decision.dose)


@pytest.mark.django_db
def test_efftox_reads_who_had_both() -> None:
    design = EffTox(
        doses=(1, 2, 4), prior_mean=(-7.9593, 1.5482, 0.7367, 3.4181, 0, 0),
        prior_sd=(3.5487, 3.5018, 2.5423, 2.4406, 0.2, 1), max_participants=12,
    )  # fmt: skip
    trial = begin(EFFTOX)
    decide(trial, 1)
    codes = [treated(trial) for _ in range(3)]
    trial.later(days=DAY)
    for code in codes:
        outcome(trial, code, dlt=code == codes[0])
    assert not now(trial).complete
    trial.later(days=DAY)
    for code in codes:
        scanned(trial, code, responded=code in codes[:2])
    state = design.start().observe(1, 3, 1, responses=2, both=1)
    said = now(trial).reading
    assert said is not None and (said.state, said.decision) == (state, design.decide(state))
    assert said.selected == design.select(state) and said.decision is not None
    decide(trial, said.decision.dose)


def test_what_these_rules_need_is_said() -> None:
    for text, sentence in (
        (EFFTOX.replace("doses: [1, 2, 4]", "doses: [1, 2, 3]"), "The dose levels have 1, 2, 4"),
        (
            BACKFILL.replace('  response: "day_56.scan.responded"\n', "").replace(
                "  response_window: 8 weeks\n", ""
            ),
            "the cohorts have no response",
        ),
        (
            BOTH.replace("rule: boin12", "rule: combination-boin").replace(
                OLD, "{kind: combination-boin, target: 0.3, doses_a: 2, doses_b: 2}"
            ),
            "of two agents",
        ),
    ):
        found = [str(each) for each in problems_of(parse_file(text.encode()))]
        assert any(sentence in each for each in found), found
    for text in (EFFTOX, BACKFILL):
        assert problems_of(parse_file(text.encode())) == ()
