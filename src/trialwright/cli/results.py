"""`trialwright results`: a laboratory's results by file, as the page takes them."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trialwright.cli.common import AsJson
from trialwright.cli.study import By, Study, acting_as, ready

if TYPE_CHECKING:
    from trialwright.conduct.reads.results import ResultFound

app = typer.Typer(
    name="results", help="Laboratory results by file: mapped, looked at, entered.",
    no_args_is_help=True,
)  # fmt: skip


@app.command("map")
def map_(
    study: Study,
    name: Annotated[str, typer.Argument(help="The mapping's name, such as CENTRAL.")],
    file: Annotated[Path, typer.Argument(help="The mapping, as the page shows one.")],
    by: By,
) -> None:
    """Keep a mapping of a laboratory's files onto forms; a changed one is a new version."""
    text = file.read_text(encoding="utf-8-sig")
    with ready():
        from trialwright.conduct.actions.importing import keep_mapping

        version = keep_mapping(by=acting_as(by, study), name=name, text=text)
        print(f"mapping {name}, version {version}")


@app.command()
def look(
    study: Study,
    file: Annotated[Path, typer.Argument(help="A CSV in UTF-8, or an XLSX.")],
    mapping: Annotated[str, typer.Option(help="The mapping by which it is read.")],
    by: By,
    as_json: AsJson = False,
) -> None:
    """Take a file and set each result beside what is stored; nothing is entered."""
    source = file.read_bytes()
    with ready():
        from trialwright.conduct.actions.importing import upload_results
        from trialwright.conduct.reads.results import Found, preview

        actor = acting_as(by, study)
        number = upload_results(by=actor, mapping=mapping, source=source, file_name=file.name)
        found = preview(actor, number)
        counts = {kind.value: count for kind, count in found.counts.items()}
        if as_json:
            print(json.dumps({"file": number, "sha256": found.file.sha256, **counts}))
            return
        told = ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
        print(f"file {number}: {told}")
        _refused([each for each in found.results if each.found is Found.REFUSED])


@app.command()
def enter(
    study: Study,
    number: Annotated[int, typer.Argument(help="The file's number, as `look` says it.")],
    by: By,
    replace: Annotated[
        str, typer.Option(help="Why values that differ are replaced; else they stay.")
    ] = "",
) -> None:
    """Enter what is new of a file, form by form; ends with 1 where a result is refused.

    What is interrupted is gone on with by the same command.
    """
    with ready():
        from rich.console import Console
        from rich.progress import Progress

        from trialwright.conduct.actions.importing import enter_results

        with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
            forms = bar.add_task("forms", total=None)
            done = enter_results(
                by=acting_as(by, study),
                number=number,
                replace=replace,
                progress=lambda count, whole: bar.update(forms, completed=count, total=whole),
            )
        print(f"{done.values:,} values entered, {len(done.refused):,} refused")
        _refused(done.refused)
    if done.refused:
        raise typer.Exit(1)


def _refused(results: "list[ResultFound] | tuple[ResultFound, ...]") -> None:
    for each in results:
        line = each.line
        print(f"row {line.row}, {line.participant}, {line.test}: {each.why}", file=sys.stderr)
