"""Unblinding outside the plan: shown once, to one person, for a reason; told without what."""

from functools import partial

import pytest
from django.test import Client

from tests.integration.conduct.refusing import absent, refused
from tests.integration.conduct.world import STUDY, World
from trialwright.conduct.actions import adverse_events, unblinding
from trialwright.conduct.actions.adverse_events import Report
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.models import UnplannedUnblinding
from trialwright.conduct.reads.unblinding import unblindings_seen
from trialwright.conduct.reads.waiting import waiting_for
from trialwright.demonstration.people import CAST, password_of
from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.basics import Role


def person(username: str) -> tuple[Client, str]:
    (cast,) = [cast for cast in CAST if cast.username == username]
    password = password_of(cast, "a secret of the tests")
    browser = Client()
    assert browser.login(username=username, password=password)
    return browser, password


def test_an_arm_is_shown_in_three_steps_once_and_again_only_for_a_new_reason(
    world: World,
) -> None:
    code = world.randomised()
    number = allocation_list.arm_of(world.row(code))
    (arm,) = [a.label.in_language("en") for a in demonstration().arms if a.number == number]
    browser, password = person("zhao")
    place = f"/studies/{STUDY}/participants/{code}"
    assert f"{place}/unblind" in browser.get(place).content.decode()
    asked = browser.get(f"{place}/unblind").content.decode()
    assert arm not in asked
    no_reason = browser.post(f"{place}/unblind", {"password": password, "once": "a"})
    assert no_reason.status_code == 409 and arm not in no_reason.content.decode()
    wrong = browser.post(f"{place}/unblind", {"password": "guess", "reason": "Bleeding"})
    assert wrong.status_code == 403
    assert not UnplannedUnblinding.objects.exists()
    shown = browser.post(f"{place}/unblind", {"password": password, "reason": "Bleeding"})
    assert shown.status_code == 200 and arm in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    row = UnplannedUnblinding.objects.get()
    assert (row.urgency, row.reason, row.role) == ("emergency", "Bleeding", "investigator")
    assert arm not in browser.get(place).content.decode()
    again = browser.post(f"{place}/unblind", {"password": password, "reason": "Transfusion"})
    assert arm in again.content.decode()
    second = UnplannedUnblinding.objects.get(number=2)
    assert second.reason == "", "who knows the arm could write it into the reason"


def test_those_concerned_are_told_that_and_not_what(world: World) -> None:
    code = world.randomised()
    unblinding.unblind(by=world.investigator, code=code, reason="Bleeding", at=world.now)
    monitor = world.person(Role.SAFETY_PHYSICIAN)
    (line,) = waiting_for(monitor).unblindings
    assert (line.code, line.reason, line.effect) == (code, "Bleeding", "")
    assert waiting_for(world.monitor).unblindings == ()
    judge = partial(unblinding.judge_unblinding, number=1, at=world.now)
    absent(partial(judge, by=world.investigator, effect="None"))
    assert "Write what it does" in refused(partial(judge, by=monitor, effect=" "))
    judge(by=monitor, effect="None: no outcome is assessed by this person")
    assert waiting_for(monitor).unblindings == ()
    (told,) = unblindings_seen(world.coordinator)
    assert told.effect.startswith("None")


def test_only_whom_the_protocol_names_and_only_a_randomised_participant(world: World) -> None:
    code = world.eligible()
    unblind = partial(unblinding.unblind, code=code, reason="Bleeding", at=world.now)
    assert "not randomised" in refused(partial(unblind, by=world.investigator))
    absent(partial(unblind, by=world.coordinator))
    absent(partial(unblind, by=world.assessor))


def test_the_safety_office_alone_unblinds_for_a_reaction_of_that_participant(
    world: World,
) -> None:
    """G37."""
    code, other = world.randomised(), world.consented()
    event = adverse_events.record_event(
        by=world.coordinator, code=code, report=Report("Fever", 2), at=world.now
    )
    office = world.person(Role.SAFETY_OFFICE)
    ask = partial(unblinding.unblind_for_reaction, event=event, reason="Serious", at=world.now)
    absent(partial(ask, by=world.investigator, code=code))
    assert "not randomised" in refused(partial(ask, by=office, code=other))
    assert "no event of this number" in refused(partial(ask, by=office, code=code, event=9))
    assert ask(by=office, code=code).arm == allocation_list.arm_of(world.row(code))
    row = UnplannedUnblinding.objects.get()
    assert row.urgency == "reaction" and row.event is not None and row.reason == ""


@pytest.mark.parametrize("role", [Role.OUTCOME_ASSESSOR, Role.ADJUDICATOR])
def test_who_learned_the_arm_by_accident_judges_blinded_no_more(world: World, role: Role) -> None:
    code = world.randomised()
    event = adverse_events.record_event(
        by=world.coordinator, code=code, report=Report("Fever", 2), at=world.now
    )
    by = world.person(role)
    unblinding.report_accident(by=by, code=code, reason="Saw a bag", at=world.now)
    row = UnplannedUnblinding.objects.get()
    assert (row.urgency, row.reason) == ("accident", "")
    if role is Role.ADJUDICATOR:
        judge = partial(
            adverse_events.judge_event, by=by, code=code, number=event,
            judge=adverse_events.Judge.ADJUDICATOR, about=adverse_events.About.TREATMENT,
            related=True, at=world.now,
        )  # fmt: skip
        assert "can't judge blinded" in refused(judge)
