"""A file's own roles: what each may do, who is blinded, and what can't be so."""

from pathlib import Path

import pytest

from trialwright.protocol.loader import parse_file, read
from trialwright.protocol.read_roles import standard_roles
from trialwright.protocol.roles import NEEDS_ARM, PARTICIPANT, Act, Knows

GOOD = (Path(__file__).parent / "files" / "small.yaml").read_text(encoding="utf-8")
BLINDING = GOOD[GOOD.index("blinding:\n") : GOOD.index("consent:\n")]
OWN = """\
roles:
  doctor: {like: investigator, label: "Doctor"}
  nurse:
    label: "Nurse"
    at_site: yes
    may: [see_participants, record_visits, answer_queries]
    knows_arm: no
  pharmacist:
    label: "Pharmacist"
    may: [see_participants, see_ledger]
    knows_arm: after prepare
  board: {like: safety_board}
  administrator: {like: administrator}
steps:
  prepare: {label: "Prepare", roles: [pharmacist], reveals_arm: yes}

"""
FORMS = GOOD.replace(BLINDING, OWN).replace("signed_by: investigator", "signed_by: doctor")


def problems(text: str) -> list[str]:
    return [str(problem) for problem in read(text.encode(), "own.yaml")[1]]


def test_a_file_s_roles_are_those_and_the_participant() -> None:
    roles = parse_file(FORMS.encode()).roles
    names = [PARTICIPANT, "doctor", "nurse", "pharmacist", "board", "administrator"]
    assert [role.key for role in roles.all] == names
    assert roles.who_may(Act.RANDOMISE) == {"doctor"}
    assert roles.who_may(Act.SEE_ARM) == {"board"}
    pharmacist = roles.by_key["pharmacist"]
    assert (pharmacist.knows_arm, pharmacist.after) == (Knows.AFTER, "prepare")
    assert roles.blinded == {PARTICIPANT, "doctor", "nurse", "administrator"}
    assert roles.at_a_site("nurse") and not roles.at_a_site("pharmacist")
    assert roles.label("nurse", "en") == "Nurse"
    assert roles.label("investigator", "en") == "investigator", "the key, where there is no role"


def test_a_file_of_before_blinding_is_read_as_the_same_and_that_is_said() -> None:
    old = BLINDING.replace("blinding", "masking").replace("unblinded", "unmasked")
    old = old.replace("blinded:", "masked:")
    before, now = parse_file(GOOD.replace(BLINDING, old).encode()), parse_file(GOOD.encode())
    assert before.roles == now.roles
    assert [str(note) for note in before.notes] == ["39: `masking` is read as `blinding`."]
    assert now.notes == ()


def test_a_file_that_says_nothing_blinds_everybody() -> None:
    roles = parse_file(GOOD.replace(BLINDING, "").encode()).roles
    assert roles.unblinded == frozenset()
    assert not any(roles.who_may(act) for act in (Act.SEE_ARM, Act.SEE_ARMS))


def test_no_bundled_role_is_granted_what_its_own_blinding_takes_away() -> None:
    for role in standard_roles().all:
        assert role.may <= role.grants or role.key == PARTICIPANT


@pytest.mark.parametrize(
    ("change", "to", "says"),
    [
        (
            "may: [see_participants, record_visits,",
            "may: [see_participants, see_results_by_arm, record_visits,",
            "43: The role `nurse` is blinded, and `see_results_by_arm` tells it an arm. Take "
            "`see_results_by_arm` out of its `may`, or say `knows_arm: yes` or `after …`. "
            "[blinded-role]",
        ),
        (
            "may: [see_participants, see_ledger]",
            "may: [see_participants, assess_blinded, see_ledger]",
            "47: The role `pharmacist` may know the arm, and `assess_blinded` is for the blinded. "
            "Say `knows_arm: no`, or take the capability out of its `may`. [unblinded-assessor]",
        ),
        (
            "  board: {like: safety_board}\n",
            '  board: {label: "Board"}\n',
            "49: The role `board` has no capability. Give it some with `may:`, or take it away. "
            "[role]",
        ),
        (
            "  board: {like: safety_board}\n",
            "  board: {may: [see_participants]}\n",
            "49: The role `board` has neither a label nor a `like`. Add `label:`, or `like:` with "
            f"a bundled role: {', '.join(standard_roles().by_key)}. [role]",
        ),
        (
            "record_visits, answer_queries",
            "record_visits, drive, answer_queries",
            "43: 'drive' is not a choice of `may`.",
        ),
        (
            "roles:\n",
            "blinding: {unblinded: [monitor]}\nroles:\n",
            "38: Who is blinded stands in `roles` and in `blinding`. Say it in each role's "
            "`knows_arm`, and take `blinding` away. [blinding-twice]",
        ),
    ],
)
def test_what_can_t_be_so_is_refused_with_line_rule_and_way_out(
    change: str, to: str, says: str
) -> None:
    assert change in FORMS
    told = problems(FORMS.replace(change, to, 1))
    assert len(told) == 1, told
    assert told[0].startswith(says)


def test_a_blinded_variant_of_a_bundled_role_is_told_nothing() -> None:
    surgeon = "  surgeon: {like: operating_surgeon, knows_arm: no}\n"
    roles = parse_file(FORMS.replace("  nurse:\n", f"{surgeon}  nurse:\n").encode()).roles
    assert roles.by_key["surgeon"].knows_arm is Knows.NO
    assert not roles.may_learn_arm("surgeon")


def test_a_word_that_doesn_t_say_whether_a_role_knows_the_arm_is_told_the_words_that_do() -> None:
    told = problems(FORMS.replace("knows_arm: after prepare", "knows_arm: perhaps"))
    assert (
        "48: 'perhaps' doesn't say whether the role knows the arm. Choose from `no`, `yes`, "
        "`after_step`, `after prepare`. [choice]"
    ) in told


def test_a_bundled_role_that_learns_arms_by_a_step_learns_them_by_any_that_shows_one() -> None:
    surgeon = standard_roles().by_key["operating_surgeon"]
    assert (surgeon.knows_arm, surgeon.after) == (Knows.AFTER, None)
    assert Act.SEE_ARM not in surgeon.grants and not surgeon.grants & NEEDS_ARM
