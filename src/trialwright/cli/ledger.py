"""`trialwright verify` and `trialwright ledger …`: prove the ledger, hand it out, repair it."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trialwright.cli.common import AsJson, refusal

if TYPE_CHECKING:
    from trialwright.ledger.verify import Verified

app = typer.Typer(no_args_is_help=True, help="The ledger: export it, acknowledge a restore.")

Study = Annotated[str, typer.Argument(help="The study's identifier.")]


def verify(
    study: Annotated[str, typer.Argument(help="The study; all, if none is named.")] = "",
    as_json: AsJson = False,
    printed: Annotated[
        list[str] | None,
        typer.Option(help="A head as a document prints it, to be found in the chain."),
    ] = None,
    without_key: Annotated[
        bool, typer.Option("--without-key", help="Leave sealed values closed.")
    ] = False,
) -> None:
    """Check that the database still says what was entered; exit code 1 if it doesn't."""
    from trialwright.config import starting

    with starting.installation(), _sentences():
        from trialwright.ledger import files
        from trialwright.ledger.verify import studies
        from trialwright.ledger.verify import verify as check

        keys, results = files.keys(), []
        for name in [study] if study else studies(files.heads_path(), [keys.public]):
            with _Progress(sys.stderr.isatty()) as progress:
                result = check(
                    name,
                    heads_path=files.heads_path(),
                    publics=[keys.public],
                    keys=None if without_key else keys,
                    printed=printed or (),
                    progress=progress.add,
                )
            results.append(result)
    if as_json:
        print(json.dumps([_as_json(result) for result in results], ensure_ascii=False, indent=1))
    else:
        for result in results:
            _tell(result)
    if any(result.problems for result in results):
        raise typer.Exit(1)


def _tell(result: "Verified") -> None:
    for chain in result.chains:
        typer.echo(f"{result.study}  {chain.short}")
    for finding in result.problems:
        typer.echo(f"  ! {finding}")
    for note in result.notes:
        typer.echo(f"  · {note}")
    count = len(result.problems)
    said = {0: "as it was entered", 1: "1 finding"}.get(count, f"{count} findings")
    typer.echo(f"  {said}")


def _as_json(result: "Verified") -> dict[str, object]:
    return {
        "study": result.study,
        "rows": result.rows,
        "chains": {
            chain.chain: {"seq": chain.seq, "hash": chain.hash.hex()} for chain in result.chains
        },
        "problems": [
            {"kind": one.kind, "chain": one.chain, **one.facts, "sentence": one.sentence()}
            for one in result.problems
        ],
        "notes": [
            {"kind": one.kind, "chain": one.chain, **one.facts, "sentence": one.sentence()}
            for one in result.notes
        ],
    }


@contextmanager
def _sentences() -> Iterator[None]:
    """What is refused ends in its sentence and exit code 2."""
    from trialwright.ledger.encoding import LedgerError

    try:
        yield
    except OSError as error:
        typer.echo(refusal(error), err=True)
        raise typer.Exit(2) from None
    except LedgerError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


class _Progress:
    """A line in the terminal while it works: rows done and rows a second."""

    def __init__(self, shown: bool) -> None:
        from rich.console import Console
        from rich.progress import Progress, TextColumn, TimeElapsedColumn

        self._bar = Progress(
            TextColumn("{task.completed:,.0f} rows read"),
            TextColumn("{task.speed:,.0f}/s" if shown else ""),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=not shown,
        )
        self._task = self._bar.add_task("", total=None)

    def __enter__(self) -> "_Progress":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def add(self, rows: int) -> None:
        self._bar.advance(self._task, rows)


@app.command()
def export(
    study: Study,
    to: Annotated[Path, typer.Argument(help="The file to write; `-` for standard output.")],
    values: Annotated[bool, typer.Option(help="Salts and texts go along.")] = True,
) -> None:
    """Write a study's ledger as JSON lines, for docs/ledger/verify_ledger.py."""
    from trialwright.config import starting

    with starting.installation(), _sentences():
        from trialwright.ledger import export as exporting
        from trialwright.ledger import files

        lines = exporting.lines(study, [files.keys().public], values=values)
        if str(to) == "-":
            sys.stdout.writelines(lines)
        else:
            with to.open("x", encoding="utf-8") as file:
                file.writelines(lines)


@app.command("acknowledge-restore")
def acknowledge_restore(
    study: Study,
    by: Annotated[str, typer.Option(help="The id of the person who acknowledges it.")],
    reason: Annotated[str, typer.Option(help="Why, and from which backup.")],
) -> None:
    """After a restore from a backup: enter which rows it lost."""
    from trialwright.config import starting

    with starting.installation(), _sentences():
        from django.utils import timezone

        from trialwright.ledger import repair

        ranges = repair.acknowledge_restore(
            study=study, by=by, role="administrator", happened_at=timezone.now(), reason=reason
        )
    for first, last in ranges:
        typer.echo(f"Rows {first} to {last} are entered as lost.")


@app.command("wrap-keys")
def wrap_keys(
    to: Annotated[Path, typer.Argument(help="The file to write.")],
    custodian: Annotated[str, typer.Option(help="Who will keep the copy and the passphrase.")],
    passphrase: Annotated[
        str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)
    ],
) -> None:
    """Wrap the keys a second time for a custodian, who types the passphrase herself."""
    from trialwright.config import starting

    with starting.installation(), _sentences():
        from trialwright.ledger import custody, files

        text = custody.wrap(files.keys(), custodian, passphrase)
        with to.open("x", encoding="utf-8") as file:
            file.write(text)
    typer.echo(f"{to} holds the keys. Test it: trialwright ledger test-keys {to} --by YOUR_ID")


@app.command("test-keys")
def test_keys(
    copy: Annotated[Path, typer.Argument(help="The wrapped copy.", exists=True)],
    by: Annotated[str, typer.Option(help="The id of the person who tests it.")],
    passphrase: Annotated[str, typer.Option(prompt=True, hide_input=True)],
) -> None:
    """Open a custodian's copy and enter in the ledger that it opens."""
    from trialwright.config import starting

    with starting.installation(), _sentences():
        from django.utils import timezone

        from trialwright.ledger import custody, files

        text = copy.read_text(encoding="utf-8")
        custody.confirm_recovery(text, passphrase, files.keys(), by=by, happened_at=timezone.now())
    typer.echo("It opens, and holds the keys in use.")
