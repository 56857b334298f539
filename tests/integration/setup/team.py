"""People of a study that is being set up, for the tests of the door."""

from datetime import UTC, datetime

from django.utils import timezone

from trialwright.accounts.models import Invitation, Person
from trialwright.accounts.policy import Actor
from trialwright.conduct.actions import (
    consenting,
    eligibility,
    entering,
    people,
    screening,
    visiting,
)
from trialwright.conduct.actions.new_study import new_study
from trialwright.conduct.actions.people import RoleGiven
from trialwright.conduct.actions.sites import NewSite, add_site
from trialwright.conduct.models.participants import Answer
from trialwright.conduct.participants.consent_reports import ConsentReport
from trialwright.conduct.reads.setup import enter_setup

PASSWORD = "five words drawn at random"
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


def first_administrator(username: str = "xu") -> Person:
    """The installation's first administrator, come in by their link."""
    invitation = people.first_administrator(username=username, name="Xu Lan")
    return people.accept_invitation(invitation=invitation, password=PASSWORD, signed_in_as=None)


def begin(text: str, by: Person | None) -> str:
    """A study from this file."""
    return new_study(by=by, source=text.encode(), file_name="protocol.yaml")


def actor(person: Person | str, study: str) -> Actor:
    """Somebody in a study, by name or as they are."""
    row = Person.objects.get(username=person) if isinstance(person, str) else person
    return enter_setup(row, study)[0]


def come_in(by: Actor, username: str, *roles: RoleGiven) -> Actor:
    """Invite somebody, who takes the invitation."""
    invitation = people.invite(by=by, username=username, name=username.title(), roles=roles)
    assert Invitation.objects.get(pk=invitation).expires_at > timezone.now()
    person = people.accept_invitation(invitation=invitation, password=PASSWORD, signed_in_as=None)
    return actor(person, by.study)


def set_up(text: str) -> tuple[Actor, Actor]:
    """A study with a site C, its administrator and an investigator."""
    study = begin(text, first_administrator())
    administrator = actor("xu", study)
    add_site(by=administrator, site=NewSite("C", "Central Hospital"))
    return administrator, come_in(administrator, "zhao", RoleGiven("investigator", "C"))


def practise(by: Actor) -> None:
    """Have an invented participant enter the copy, and the first visit entered by this person."""
    code = screening.screen(by=by, site="C")
    report = ConsentReport(
        version="1",
        language="en",
        explained_by=by.person_id,
        given_at=timezone.now(),
        parts={"study": True},
    )
    consenting.consent(by=by, code=code, report=report)
    investigator = actor("zhao", by.study)
    answers = {"adult": (Answer.PASS, "")}
    eligibility.assess_eligibility(by=investigator, code=code, answers=answers)
    eligibility.confirm_eligibility(by=investigator, code=code)
    today = timezone.localdate()
    visiting.record_visit(by=by, code=code, visit="baseline", on=today)
    entering.save_entry(
        by=by, code=code, visit="baseline", form="score", raw={"points": "7"}, based_on=0
    )
