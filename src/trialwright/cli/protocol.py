"""`trialwright protocol`: draft and check a protocol file, list its facts, tell an amendment."""

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trialwright.cli.common import AsJson, InLanguage
from trialwright.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed import DataclassInstance

    from trialwright.protocol import Protocol

app = typer.Typer(
    name="protocol", help="The trial as written: draft, check, list, compare.", no_args_is_help=True
)

File = Annotated[Path, typer.Argument(help="A protocol file.", exists=True, dir_okay=False)]


@app.command()
def check(file: File, as_json: AsJson = False) -> None:
    """Read a protocol file and name every problem with its line, its rule and the way out."""
    from trialwright.design.running import unenforced, unrunnable
    from trialwright.design.section import problems_of
    from trialwright.protocol.loader import read
    from trialwright.protocol.readiness import unready_for_real_participants
    from trialwright.safety.section_problems import safety_problems

    protocol, problems = read(file.read_bytes(), str(file))
    problems += problems_of(protocol) + safety_problems(protocol)
    notes = protocol.notes if protocol else ()
    if protocol is not None and not problems:
        problems, notes = unrunnable(protocol), (*notes, *unenforced(protocol))
    if as_json:
        told = {"file": str(file), "problems": _rows(problems), "notes": _rows(notes)}
        print(json.dumps(told, ensure_ascii=False))
        raise typer.Exit(1 if problems else 0)
    for problem in problems:
        print(f"{file}:{problem}")
    for note in notes:
        print(f"{file}:{note}")
    if problems or protocol is None:
        print(f"{_count(len(problems), 'problem')}; the file can't be run as it is.")
        raise typer.Exit(1)
    print(
        f"{protocol.identifier} version {protocol.version}: {_count(len(protocol.arms), 'arm')}, "
        f"{_count(len(protocol.visits), 'visit')}, {_count(len(protocol.forms), 'form')}, "
        f"{_count(len(protocol.facts), 'fact')}; no problem found."
    )
    unready = unready_for_real_participants(protocol)
    if unready:
        print(
            f"{_count(len(unready), 'safety-critical fact')} only assumed: it can run as a "
            "demonstration, and real participants can't be signed in until each is confirmed."
        )


@app.command()
def facts(
    file: File,
    assumed: Annotated[bool, typer.Option("--assumed", help="Only what is assumed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Every fact of a protocol, with its origin and its source."""
    from rich.console import Console
    from rich.table import Table

    from trialwright.protocol.basics import Origin

    protocol = _loaded(file)
    chosen = [fact for fact in protocol.facts if not assumed or fact.origin is Origin.ASSUMED]
    if as_json:
        print(json.dumps(_rows(chosen), ensure_ascii=False))
        return
    table = Table(box=None)
    for heading in ("Line", "Fact", "Value", "Origin", "Source"):
        table.add_column(heading, overflow="fold")
    for fact in chosen:
        critical = " (safety-critical)" if fact.safety_critical else ""
        origin = f"{fact.origin}{critical}"
        table.add_row(str(fact.line), fact.path, fact.value.en, origin, fact.source)
    Console().print(table)
    counts = {origin: sum(fact.origin is origin for fact in chosen) for origin in Origin}
    print(", ".join(f"{number} {origin}" for origin, number in counts.items() if number))


@app.command()
def diff(
    old: File,
    new: File,
    language: InLanguage = "en",
    as_json: AsJson = False,
) -> None:
    """An amendment in words, and what it affects."""
    from trialwright.protocol.diff import compare_protocols

    amendment = compare_protocols(_loaded(old), _loaded(new))
    if as_json:
        print(json.dumps(_rows(amendment.changes), ensure_ascii=False))
        return
    for change in amendment.changes:
        line = change.new_line or change.old_line
        print(f"{new if change.new_line else old}:{line}: {change.words.in_language(language)}")
    if not amendment.changes:
        print(Message("Nothing differs.").in_language(language))
        return
    print(f"\n{Message('This affects:').in_language(language)}")
    for effect in amendment.effects:
        print(f"- {effect.words.in_language(language)}")


@app.command()
def plan(
    file: File,
    out: Annotated[
        Path, typer.Option(help="A .pdf or .html file, or a folder for the shells as CSV.")
    ],
    language: InLanguage = "en",
    block_sizes: Annotated[
        bool, typer.Option("--block-sizes", help="Say them; not for blinded readers.")
    ] = False,
) -> None:
    """Write the statistical analysis plan, with the shells of tables, figures and listings."""
    from trialwright.report.analysis_plan import analysis_plan
    from trialwright.report.csv_tables import csv_tables
    from trialwright.report.html import render_html
    from trialwright.report.typst import FontMissingError, render_pdf

    document = analysis_plan(_loaded(file), language=language, block_sizes=block_sizes)
    try:
        if out.suffix == ".pdf":
            out.write_bytes(render_pdf(document))
        elif out.suffix == ".html":
            out.write_text(render_html(document), encoding="utf-8")
        else:
            out.mkdir(parents=True, exist_ok=True)
            for name, content in csv_tables(document).items():
                (out / name).write_bytes(content)
    except FontMissingError as error:
        print(error)
        raise typer.Exit(1) from None
    print(out)


@app.command()
def draft(
    record: Annotated[
        Path,
        typer.Argument(help="A registry record as it came.", exists=True, dir_okay=False),
    ],
    output: Annotated[Path | None, typer.Option(help="Where to write it, not on screen.")] = None,
) -> None:
    """Draft a protocol file from a registry record, and say what the record does not tell."""
    from trialwright.registry.draft.draft import draft as make_draft
    from trialwright.registry.readers.detect import read_record
    from trialwright.registry.readers.errors import UnreadableError

    try:
        drafted = make_draft(read_record(record.read_bytes()), date.today())  # noqa: DTZ011
    except UnreadableError as error:
        typer.echo(f"{record}: {error}", err=True)
        typer.echo(
            "Give it one record as ClinicalTrials.gov, CTIS, EUCTR or ISRCTN hands it out.",
            err=True,
        )
        raise typer.Exit(1) from None
    if output is None:
        typer.echo(drafted.text, nl=False)
        return
    output.write_text(drafted.text, encoding="utf-8")
    typer.echo(f"{output} is drafted. What this registration does not tell you:")
    for gap in drafted.gaps:
        typer.echo(f"  - {gap.words()}")


def _loaded(file: Path) -> "Protocol":
    from trialwright.protocol.loader import load
    from trialwright.protocol.problems import ProtocolFileError

    try:
        return load(file)
    except ProtocolFileError as error:
        print(error)
        raise typer.Exit(1) from None


def _rows(nouns: "Iterable[DataclassInstance]") -> list[dict[str, object]]:
    from dataclasses import asdict

    return [asdict(noun) for noun in nouns]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
