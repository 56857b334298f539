"""The policy as a table: every role, every act; what isn't granted is refused."""

from uuid import UUID

import pytest

from trialwright.accounts.policy import (
    Act,
    Actor,
    Seat,
    may,
    may_see_form,
    role_to_complete,
    role_to_sign,
)
from trialwright.accounts.roles import AT_A_SITE, PEOPLE
from trialwright.protocol.basics import Role
from trialwright.protocol.demonstration import demonstration

PERSON = UUID(int=1)
READ = {Act.SEE_STUDY, Act.SEE_PARTICIPANTS, Act.SEE_LEDGER}
TEAM = READ | {
    Act.SCREEN, Act.CONSENT, Act.ASSESS_ELIGIBILITY, Act.PLAN_VISITS, Act.ANSWER_QUERY,
    Act.CHANGE_PARTICIPATION,
}  # fmt: skip
LABORATORY = READ | {Act.RECEIVE_ALLOCATION, Act.RELEASE_PRODUCT, Act.SEE_ARM}
# Written out by hand, so that a grant can't slip in with the code it is tested against.
MAY = {
    Role.INVESTIGATOR: TEAM | {Act.CONFIRM_ELIGIBILITY, Act.RANDOMISE, Act.SIGN_PROTOCOL},
    Role.COORDINATOR: TEAM,
    Role.OPERATING_SURGEON: READ | {Act.RANDOMISE, Act.DECLARE_RESECTION, Act.RECORD_TREATMENT},
    Role.OUTCOME_ASSESSOR: READ,
    Role.PRODUCT_HANDLER: LABORATORY | {Act.RECORD_TREATMENT},
    Role.LABORATORY_RELEASER: LABORATORY,
    Role.MONITOR: READ | {Act.RAISE_QUERY, Act.SEE_CUTS},
    Role.SAFETY_BOARD: READ | {Act.SEE_ARM, Act.SEE_ARMS, Act.SEE_CUTS},
    Role.BOARD_STATISTICIAN: READ | {Act.SEE_ARM, Act.SEE_ARMS, Act.SEE_CUTS, Act.CUT_DATA},
    Role.TRIAL_STATISTICIAN: READ | {Act.SEE_CUTS, Act.CUT_DATA},
    Role.SAFETY_PHYSICIAN: READ | {Act.SEE_CUTS, Act.SIGN_PROTOCOL},
    Role.DATA_MANAGER: READ | {Act.RAISE_QUERY, Act.SEE_CUTS, Act.CUT_DATA},
    Role.ADMINISTRATOR: {Act.SEE_STUDY, Act.MANAGE_PEOPLE},
}
UNMASKED = {
    Role.PRODUCT_HANDLER, Role.LABORATORY_RELEASER, Role.SAFETY_BOARD, Role.BOARD_STATISTICIAN,
}  # fmt: skip


def actor(*seats: Seat) -> Actor:
    return Actor(PERSON, "Somebody", "DEMO-HAEC-01", frozenset(seats))


def at_c(role: Role) -> Actor:
    return actor(Seat(role, "C" if role in AT_A_SITE else None))


def test_the_table_knows_every_role() -> None:
    assert set(MAY) == set(PEOPLE)


@pytest.mark.parametrize("role", PEOPLE)
@pytest.mark.parametrize("act", Act)
def test_every_role_and_act(role: Role, act: Act) -> None:
    assert may(at_c(role), act, site="C") is (act in MAY[role])


@pytest.mark.parametrize("act", Act)
def test_without_a_seat_the_answer_is_no(act: Act) -> None:
    assert not may(actor(), act) and not may(actor(), act, site="C", knows_arm=True)


@pytest.mark.parametrize("role", sorted(AT_A_SITE))
def test_who_works_at_one_site_is_nobody_at_another(role: Role) -> None:
    assert not any(may(at_c(role), act, site="N") for act in Act)
    assert at_c(role).sites == {"C"}
    assert actor(Seat(role, None)).sites == frozenset()
    assert not any(may(actor(Seat(role, None)), act, site="C") for act in Act)


def test_two_seats_count_each_at_its_own_site() -> None:
    both = actor(Seat(Role.COORDINATOR, "C"), Seat(Role.INVESTIGATOR, "N"))
    assert may(both, Act.SCREEN, site="C") and may(both, Act.CONFIRM_ELIGIBILITY, site="N")
    assert not may(both, Act.CONFIRM_ELIGIBILITY, site="C")


def test_the_protocol_s_masked_roles_may_see_no_arm() -> None:
    for role in demonstration().masked:
        if role in PEOPLE:
            assert not may(at_c(role), Act.SEE_ARM, site="C")
            assert not may(at_c(role), Act.SEE_ARMS)


@pytest.mark.parametrize("role", PEOPLE)
def test_an_unmasking_form_is_there_for_who_may_know_the_arm_alone(role: Role) -> None:
    form = demonstration().form("administration")
    assert may_see_form(at_c(role), form, site="C", knows_arm=False) is (role in UNMASKED)
    seen = may_see_form(at_c(role), form, site="C", knows_arm=True)
    assert seen is (role is not Role.ADMINISTRATOR)


def test_what_one_has_seen_one_may_see_again_but_not_of_another_site() -> None:
    surgeon = at_c(Role.OPERATING_SURGEON)
    assert not may(surgeon, Act.SEE_ARM, site="C")
    assert may(surgeon, Act.SEE_ARM, site="C", knows_arm=True)
    assert not may(surgeon, Act.SEE_ARM, site="N", knows_arm=True)


def test_an_assessor_who_has_seen_the_arm_or_may_see_it_scores_no_second_look() -> None:
    form, assessor = demonstration().form("second_look"), at_c(Role.OUTCOME_ASSESSOR)
    board_too = actor(Seat(Role.OUTCOME_ASSESSOR), Seat(Role.SAFETY_BOARD))
    for rule in (role_to_complete, role_to_sign):
        assert rule(assessor, form, site="C", knows_arm=False) is Role.OUTCOME_ASSESSOR
        assert rule(assessor, form, site="C", knows_arm=True) is None
        assert rule(board_too, form, site="C", knows_arm=False) is None


@pytest.mark.parametrize("role", PEOPLE)
def test_a_form_is_for_the_roles_that_the_protocol_names(role: Role) -> None:
    for form in demonstration().forms:
        completes = role_to_complete(at_c(role), form, site="C", knows_arm=False)
        named = role in form.completed_by and (not form.unmasking or role in UNMASKED)
        assert (completes is role) is named
        signs = role_to_sign(at_c(role), form, site="C", knows_arm=False)
        assert (signs is role) is (
            role is form.signed_by and (not form.unmasking or role in UNMASKED)
        )
