"""Who comes in, by which link, with which role; who can't be let go."""

from datetime import date, timedelta
from functools import partial

import pytest
from django.contrib.auth import authenticate
from django.utils import timezone

from tests.integration.conduct.other_trials import COHORT
from tests.integration.conduct.refusing import absent, refused
from tests.integration.setup.team import PASSWORD, actor, begin, come_in, first_administrator
from trialwright.accounts import invitations
from trialwright.accounts.models import Invitation, Membership, Person
from trialwright.accounts.policy import Actor
from trialwright.conduct.actions import people
from trialwright.conduct.actions.people import RoleGiven
from trialwright.conduct.actions.sites import NewSite, add_site
from trialwright.conduct.refusals import NotFound

pytestmark = pytest.mark.django_db
STUDY = "COHORT-01"


@pytest.fixture
def administrator() -> Actor:
    begin(COHORT, None)
    person = first_administrator()
    by = actor(person, STUDY)
    add_site(by=by, site=NewSite("C", "Central Hospital"))
    return by


def invited(by: Actor, username: str = "lin") -> Invitation:
    made = people.invite(
        by=by, username=username, name="Lin Yue", roles=[RoleGiven("coordinator", "C")]
    )
    return Invitation.objects.get(pk=made)


def accepting(invitation: Invitation, by: Person | None = None, **more: object) -> partial[Person]:
    return partial(
        people.accept_invitation,
        invitation=invitation.pk,
        password=PASSWORD,
        signed_in_as=by,
        **more,  # type: ignore[arg-type]
    )


def test_the_first_administrator_administers_what_stands_and_is_the_only_first(
    administrator: Actor,
) -> None:
    assert {seat.role for seat in administrator.seats} == {"administrator"}
    again = partial(people.first_administrator, username="other", name="Other")
    assert "has an administrator" in refused(again)


def test_a_link_opens_once(administrator: Actor) -> None:
    invitation = invited(administrator)
    assert authenticate(username="lin", password="") is None
    accepting(invitation)()
    assert authenticate(username="lin", password=PASSWORD) == Person.objects.get(username="lin")
    assert "used already" in refused(accepting(invitation))


def test_a_link_expires_and_another_makes_it_void(administrator: Actor) -> None:
    first = invited(administrator)
    late = timezone.now() + invitations.LASTS
    assert "nothing any more" in refused(accepting(first, at=late))
    people.invite_again(by=administrator, person=first.person_id)
    assert "nothing any more" in refused(accepting(first))
    second = Invitation.objects.get(person=first.person, void_at=None)
    accepting(second)()
    again = partial(people.invite_again, by=administrator, person=first.person_id)
    assert "come in already" in refused(again)


def test_a_link_opens_for_nobody_else(administrator: Actor) -> None:
    invitation = invited(administrator)
    other = Person.objects.get(username="xu")
    assert "another person" in refused(accepting(invitation, other))
    token = invitations.token_of(invitation.pk)
    assert invitations.invitation_of(token) == invitation
    forged = f"{invitation.pk}.{'x' * 43}"
    assert invitations.invitation_of(forged) is None
    assert invitations.invitation_of(str(invitation.pk)) is None


def test_a_password_that_is_guessed_is_refused_and_the_link_stays(administrator: Actor) -> None:
    invitation = invited(administrator)
    easy = partial(
        people.accept_invitation, invitation=invitation.pk, password="password", signed_in_as=None
    )
    assert "too short" in refused(easy)
    accepting(invitation)()


def test_nobody_gives_themselves_a_role(administrator: Actor) -> None:
    own = partial(
        people.give_role, by=administrator, username="xu", given=RoleGiven("investigator", "C")
    )
    assert "themselves" in refused(own)


def test_a_role_is_of_the_protocol_and_at_a_site_where_it_works_at_one(
    administrator: Actor,
) -> None:
    come_in(administrator, "lin", RoleGiven("coordinator", "C"))

    def give(*given: object) -> str:
        role = RoleGiven(*given)  # type: ignore[arg-type]
        return refused(partial(people.give_role, by=administrator, username="lin", given=role))

    assert "no such role" in give("surgeon", "C")
    assert "no such role" in give("participant")
    assert "at a site" in give("investigator")
    assert "at a site" in give("investigator", "N")
    assert "holds the role" in give("coordinator", "C")
    assert "in the past" in give("investigator", "C", date(2020, 1, 1))
    people.give_role(by=administrator, username="lin", given=RoleGiven("statistician", "C"))
    assert Membership.objects.get(role="statistician").site == ""


def test_a_role_ends_after_its_last_day(administrator: Actor) -> None:
    today = timezone.localdate()
    lin = come_in(administrator, "lin", RoleGiven("coordinator", "C", today))
    assert lin.seats
    Membership.objects.filter(person=lin.person_id).update(until=today - timedelta(days=1))
    with pytest.raises(NotFound):
        actor("lin", STUDY)


def test_somebody_always_manages_people(administrator: Actor) -> None:
    own = Membership.objects.get(person=administrator.person_id, study=STUDY)
    ending = partial(people.end_role, by=administrator, membership=own.pk)
    leaving = partial(people.end_all_roles, by=administrator, person=administrator.person_id)
    assert "Nobody would be left" in refused(ending)
    assert "Nobody would be left" in refused(leaving)
    invited_only = people.invite(
        by=administrator, username="he", name="He", roles=[RoleGiven("administrator")]
    )
    assert "Nobody would be left" in refused(ending)
    people.accept_invitation(invitation=invited_only, password=PASSWORD, signed_in_as=None)
    ending()
    absent(ending)


def test_who_does_not_manage_people_finds_nothing_to_manage(administrator: Actor) -> None:
    lin = come_in(administrator, "lin", RoleGiven("coordinator", "C"))
    absent(partial(invited, lin, "other"))
    absent(partial(people.end_all_roles, by=lin, person=administrator.person_id))
    absent(partial(add_site, by=lin, site=NewSite("N", "Northern")))
