"""`trialwright delegation`: who may do what at a site, from which day to which."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer

from trialwright.cli.study import By, Study, acting_as, ready

app = typer.Typer(name="delegation", help="The delegation log of a study.", no_args_is_help=True)

Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="A day such as 2027-06-30.")]
LastDay = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Its last day; none: no end yet.")
]
Line = Annotated[UUID, typer.Argument(help="The line, as `delegation list` names it.")]


@app.command()
def add(
    study: Study, username: str, role: str, site: str, by: By, begins: Day, ends: LastDay = None
) -> None:
    """Delegate a role at a site to somebody who holds it there; it counts once they sign too."""
    with ready():
        from trialwright.accounts.reads import person_called
        from trialwright.conduct.actions.delegating import Delegated, delegate

        person = person_called(username)
        line = Delegated(person.pk, role, site, begins.date(), ends.date() if ends else None)
        typer.echo(delegate(by=acting_as(by, study), line=line))


@app.command()
def accept(
    study: Study,
    line: Line,
    by: By,
    password: Annotated[str, typer.Option(prompt="Your password", hide_input=True)],
) -> None:
    """Sign a line as the person to whom something is delegated."""
    with ready():
        from trialwright.cli.study import signer
        from trialwright.conduct.actions.delegating import accept_delegation

        accept_delegation(by=signer(by, password), study=study, line=line)


@app.command()
def end(study: Study, line: Line, by: By, last: Day) -> None:
    """Have a line end with a day."""
    with ready():
        from trialwright.conduct.actions.delegating import end_delegation

        end_delegation(by=acting_as(by, study), line=line, last=last.date())


@app.command("list")
def list_lines(study: Study, by: By) -> None:
    """List the lines of the log that a person may see."""
    with ready():
        from trialwright.conduct.reads.delegations import delegation_log

        for line in delegation_log(acting_as(by, study)):
            until = f"to {line.ends}" if line.ends else "without end"
            state = "signed by both" if line.accepted_at else "not signed by the person"
            typer.echo(
                f"{line.id} {line.name}: {line.role}, {line.site}, from {line.begins} "
                f"{until}, {state}"
            )
