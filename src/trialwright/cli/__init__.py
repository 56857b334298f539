"""The command `trialwright`: one module for each group of commands, each thin over its package."""

import errno
import os
import sys

import typer

from trialwright.cli import (
    backup,
    delegation,
    design,
    doctor,
    ledger,
    people,
    product,
    protocol,
    registry,
    results,
    safety,
    serving,
    site,
    study,
)
from trialwright.cli.common import refusal

app = typer.Typer(
    name="trialwright",
    help="One clinical trial, from its registry record to its signed report.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.command()
def version() -> None:
    """Print the version."""
    from trialwright import __version__

    print(__version__)


app.command()(serving.demo)
app.command()(serving.serve)
app.command()(doctor.doctor)
app.command()(ledger.verify)
app.command()(backup.restore)
app.add_typer(backup.app, name="backup")
app.add_typer(design.app, name="design")
app.add_typer(ledger.app, name="ledger")
app.add_typer(product.app, name="product")
app.add_typer(protocol.app, name="protocol")
app.add_typer(registry.app, name="registry")
app.add_typer(study.app, name="study")
app.add_typer(site.app, name="site")
app.add_typer(people.app, name="people")
app.add_typer(delegation.app, name="delegation")
app.add_typer(results.app, name="results")
app.add_typer(safety.app, name="safety")


def run() -> None:
    """The command as installed: what stops it is said in a sentence."""
    from trialwright.config.home import SetupError
    from trialwright.ledger.encoding import LedgerError

    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except (SetupError, LedgerError) as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    except OSError as error:
        # What could not be written is dropped, or Python would try again when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if error.errno != errno.EPIPE:
            print(refusal(error), file=sys.stderr)
        raise SystemExit(1) from None
