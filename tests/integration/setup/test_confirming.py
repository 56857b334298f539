"""What a file leaves open is answered in its place, by a person whom the audit trail names."""

from functools import partial

import pytest
from django.test import Client

from tests.integration.conduct.other_trials import COHORT
from tests.integration.conduct.refusing import absent, refused
from tests.integration.setup.team import come_in, set_up
from trialwright.accounts.models import Person
from trialwright.accounts.policy import Actor
from trialwright.conduct.actions.activation import sign_draft
from trialwright.conduct.actions.confirming import answer_questions, confirm_fact
from trialwright.conduct.actions.people import RoleGiven
from trialwright.conduct.reads.setup import open_questions, setup_of
from trialwright.protocol.basics import Fact, Origin

pytestmark = pytest.mark.django_db
STUDY = "COHORT-01"


def sha256() -> str:
    waiting = setup_of(STUDY).waiting
    assert waiting is not None
    return waiting.sha256


def fact(path: str) -> Fact:
    protocol = setup_of(STUDY).protocol
    assert protocol is not None
    return next(each for each in protocol.facts if each.path == path)


def confirming(by: Actor, path: str, value: str | None = None, **more: str) -> "partial[str]":
    given = {"sha256": sha256(), "reason": "Minutes of 3 May", **more}
    return partial(confirm_fact, by=by, path=path, value=value, **given)


def test_every_assumed_fact_of_a_file_can_be_confirmed_where_it_stands() -> None:
    _administrator, investigator = set_up(COHORT)
    protocol = setup_of(STUDY).protocol
    assert protocol is not None
    assumed = [each for each in protocol.facts if each.origin is Origin.ASSUMED]
    assert len(assumed) > 10
    for each in assumed:
        before = fact(each.path).value
        confirming(investigator, each.path)()
        after = fact(each.path)
        assert (after.origin, after.value) == (Origin.CONFIRMED, before), each.path
    waiting = setup_of(STUDY).waiting
    assert waiting is not None and waiting.checked.signable is not None


def test_a_fact_is_answered_with_another_value_and_signatures_fall() -> None:
    _administrator, investigator = set_up(COHORT)
    sign_draft(by=investigator, sha256=sha256())
    confirming(investigator, "participants", "40")()
    protocol = setup_of(STUDY).protocol
    assert protocol is not None and protocol.participants == 40
    waiting = setup_of(STUDY).waiting
    assert waiting is not None and waiting.signatures == ()


def test_an_answer_that_the_file_can_not_hold_is_refused() -> None:
    administrator, investigator = set_up(COHORT)
    assert "hold this answer" in refused(confirming(investigator, "participants", "forty"))
    assert "what confirms" in refused(confirming(investigator, "participants", reason=" "))
    assert "no `nothing.here`" in refused(confirming(investigator, "nothing.here"))
    old = confirming(investigator, "participants", "40")
    confirming(investigator, "title")()
    assert "Another file" in refused(old)
    lin = come_in(administrator, "lin", RoleGiven("coordinator", "C"))
    absent(confirming(lin, "participants", "41"))


def test_the_page_shows_what_is_assumed_and_confirms_it() -> None:
    set_up(COHORT)
    browser = Client()
    browser.force_login(Person.objects.get(username="zhao"))
    here = f"/studies/{STUDY}/setup/protocol"
    assert b"confirm?path=participants" in browser.get(f"{here}?origin=assumed").content
    place = f"{here}/confirm?path=participants"
    assert browser.get(place).status_code == 200
    empty = browser.post(place, {"value": "6", "reason": ""})
    assert empty.status_code == 409
    assert browser.post(place, {"value": "6", "reason": "The sponsor's letter"}).status_code == 302
    assert fact("participants").origin is Origin.CONFIRMED
    assert fact("participants").value.en == "6"
    assert browser.get(f"{here}/confirm?path=nothing").status_code == 404


def test_blocks_that_a_draft_lacks_are_written_in_place_and_the_file_can_be_signed() -> None:
    written = {}
    text = COHORT
    for key in ("arms", "forms", "populations"):
        begin = text.index(f"\n{key}:\n") + 1
        end = begin + text[begin:].index("\n") + 1
        while text[end : end + 1] == " ":
            end += text[end:].index("\n") + 1
        written[key] = text[begin:end].partition("\n")[2]
        text = text[:begin] + text[end:]
    _administrator, investigator = set_up(text)
    waiting = setup_of(STUDY).waiting
    assert waiting is not None and waiting.checked.problems
    assert set(open_questions(waiting)[1]) == set(written)
    browser = Client()
    browser.force_login(Person.objects.get(username="zhao"))
    here = f"/studies/{STUDY}/setup/protocol/questions"
    page = browser.get(here)
    assert page.status_code == 200 and b'name="forms"' in page.content
    sent = {"revision": waiting.sha256, "reason": "The protocol on paper, version 3"}
    assert browser.post(here, sent).status_code == 409
    unread = browser.post(here, sent | {"arms": "- a list"})
    assert unread.status_code == 409 and b"- a list" in unread.content
    assert browser.post(here, sent | written).status_code == 302
    waiting = setup_of(STUDY).waiting
    assert waiting is not None and waiting.checked.problems == ()
    assert open_questions(waiting) == ((), ())
    assert fact("arms.observed.description").origin is Origin.CONFIRMED
    stale = partial(
        answer_questions, by=investigator, sha256="0" * 64, blocks=written, reason="Again"
    )
    assert "Another file" in refused(stale)
