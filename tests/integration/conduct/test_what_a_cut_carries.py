"""What stands in the database stands in the cut: exclusions, endings, deviations, arms received,
signatures. One study is told once, by the real actions, and read back from the files of its cut."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

from tests.integration.conduct.refusing import refused
from tests.integration.conduct.world import HISTORY, STUDY, World, begin
from trialwright.analysis.cut import Cut, Deviation, SealedPart
from trialwright.analysis.cut_entries import Value
from trialwright.analysis.cut_participants import Ending, Exclusion, Participant
from trialwright.conduct.actions import (
    cutting,
    eligibility,
    participation,
    screening,
    visiting,
)
from trialwright.conduct.cut import store as cut_store
from trialwright.conduct.models.participants import Answer
from trialwright.protocol.basics import Role

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Told:
    """The cut, its sealed part, and the codes of the participants by what became of them."""

    cut: Cut
    sealed: SealedPart
    codes: dict[str, str]
    days: dict[str, date]

    def person(self, who: str) -> Participant:
        return next(p for p in self.cut.participants if p.code == self.codes[who])


@pytest.fixture(scope="module")
def told(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Told]:
    before = settings.TRIALWRIGHT_CUTS
    settings.TRIALWRIGHT_CUTS = tmp_path_factory.mktemp("cuts")
    with django_db_blocker.unblock(), transaction.atomic():
        found = tell(begin())
        transaction.set_rollback(True)
    settings.TRIALWRIGHT_CUTS = before
    yield found


def tell(world: World) -> Told:
    codes, days = excluded(world), {"screened": world.now.date()}
    codes |= treated_or_not(world)
    days["left"] = world.now.date()
    world.later(days=1)
    by = world.person(Role.DATA_MANAGER)
    sha256 = cutting.cut_data(by=by, name="board-1", at=world.now)
    cut = cut_store.load_open(STUDY, "board-1", sha256)
    return Told(cut, cut_store.load_sealed(STUDY, "board-1"), codes, days)


def excluded(world: World) -> dict[str, str]:
    """Three who don't enter, each for a reason of another kind, and one still in screening."""
    codes = {
        "ineligible": world.entered(),
        "other": world.consented(),
        "declined": world.screened(),
    }
    codes["screening"] = world.screened()
    thrombosis = HISTORY | {"thrombosis": "yes"}
    world.save(
        world.coordinator, codes["ineligible"], "screening", "history", thrombosis, based_on=1,
        change_reasons={"thrombosis": "The old records came"},
    )  # fmt: skip
    answers = {"thrombosis": (Answer.FAIL, "Thrombosis in 2019"), "age": (Answer.PASS, "")}
    eligibility.assess_eligibility(
        by=world.coordinator, code=codes["ineligible"], answers=answers, at=world.now
    )
    for who, reason in (("ineligible", "Thrombosis"), ("other", "Moved"), ("declined", "No time")):
        screening.record_screen_failure(
            by=world.coordinator, code=codes[who], reason=reason, at=world.now
        )
    return codes


def treated_or_not(world: World) -> dict[str, str]:
    """One treated, seen late and gone; one allocated and not treated."""
    treated = world.treated()
    by = world.coordinator
    world.sign(world.investigator, treated, "screening", "history")
    world.sign(world.investigator, treated, "screening", "demographics")
    world.save(
        by, treated, "screening", "history", HISTORY | {"pregnancies": "3"}, based_on=1,
        change_reasons={"pregnancies": "Misread"},
    )  # fmt: skip
    world.visited(treated, "day_0")
    world.save(world.handler, treated, "day_0", "administration", {"lot": "H-17"})
    world.later(days=8)
    untreated = world.randomised()
    world.not_treated(untreated, "Perforation")()
    participation.withdraw(
        by=by, code=untreated, on=world.now.date(), stops=["samples"], reason="Blood", at=world.now
    )
    participation.withdraw(
        by=by, code=untreated, on=world.now.date(), stops=["contact", "visits"], at=world.now
    )
    world.later(days=40)
    visiting.record_visit(
        by=by, code=treated, visit="month_1", on=world.now.date(), reason="A journey", at=world.now
    )
    participation.record_loss_to_follow_up(
        by=by, code=treated, on=world.now.date(), reason="Three calls", at=world.now
    )
    return {"treated": treated, "untreated": untreated}


def test_who_did_not_enter_is_excluded_for_the_reason_there_was(told: Told) -> None:
    on = told.days["screened"].isoformat()
    assert told.person("ineligible").exclusion == Exclusion(
        "ineligible", on, ("thrombosis",), "Thrombosis"
    )
    assert told.person("other").exclusion == Exclusion("other", on, (), "Moved")
    assert told.person("declined").exclusion == Exclusion("declined", on, (), "No time")
    for who in ("screening", "treated", "untreated"):
        assert told.person(who).exclusion is None


