"""A list that was drawn outside: uploaded, checked, sealed at activation, given out, verified."""

import logging
import re
import subprocess
import sys
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.integration.conduct.other_trials import Trial
from tests.integration.conduct.refusing import stored
from tests.integration.conduct.test_allocation_kinds import (
    ALONE,
    DRAWN,
    LEVELS,
    STUDY,
    allocated,
    alone,
    arm_of,
    of_kind,
    problems,
    recomputed,
    scored,
)
from tests.integration.conduct.test_concealment import _database, _plain
from tests.integration.setup.team import actor, come_in, set_up
from tests.integration.setup.test_setup_pages import signed_in
from trialwright.accounts.models import Membership
from trialwright.accounts.policy import Actor
from trialwright.conduct import acting
from trialwright.conduct.actions.activation import activate, sign_draft
from trialwright.conduct.actions.new_study import replace_draft
from trialwright.conduct.actions.people import RoleGiven, give_role
from trialwright.conduct.actions.randomising import randomise
from trialwright.conduct.actions.uploading_list import upload_list
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.models import AllocationSlot, Participant, Study, UploadedList
from trialwright.conduct.reads.setup import Wanted, setup_of
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.ledger import export, files
from trialwright.ledger.seal import study_key
from trialwright.protocol.amending import problems_of_amendment
from trialwright.protocol.loader import parse_file

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = of_kind(DRAWN["external"])
ARMS = {"low": "acca" * 8, "high": "cacaac" * 5}
WORDS = {"a": "active", "c": "control"}


def a_list(low: str = ARMS["low"], high: str = ARMS["high"]) -> bytes:
    """A file of these arms, in another order than that of the places."""
    rows = [
        f"{level},{place},{WORDS[arm]}"
        for level, arms in (("low", low), ("high", high))
        for place, arm in reversed(list(enumerate(arms, start=1)))
    ]
    return "\n".join(["points,place,arm", *rows, ""]).encode()


def begun(text: str = TEXT) -> tuple[Actor, Actor]:
    """A study in which somebody keeps the list, and another has every other role."""
    administrator, investigator = set_up(text)
    keeper = come_in(administrator, "kai", RoleGiven("list_keeper"))
    come_in(administrator, "lin", RoleGiven("coordinator", "C"))
    return investigator, keeper


class SetUpTrial(Trial):
    """The trial with the people who were invited to it."""

    def person(self, name: str) -> Actor:
        names = {"coordinator": "lin", "investigator": "zhao"}
        return actor(names[name], STUDY)


def started(source: bytes, text: str = TEXT) -> Trial:
    investigator, keeper = begun(text)
    upload_list(by=keeper, source=source)
    return activated(investigator, text)


def activated(investigator: Actor, text: str = TEXT) -> Trial:
    waiting = setup_of(STUDY).waiting
    assert waiting is not None
    sign_draft(by=investigator, sha256=waiting.sha256)
    activate(by=investigator)
    trial = SetUpTrial(parse_file(text.encode()))
    waits = Study.objects.get(pk=STUDY).activated_at
    assert waits is not None
    trial.now = waits
    return trial


def refused(act: "partial[object]") -> str:
    with pytest.raises(ActionRefused) as error:
        act()
    return " ".join(str(each.sentence) for each in error.value.problems)


