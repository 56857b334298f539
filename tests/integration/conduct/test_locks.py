"""Freezes and locks by study, site, participant, visit and form, each with its undo; closing."""

from collections.abc import Callable
from functools import partial

import pytest

from tests.integration.conduct.other_trials import COHORT, Trial, begin
from tests.integration.conduct.refusing import absent, refused
from trialwright.accounts.policy import Actor
from trialwright.conduct.actions import (
    closing,
    cutting,
    entering,
    participation,
    querying,
    screening,
    visiting,
)
from trialwright.conduct.actions.closing import LockPlace
from trialwright.conduct.locks import Place, covers
from trialwright.conduct.models import Entry, Lock, LockLevel, Study
from trialwright.conduct.reads.closing import left_to_close, locks_of
from trialwright.ledger import files
from trialwright.ledger.verify import verify

TEXT = COHORT.replace(
    "  statistician:",
    "  manager: {like: data_manager}\n  monitor: {like: monitor}\n  statistician:",
)


@pytest.fixture
def trial(db: None) -> Trial:
    return begin(TEXT)


def came(trial: Trial) -> str:
    code = trial.eligible()
    by = trial.person("coordinator")
    visiting.record_visit(by=by, code=code, visit="baseline", on=trial.now.date(), at=trial.now)
    return code


def saving(trial: Trial, code: str, points: str) -> Callable[[], object]:
    entry = Entry.objects.filter(participant__code=code).first()
    return partial(
        entering.save_entry, by=trial.person("coordinator"), code=code, visit="baseline",
        form="score", raw={"points": points}, at=trial.now,
        based_on=entry.revision if entry else 0, change_reasons={"points": "Read again"},
    )  # fmt: skip


def locking(trial: Trial, place: LockPlace, level: LockLevel = LockLevel.LOCK) -> int:
    by = trial.person("manager")
    return closing.lock(by=by, level=level, place=place, reason="Reviewed", at=trial.now)


def lifting(trial: Trial, number: int) -> None:
    by = trial.person("manager")
    closing.unlock(by=by, number=number, reason="A correction", at=trial.now)


@pytest.mark.parametrize("level", LockLevel)
@pytest.mark.parametrize(
    "place",
    [
        LockPlace(),
        LockPlace(site="C"),
        LockPlace(participant="C-001"),
        LockPlace(participant="C-001", visit="baseline"),
        LockPlace(participant="C-001", visit="baseline", form="score"),
    ],
)
def test_nothing_changes_there_until_it_is_lifted(
    trial: Trial, place: LockPlace, level: LockLevel
) -> None:
    code = came(trial)
    saving(trial, code, "3")()
    number = locking(trial, place, level)
    word = "locked" if level is LockLevel.LOCK else "frozen"
    assert f"{word} since" in refused(saving(trial, code, "4"))
    asking = partial(
        querying.raise_query, by=trial.person("monitor"), code=code, visit="baseline",
        form="score", item="points", text="Is that so?", at=trial.now,
    )  # fmt: skip
    if level is LockLevel.FREEZE:
        asking()
    elif not place.visit:
        assert "locked since" in refused(asking)
    assert Study.objects.get().locks_held == 1
    lifting(trial, number)
    saving(trial, code, "4")()
    assert Study.objects.get().locks_held == 0


def test_a_lock_of_one_participant_lets_the_others_go_on(trial: Trial) -> None:
    code, other = came(trial), came(trial)
    locking(trial, LockPlace(participant=code))
    saving(trial, other, "3")()
    assert "locked since" in refused(saving(trial, code, "3"))
    year = partial(
        visiting.record_missed_visit, by=trial.person("coordinator"), code=code, visit="year_1",
        reason="Ill", at=trial.now,
    )  # fmt: skip
    assert "locked since" in refused(year)
    locking(trial, LockPlace(site="C"))
    screen = partial(screening.screen, by=trial.person("coordinator"), site="C", at=trial.now)
    assert "locked since" in refused(screen)


def test_who_may_lock_and_what_can_be_locked(trial: Trial) -> None:
    code = came(trial)

    def lock(by: Actor, **place: str) -> Callable[[], object]:
        return partial(
            closing.lock, by=by, level=LockLevel.LOCK, place=LockPlace(**place),
            reason="Reviewed", at=trial.now,
        )  # fmt: skip

    for name in ("coordinator", "investigator", "monitor"):
        absent(lock(trial.person(name)))
    manager = trial.person("manager")
    assert "no site" in refused(lock(manager, site="X"))
    assert "no participant" in refused(lock(manager, participant="C-999"))
    assert "for one participant" in refused(lock(manager, visit="baseline"))
    assert "visit of the protocol" in refused(lock(manager, participant=code, visit="nowhere"))
    wrong = lock(manager, participant=code, visit="baseline", form="nowhere")
    assert "form that this visit has" in refused(wrong)
    lock(manager)()
    assert "so already" in refused(lock(manager))
    number = locks_of("COHORT-01")[0].number
    lift = partial(closing.unlock, by=manager, number=number, at=trial.now)
    assert "Say why" in refused(partial(lift, reason=" "))
    lift(reason="A correction")
    assert "lifted already" in refused(partial(lift, reason="Again"))
    absent(partial(closing.unlock, by=manager, number=99, reason="None", at=trial.now))


def test_a_place_is_covered_by_itself_and_what_is_wider() -> None:
    place = Place("C", None, "baseline", "score")
    for lock in (
        Lock(),
        Lock(site="C"),
        Lock(visit="baseline"),
        Lock(visit="baseline", form="score"),
    ):
        assert covers(lock, place)
    for lock in (Lock(site="N"), Lock(visit="year_1"), Lock(visit="baseline", form="scan")):
        assert not covers(lock, place)
    assert not covers(Lock(visit="baseline"), Place("C")), "the participant's others go on"


@pytest.mark.django_db(transaction=True)
def test_a_study_is_closed_once_nothing_is_left_and_opened_with_a_reason() -> None:
    files.heads_path().unlink(missing_ok=True)
    trial = begin(TEXT)
    code = came(trial)
    saving(trial, code, "3")()
    by = trial.person("investigator")
    close = partial(closing.close_study, by=by, at=trial.now)
    assert "hasn't ended" in refused(close)
    left = {
        each.what: each for each in left_to_close(Study.objects.select_related("version").get())
    }
    assert left["participants"].names == (code,) and left["unsigned"].count == 0
    coordinator = trial.person("coordinator")
    participation.record_loss_to_follow_up(
        by=coordinator, code=code, on=trial.now.date(), reason="Moved away", at=trial.now
    )
    absent(partial(closing.close_study, by=coordinator, at=trial.now))
    close()
    assert "closed already" in refused(close)
    assert "closed since" in refused(saving(trial, code, "4"))
    cutting.cut_data(by=trial.person("manager"), name="last", at=trial.now)
    reopen = partial(closing.reopen_study, by=by, at=trial.now)
    assert "Say why" in refused(partial(reopen, reason=""))
    reopen(reason="A late answer")
    saving(trial, code, "4")()
    number = locking(trial, LockPlace())
    lifting(trial, number)
    keys = files.keys()
    found = verify("COHORT-01", heads_path=files.heads_path(), publics=[keys.public], keys=keys)
    assert [str(each) for each in found.problems] == []
    files.heads_path().unlink(missing_ok=True)
