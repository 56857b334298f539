"""What the commands of `trialwright registry` share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trialwright.cli.common import refusal

if TYPE_CHECKING:
    from trialwright.registry.library.library import Library

Folder = Annotated[
    Path,
    typer.Option("--library", envvar="TRIALWRIGHT_REGISTRY", help="The folder of the library."),
]
Limit = Annotated[int, typer.Option(min=1, help="How many to show.")]
DEFAULT = Path("var/registry")


@contextmanager
def said_plainly() -> Iterator[None]:
    """Say what went wrong in one sentence, and end with status 1."""
    from trialwright.registry.library.library import LibraryError
    from trialwright.registry.library.record_store import PackError

    try:
        yield
    except OSError as error:
        typer.echo(refusal(error), err=True)
        raise typer.Exit(1) from None
    except (LibraryError, PackError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def open_library(folder: Path) -> Library:
    from trialwright.registry.library.library import Library

    return Library(folder)


def print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, str], None]]:
    """A line that counts on; nothing where the output is not a terminal."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description} {task.completed:,}"),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(what, total=None, note="")
        yield lambda done, note: progress.update(task, completed=done, note=note)


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar of what is known beforehand; nothing where the output is not a terminal."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, whole: progress.update(task, completed=done, total=whole)


def row_of(facts: dict[str, Any], score: float) -> dict[str, Any]:
    return {
        "nct": facts["nct"],
        "score": round(score, 4),
        "title": facts["title"],
        "status": facts["status"],
        "phase": facts["phase"],
    }


def line_of(row: dict[str, Any]) -> str:
    from trialwright.registry.record.codes import in_words

    status = in_words("status", row["status"]) if row["status"] else "no status"
    codes = row["phase"]
    phase = "no phase" if codes is None else ", ".join(in_words("phase", code) for code in codes)
    facts = "; ".join(filter(None, [status, phase]))
    return f"{row['nct']:<16} {row['title'] or 'no title'} ({facts})"


def or_not_provided(value: object) -> str:
    return "Not provided in the record" if value in (None, "") else str(value)


def today() -> date:
    return date.today()  # noqa: DTZ011 - the day where the command is given
