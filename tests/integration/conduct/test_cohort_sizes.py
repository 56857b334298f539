"""Cohorts whose size changes on the way: through a dose level, or until a value ends it."""

import re
from collections.abc import Iterator

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
from trialwright.conduct.actions import entering
from trialwright.conduct.actions.cohorts import decide_cohort
from trialwright.conduct.models import CohortDecision
from trialwright.conduct.refusals import Conflict
from trialwright.design.section import problems_of
from trialwright.protocol.loader import parse_file
from trialwright.protocol.problems import ProtocolFileError

UNTIL = '{each: 1, until: "day_28.score.points >= 2"}'
PEOPLE = FILE.replace("design: {kind: three-plus-three, doses: 3}\n", "").replace(
    "  rule: three-plus-three\n", f"  sizes: [{UNTIL}, {{each: 3}}]\n"
)
BY_LEVEL = PEOPLE.replace(UNTIL, "{each: 1, through: d1}, {each: 2, through: d2}")
BOIN = FILE.replace(
    "kind: three-plus-three, doses: 3", "kind: boin, doses: 3, target: 0.3, max_participants: 12"
).replace("rule: three-plus-three", f"rule: boin\n  sizes: [{UNTIL}, {{each: 3}}]")


def sizes() -> Iterator[tuple[int | None, int]]:
    for row in CohortDecision.objects.filter(study=STUDY).order_by("number"):
        yield row.level, row.size


def followed(trial: Trial, level: int, *, points: str = "1", reason: str = "Well borne") -> None:
    """Open a cohort, fill it, and enter that nobody had an event."""
    decide(trial, level, reason=reason)
    codes = [treated(trial) for _ in range(now(trial).places)]
    trial.later(days=DAY)
    for code in codes:
        outcome(trial, code, dlt=False, points=points)


@pytest.mark.django_db
def test_a_value_of_one_participant_ends_the_stretch_for_good() -> None:
    trial = begin(PEOPLE)
    followed(trial, 1)
    followed(trial, 2, points="2")
    followed(trial, 2)
    decide(trial, 1, reason="Back to be sure")
    assert list(sizes()) == [(1, 1), (2, 1), (2, 3), (1, 3)]


@pytest.mark.django_db
def test_sizes_go_with_the_dose_level_and_do_not_come_back_below_it() -> None:
    trial = begin(BY_LEVEL)
    for level in (1, 1, 2, 3):
        followed(trial, level)
    decide(trial, 1, reason="Back to be sure")
    assert list(sizes()) == [(1, 1), (1, 1), (2, 2), (3, 3), (1, 3)]


@pytest.mark.django_db
def test_a_design_is_read_after_cohorts_of_any_size_and_its_total_holds() -> None:
    trial = begin(BOIN)
    followed(trial, 1, reason="")
    said = now(trial).reading
    assert said is not None and said.decision is not None and said.decision.dose == 2
    followed(trial, 2, points="2", reason="")
    for _ in range(4):
        followed(trial, 3, reason="")
    assert list(sizes()) == [(1, 1), (2, 1), (3, 3), (3, 3), (3, 3), (3, 1)]
    said = now(trial).reading
    assert said is not None and said.decision is not None and said.decision.action == "stop"


@pytest.mark.django_db
def test_whoever_read_another_size_signs_nothing() -> None:
    trial = begin(PEOPLE)
    decide(trial, 1, reason="The first")
    code = treated(trial)
    trial.later(days=DAY)
    outcome(trial, code, dlt=False)
    read = now(trial).content_hash
    entering.save_entry(
        by=trial.person("coordinator"), code=code, visit="day_28", form="score", based_on=1,
        raw={"points": "2", "dlt": "no", "counts": "yes"}, change_reasons={"points": "A slip"},
        at=trial.now,
    )  # fmt: skip
    with pytest.raises(Conflict):
        decide_cohort(
            by=trial.person("board"), level=2, content_hash=read, reason="On", at=trial.now
        )


@pytest.mark.django_db
def test_the_page_offers_each_level_with_its_own_size() -> None:
    trial = begin(BY_LEVEL)
    followed(trial, 1)
    page = browser(trial, "board").get(f"/studies/{STUDY}/cohorts").content.decode()
    assert re.search(r"at level 1 \(1 mg/kg\) for 1 participant\b", page)
    assert re.search(r"at level 2 \(2 mg/kg\) for 2 participants\b", page)


def test_what_sizes_need_is_said_with_its_line() -> None:
    three = "{each: 3}"
    for text, old, new, sentence in (
        (PEOPLE, "  sizes:", "  size: 3\n  sizes:", "a `size` and `sizes`"),
        (PEOPLE, f", {three}", "", "each but the last says where it ends"),
        (PEOPLE, three, "{each: 3, through: d1}", "each but the last says where it ends"),
        (PEOPLE, UNTIL, "{each: 1}", "each but the last says where it ends"),
        (PEOPLE, UNTIL, "1", "is not a block"),
        (PEOPLE, "each: 1", "each: 0", "less than 1"),
        (PEOPLE, "score.points >= 2", "score.nothing >= 2", "nothing"),
        (PEOPLE, "score.points >= 2", "score.points", "points"),
        (BY_LEVEL, "through: d2", "through: d1", "no dose level beyond"),
        (BY_LEVEL, "through: d2", "through: d3", "is the highest dose level"),
        (BY_LEVEL, "through: d2", "through: d9", "d9"),
        (BOIN, three, "{each: 2}", "The design has cohorts of 3"),
        (BOIN, "target: 0.3,", "target: 0.3, titration: yes,", "a titration says itself"),
        (FILE, "  window:", f"  sizes: [{UNTIL}, {three}]\n  window:", "cohorts of three"),
    ):
        assert old in text
        written = text.replace(old, new)
        try:
            protocol = parse_file(written.encode())
        except ProtocolFileError as error:
            found = [each for each in error.problems if sentence in str(each)]
        else:
            found = [each for each in problems_of(protocol) if sentence in str(each)]
        assert found and found[0].way_out, (sentence, written)
        assert found[0].line > 1, sentence
    for text in (PEOPLE, BY_LEVEL, BOIN):
        assert problems_of(parse_file(text.encode())) == ()
