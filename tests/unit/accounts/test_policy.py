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
    role_to_see_arm,
    role_to_sign,
)
from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.basics import Role
from trialwright.protocol.loader import read
from trialwright.protocol.roles import OF_PRODUCTS, Roles

ROLES = demonstration().roles
PEOPLE = ROLES.people
AT_A_SITE = {role.key for role in ROLES.all if role.at_site}
PERSON = UUID(int=1)
READ = {Act.SEE_STUDY, Act.SEE_PARTICIPANTS, Act.SEE_LEDGER}
TEAM = READ | {
    Act.SCREEN, Act.CONSENT, Act.ASSESS_ELIGIBILITY, Act.PLAN_VISITS, Act.ANSWER_QUERY,
    Act.CHANGE_PARTICIPATION, Act.EXPLAIN_CONSENT, Act.RECORD_DEVIATION,
    Act.RECORD_EVENTS,
}  # fmt: skip
LABORATORY = READ | {Act.SEE_ARM}
# Written out by hand, so that a grant can't slip in with the code it is tested against.
MAY = {
    Role.INVESTIGATOR: TEAM | {
        Act.CONFIRM_ELIGIBILITY, Act.RANDOMISE, Act.SIGN_PROTOCOL, Act.CLASSIFY_DEVIATION,
        Act.JUDGE_EVENTS, Act.HOLD_TRIAL, Act.UNBLIND,
    },
    Role.COORDINATOR: TEAM,
    Role.OPERATING_SURGEON: READ | {Act.EXPLAIN_CONSENT},
    Role.OUTCOME_ASSESSOR: READ | {Act.ASSESS_BLINDED},
    Role.ADJUDICATOR: READ | {Act.ASSESS_BLINDED, Act.ADJUDICATE_EVENTS},
    Role.SAFETY_OFFICE: READ | {Act.SEE_ARM, Act.SEE_CUTS, Act.REPORT_SAFETY, Act.HOLD_TRIAL} | {
        Act.KEEP_ENVELOPES,
    },
    Role.PRODUCT_HANDLER: LABORATORY | {Act.HANDLE_PRODUCTS, Act.KEEP_ENVELOPES},
    Role.LABORATORY_RELEASER: LABORATORY | {Act.RECORD_LOTS, Act.RELEASE_LOTS},
    Role.MONITOR: READ | {
        Act.RAISE_QUERY, Act.VERIFY_SOURCE, Act.RECORD_DEVIATION, Act.SEE_CUTS,
    },
    Role.SAFETY_BOARD: READ | {Act.SEE_ARM, Act.SEE_ARMS, Act.SEE_CUTS, Act.HOLD_TRIAL},
    Role.BOARD_STATISTICIAN: READ | {Act.SEE_ARM, Act.SEE_ARMS, Act.SEE_CUTS, Act.CUT_DATA},
    Role.TRIAL_STATISTICIAN: READ | {Act.SEE_CUTS, Act.CUT_DATA},
    Role.SAFETY_PHYSICIAN: READ | {
        Act.SEE_CUTS, Act.SIGN_PROTOCOL, Act.JUDGE_EVENTS_FOR_SPONSOR, Act.HOLD_TRIAL,
    },
    Role.DATA_MANAGER: READ | {
        Act.RAISE_QUERY, Act.RECORD_DEVIATION, Act.SEE_CUTS, Act.CUT_DATA,
        Act.LOCK_DATA, Act.KEEP_LABORATORY,
    },
    Role.ADMINISTRATOR: {Act.SEE_STUDY, Act.MANAGE_PEOPLE},
}  # fmt: skip
UNMASKED = {
    Role.PRODUCT_HANDLER, Role.LABORATORY_RELEASER, Role.SAFETY_BOARD, Role.BOARD_STATISTICIAN,
    Role.SAFETY_OFFICE,
}  # fmt: skip


def actor(*seats: Seat, roles: Roles = ROLES) -> Actor:
    return Actor(PERSON, "Somebody", "DEMO-HAEC-01", frozenset(seats), roles)


def at_c(role: str, roles: Roles = ROLES) -> Actor:
    return actor(Seat(role, "C" if role in AT_A_SITE else None), roles=roles)


def with_blinding(**lists: list[str]) -> Roles:
    """The roles of the demonstration's file where its `blinding:` says this instead."""
    text = demonstration().source_bytes.decode()
    begin = text.index("blinding:\n")
    end = text.index("\n\n", begin)
    written = "".join(f"  {key}: [{', '.join(names)}]\n" for key, names in lists.items())
    source = text[:begin] + "blinding:\n" + written + text[end + 1 :]
    return read(source.encode())[0].roles


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


def test_the_protocol_s_blinded_roles_may_see_no_arm() -> None:
    for role in demonstration().roles.blinded:
        assert not may(at_c(role), Act.SEE_ARM, site="C")
        assert not may(at_c(role), Act.SEE_ARMS)


