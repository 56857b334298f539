"""The delegation log: signed by two, obeyed on the days of the site's own calendar."""

import re
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from django.test import Client
from django.utils import timezone

from tests.integration.conduct.other_trials import COHORT
from tests.integration.conduct.refusing import absent, refused
from tests.integration.setup.team import PASSWORD, actor, come_in, set_up
from trialwright.accounts.models import Delegation, Person, Site
from trialwright.accounts.policy import Actor
from trialwright.accounts.reads import actor_in
from trialwright.conduct.actions.delegating import (
    Delegated,
    accept_delegation,
    delegate,
    end_delegation,
)
from trialwright.conduct.actions.people import RoleGiven
from trialwright.conduct.reads.delegations import candidates, delegation_log, lines_to_sign
from trialwright.conduct.refusals import NotFound

pytestmark = pytest.mark.django_db
STUDY = "COHORT-01"
TODAY = timezone.localdate


@pytest.fixture
def people() -> tuple[Actor, Actor, Actor]:
    administrator, investigator = set_up(COHORT)
    return administrator, investigator, come_in(administrator, "lin", RoleGiven("coordinator", "C"))


def line(whom: Actor, **more: date) -> Delegated:
    return Delegated(whom.person_id, "coordinator", "C", **{"begins": TODAY(), **more})


def person(of: Actor) -> Person:
    return Person.objects.get(pk=of.person_id)


def test_a_line_counts_once_both_have_signed(people: tuple[Actor, Actor, Actor]) -> None:
    _administrator, investigator, lin = people
    made = delegate(by=investigator, line=line(lin))
    with pytest.raises(NotFound):
        actor("lin", STUDY)
    assert [each.id for each in lines_to_sign(person(lin))] == [made]
    absent(partial(accept_delegation, by=person(investigator), study=STUDY, line=made))
    accept_delegation(by=person(lin), study=STUDY, line=made)
    assert actor("lin", STUDY).seats
    again = partial(accept_delegation, by=person(lin), study=STUDY, line=made)
    assert "signed this line" in refused(again)


def test_a_study_of_real_participants_lets_nobody_act_without_a_line(
    people: tuple[Actor, Actor, Actor],
) -> None:
    _administrator, investigator, lin = people
    roles = lin.roles
    assert actor_in(person(lin), STUDY, roles) is not None
    assert actor_in(person(lin), STUDY, roles, delegated=True) is None
    assert actor_in(person(investigator), STUDY, roles, delegated=True) is not None
    made = delegate(by=investigator, line=line(lin))
    accept_delegation(by=person(lin), study=STUDY, line=made)
    assert actor_in(person(lin), STUDY, roles, delegated=True) is not None


@pytest.mark.parametrize(
    ("zone", "midnight"),
    [
        ("Asia/Shanghai", datetime(2026, 6, 30, 16, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 7, 1, 4, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 6, 30, 10, tzinfo=UTC)),
        ("Europe/Paris", datetime(2026, 6, 30, 22, tzinfo=UTC)),
    ],
)
def test_a_line_ends_at_midnight_of_its_site(
    people: tuple[Actor, Actor, Actor], zone: str, midnight: datetime
) -> None:
    _administrator, investigator, lin = people
    Site.objects.update(time_zone=zone)
    row = Delegation.objects.create(
        study=STUDY, site="C", person_id=lin.person_id, role="coordinator",
        begins=date(2026, 6, 1), ends=date(2026, 6, 30), delegated_at=midnight,
        delegated_by=investigator.person_id, accepted_at=midnight,
    )  # fmt: skip
    second = timedelta(seconds=1)

    def comes_in(now: datetime) -> bool:
        return actor_in(person(lin), STUDY, lin.roles, now=now) is not None

    assert comes_in(midnight - second) and not comes_in(midnight)
    first = midnight - timedelta(days=30)
    assert comes_in(first) and not comes_in(first - second)
    assert row


