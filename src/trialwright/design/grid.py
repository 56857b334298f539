"""Many scenarios of one design, each written down when it is done, so that what was cut off goes on
where it stopped; alone, or spread over any executor.

A scenario is a list of true DLT (or event) rates, or an object with `rates`, `responses` for
designs that read responses, and `accrual` for TITE designs. Its number in the list names its stream
of random numbers: neither order, nor workers, nor an interruption changes a bit of a row.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np

from trialwright import __version__
from trialwright.design.errors import DesignError
from trialwright.messages import Message, several

Scenario = Sequence[float] | Mapping[str, Any]
_TOGETHER, _TASKS = 20, 100
"""Scenarios in a task at the most, and tasks at the least where there are enough: a cluster spends
milliseconds on each task, and what is cut off is done again."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A design, its scenarios, and how each is answered (see `operating_characteristics`)."""

    design: Any
    scenarios: tuple[Scenario, ...]
    method: str = "auto"
    trials: int = 10_000
    seed: int = 1

    def key(self, number: int) -> str:
        """What a row answers, as a short hash: the same question has the same key for one version
        of the program, whatever else stands in the file."""
        return self._key(number, self.scenarios[number])

    def answer(self, number: int) -> dict[str, Any]:
        """One row: key, number of the scenario, and the fields of its characteristics."""
        return self.row(number, self.scenarios[number])

    def without_scenarios(self) -> Grid:
        """The question alone, with nothing compiled: what each task carries to another process."""
        return replace(self, design=replace(self.design), scenarios=())

    def _key(self, number: int, scenario: Scenario) -> str:
        asked = [__version__, repr(self.design), self.method, self.trials, self.seed, number]
        text = json.dumps([*asked, scenario], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def rows(self, scenarios: Sequence[tuple[int, Scenario]]) -> list[dict[str, Any]]:
        """The row of each of these."""
        return [self.row(number, scenario) for number, scenario in scenarios]

    def row(self, number: int, scenario: Scenario) -> dict[str, Any]:
        """The row of a scenario that isn't in this grid, by its number there."""
        given = scenario if isinstance(scenario, Mapping) else {"rates": scenario}
        if unknown := given.keys() - {"rates", "responses", "accrual"}:
            raise DesignError(
                Message(
                    "Scenario {number} has {unknown}.",
                    number=number + 1,
                    unknown=several(sorted(unknown)),
                ),
                rule=Message("A scenario has rates, and where they count responses and accrual."),
                fix=Message("Leave the rest out."),
            )
        ask = _compiled_once(self.design).operating_characteristics
        options: dict[str, Any] = {
            "method": self.method,
            "trials": self.trials,
            "seed": self.seed,
            "first_scenario": number,
        }
        if "accrual" in given:
            from trialwright.design.time_to_event import Accrual

            options["accrual"] = Accrual(**given["accrual"])
        known = signature(ask).parameters
        result = ask(
            [given.get("rates", ())],
            *([[given["responses"]]] if "responses" in given else []),
            **{name: value for name, value in options.items() if name in known},
        )
        told = {field.name: _plain(getattr(result, field.name)) for field in fields(result)}
        return {"job": self._key(number, scenario), "scenario": number, **told}


@lru_cache(maxsize=16)
def _compiled_once(design: Any) -> Any:
    """One object for equal designs, which keeps what it has compiled: a process that is handed
    scenario after scenario makes its tables once."""
    return design


def run_grid(grid: Grid, sheet: Path, executor: Executor | None = None) -> Iterator[int]:
    """Answer what isn't in the sheet (JSON lines) yet; gives each scenario's number once its row is
    written. A line cut off by an interruption stays, unread."""
    waiting = waiting_in(grid, sheet)
    with sheet.open("a", encoding="utf-8") as out:
        if out.tell() and not sheet.read_bytes().endswith(b"\n"):
            out.write("\n")
        for row in _answers(grid, waiting, executor):
            out.write(json.dumps(row) + "\n")
            out.flush()
            yield row["scenario"]


def waiting_in(grid: Grid, sheet: Path) -> list[int]:
    """The scenarios that the sheet doesn't answer."""
    lines = sheet.read_text(encoding="utf-8").splitlines() if sheet.exists() else []
    known = {row.get("job") for row in map(_read, lines)}
    return [n for n in range(len(grid.scenarios)) if grid.key(n) not in known]


def _answers(
    grid: Grid, numbers: Sequence[int], executor: Executor | None
) -> Iterator[dict[str, Any]]:
    if not numbers:
        return
    if executor is None:
        yield from map(grid.answer, numbers)
        return
    # A task carries its own scenarios and no tables: those of a model are a megabyte.
    alone = grid.without_scenarios()
    size = min(_TOGETHER, -(-len(numbers) // _TASKS))
    tasks = [
        executor.submit(alone.rows, [(n, grid.scenarios[n]) for n in numbers[first : first + size]])
        for first in range(0, len(numbers), size)
    ]
    for done in as_completed(tasks):
        yield from done.result()


def _read(line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError:
        return {}
    return row if isinstance(row, dict) else {}


def _plain(value: Any) -> Any:
    """The value of the one scenario, as numbers; what is no number is null."""
    if not isinstance(value, np.ndarray):
        return value
    numbers = np.atleast_1d(value[0])
    plain = [float(x) if np.isfinite(x) else None for x in numbers.ravel()]
    return plain if np.ndim(value[0]) else plain[0]
