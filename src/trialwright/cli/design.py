"""`trialwright design`: the decision table of a rule, how well it works, several side by side."""

import json
from dataclasses import fields, is_dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from trialwright.protocol.nodes import Node

app = typer.Typer(
    name="design",
    help="How a trial decides: tables and exact operating characteristics.",
    no_args_is_help=True,
)

File = Annotated[
    Path,
    typer.Argument(
        help="A protocol, or a file with a `design:` section alone.", exists=True, dir_okay=False
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Rates = Annotated[
    list[str], typer.Option("--rates", help="True rates of one scenario: 0.05,0.15,0.3. Repeat.")
]
Responses = Annotated[
    list[str], typer.Option("--responses", help="True response rates, one for each --rates.")
]
Method = Annotated[str, typer.Option(help="auto, exact or monte-carlo.")]
Trials = Annotated[int, typer.Option(help="Simulated trials per scenario.")]
Seed = Annotated[int, typer.Option(help="Seed of the simulation.")]


@app.command()
def table(file: File, participants: int | None = None, as_json: AsJson = False) -> None:
    """Print the rule in words and its decision table, with the table's hash."""
    design = _read(file)
    found = design.table(participants) if participants else design.table()
    if as_json:
        print(json.dumps({**json.loads(found.canonical()), "sha256": found.sha256}))
        return
    print(design.describe())
    print(found)
    print(f"sha256 {found.sha256}")


@app.command()
def oc(
    file: File,
    rates: Rates,
    responses: Responses = [],  # noqa: B006
    method: Method = "auto",
    trials: Trials = 10_000,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """How the design performs under the true rates given."""
    design = _read(file)
    result = _characteristics(design, rates, responses, method, trials, seed)
    if as_json:
        print(json.dumps(_plain(result)))
        return
    _print_result(type(design).__name__, result)


@app.command()
def compare(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False)],
    rates: Rates,
    responses: Responses = [],  # noqa: B006
    method: Method = "auto",
    trials: Trials = 10_000,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Several designs under the same true rates, one after the other."""
    results = []
    for file in files:
        design = _read(file)
        result = _characteristics(design, rates, responses, method, trials, seed)
        results.append({"file": str(file), "design": type(design).__name__, **_plain(result)})
        if not as_json:
            _print_result(f"{type(design).__name__} ({file})", result)
    if as_json:
        print(json.dumps(results))


@app.command()
def grid(
    file: File,
    scenarios: Annotated[
        Path, typer.Option(help="JSON: a list of scenarios, each a list of rates.", exists=True)
    ],
    out: Annotated[Path, typer.Option(help="JSON lines; what is there already isn't redone.")],
    method: Method = "auto",
    trials: Trials = 10_000,
    seed: Seed = 1,
) -> None:
    """Run many scenarios, each written when it is done; an interrupted grid resumes."""
    import hashlib

    from rich.progress import track

    design = _read(file)
    wanted = json.loads(scenarios.read_text(encoding="utf-8"))
    job = hashlib.sha256(json.dumps([str(design), method, trials, seed]).encode()).hexdigest()[:16]
    lines = out.read_text(encoding="utf-8").splitlines() if out.exists() else []
    done = {row["scenario"] for row in map(_row, lines) if row and row["job"] == job}
    waiting = [i for i in range(len(wanted)) if i not in done]
    with out.open("a", encoding="utf-8") as sheet:
        if lines and _row(lines[-1]) is None:
            sheet.write("\n")  # a line cut off by an interruption stays, unread
        for i in track(waiting, description=f"{len(done)} of {len(wanted)} were done"):
            # The scenario's number is its stream, so a resumed grid gives the same bits.
            result = design.operating_characteristics(
                [wanted[i]], method=method, trials=trials, seed=seed + i
            )
            sheet.write(json.dumps({"job": job, "scenario": i, **_plain(result)}) + "\n")
            sheet.flush()
    print(f"{len(waiting)} scenarios computed, {len(done)} were there; {out}")


def _row(line: str) -> dict[str, Any] | None:
    try:
        return dict(json.loads(line))
    except ValueError:
        return None


def _read(file: Path) -> Any:
    """The design of a file; its problems are printed with their lines."""
    from trialwright.design import DesignError, from_node
    from trialwright.protocol.yaml_nodes import read_nodes

    root, problems = read_nodes(file.read_bytes())
    for problem in problems:
        print(f"{file}:{problem}")
    if root is None or problems:
        raise typer.Exit(1)
    section: Node | None = root.get("design") or root
    try:
        return from_node(section or root, str(file))
    except DesignError as error:
        print(error)
        raise typer.Exit(1) from None


def _characteristics(
    design: Any, rates: list[str], responses: list[str], method: str, trials: int, seed: int
) -> Any:
    """Each design asks for what it needs: some for responses too, some exact only."""
    from trialwright.design import DesignError
    from trialwright.design.finding import DoseFinding

    try:
        first = [_numbers(text) for text in rates]
        second = [[_numbers(text) for text in responses]] if responses else []
        if isinstance(design, DoseFinding):
            return design.operating_characteristics(
                first, *second, method=method, trials=trials, seed=seed
            )
        if not hasattr(design, "operating_characteristics"):
            print(f"{type(design).__name__} has no operating characteristics to compute here.")
            raise typer.Exit(1)
        flat = [rate for row in first for rate in row]
        one_rate = hasattr(design, "hold_at")
        return design.operating_characteristics(flat if one_rate else first, *second)
    except (DesignError, TypeError) as error:
        print(error)
        raise typer.Exit(1) from None


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        print(f"{text!r} are not rates. Write numbers with commas between, such as 0.05,0.15,0.3.")
        raise typer.Exit(1) from None


def _plain(result: Any) -> dict[str, Any]:
    """A result as lists and numbers; what can't be a number is null."""
    import numpy as np

    if not is_dataclass(result):
        raise TypeError(f"{type(result).__name__} is not a result.")
    plain = {}
    for field in fields(result):
        value = getattr(result, field.name)
        if isinstance(value, np.ndarray):
            value = _finite(value.tolist())
        plain[field.name] = value
    return plain


def _finite(value: Any) -> Any:
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    return value if isfinite(value) else None


def _print_result(title: str, result: Any) -> None:
    from rich.console import Console
    from rich.table import Table

    rows = _plain(result)
    sheet = Table(title=f"{title}, {rows.get('method', 'exact')}", title_justify="left")
    sheet.add_column("")
    sheet.add_column("value", justify="right")
    for name, value in rows.items():
        if isinstance(value, list):
            for i, inner in enumerate(value, start=1):
                cells = inner if isinstance(inner, list) else [inner]
                text = "  ".join("–" if c is None else f"{c:.4f}" for c in cells)
                sheet.add_row(f"{name} {i}", text)
    Console().print(sheet)