def alone_with_file(folder: Path, source: bytes) -> tuple[int, str]:
    """What the verifier that stands alone says of the study and this file: exit code and words."""
    keys = files.keys()
    exported, kept = folder / "export.jsonl", folder / "list.csv"
    exported.write_text("".join(export.lines(STUDY, [keys.public])), encoding="utf-8")
    kept.write_bytes(source)
    key = study_key(keys.sealing, STUDY).hex()
    told = subprocess.run(
        [sys.executable, str(ALONE), str(exported), "--study-key", key, "--list", str(kept)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return told.returncode, told.stdout + told.stderr


def test_its_places_are_given_out_in_their_order_and_verified_with_the_file(
    tmp_path: Path,
) -> None:
    trial = started(a_list())
    low = [arm_of(trial, allocated(trial, 1)) for _ in range(4)]
    high = [arm_of(trial, allocated(trial, 9)) for _ in range(3)]
    assert low == ["active", "control", "control", "active"]
    assert high == ["control", "active", "control"]
    assert problems(trial) == []
    assert recomputed(trial) == ([], 62)
    assert alone_with_file(tmp_path, a_list()) == (0, "62 places: no findings\n")
    code, words = alone_with_file(tmp_path, a_list(low="caca" * 8))
    assert code == 1 and "no list of the study is that of the file" in words


def test_a_place_that_isnt_that_of_the_sealed_list_is_found() -> None:
    started(a_list())
    keys = files.keys()
    lines = list(export.lines(STUDY, [keys.public]))
    source, places = alone.recorded(lines[1:], study_key(keys.sealing, STUDY))
    assert alone.compared(source, places) == []
    places[0]["arm"] = str(3 - int(places[0]["arm"]))
    assert len(alone.compared(source, places)) == 1
    places[0]["arm"] = str(3 - int(places[0]["arm"]))
    # A list exchanged between upload and activation, with the places made from it.
    uploaded = source["uploads"][-1]
    source["uploads"][-1] = {**uploaded, "lists": {**uploaded["lists"], "low": ["1"] * 32}}
    assert "isn't the last that was uploaded" in " ".join(alone.compared(source, places))
    # The first of two uploads was made into places.
    source["uploads"] = [uploaded, {**uploaded, "sha256": "0" * 64}]
    assert "isn't the last that was uploaded" in " ".join(alone.compared(source, places))
    source["uploads"] = [uploaded, {**uploaded, "allocation": "another", "sha256": "0" * 64}]
    assert alone.compared(source, places) == []
    source["uploads"] = []
    assert "isn't the last that was uploaded" in " ".join(alone.compared(source, places))


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (a_list().replace(b"active", b"aktive", 1), "“aktive” is no arm"),
        (a_list().replace(b"low,3,", b"lower,3,"), "is no level of “points”"),
        (a_list() + b"low,3,active\n", "has the place 3 of the same list as line"),
        (a_list().replace(b"low,3,", b"low,99,"), "place 3 of the list “low” is missing"),
        (a_list().replace(b"low,3,", b"low,third,"), "is no number of a place"),
        (a_list().replace(b"low,3,control", b"low,3"), "has 2 cells"),
        (a_list(low="acca"), "has 4 places, and up to 30 participants"),
        (a_list(high=""), "There is no place for the stratum “high”"),
        (a_list(low="a" * 30, high="a" * 30), "No place of the list leads to the arm “control”"),
        (a_list().replace(b"points,", b"stratum,", 1), "The first line names the columns"),
        (a_list().replace(b"active", b"\xff", 1), "no text in UTF-8"),
        (b"", "The first line names the columns"),
        (a_list().replace(b"low,3,control", b'low,3,"control'), "can't be read as CSV"),
        (b'points,place,arm\nlow,1,"' + b"x" * 200_000, "can't be read as CSV"),
        (b'"' + b"x" * 200_000, "can't be read as CSV"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_and_nothing_kept(source: bytes, sentence: str) -> None:
    _investigator, keeper = begun()
    before = stored()
    assert sentence in refused(partial(upload_list, by=keeper, source=source))
    assert stored() == before


def test_a_problem_names_the_line_of_the_file_also_after_a_cell_of_two_lines() -> None:
    _investigator, keeper = begun()
    source = b'points,place,arm\nlow,1,"active\nat first"\nlow,2,aktive\n'
    with pytest.raises(ActionRefused) as error:
        upload_list(by=keeper, source=source)
    said = [str(each.sentence) for each in error.value.problems]
    assert [each.split(":")[0] for each in said] == ["Line 2", "Line 4"]


TWO_FACTORS = TEXT.replace(
    "strata: {",
    'strata: {parity: {label: "Parity", levels: {'
    'odd: {label: "Odd", when: "screening.score.points == 1 or screening.score.points == 9"}, '
    'even: {label: "Even", when: "screening.score.points != 1 and screening.score.points != 9"}'
    "}}, ",
)


def test_columns_in_another_order_than_the_factors_are_read_and_verified_so(
    tmp_path: Path,
) -> None:
    lists = {
        f"{parity}/{level}": arms for parity in ("odd", "even") for level, arms in ARMS.items()
    }
    rows = [
        f"{WORDS[arm]}\t{name.split('/')[1]}\t{place}\t{name.split('/')[0]}"
        for name, arms in lists.items()
        for place, arm in enumerate(arms, start=1)
    ]
    source = "\r\n".join(["arm\tpoints\tplace\tparity", *rows]).encode()
    trial = started(source, TWO_FACTORS)
    assert [arm_of(trial, allocated(trial, points)) for points in (1, 1, 9, 8)] == [
        "active", "control", "control", "control",
    ]  # fmt: skip
    assert alone_with_file(tmp_path, source) == (0, "124 places: no findings\n")


GROUPS = (
    TEXT.replace("allocation: {kind", "allocations:\n  one: {label: One, kind").replace(
        ", " + LEVELS, ""
    )
    + """\
  two: {label: Two, kind: external, by: list_keeper, ratio: {control: 2, active: 1}}
groups:
  low: {label: "Low", when: "screening.score.points < 5", allocation: one, participants: 4}
  high: {label: "High", when: "screening.score.points >= 5", allocation: two, participants: 3}
"""
)


def test_each_allocation_of_groups_has_its_own_list_as_long_as_its_groups() -> None:
    investigator, keeper = begun(GROUPS)
    one, two = (
        f"place,arm\n{rows}".encode()
        for rows in (
            "2,active\n1,control\n3,control\n4,active\n",
            "1,active\n2,control\n3,control\n",
        )
    )
    with pytest.raises(NotFound):
        upload_list(by=keeper, source=one)
    told = refused(partial(upload_list, by=keeper, source=two, allocation="one"))
    assert "3 places, and up to 4 participants" in told
    page = f"/studies/{STUDY}/setup/list"
    short = signed_in("kai").post(
        page, {"file": SimpleUploadedFile("list.csv", two), "allocation": "one"}
    )
    assert short.content.count(b'class="field wrong"') == 1 and b'href="#file-one"' in short.content
    upload_list(by=keeper, source=one, allocation="one")
    upload_list(by=keeper, source=two, allocation="two")
    trial = activated(investigator, GROUPS)
    assert [arm_of(trial, allocated(trial, points)) for points in (1, 9, 9, 1)] == [
        "control", "active", "control", "active",
    ]  # fmt: skip
    assert recomputed(trial) == ([], 7)


def test_semicolons_and_a_mark_of_the_byte_order_are_read() -> None:
    _investigator, keeper = begun()
    found = upload_list(by=keeper, source=b"\xef\xbb\xbf" + a_list().replace(b",", b";"))
    assert [len(arms) for arms in found.arms.values()] == [30, 32]


def test_only_its_keeper_uploads_it_and_the_last_one_before_activation_counts() -> None:
    investigator, keeper = begun()
    with pytest.raises(NotFound):
        upload_list(by=investigator, source=a_list())
    upload_list(by=keeper, source=a_list(low="caac" * 8))
    upload_list(by=keeper, source=a_list())
    waiting = setup_of(STUDY).waiting
    assert waiting is not None
    sign_draft(by=investigator, sha256=waiting.sha256)
    activate(by=investigator)
    assert UploadedList.objects.count() == 2
    assert AllocationSlot.objects.filter(study=STUDY).count() == 62
    assert "is activated" in refused(partial(upload_list, by=keeper, source=a_list()))
    told = recomputed(Trial(parse_file(TEXT.encode())))
    assert told == ([], 62)


def test_arms_that_are_passed_over_cost_more_only_where_a_whole_stretch_is() -> None:
    trial = started(a_list(low="ca" + "a" * 68 + "c"))
    study = Study.objects.get(pk=STUDY)
    next_of = partial(allocation_list.next_free, study, "low", trial.protocol)
    with CaptureQueriesContext(connection) as plain:
        first = next_of()
    with CaptureQueriesContext(connection) as passing:
        second = next_of({2})
    assert first is not None and first.place == 1 and second is not None and second.place == 2
    assert len(plain) == len(passing)
    AllocationSlot.objects.filter(study=study, list_name="low", place=2).update(
        participant=Participant.objects.get(code=scored(trial, 1))
    )
    far = next_of({1})
    assert far is not None and far.place == 71
    assert next_of({1, 2}) is None


def test_lists_that_differ_leave_the_same_to_be_read(caplog: pytest.LogCaptureFixture) -> None:
    """Neither the database's text nor a statement nor a page of who is blinded depends on arms."""
    investigator, keeper = begun()
    caplog.set_level(logging.DEBUG, logger="django.db.backends")
    connection.force_debug_cursor = True
    assert setup_of(STUDY).waiting is not None  # The file is read once in a process.

    def traces(source: bytes) -> list[str]:
        with transaction.atomic():
            acting._read.cache_clear()
            caplog.clear()
            upload_list(by=keeper, source=source)
            trial = activated(investigator)
            codes = [allocated(trial, points) for points in (1, 9, 1)]
            text = "\n".join([_database(), *caplog.messages])
            browser = signed_in("lin")
            text += "\n".join(
                browser.get(f"/studies/{STUDY}{rest}").content.decode()
                for rest in ("", "/setup", "/ledger", *(f"/participants/{c}" for c in codes))
            )
            transaction.set_rollback(True)
        return _plain(re.sub(r'value="[A-Za-z0-9_:-]{24,}"|[0-9]{2}:[0-9]{2}<', "<run>", text))

    one, other = traces(a_list()), traces(a_list(low="c" + "a" * 30 + "c", high="a" * 29 + "c"))
    connection.force_debug_cursor = False
    assert len(one) > 1_000 and "INSERT INTO" in "\n".join(one)
    assert one == other


def test_who_has_uploaded_the_list_chooses_nobody() -> None:
    trial = started(a_list())
    code = scored(trial, 1)
    # Somebody who uploaded it, and was given the role later.
    UploadedList.objects.update(uploaded_by=actor("zhao", STUDY).person_id)
    told = refused(partial(randomise, by=actor("zhao", STUDY), code=code, at=trial.now))
    assert "You have uploaded the allocation list" in told


def test_a_blinded_role_beside_keeps_from_uploading_until_it_has_ended() -> None:
    begun()
    given = RoleGiven("nurse", "C")
    give_role(by=actor("xu", STUDY), username="kai", given=given)
    told = refused(partial(upload_list, by=actor("kai", STUDY), source=a_list()))
    assert "may not know the next arm" in told
    Membership.objects.filter(role="nurse").update(until=date(2020, 1, 1))
    upload_list(by=actor("kai", STUDY), source=a_list())


def test_a_role_at_a_site_that_isnt_delegated_yet_keeps_from_uploading_too() -> None:
    _investigator, _keeper = begun()
    give_role(by=actor("xu", STUDY), username="kai", given=RoleGiven("nurse", "C"))
    # In a study of real participants nobody holds a role at a site before it is delegated.
    Study.objects.filter(pk=STUDY).update(demonstration=False)
    kai = actor("kai", STUDY)
    assert [seat.role for seat in kai.seats] == ["list_keeper"]
    assert "may not know the next arm" in refused(partial(upload_list, by=kai, source=a_list()))


@pytest.mark.parametrize("role", ["nurse", "chooser", "investigator"])
def test_who_has_uploaded_a_list_gets_no_role_that_may_not_know_it(role: str) -> None:
    _investigator, keeper = begun()
    administrator = actor("xu", STUDY)
    upload_list(by=keeper, source=a_list())
    given = RoleGiven(role, "C")
    before = stored()
    told = refused(partial(give_role, by=administrator, username="kai", given=given))
    assert "has uploaded an allocation list of this study" in told and stored() == before
    give_role(by=administrator, username="lin", given=RoleGiven("list_keeper"))


def test_whoever_randomises_does_so_on_the_page() -> None:
    trial = started(a_list())
    code = scored(trial, 1)
    page = f"/studies/{STUDY}/participants/{code}/randomise"
    shown = signed_in("zhao").get(page)
    assert b"the next place of the list" in shown.content
    assert b"Ask somebody who holds it" not in shown.content
    assert b">Randomise</button>" in shown.content


def test_a_list_that_no_longer_fits_the_file_is_asked_for_again() -> None:
    investigator, keeper = begun()
    upload_list(by=keeper, source=a_list())

    def missing() -> int:
        told = setup_of(STUDY).requirements
        return next(each.missing for each in told if each.what is Wanted.LIST)

    assert missing() == 0
    longer = TEXT.replace("participants: 30", "participants: 40").encode()
    replace_draft(by=investigator, source=longer, file_name="longer.yaml")
    assert missing() == 1
    waiting = setup_of(STUDY).waiting
    assert waiting is not None
    sign_draft(by=investigator, sha256=waiting.sha256)
    assert "no allocation list that fits" in refused(partial(activate, by=investigator))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("by: list_keeper", "by: administrator", "how participants are allocated"),
        (
            "ratio: {active: 1, control: 1}",
            "ratio: {active: 2, control: 1}",
            "how participants are",
        ),
        ("low: {label", "lowest: {label", "how participants are allocated"),
        ("participants: 30", "participants: 31", "the number of participants"),
        (
            "{kind: external, by: list_keeper,",
            "{block_sizes: [2, 4],",
            "how participants are allocated",
        ),
    ],
)
def test_an_amendment_leaves_the_sealed_list_as_it_is(old: str, new: str, sentence: str) -> None:
    like = "administrator: {like: administrator"
    running = parse_file(TEXT.replace(like, f"{like}, knows_arm: yes").encode())

    def problems_of(old: str, new: str) -> list[str]:
        text = TEXT.replace(like, f"{like}, knows_arm: yes").replace(old, new)
        amended = text.replace('version: "1"', 'version: "2"', 1)
        amended += "amendment: {moves: at_once, why: Pain matters}\n"
        return [str(each) for each in problems_of_amendment(running, parse_file(amended.encode()))]

    assert any(sentence in each for each in problems_of(old, new))
    assert not problems_of('label: "Low"', 'label: "Few"')


def test_its_page_is_there_for_its_keeper_alone_and_nobody_blinded_reads_of_arms() -> None:
    begun()
    page = f"/studies/{STUDY}/setup/list"
    assert signed_in("zhao").get(page).status_code == 404
    assert signed_in("xu").get(page).status_code == 404
    browser = signed_in("kai")
    told = browser.get(page)
    assert told.status_code == 200 and b"points,place,arm" in told.content
    short = browser.post(
        page, {"file": SimpleUploadedFile("list.csv", a_list(low="acca")), "allocation": ""}
    )
    assert short.status_code == 409 and b"up to 30 participants" in short.content
    sent = browser.post(
        page,
        {"file": SimpleUploadedFile("list.csv", a_list()), "allocation": "allocation"},
        follow=True,
    )
    assert sent.status_code == 200 and b"Restricted" in sent.content
    for name in ("zhao", "xu"):
        seen = signed_in(name).get(f"/studies/{STUDY}/setup").content
        assert b"drawn outside" in seen and b"/setup/list" not in seen
