"""Whatever passes `protocol check` can be signed; what can't be run yet is said by both alike."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.integration.conduct.other_trials import COHORT
from tests.integration.conduct.product_trial import FILE
from tests.integration.conduct.world import START
from trialwright.accounts.actions import add_person, entry, give_role
from trialwright.accounts.policy import Actor
from trialwright.accounts.reads import actor_in
from trialwright.cli import app
from trialwright.conduct.actions import studies
from trialwright.conduct.models import Study
from trialwright.protocol.loader import parse_file
from trialwright.protocol.problems import ProtocolFileError

FILES = Path(__file__).parents[2] / "unit" / "protocol" / "files"
STEPS = """\
steps:
  give: {label: "Give", roles: [investigator], records: dose}

"""
BARE = (FILES / "small.yaml").read_text(encoding="utf-8").replace(
    "title:", "demonstration: yes\ntitle:", 1
)  # fmt: skip
SMALL = BARE.replace("consent:\n", STEPS + "consent:\n", 1)
ALLOCATION = SMALL[SMALL.index("allocation:\n") : SMALL.index("anchors:\n")]
BOIN = "\ndesign:\n  kind: boin\n  doses: 5\n  target: 0.30\n"
OPEN_LABEL = SMALL.replace("  blinded: [participant, outcome_assessor]\n", "").replace(
    "unblinded: [product_handler]",
    "unblinded: [participant, investigator, coordinator, product_handler, operating_surgeon]",
)
SINGLE = SMALL.replace(ALLOCATION, "")
ONE_ARM = SINGLE[: SINGLE.index("  control:\n")] + SINGLE[SINGLE.index("blinding:\n") :]

RUNS = {
    "two arms, blinded": SMALL,
    "two arms, open label": OPEN_LABEL.replace("  run_in: {participants: 4, block_size: 2}\n", ""),
    "days apart from a dose": SMALL.replace("block_size: 2}", "block_size: 2, days_apart: 7}"),
    "a single arm": ONE_ARM,
    "a cohort without intervention": COHORT.replace("COHORT-01", "SMALL-01"),
    "everybody blinded": SMALL.replace("  unblinded: [product_handler]\n", ""),
    "earlier masking": SMALL.replace("blinding:", "masking:")
    .replace("  blinded:", "  masked:")
    .replace("  unblinded:", "  unmasked:"),
}
NOT_YET = {
    "a single arm whose treatment nobody gives": (
        ONE_ARM.replace(STEPS, ""),
        "no step gives a dose",
    ),
    "arms whose treatment nobody gives": (BARE, "no step gives a dose"),
    "clusters, whose allocation is not of participants": (SINGLE, "no `allocation`"),
    "days apart from a dose that nobody gives": (
        BARE.replace("block_size: 2}", "block_size: 2, days_apart: 7}"),
        "has `days_apart`, and no step gives a dose to count from",
    ),
    "dose-finding": (ONE_ARM + BOIN, "chooses doses"),
    "dose-finding beside a list": (SMALL + BOIN, "chooses doses"),
}


@pytest.fixture
def signer(db: None) -> Actor:
    with entry("add_people", at=START) as writer:
        person = add_person(writer, username="pi", name="P. I.", password="a long enough one")
        give_role(writer, person, study="SMALL-01", role="investigator", site="C")
    found = actor_in(person, "SMALL-01", parse_file(SMALL.encode()).roles)
    assert found is not None
    return found


def checked(text: str, tmp_path: Path) -> tuple[int, str]:
    file = tmp_path / "protocol.yaml"
    file.write_text(text, encoding="utf-8")
    said = CliRunner().invoke(app, ["protocol", "check", str(file)])
    return said.exit_code, said.output


@pytest.mark.parametrize("kind", RUNS)
def test_what_passes_the_check_is_signed(kind: str, signer: Actor, tmp_path: Path) -> None:
    code, said = checked(RUNS[kind], tmp_path)
    assert code == 0, said
    studies.sign_protocol(by=signer, source=RUNS[kind].encode(), file_name="p.yaml", at=START)
    assert Study.objects.filter(identifier="SMALL-01").exists()


@pytest.mark.parametrize("kind", NOT_YET)
def test_what_can_t_be_run_yet_is_said_by_check_and_by_signing(
    kind: str, signer: Actor, tmp_path: Path
) -> None:
    text, why = NOT_YET[kind]
    code, said = checked(text, tmp_path)
    assert code == 1 and why in said and "[not-run-yet]" in said
    with pytest.raises(ProtocolFileError) as refusal:
        studies.sign_protocol(by=signer, source=text.encode(), file_name="p.yaml", at=START)
    for problem in refusal.value.problems:
        assert str(problem) in said
    assert not Study.objects.exists()


def test_what_nobody_is_held_to_is_named(tmp_path: Path) -> None:
    code, said = checked(SMALL, tmp_path)
    assert code == 0
    assert "Of `cells`, `release` are printed; nobody is held to them yet." in said


def test_of_a_product_in_containers_lots_are_followed_and_nothing_is_said(tmp_path: Path) -> None:
    code, said = checked(FILE, tmp_path)
    assert code == 0
    assert "nobody is held" not in said
