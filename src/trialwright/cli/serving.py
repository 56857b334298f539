"""`trialwright demo` and `trialwright serve`: the web application on this machine."""

import os
from collections.abc import Callable
from typing import Annotated

import typer

Port = Annotated[
    int,
    typer.Option(min=1, max=65_535, help="The port to begin with; the next free one is taken."),
]


def demo(
    participants: Annotated[int, typer.Option(min=0, help="How many are randomised.")] = 34,
    port: Port = 8000,
) -> None:
    """Build the demonstration studies, unless they are there, and serve them on this machine.

    Beyond 50 participants only the first 50 are told whole. Of the others only the forms are filled
    in that an endpoint, a criterion, a stratum or the plan of visits reads, and nobody signs them.
    """

    def build() -> list[str]:
        from trialwright.config.home import secret
        from trialwright.demonstration.cells import ensure_cells
        from trialwright.demonstration.ensuring import ensure
        from trialwright.demonstration.second import ensure_second

        lines = ensure(participants, secret=secret("demonstration"), tell=typer.echo)
        if participants:
            lines += [ensure_second(tell=typer.echo), ensure_cells(tell=typer.echo)]
        return lines

    _serve(port, build)


def serve(
    port: Port = 8000,
    exactly: Annotated[
        bool, typer.Option("--exactly", help="This port or none, as behind a front.")
    ] = False,
) -> None:
    """Serve the application on this machine."""
    _serve(port, list, exactly=exactly)


def _watching() -> Callable[[], None]:
    from django.conf import settings

    from trialwright.backup.schedule import Schedule
    from trialwright.config import starting

    schedule = Schedule(settings.TRIALWRIGHT_BACKUPS, settings.TRIALWRIGHT_BACKUP_HOURS)

    def watch() -> None:
        starting.watch_database()
        schedule.look()

    return watch


def _tell_of_signing() -> None:
    from trialwright.ledger import signing

    trouble = signing.trouble()
    if trouble:
        typer.echo(trouble, err=True)


def _serve(port: int, prepare: Callable[[], list[str]], *, exactly: bool = False) -> None:
    from trialwright.config import serving, starting

    listening = serving.listen("127.0.0.1", port, attempts=1 if exactly else 50)
    taken = listening.getsockname()[1]
    if taken != port:
        typer.echo(f"Port {port} is taken; using {taken}.")
    # Links in mails lead to where this is served, unless people find it elsewhere.
    os.environ.setdefault("TRIALWRIGHT_ADDRESS", f"http://localhost:{taken}")
    with starting.database():
        serving.forget_counts()
        starting.migrate()
        starting.check_restore()
        starting.commit_accounts()
        _tell_of_signing()
        starting.collect_static()
        starting.registry()
        lines = prepare()

        def ready() -> None:
            for line in lines:
                typer.echo(line)
            typer.echo(f"\nTrialwright is ready: http://localhost:{taken}  (Ctrl-C ends it)")

        serving.serve(listening, when_ready=ready, watch=_watching())