@pytest.mark.parametrize("role", PEOPLE)
def test_a_role_that_the_file_blinds_is_told_no_arm_by_anything(role: str) -> None:
    somebody = at_c(role, with_blinding(blinded=list(PEOPLE)))
    shown = {Act.SEE_ARM, Act.SEE_ARMS, Act.KEEP_ENVELOPES}
    assert not [act for act in shown if may(somebody, act, site="C")]
    assert {act for act in Act if may(somebody, act, site="C")} == MAY[role] - shown - OF_PRODUCTS


@pytest.mark.parametrize("role", PEOPLE)
def test_a_file_opens_the_arm_to_the_roles_that_it_names(role: str) -> None:
    open_label = with_blinding(unblinded=list(PEOPLE))
    somebody = at_c(role, open_label)
    # The surgeon is told after the resection, in an open trial too; and no arm for who sees nobody.
    expected = role not in (Role.OPERATING_SURGEON, Role.ADMINISTRATOR)
    assert may(somebody, Act.SEE_ARM, site="C") is expected
    form = demonstration().form("administration")
    assert may_see_form(somebody, form, site="C", knows_arm=False) is expected


def test_where_the_file_unblinds_assessors_they_still_assess() -> None:
    form = demonstration().form("second_look")
    assessor = at_c(Role.OUTCOME_ASSESSOR, with_blinding(unblinded=list(PEOPLE)))
    assert role_to_complete(assessor, form, site="C", knows_arm=True) == Role.OUTCOME_ASSESSOR


def test_a_role_that_the_protocol_does_not_have_may_nothing() -> None:
    stranger = actor(Seat("astrologer", None))
    assert not any(may(stranger, act) for act in Act)
    assert stranger.sites == frozenset()


def test_a_study_wide_role_seated_at_one_site_reaches_that_site_alone() -> None:
    monitor = actor(Seat(Role.MONITOR, "C"))
    assert monitor.sites == {"C"} and actor(Seat(Role.MONITOR)).sites is None
    assert may(monitor, Act.SEE_PARTICIPANTS, site="C")
    assert not may(monitor, Act.SEE_PARTICIPANTS, site="N")
    assert monitor.sites_for(Act.RAISE_QUERY) == {"C"}


@pytest.mark.parametrize("role", PEOPLE)
@pytest.mark.parametrize("act", [act for act in Act if act is not Act.SEE_ARM])
def test_to_have_seen_an_arm_grants_nothing_else(role: str, act: Act) -> None:
    somebody = at_c(role)
    assert may(somebody, act, site="C", knows_arm=True) is may(somebody, act, site="C")


@pytest.mark.parametrize("role", PEOPLE)
def test_an_unmasking_form_is_there_for_who_may_know_the_arm_alone(role: Role) -> None:
    form = demonstration().form("administration")
    assert may_see_form(at_c(role), form, site="C", knows_arm=False) is (role in UNMASKED)
    seen = may_see_form(at_c(role), form, site="C", knows_arm=True)
    assert seen is (role != Role.ADMINISTRATOR)


def test_what_one_has_seen_one_may_see_again_but_not_of_another_site() -> None:
    surgeon = at_c(Role.OPERATING_SURGEON)
    assert not may(surgeon, Act.SEE_ARM, site="C")
    assert may(surgeon, Act.SEE_ARM, site="C", knows_arm=True)
    assert not may(surgeon, Act.SEE_ARM, site="N", knows_arm=True)


def test_an_assessor_who_has_seen_the_arm_or_may_see_it_scores_no_second_look() -> None:
    form, assessor = demonstration().form("second_look"), at_c(Role.OUTCOME_ASSESSOR)
    board_too = actor(Seat(Role.OUTCOME_ASSESSOR), Seat(Role.SAFETY_BOARD))
    for rule in (role_to_complete, role_to_sign):
        assert rule(assessor, form, site="C", knows_arm=False) == Role.OUTCOME_ASSESSOR
        assert rule(assessor, form, site="C", knows_arm=True) is None
        assert rule(board_too, form, site="C", knows_arm=False) is None


@pytest.mark.parametrize("role", PEOPLE)
def test_a_form_is_for_the_roles_that_the_protocol_names(role: Role) -> None:
    for form in demonstration().forms:
        completes = role_to_complete(at_c(role), form, site="C", knows_arm=False)
        named = role in form.completed_by and (not form.unmasking or role in UNMASKED)
        assert (completes == role) is named
        signs = role_to_sign(at_c(role), form, site="C", knows_arm=False)
        assert (signs == role) is (
            role == form.signed_by and (not form.unmasking or role in UNMASKED)
        )


def test_an_arm_is_shown_to_who_knows_arms_and_to_who_takes_a_step_that_has_shown_it() -> None:
    protocol = demonstration()
    for role in PEOPLE:
        for taken, shown in (((), False), (("receive",), False), (("receive", "tell"), True)):
            found = role_to_see_arm(at_c(role), protocol, site="C", taken=taken)
            told = role == Role.OPERATING_SURGEON and shown
            assert found == (role if role in UNMASKED or told else None), (role, taken)
            elsewhere = role_to_see_arm(at_c(role), protocol, site="N", taken=taken)
            assert elsewhere == (found if role not in AT_A_SITE else None)
