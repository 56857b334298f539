"""What the commands on designs share: reading a file and rates, and telling in the terminal."""

import json
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trialwright.cli.common import Language

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trialwright.design import TreatmentSchedule
    from trialwright.protocol.nodes import Node
    from trialwright.report.design import Source
    from trialwright.report.designs import DesignSummary, Question
    from trialwright.report.document import Block

File = Annotated[
    Path,
    typer.Argument(
        help="A protocol, or a file with a `design:` section alone.", exists=True, dir_okay=False
    ),
]
Rates = Annotated[
    list[str],
    typer.Option(
        "--rates", help="True rates of one scenario: 0.05,0.15,0.3. Repeat. Else the usual ones."
    ),
]
Responses = Annotated[
    list[str], typer.Option("--responses", help="True response rates, one for each --rates.")
]
Method = Annotated[str, typer.Option(help="auto, exact or monte-carlo.")]
Schedule = Annotated[
    str,
    typer.Option(
        "--schedule",
        help="Of a safety rule: days watched, days between treatments, and, with a third number, "
        "after how many the next waits for all outcomes: 28,7,5.",
    ),
]
Trials = Annotated[int, typer.Option(help="Simulated trials per scenario.")]
Seed = Annotated[int, typer.Option(help="Seed of the simulation.")]


def read_design(file: Path) -> Any:
    """The design of a file; its problems are printed with their lines."""
    from trialwright.design import DesignError, from_node

    root, section = read_root(file)
    try:
        return from_node(section or root, str(file))
    except DesignError as error:
        print(error)
        raise typer.Exit(1) from None


def read_root(file: Path) -> "tuple[Node, Node | None]":
    """The nodes of a file, and its `design:` section where it has one."""
    from trialwright.protocol.yaml_nodes import read_nodes

    root, problems = read_nodes(file.read_bytes())
    for problem in problems:
        print(f"{file}:{problem}")
    if root is None or problems:
        raise typer.Exit(1)
    return root, root.get("design")


def read_source(file: Path) -> "Source | None":
    """What a report says of the protocol that the file is; None where it is a design alone."""
    from trialwright.protocol.loader import read
    from trialwright.report.design import Source

    protocol, _problems = read(file.read_bytes(), str(file))
    if protocol is None:
        return None
    return Source(
        identifier=protocol.identifier,
        version=protocol.version,
        date=protocol.date.isoformat(),
        sha256=protocol.sha256,
        demonstration=protocol.demonstration,
    )


def read_question(
    design: Any,
    rates: Sequence[str],
    responses: Sequence[str],
    method: str,
    trials: int,
    seed: int,
    schedule: str = "",
) -> "Question":
    """What is asked: the rates given, or the usual ones of a design of this kind."""
    from dataclasses import replace

    from trialwright.report.designs.asking import usual_question

    usual = replace(usual_question(design, method=method), trials=trials, seed=seed)
    if schedule:
        usual = replace(usual, schedule=read_schedule(schedule))
    wanted = len(rates) if usual.responses else 0
    if len(responses) != wanted:
        if usual.responses:
            print("This design asks for --responses beside --rates, one for each.")
        else:
            print("This design asks for no --responses. Leave them out.")
        raise typer.Exit(1)
    if not rates:
        return usual
    return replace(
        usual, rates=tuple(map(read_rates, rates)), responses=tuple(map(read_rates, responses))
    )


def read_schedule(text: str) -> "TreatmentSchedule":
    """Days watched, days between treatments and where the pause comes, with commas between."""
    from trialwright.design import DesignError, TreatmentSchedule

    try:
        window, between, *pause = map(int, text.split(","))
        return TreatmentSchedule(window, between, pause_after=sum(pause[:1]))
    except ValueError as error:
        said = error if isinstance(error, DesignError) else f"{text!r} is no schedule."
        print(f"{said} Write days watched and days between treatments, such as 28,7 or 28,7,5.")
        raise typer.Exit(1) from None


def read_rates(text: str) -> tuple[float, ...]:
    """Rates with commas between them."""
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        print(f"{text!r} are not rates. Write numbers with commas between, such as 0.05,0.15,0.3.")
        raise typer.Exit(1) from None


@contextmanager
def saying_errors() -> "Iterator[None]":
    """A design's error is a sentence, and the command ends."""
    from trialwright.design import DesignError

    try:
        yield
    except DesignError as error:
        print(error)
        raise typer.Exit(1) from None


def summarise_designs(
    designs: Sequence[Any], question: "Question", language: Language
) -> "DesignSummary":
    """Answer, with a line in the terminal while that takes long."""
    from rich.console import Console

    from trialwright.report.designs import named, summarise
    from trialwright.report.words import ReportWords

    words = ReportWords(language)
    cases = named(designs, words)
    names = ", ".join(case.name for case in cases)
    with saying_errors(), Console(stderr=True).status(f"{names}: following every path …"):
        return summarise(cases, question, words)


def print_blocks(blocks: "Iterable[Block]") -> None:
    """Tables as tables, figures by their sentence."""
    from rich import box
    from rich.console import Console
    from rich.table import Table as Sheet

    from trialwright.report.document import Figure, Paragraph, Table

    console = Console()
    for block in blocks:
        match block:
            case Paragraph():
                console.print(block.text, markup=False)
            case Figure():
                console.print(block.sentence, markup=False)
            case Table():
                sheet = Sheet(title=block.caption, title_justify="left", box=box.SIMPLE_HEAD)
                for i, column in enumerate(block.columns):
                    sheet.add_column(column.head, justify=column.align, no_wrap=i == 0)
                for row in block.rows:
                    first = "  " * row.level + row.cells[0]
                    style = "bold" if row.kind == "group" else None
                    sheet.add_row(first, *row.cells[1:], style=style)
                console.print(sheet)
                for note in block.notes:
                    console.print(note, markup=False)


def plain(result: Any) -> dict[str, Any]:
    """A result as lists and numbers; what can't be a number is null."""
    import numpy as np

    if not is_dataclass(result):
        raise TypeError(f"{type(result).__name__} is not a result.")
    values = ((field.name, getattr(result, field.name)) for field in fields(result))
    return {k: finite(v.tolist()) if isinstance(v, np.ndarray) else v for k, v in values}


def finite(value: Any) -> Any:
    """The same tree with null where a number isn't finite, which JSON can't say."""
    if isinstance(value, dict):
        return {key: finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [finite(inner) for inner in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def print_json(tree: Any) -> None:
    """Print what `finite` makes of a tree."""
    print(json.dumps(finite(tree), ensure_ascii=False))