def test_each_ending_is_carried_with_what_it_stops(told: Told) -> None:
    left = told.days["left"]
    (lost,) = told.person("treated").endings
    assert lost == Ending("lost", left.isoformat(), (), "Three calls")
    withdrawn = (left - timedelta(days=40)).isoformat()
    assert set(told.person("untreated").endings) == {
        Ending("withdrawn", withdrawn, ("samples",), "Blood"),
        Ending("withdrawn", withdrawn, ("visits", "contact"), ""),
    }
    assert all(told.person(who).endings == () for who in ("ineligible", "other", "screening"))


def test_a_visit_outside_its_window_is_a_deviation_with_its_reason(told: Told) -> None:
    code, left = told.codes["treated"], told.days["left"].isoformat()
    (deviation,) = [each for each in told.cut.deviations if each.participant == code]
    assert deviation == Deviation(code, left, "visit_window", "A journey", subject="month_1")
    on_time = [v for v in told.cut.visits if v.status == "done" and v.visit == "screening"]
    assert len(on_time) == 3


def test_a_treatment_that_was_not_given_is_a_deviation_without_its_words(told: Told) -> None:
    code = told.codes["untreated"]
    (deviation,) = [each for each in told.cut.deviations if each.participant == code]
    assert (deviation.kind, deviation.subject, deviation.description) == ("treatment", "place", "")


def test_the_arm_received_is_told_of_the_treated_alone(told: Told) -> None:
    arms = {each.participant: each for each in told.sealed.assignments}
    assert set(arms) == {told.codes["treated"], told.codes["untreated"]}
    treated, untreated = arms[told.codes["treated"]], arms[told.codes["untreated"]]
    assert treated.received == treated.arm and treated.treatment_reason == ""
    assert untreated.received is None and untreated.arm
    assert untreated.treatment_reason == "Perforation"
    assert told.person("untreated").at("treated") is None
    assert told.person("treated").at("treated") is not None


def test_the_treatment_stands_in_the_open_part_without_its_reason(told: Told) -> None:
    given = {who: told.person(who).treatment for who in ("treated", "untreated", "screening")}
    assert given["treated"] and given["treated"].status == "full"
    assert given["untreated"] and given["untreated"].status == "none"
    assert given["screening"] is None
    assert "Perforation" not in repr(told.cut)


def test_a_signature_that_a_change_made_void_is_not_counted(told: Told) -> None:
    signed = {
        entry.form: entry.signed
        for entry in told.cut.entries
        if entry.participant == told.codes["treated"] and entry.visit == "screening"
    }
    assert signed["demographics"] is True
    assert signed["history"] is False
    assert signed["chemistry"] is False


def test_a_form_that_could_reveal_an_arm_stands_in_the_sealed_part_alone(told: Told) -> None:
    assert "administration" not in {entry.form for entry in told.cut.entries}
    (held,) = (entry for entry in told.sealed.entries if entry.form == "administration")
    assert (held.participant, held.visit, held.status) == (told.codes["treated"], "day_0", "draft")
    assert Value("lot", "H-17") in held.values
    assert "H-17" not in repr(told.cut)


ELSEWHERE = (
    "",
    "Board",
    "../board",
    "board/1",
    "/board",
    "-board",
    ".board",
    "a b",
    "a\n",
    "b" * 64,
)


def test_a_cut_that_could_lie_elsewhere_is_refused_before_a_folder_is_made(
    db: None, tmp_path: Path, settings: Any
) -> None:
    settings.TRIALWRIGHT_CUTS = tmp_path / "cuts"
    world = begin()
    by = world.person(Role.DATA_MANAGER)
    for name in ELSEWHERE:
        said = refused(partial(cutting.cut_data, by=by, name=name, at=world.now))
        assert "small letters, digits and hyphens" in said
    assert list(tmp_path.iterdir()) == []


def test_a_cut_of_the_same_name_is_refused_and_the_first_stays(
    db: None, tmp_path: Path, settings: Any
) -> None:
    settings.TRIALWRIGHT_CUTS = tmp_path
    world = begin()
    by = world.person(Role.DATA_MANAGER)
    sha256 = cutting.cut_data(by=by, name="b" * 63, at=world.now)
    world.screened()
    again = partial(cutting.cut_data, by=by, name="b" * 63, at=world.now)
    assert "never changed" in refused(again)
    assert cut_store.load_open(STUDY, "b" * 63, sha256).participants == ()
