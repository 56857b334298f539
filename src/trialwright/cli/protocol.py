"""`trialwright protocol`: working with protocol files."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Protocol files: draft, check, compare.", no_args_is_help=True)


@app.command()
def draft(
    record: Annotated[Path, typer.Argument(help="A registry record: v2 JSON or the old XML.")],
    output: Annotated[Path | None, typer.Option(help="Where to write it, not on screen.")] = None,
) -> None:
    """Draft a protocol file from a registry record, and say what the record does not tell."""
    from trialwright.registry.draft import draft as make_draft
    from trialwright.registry.readers.detect import read_record
    from trialwright.registry.readers.errors import UnreadableError

    try:
        drafted = make_draft(read_record(record.read_bytes()), date.today())  # noqa: DTZ011
    except (OSError, UnreadableError) as error:
        typer.echo(f"{record}: {error}", err=True)
        raise typer.Exit(1) from None
    if output is None:
        typer.echo(drafted.text, nl=False)
        return
    output.write_text(drafted.text, encoding="utf-8")
    typer.echo(f"{output} is drafted. What this registration does not tell you:")
    for gap in drafted.gaps:
        typer.echo(f"  - {gap.words()}")
