"""A grid over time: 2,000 scenarios of six TITE designs, by one process and by a Dask cluster of
two workers: whether each row has the same bits, and how near to linear it is.

Seconds are of processors, which on a shared machine say more than a clock: linear would be half of
one process's for the busier worker. What this process spends beside them stands there too.
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

SCENARIOS, TRIALS = 2_000, 1_000


def run() -> Iterator[str]:
    """One line for each design, and one for all."""
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        yield "grid: Dask isn't here (pip install -e '.[cluster]')"
        return
    cluster = LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    )
    with cluster, Client(cluster) as client, tempfile.TemporaryDirectory() as folder:
        sums = [
            _measured(client, Path(folder), name, design) for name, design in _designs().items()
        ]
    for name, alone, busier, client_side, same in sums:
        yield (
            f"grid: {name} alone {alone:.1f} s, busier of two workers {busier:.1f} s, this process "
            f"{client_side:.1f} s; linear to {alone / 2 / busier:.0%}; rows "
            f"{'have the same bits' if same else 'DIFFER'}"
        )
    alone, busier = (sum(each[i] for each in sums) for i in (1, 2))
    yield f"grid: {SCENARIOS} scenarios x {len(sums)} designs linear to {alone / 2 / busier:.0%}"


def _designs() -> dict[str, Any]:
    from trialwright.design import Boin, Boin12, Crm, TiteBoin, TiteBoin12, TiteCrm

    boin = Boin(target=0.3, doses=5, max_participants=24)
    crm = Crm(target=0.25, skeleton=(0.05, 0.12, 0.25, 0.40, 0.55), max_participants=24)
    both = Boin12(target=0.35, min_response=0.25, doses=5, max_participants=24)
    return {
        f"{name}, suspended above {share:.0%}": design
        for share in (0.5, 1.0)
        for name, design in (
            ("TITE-BOIN", TiteBoin(boin=boin, suspend_above=share)),
            ("TITE-CRM", TiteCrm(crm=crm, suspend_above=share)),
            ("TITE-BOIN12", TiteBoin12(boin12=both, suspend_above=share)),
        )
    }


def _scenarios(*, responses: bool) -> tuple[dict[str, Any], ...]:
    """Rates that rise with the dose, drawn from one seed."""
    drawing = np.random.default_rng(1)
    rates = np.sort(drawing.random((SCENARIOS, 5)), axis=1).round(3)
    respond = np.sort(drawing.random((SCENARIOS, 5)), axis=1).round(3)
    return tuple(
        {"rates": row, "accrual": {"arrivals_per_week": 2}}
        | ({"responses": other} if responses else {})
        for row, other in zip(rates.tolist(), respond.tolist(), strict=True)
    )


def _measured(
    client: Any, folder: Path, name: str, design: Any
) -> tuple[str, float, float, float, bool]:
    """Seconds alone, of the busier worker, of this process beside it, and whether rows agree."""
    from trialwright.design.grid import Grid, run_grid

    scenarios = _scenarios(responses=hasattr(design, "boin12"))
    grid = Grid(design, scenarios, trials=TRIALS)
    _warm(client, grid)
    one, two = folder / "alone.jsonl", folder / "cluster.jsonl"
    for sheet in (one, two):
        sheet.unlink(missing_ok=True)
    begun = time.process_time()
    list(run_grid(grid, one))
    alone = time.process_time() - begun
    before, begun = client.run(time.process_time), time.process_time()
    list(run_grid(grid, two, client.get_executor()))
    after, beside = client.run(time.process_time), time.process_time() - begun
    busier = max(after[worker] - before[worker] for worker in after)
    same = sorted(one.read_text().splitlines()) == sorted(two.read_text().splitlines())
    return name, alone, busier, beside, same


def _warm(client: Any, grid: Any) -> None:
    """Have everybody load the kernels first."""
    grid.answer(0)
    client.run(grid.answer, 0)
