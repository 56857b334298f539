"""`trialwright safety`: grade laboratory values, reckon clocks, make tables, read the rule."""

import csv
import html
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from trialwright.cli.common import AsJson, InLanguage

if TYPE_CHECKING:
    from trialwright.safety.tables import CountCell

app = typer.Typer(
    name="safety",
    help="Grades, clocks and tables of adverse events; where a stopping rule stands.",
    no_args_is_help=True,
)

File = Annotated[Path, typer.Argument(help="A CSV file.", exists=True, dir_okay=False)]
Arm = Annotated[
    Literal["planned", "actual"], typer.Option("--arm-of", help="Count by planned or actual arm.")
]


@app.command()
def grade(
    file: File,
    units: Annotated[
        Literal["SI", "US"], typer.Option(help="The form of a criterion that counts.")
    ] = "SI",
    language: InLanguage = "en",
    as_json: AsJson = False,
) -> None:
    """Grade laboratory values by CTCAE.

    The columns are ctcae, test, unit, value, low, high, baseline and baseline_high. A value that
    can't be graded has no grade, and says why.
    """
    from trialwright.safety.grading import COLUMNS, grade_row

    rows = _read(file, COLUMNS)
    _print(
        [
            {
                **{name: row[name] for name in COLUMNS},
                "grade": graded.grade,
                "term": graded.term,
                "why": graded.why.in_language(language),
            }
            for row in rows
            for graded in [grade_row(row, units)]
        ],
        as_json,
    )


@app.command()
def clocks(file: File, language: InLanguage = "en", as_json: AsJson = False) -> None:
    """Say when each is due: the columns are zone, known_at and period.

    A period is calendar days or hours. What can't be reckoned is refused with a sentence.
    """
    from trialwright.safety.periods import PeriodError, due, instant, period, zone_of

    told = []
    for row in _read(file, ("zone", "known_at", "period")):
        said, why = "", ""
        try:
            zone = zone_of(row["zone"])
            moment, twice = instant(row["known_at"], zone)
            said = str(due(moment, period(row["period"]), zone))
            if twice:
                why = _twice().in_language(language)
        except PeriodError as error:
            why = error.message.in_language(language)
        told.append({**row, "due": said or None, "why": why})
    _print(told, as_json)


def _twice() -> Any:
    from trialwright.messages import Message

    return Message("The wall clock shows this time twice; the earlier was taken.")


@app.command()
def tables(
    folder: Annotated[Path, typer.Argument(help="A folder of SDTM as CSV or XPT.")],
    arm: Arm = "planned",
    form: Annotated[
        Literal["text", "csv", "html", "json"], typer.Option("--format", help="How to print.")
    ] = "text",
    as_json: AsJson = False,
) -> None:
    """Count people and events by arm: emergent, serious, by class, term and worst severity; shifts.

    DM and AE must be in the folder; EX, LB and DS are read where they are.
    """
    from trialwright.safety.sdtm import read_study
    from trialwright.safety.tables import safety_tables

    with _sentences():
        cells = safety_tables(read_study(folder), arm)
    if as_json or form == "json":
        print(json.dumps([asdict(cell) for cell in cells], ensure_ascii=False, indent=1))
    elif form == "csv":
        _write_csv([asdict(cell) for cell in cells])
    elif form == "html":
        print(_as_html(cells))
    else:
        _print_tables(cells)


