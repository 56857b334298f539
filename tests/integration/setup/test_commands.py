"""The commands of the door: each does what its page does, and refuses with a sentence."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.integration.conduct.other_trials import COHORT
from tests.integration.setup.team import PASSWORD
from trialwright.accounts import invitations
from trialwright.accounts.models import Person
from trialwright.cli import app
from trialwright.conduct.actions.people import accept_invitation
from trialwright.config import starting
from trialwright.ledger import files

pytestmark = pytest.mark.django_db(transaction=True)
Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    # The tables of the tests are there already, and their owner has no address here.
    monkeypatch.setattr(starting, "migrate", lambda: None)
    files.heads_path().unlink(missing_ok=True)
    runner = CliRunner()

    def invoke(*arguments: str, **more: Any) -> Result:
        return runner.invoke(app, arguments, **more)

    return invoke


def come_in(result: Result) -> Person:
    assert result.exit_code == 0, result.output
    invitation = invitations.invitation_of(result.output.split("/join/")[1].split()[0])
    assert invitation is not None
    return accept_invitation(invitation=invitation.pk, password=PASSWORD, signed_in_as=None)


def test_from_a_file_to_an_open_site_by_commands_alone(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "cohort.yaml"
    file.write_text(COHORT, encoding="utf-8")

    def done(*arguments: str, **more: Any) -> str:
        result = run(*arguments, **more)
        assert result.exit_code == 0, result.output
        return result.output

    assert "COHORT-01 is set up" in done("study", "new", str(file))
    come_in(run("people", "first-administrator", "xu", "--name", "Xu Lan"))
    done("site", "add", "COHORT-01", "C", "--name", "Central Hospital", "--by", "xu")
    invited = ("people", "invite", "COHORT-01", "zhao", "--name", "Zhao Wen")
    come_in(run(*invited, "--role", "investigator", "--site", "C", "--by", "xu"))
    refused = run("study", "activate", "COHORT-01", "--by", "xu")
    assert refused.exit_code == 1 and "signed by an investigator" in refused.output
    wrong = run("study", "sign", "COHORT-01", "--by", "zhao", input="something else\n")
    assert wrong.exit_code == 1 and "not the password" in wrong.output
    signed = done("study", "sign", "COHORT-01", "--by", "zhao", input=f"{PASSWORD}\n")
    assert "signed for the investigator" in signed
    once = ("--participants", "1", "--seeds", "1")
    simulated = done("study", "simulate", "COHORT-01", "--by", "zhao", *once)
    assert "seed 1: passed" in simulated and "Recorded for" in simulated
    done("study", "activate", "COHORT-01", "--by", "zhao")
    (told,) = json.loads(done("study", "show", "COHORT-01", "--json"))
    assert told["phase"] == "running" and told["sites"] == {"C": "open"}
    assert "running" in done("study", "show")
    done("site", "pause", "COHORT-01", "C", "--by", "zhao", "--reason", "A holiday")
    done("site", "open", "COHORT-01", "C", "--by", "zhao")
    listed = json.loads(done("people", "list", "COHORT-01", "--json"))
    assert {row["username"] for row in listed} == {"xu", "zhao"}


def test_what_is_refused_ends_with_a_sentence(run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("- a list\n", encoding="utf-8")
    result = run("study", "new", str(bad))
    assert result.exit_code == 1 and "No protocol can be read" in result.output
    nowhere = run("study", "show", "NOWHERE-01")
    assert nowhere.exit_code == 1 and "no such thing" in nowhere.output
    no_file = run("study", "simulate", "NOWHERE-01")
    assert no_file.exit_code == 2 and "no file" in no_file.output
    nobody = run("people", "link", "nobody")
    assert nobody.exit_code == 1 and "Nobody signs in" in nobody.output
