"""`trialwright design`: the decision table of a rule, how well it works, several side by side."""

import json
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from trialwright.cli import design_common as common
from trialwright.cli.common import AsJson, InLanguage
from trialwright.cli.design_common import (
    File,
    Method,
    Rates,
    Responses,
    Schedule,
    Seed,
    Trials,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

Paper = Literal["a4", "us-letter"]

app = typer.Typer(
    name="design",
    help="How a trial decides: tables and exact operating characteristics.",
    no_args_is_help=True,
)


@app.command()
def table(file: File, participants: int | None = None, as_json: AsJson = False) -> None:
    """Print the rule in words and its decision table, with the table's hash."""
    design = common.read_design(file)
    if not hasattr(design, "table"):
        print(design.describe())
        print("This design has no decision table: it is read from the data at each step.")
        raise typer.Exit(1)
    with common.saying_errors():
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
    rates: Rates = [],  # noqa: B006
    responses: Responses = [],  # noqa: B006
    method: Method = "auto",
    trials: Trials = 10_000,
    seed: Seed = 1,
    schedule: Schedule = "",
    language: InLanguage = "en",
    as_json: AsJson = False,
) -> None:
    """How the design performs under the true rates given, or under the usual ones."""
    design = common.read_design(file)
    question = common.read_question(design, rates, responses, method, trials, seed, schedule)
    told = common.summarise_designs([design], question, language)
    if as_json:
        common.print_json(told.tree[0] if told.tree else {})
        return
    common.print_blocks(told.performance)
    print("\n".join(told.method))


@app.command()
def decides(file: File, language: InLanguage = "en", as_json: AsJson = False) -> None:
    """What a selection of this size can and can't decide by responses, and what size would."""
    from trialwright.design import SelectionDesign
    from trialwright.report.designs.deciding import decided, deciding
    from trialwright.report.words import ReportWords

    design = common.read_design(file)
    if not isinstance(design, SelectionDesign):
        print("This design selects no regimen. Name a file whose design is `kind: selection`.")
        raise typer.Exit(1)
    if as_json:
        common.print_json(decided(design))
        return
    common.print_blocks(deciding(design, ReportWords(language)))


@app.command()
def compare(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False)],
    rates: Rates = [],  # noqa: B006
    responses: Responses = [],  # noqa: B006
    method: Method = "auto",
    trials: Trials = 10_000,
    seed: Seed = 1,
    schedule: Schedule = "",
    language: InLanguage = "en",
    as_json: AsJson = False,
) -> None:
    """Several designs under the same true rates, beside each other."""
    designs = [common.read_design(file) for file in files]
    question = common.read_question(designs[0], rates, responses, method, trials, seed, schedule)
    told = common.summarise_designs(designs, question, language)
    if as_json:
        common.print_json(
            [
                {"file": str(file), "design": type(design).__name__, **tree}
                for file, design, tree in zip(files, designs, told.tree, strict=True)
            ]
        )
        return
    common.print_blocks(told.performance)
    print("\n".join(told.method))


@app.command()
def report(
    file: File,
    out: Annotated[Path, typer.Option(help="Where the PDF is written.")],
    also: Annotated[
        list[Path],
        typer.Option(
            "--with", help="Another design to set beside it; repeat.", exists=True, dir_okay=False
        ),
    ] = [],  # noqa: B006
    rates: Rates = [],  # noqa: B006
    responses: Responses = [],  # noqa: B006
    method: Method = "auto",
    trials: Trials = 10_000,
    seed: Seed = 1,
    schedule: Schedule = "",
    language: InLanguage = "en",
    paper: Annotated[Paper, typer.Option(help="a4 or us-letter.")] = "a4",
    fonts: Annotated[
        Path | None,
        typer.Option(help="A folder with Noto Sans CJK.", exists=True, file_okay=False),
    ] = None,
) -> None:
    """Write the PDF that is attached to a protocol: rule, table, scenarios, curves, method."""
    from rich.console import Console

    from trialwright.report.design import design_report
    from trialwright.report.typst import FontMissingError, render_pdf

    designs = [common.read_design(each) for each in (file, *also)]
    question = common.read_question(designs[0], rates, responses, method, trials, seed, schedule)
    source = common.read_source(file)
    with common.saying_errors(), Console(stderr=True).status("Computing and setting the report …"):
        document = design_report(designs, question, language=language, source=source)
        try:
            out.write_bytes(render_pdf(document, paper=paper, font_folder=fonts))
        except FontMissingError as error:
            print(error)
            raise typer.Exit(1) from None
    print(out)


@app.command()
def grid(
    file: File,
    scenarios: Annotated[
        Path,
        typer.Option(
            help="JSON: a list of scenarios, each a list of rates, or an object with rates, "
            "responses, accrual.",
            exists=True,
            dir_okay=False,
        ),
    ],
    out: Annotated[Path, typer.Option(help="JSON lines; what is there already isn't redone.")],
    method: Method = "auto",
    trials: Trials = 10_000,
    seed: Seed = 1,
    workers: Annotated[int, typer.Option(min=1, help="Processes on this machine.")] = 1,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler: tcp://host:8786.")
    ] = None,
) -> None:
    """Run many scenarios, each written when it is done; an interrupted grid resumes."""
    from rich.progress import track

    from trialwright.design.grid import Grid, run_grid, waiting_in

    wanted = _scenarios(scenarios)
    asked = Grid(common.read_design(file), wanted, method, trials, seed)
    waiting, total = len(waiting_in(asked, out)), len(wanted)
    with common.saying_errors(), _executor(workers, scheduler) as executor:
        rows = run_grid(asked, out, executor)
        for _ in track(rows, f"{total - waiting} of {total} were done", total=waiting):
            pass
    print(f"{waiting} scenarios computed, {total - waiting} were there; {out}")


def _scenarios(file: Path) -> tuple[Any, ...]:
    try:
        wanted = json.loads(file.read_bytes())
    except ValueError as error:
        print(f"{file} is not JSON: {error}. Write a list of scenarios, such as [[0.1, 0.2]].")
        raise typer.Exit(1) from None
    if not isinstance(wanted, list) or not wanted:
        print(f"{file} holds no list of scenarios. Write one, such as [[0.1, 0.2], [0.2, 0.4]].")
        raise typer.Exit(1)
    return tuple(wanted)


@contextmanager
def _executor(workers: int, scheduler: str | None) -> "Iterator[Executor | None]":
    """This process alone, several on this machine, or a Dask cluster."""
    if scheduler is not None:
        try:
            from distributed import Client
        except ImportError:
            print("Dask is missing. Install it: .venv/bin/pip install -e '.[cluster]'.")
            raise typer.Exit(1) from None
        try:
            client = Client(scheduler)  # type: ignore[no-untyped-call]
        except (ValueError, OSError) as error:
            print(f"There is no Dask scheduler at {scheduler}: {error}. Write tcp://host:8786.")
            raise typer.Exit(1) from None
        with client:
            yield client.get_executor()  # type: ignore[no-untyped-call]
    elif workers > 1:
        with ProcessPoolExecutor(workers) as pool:
            yield pool
    else:
        yield None
