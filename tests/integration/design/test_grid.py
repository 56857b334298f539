"""A grid of scenarios: killed and resumed, spread over processes and over a Dask cluster, its rows
are the same bits as one call's."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trialwright.design import Accrual, Boin, Boin12, Crm, DesignError, TiteBoin
from trialwright.design.grid import Grid, run_grid, waiting_in

BOIN = Boin(target=0.30, doses=3, max_participants=18)
TRUTHS = [[0.05 + 0.02 * s, 0.15 + 0.03 * s, 0.30 + 0.04 * s] for s in range(6)]
FILE = "design:\n  kind: boin\n  target: 0.3\n  doses: 3\n  max_participants: 18\n"


def rows(sheet: Path) -> dict[int, dict[str, Any]]:
    """The complete rows of a sheet, by scenario."""
    found = {}
    for line in sheet.read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        found[row["scenario"]] = row
    return found


def test_a_grid_has_the_bits_of_one_call(tmp_path: Path) -> None:
    sheet = tmp_path / "grid.jsonl"
    grid = Grid(BOIN, tuple(TRUTHS), "monte-carlo", 3_000, 7)
    assert list(run_grid(grid, sheet)) == list(range(6))
    whole = BOIN.operating_characteristics(TRUTHS, method="monte-carlo", trials=3_000, seed=7)
    for s, row in rows(sheet).items():
        assert row["selected"] == whole.selected[s].tolist()
        assert row["none_selected"] == whole.none_selected[s]


def test_another_question_is_another_row(tmp_path: Path) -> None:
    sheet = tmp_path / "grid.jsonl"
    list(run_grid(Grid(BOIN, tuple(TRUTHS)), sheet))
    assert waiting_in(Grid(BOIN, tuple(TRUTHS)), sheet) == []
    assert waiting_in(Grid(BOIN, (TRUTHS[0], [0.3, 0.4, 0.5])), sheet) == [1]
    assert waiting_in(Grid(BOIN, tuple(TRUTHS), seed=2), sheet) == list(range(6))
    other = Boin(target=0.25, doses=3, max_participants=18)
    assert waiting_in(Grid(other, tuple(TRUTHS)), sheet) == list(range(6))


def test_scenarios_may_have_responses_and_accrual(tmp_path: Path) -> None:
    sheet = tmp_path / "grid.jsonl"
    boin12 = Boin12(target=0.35, min_response=0.25, doses=3, max_participants=9)
    both = {"rates": TRUTHS[0], "responses": [0.2, 0.4, 0.5]}
    list(run_grid(Grid(boin12, (both,)), sheet))
    oc = boin12.operating_characteristics([both["rates"]], [both["responses"]])
    assert rows(sheet)[0]["selected"] == oc.selected[0].tolist()
    timed = {"rates": TRUTHS[0], "accrual": {"arrivals_per_week": 2.0}}
    tite = TiteBoin(boin=BOIN)
    list(run_grid(Grid(tite, (timed,), trials=500), tmp_path / "tite.jsonl"))
    told = tite.operating_characteristics(
        [TRUTHS[0]], trials=500, accrual=Accrual(arrivals_per_week=2.0)
    )
    assert rows(tmp_path / "tite.jsonl")[0]["duration_days"] == told.duration_days[0]
    with pytest.raises(DesignError, match="Scenario 1 has truth"):
        Grid(BOIN, ({"truth": TRUTHS[0]},)).answer(0)


def test_a_killed_command_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """SIGKILL while rows are being written; the second run computes only what is missing."""
    scenarios, file = tmp_path / "scenarios.json", tmp_path / "boin.yaml"
    truths = [[0.01 * s, 0.02 * s, 0.03 * s] for s in range(1, 31)]
    scenarios.write_text(json.dumps(truths))
    file.write_text(FILE, encoding="utf-8")
    whole, cut = tmp_path / "whole.jsonl", tmp_path / "cut.jsonl"
    command = [sys.executable, "-m", "trialwright", "design", "grid", str(file),
               "--scenarios", str(scenarios), "--method", "monte-carlo", "--trials", "400000",
               "--out"]  # fmt: skip
    running = subprocess.Popen([*command, str(cut)], stdout=subprocess.DEVNULL)
    while not cut.exists() or cut.read_text().count("\n") < 3:
        assert running.poll() is None
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    running.wait()
    before = len(rows(cut))
    assert 3 <= before < 30
    resumed = subprocess.run(
        [*command, str(cut)], check=True, capture_output=True, text=True
    ).stdout.replace("\n", " ")
    assert f"{30 - before} scenarios computed, {before} were there" in resumed
    subprocess.run([*command, str(whole)], check=True, capture_output=True)
    assert rows(cut) == rows(whole)


def test_scenarios_that_share_a_task_have_the_bits_of_those_alone(tmp_path: Path) -> None:
    truths = tuple([0.001 * s, 0.002 * s, 0.003 * s] for s in range(1, 131))
    grid = Grid(BOIN, truths, "monte-carlo", 50)
    alone, shared = tmp_path / "alone.jsonl", tmp_path / "shared.jsonl"
    list(run_grid(grid, alone))
    with ProcessPoolExecutor(2) as executor:
        assert sorted(run_grid(grid, shared, executor)) == list(range(130))
        assert list(run_grid(grid, shared, executor)) == []
    assert rows(alone) == rows(shared)


def test_processes_give_the_same_bits(tmp_path: Path) -> None:
    alone, shared = tmp_path / "alone.jsonl", tmp_path / "shared.jsonl"
    for method in ("exact", "monte-carlo"):
        grid = Grid(BOIN, tuple(TRUTHS), method, 2_000)
        list(run_grid(grid, alone))
        with ProcessPoolExecutor(2) as executor:
            list(run_grid(grid, shared, executor))
        assert rows(alone) == rows(shared)


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """Two workers, each a process of its own."""
    distributed = pytest.importorskip(
        "distributed", reason="Dask isn't installed: nothing is known of the extra [cluster]."
    )
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    )
    with cluster, distributed.Client(cluster) as found:
        yield found


def test_a_cluster_of_two_workers_gives_the_same_bits(client: Any, tmp_path: Path) -> None:
    executor = client.get_executor()
    assert len(client.scheduler_info()["workers"]) == 2
    designs = [BOIN, Crm(target=0.25, skeleton=(0.12, 0.25, 0.40), max_participants=12)]
    for design in designs:
        for method in ("exact", "monte-carlo"):
            ask = {"method": method, "trials": 120_000, "seed": 3}
            here = design.operating_characteristics(TRUTHS, **ask)  # type: ignore[arg-type]
            there = design.operating_characteristics(TRUTHS, executor=executor, **ask)  # type: ignore[arg-type]
            for name in ("selected", "participants", "dlts", "none_selected"):
                assert np.array_equal(getattr(here, name), getattr(there, name))
    tite = TiteBoin(boin=BOIN)
    here = tite.operating_characteristics(TRUTHS, trials=12_000)
    there = tite.operating_characteristics(TRUTHS, trials=12_000, executor=executor)
    assert np.array_equal(here.selected, there.selected)
    alone, shared = tmp_path / "alone.jsonl", tmp_path / "shared.jsonl"
    grid = Grid(BOIN, tuple(TRUTHS))
    list(run_grid(grid, alone))
    list(run_grid(grid, shared, executor))
    assert rows(alone) == rows(shared)
