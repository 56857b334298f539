"""`trialwright backup`, `backup check` and `restore`."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    invoke_without_command=True,
    help="Back the installation up into one encrypted file; rehearse a restore.",
)

By = Annotated[str, typer.Option(help="Who does it: a sign-in name, or the id of a person.")]


@app.callback()
def backup(
    context: typer.Context,
    to: Annotated[
        Path | None, typer.Option(help="The folder; else the one of TRIALWRIGHT_BACKUPS.")
    ] = None,
) -> None:
    """Write database, signed heads and files of cuts into one encrypted file. Keys stay out.

    Backups that TRIALWRIGHT_BACKUP_KEEP no longer keeps are deleted from the folder.
    """
    if context.invoked_subcommand is not None:
        return
    from trialwright.config import starting

    with starting.installation():
        from django.conf import settings
        from django.utils import timezone

        from trialwright.backup import keeping
        from trialwright.backup.making import make
        from trialwright.config.home import SetupError

        folder = to or settings.TRIALWRIGHT_BACKUPS
        if folder is None:
            raise SetupError("Name a folder: --to FOLDER, or TRIALWRIGHT_BACKUPS for every time.")
        made = make(Path(folder) / keeping.name_at(timezone.now()))
        typer.echo(
            f"{made.path}: {made.file_bytes / 1e6:,.1f} MB, from {made.database_bytes / 1e6:,.1f}"
            f" MB of database in {made.seconds:.1f} s"
        )
        if to is None:
            for gone in keeping.drop_old(Path(folder), settings.TRIALWRIGHT_BACKUP_KEEP):
                typer.echo(f"{gone.name} is no longer kept.")


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="The backup.", exists=True, dir_okay=False)],
    by: By,
) -> None:
    """Restore a backup elsewhere, verify it there, compare it, and enter that in the ledger."""
    from trialwright.config import starting

    with starting.installation():
        from django.utils import timezone

        from trialwright.accounts.reads import person_called
        from trialwright.backup.rehearsal import enter, rehearse
        from trialwright.ledger import files

        person = person_called(by)
        result = rehearse(file, files.keys())
        enter(result, by=person.id, at=timezone.now())
    for problem in result.problems:
        typer.echo(f"  ! {problem}")
    said = "came back whole" if not result.problems else f"{len(result.problems)} findings"
    typer.echo(
        f"{file.name} of {result.made_at}: {result.rows:,} rows in {result.tables} tables,"
        f" {said}, in {result.seconds:.1f} s"
    )
    if result.problems:
        raise typer.Exit(1)


def restore(
    file: Annotated[Path, typer.Argument(help="The backup.", exists=True, dir_okay=False)],
    replace: Annotated[
        bool, typer.Option("--replace", help="Put aside what stands in the database.")
    ] = False,
) -> None:
    """Put a backup in the place of what was lost, and say what is lost for good."""
    from trialwright.config import starting

    with starting.database():
        from trialwright.backup.restoring import restore as put_back

        result = put_back(file, replace=replace)
    typer.echo(f"Restored as of {result.made_at:%Y-%m-%d %H:%M:%S} UTC.")
    if result.aside:
        typer.echo(f"The database that was here is kept as {result.aside}.")
    typer.echo(f"The signed heads are those of {result.heads_from}.")
    for loss in result.losses:
        typer.echo(f"Lost: rows {loss.first} to {loss.last} of {loss.study}, {loss.chain} chain.")
    for study, counts in result.counts.items():
        for name, (are, were) in counts.items():
            typer.echo(f"Lost: {study}, {lost_words(name, are, were)}")
    if result.losses:
        typer.echo(
            "Nothing is served before somebody acknowledges it; numbers that were given are then"
            " never given again: trialwright ledger acknowledge --by YOUR_SIGN_IN_NAME --reason WHY"
        )
    elif result.heads_from == "the backup":
        typer.echo(
            "Nothing here tells what was entered after that moment. What paper or the pharmacy"
            " knows to have been given since is kept from being given again by: trialwright ledger"
            " reserve STUDY participants/SITE=NUMBER places/LIST=NUMBER"
        )


def lost_words(name: str, are: int, were: int) -> str:
    """What a count says is lost.

    >>> lost_words("participants/C", 11, 12)
    'site C: participants 12 to 12 (their numbers are not given again)'
    """
    kind, _, which = name.partition("/")
    if kind == "participants":
        return f"site {which}: participants {are + 1} to {were} (their numbers are not given again)"
    if kind == "places":
        return f"list {which}: places {are + 1} to {were} (they are not given again)"
    return f"{were - are} {name}"