def test_what_a_log_does_not_take(people: tuple[Actor, Actor, Actor]) -> None:
    administrator, investigator, lin = people
    yesterday = TODAY() - timedelta(days=1)

    def refusal(of: Delegated, by: Actor = investigator) -> str:
        return refused(partial(delegate, by=by, line=of))

    assert "today or later" in refusal(line(lin, begins=yesterday))
    assert "before the first" in refusal(line(lin, ends=yesterday))
    assert "holds at this site" in refusal(Delegated(lin.person_id, "investigator", "C", TODAY()))
    assert "holds at this site" in refusal(
        Delegated(administrator.person_id, "administrator", "C", TODAY())
    )
    absent(partial(delegate, by=administrator, line=line(lin)))
    delegate(by=investigator, line=line(lin))
    assert "some of these days" in refusal(line(lin, begins=TODAY() + timedelta(days=9)))


def test_who_signs_the_protocol_for_all_sites_delegates_at_none() -> None:
    monitored = COHORT.replace(
        "  administrator: {like: administrator}\n",
        "  administrator: {like: administrator}\n  physician: {like: safety_physician}\n",
    )
    administrator, investigator = set_up(monitored)
    physician = come_in(administrator, "sun", RoleGiven("physician"))
    lin = come_in(administrator, "lin", RoleGiven("coordinator", "C"))
    absent(partial(delegate, by=physician, line=line(lin)))
    made = delegate(by=investigator, line=line(lin))
    absent(partial(end_delegation, by=physician, line=made, last=TODAY()))
    assert candidates(physician) == () and delegation_log(physician) == ()


def test_an_investigator_of_the_site_ends_a_line(people: tuple[Actor, Actor, Actor]) -> None:
    administrator, investigator, lin = people
    made = delegate(by=investigator, line=line(lin))
    accept_delegation(by=person(lin), study=STUDY, line=made)
    ending = partial(end_delegation, line=made, last=TODAY())
    absent(partial(ending, by=lin))
    absent(partial(ending, by=administrator))
    early = partial(end_delegation, by=investigator, line=made, last=TODAY() - timedelta(days=3))
    assert "yesterday at the earliest" in refused(early)
    ending(by=investigator)
    tomorrow = timezone.now() + timedelta(days=1)
    assert actor_in(person(lin), STUDY, lin.roles, now=tomorrow) is None
    assert [each.ends for each in delegation_log(administrator)] == [TODAY()]


def test_the_pages_let_both_sign(people: tuple[Actor, Actor, Actor]) -> None:
    _administrator, _investigator, lin = people
    browser, here = Client(), f"/studies/{STUDY}/setup/delegation"
    browser.force_login(Person.objects.get(username="zhao"))
    assert browser.get(here).status_code == 200
    day = TODAY()
    sent = {
        "whom": "0", "begins.day": str(day.day), "begins.month": str(day.month),
        "begins.year": str(day.year),
    }  # fmt: skip
    assert browser.post(here, sent).status_code == 302
    own = Client()
    own.force_login(person(lin))
    assert own.get(f"/studies/{STUDY}/setup").status_code == 404
    assert b"Delegations to sign" in own.get("/today").content
    place = f"{here}/{Delegation.objects.get().pk}"
    assert own.get(place).status_code == 200
    assert own.post(place, {"password": "wrong", "revision": "x"}).status_code == 403
    assert own.post(place, {"password": PASSWORD, "revision": "x"}).status_code == 302
    assert own.get(f"/studies/{STUDY}/setup").status_code == 200
    record = own.get(place).content.decode()
    assert "With my signature I take this on" in record
    assert "Lin, coordinator, " in record
    assert re.search(r":\d\d UTC[+-]\d\d:\d\d", record), "when it was signed, to the second"
    assert own.post(place, {"last": day.isoformat()}).status_code == 404
    assert browser.post(place, {"last": "soon"}).status_code == 409
    assert browser.post(place, {"last": day.isoformat()}).status_code == 302
