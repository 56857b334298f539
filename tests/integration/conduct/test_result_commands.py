"""Laboratory results by file, by commands alone: mapped, looked at, entered, and twice is once."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from typer.testing import CliRunner, Result

from tests.integration.conduct.test_results_by_file import HEAD, LONG
from tests.integration.conduct.world import STUDY, World
from trialwright.accounts.models import Membership
from trialwright.cli import app
from trialwright.conduct.models import Value
from trialwright.config import starting
from trialwright.ledger import files
from trialwright.protocol.basics import Role

pytestmark = pytest.mark.django_db(transaction=True)
Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, world: World) -> Iterator[Run]:
    # The tables of the tests are there already, and their owner has no address here.
    monkeypatch.setattr(starting, "migrate", lambda: None)
    files.heads_path().unlink(missing_ok=True)
    managers = Membership.objects.filter(study=STUDY, role=Role.DATA_MANAGER)
    manager = managers.get().person.username

    def invoke(*arguments: str, by: str = manager, **more: Any) -> Result:
        return CliRunner().invoke(app, ("results", *arguments, "--by", by), **more)

    # A test before this one may have left another language behind.
    with translation.override("en"):
        yield invoke


def test_a_file_is_mapped_looked_at_and_entered_once(
    run: Run, world: World, tmp_path: Path
) -> None:
    code = world.consented()
    world.visited(code, "screening")
    mapping, results = tmp_path / "central.map", tmp_path / "results.csv"
    mapping.write_text(LONG, encoding="utf-8")
    rows = (f"{code},x,Baseline,HGB,130,g/L", f"{code},x,Baseline,WBC,5.1,10^9/L",
            f"{code},x,Baseline,PLT,210,10^9/L", "C-999,x,Baseline,HGB,130,g/L")  # fmt: skip
    results.write_text(HEAD + "\n".join(rows), encoding="utf-8")

    kept = run("map", STUDY, "CENTRAL", str(mapping))
    assert kept.exit_code == 0 and kept.output.endswith("mapping CENTRAL, version 1\n"), kept.output
    looked = run("look", STUDY, str(results), "--mapping", "CENTRAL")
    assert "file 1: 3 new, 0 equal, 0 different, 1 refused" in looked.output
    assert "row 5, C-999, HGB: " in looked.output
    assert not Value.objects.filter(item="haemoglobin").exists()
    entered = run("enter", STUDY, "1")
    assert entered.exit_code == 0 and "3 values entered, 0 refused" in entered.output
    assert Value.objects.get(item="haemoglobin").text == "130"
    assert "0 values entered" in run("enter", STUDY, "1").output
    told = run("look", STUDY, str(results), "--mapping", "CENTRAL", "--json").output
    counts = json.loads(told[told.index("{") :])
    assert (counts["file"], counts["new"], counts["equal"], counts["refused"]) == (1, 0, 3, 1)


def test_what_is_refused_ends_with_a_sentence(run: Run, world: World, tmp_path: Path) -> None:
    results = tmp_path / "results.csv"
    results.write_text(HEAD, encoding="utf-8")
    missing = run("look", STUDY, str(results), "--mapping", "CENTRAL")
    assert missing.exit_code == 1 and "write one first" in missing.output
    rows = Membership.objects.filter(study=STUDY, role=Role.COORDINATOR)
    coordinator = rows.order_by("person__username")[0].person.username
    other = run("enter", STUDY, "1", by=coordinator)
    assert other.exit_code == 1 and "no such thing here" in other.output