@app.command()
def rule(
    file: Annotated[Path, typer.Argument(help="A protocol file.", exists=True, dir_okay=False)],
    data: Annotated[Path, typer.Option("--data", help="A folder of SDTM as CSV or XPT.")],
    column: Annotated[
        str, typer.Option(help="The column of AE that answers the stopping question: AESER=Y.")
    ] = "",
    arms: Annotated[
        list[str] | None,
        typer.Option("--arm", help="An arm of the data and the protocol's key: Placebo=control."),
    ] = None,
    arm_of: Arm = "planned",
    language: InLanguage = "en",
    as_json: AsJson = False,
) -> None:
    """Say where the protocol's stopping rule stands on a study's data."""
    from trialwright.protocol.loader import read
    from trialwright.safety.rule_on_data import question, where_it_stands
    from trialwright.safety.sdtm import read_study

    protocol, problems = read(file.read_bytes(), str(file))
    if protocol is None or problems:
        for problem in problems:
            typer.echo(f"{file}:{problem}", err=True)
        raise typer.Exit(2)
    if not column:
        typer.echo(
            "The data don't know the protocol's stopping event. Say which column of AE answers it: "
            "--column AESER=Y.",
            err=True,
        )
        raise typer.Exit(2)
    told = dict(each.split("=", 1) for each in arms or () if "=" in each)
    with _sentences():
        found = where_it_stands(protocol, read_study(data), question(column), arms=told, by=arm_of)
    rows = [
        {**asdict(each), "holds": each.holds, "sentence": each.sentence().in_language(language)}
        for each in found
    ]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        print(f"{row['group']}: {row['sentence']}")


@contextmanager
def _sentences() -> Iterator[None]:
    """What is refused ends in its sentence and exit code 2."""
    from trialwright.safety.sdtm import DataError
    from trialwright.safety.section import SectionError

    try:
        yield
    except (DataError, SectionError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def _read(file: Path, columns: Sequence[str]) -> list[Mapping[str, str]]:
    """The rows of a file by its column names in small letters; it must have these."""
    from trialwright.messages import Message
    from trialwright.safety.sdtm import DataError, read_csv

    with _sentences():
        rows = read_csv(file.read_bytes(), str(file))
        lowered = [{name.lower(): value for name, value in row.items()} for row in rows]
        missing = [name for name in columns if lowered and name not in lowered[0]]
        if missing:
            raise DataError(
                Message("{file} lacks the column {columns}. It needs {all}.",
                        file=str(file), columns=", ".join(missing), all=", ".join(columns))
            )  # fmt: skip
    return list(lowered)


def _print(rows: Sequence[Mapping[str, Any]], as_json: bool) -> None:
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        _write_csv(rows)


def _write_csv(rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _print_tables(cells: Sequence["CountCell"]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    for name, arms, rows in _grouped(cells):
        table = Table(title=name, title_justify="left")
        table.add_column("")
        for arm, n in arms.items():
            table.add_column(f"{arm} (n = {n})", justify="right")
        for row, found in rows.items():
            table.add_row(row, *(_shown(found.get(arm)) for arm in arms))
        console.print(table)


def _as_html(cells: Sequence["CountCell"]) -> str:
    parts = ["<!doctype html><html lang=en><meta charset=utf-8><title>Safety tables</title>"]
    for name, arms, rows in _grouped(cells):
        heads = "".join(
            f"<th scope=col>{html.escape(arm)} (n = {n})</th>" for arm, n in arms.items()
        )
        parts.append(f"<table><caption>{html.escape(name)}</caption>")
        parts.append(f"<thead><tr><td></td>{heads}</tr></thead><tbody>")
        for row, found in rows.items():
            values = "".join(f"<td>{html.escape(_shown(found.get(arm)))}</td>" for arm in arms)
            parts.append(f"<tr><th scope=row>{html.escape(row)}</th>{values}</tr>")
        parts.append("</tbody></table>")
    return "\n".join([*parts, "</html>"])


def _grouped(
    cells: Sequence["CountCell"],
) -> Iterator[tuple[str, dict[str, int], dict[str, dict[str, "CountCell"]]]]:
    """Each table with its arms and their sizes, and its rows by arm."""
    for name in dict.fromkeys(cell.table for cell in cells):
        own = [cell for cell in cells if cell.table == name]
        rows: dict[str, dict[str, CountCell]] = {}
        for cell in own:
            rows.setdefault(cell.row, {})[cell.arm] = cell
        yield name, {cell.arm: cell.n for cell in own}, rows


def _shown(cell: "CountCell | None") -> str:
    if cell is None:
        return ""
    share = f" ({100 * cell.people / cell.n:.1f} %)" if cell.n else ""
    return f"{cell.people}{share}" + (f", {cell.events} events" if cell.events is not None else "")
