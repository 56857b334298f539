"""`trialwright people`: the first administrator, invitations by one-time link, roles."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from trialwright.cli.common import AsJson
from trialwright.cli.study import By, Study, acting_as, ready

app = typer.Typer(
    name="people", help="People of a study: invited, given roles, let go.", no_args_is_help=True
)

Username = Annotated[str, typer.Argument(help="The name for signing in.")]
Name = Annotated[str, typer.Option(help="The person's name.")]
Address = Annotated[str, typer.Option(help="Where the pages are served; the link begins so.")]
Role = Annotated[str, typer.Option(help="A role of the protocol, by its key.")]
Site = Annotated[str, typer.Option(help="The site at which it is held, by its code.")]
Until = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Its last day, such as 2027-06-30.")
]
HERE = "http://localhost:8000"


def print_link(invitation: UUID, address: str) -> None:
    """Print the one-time link of an invitation, and until when it opens."""
    from trialwright.accounts.invitations import token_of
    from trialwright.accounts.models import Invitation

    until = Invitation.objects.get(pk=invitation).expires_at.astimezone(UTC)
    typer.echo(f"{address.rstrip('/')}/join/{token_of(invitation)}")
    typer.echo(f"This link opens once, until {until:%Y-%m-%d %H:%M} UTC.")


@app.command("first-administrator")
def first_administrator(username: Username, name: Name, address: Address = HERE) -> None:
    """Make the first administrator of this installation, and print their one-time link."""
    with ready():
        from trialwright.conduct.actions import people

        print_link(people.first_administrator(username=username, name=name), address)


@app.command()
def link(username: Username, address: Address = HERE) -> None:
    """Print another one-time link for somebody, who sets a new password with it."""
    with ready():
        from trialwright.conduct.actions import people

        print_link(people.another_link(username=username), address)


@app.command()
def invite(
    study: Study,
    username: Username,
    name: Name,
    role: Role,
    by: By,
    site: Site = "",
    until: Until = None,
    address: Address = HERE,
) -> None:
    """Invite somebody with a role, and print their one-time link."""
    with ready():
        from trialwright.conduct.actions import people

        given = people.RoleGiven(role, site, until.date() if until else None)
        made = people.invite(by=acting_as(by, study), username=username, name=name, roles=[given])
        print_link(made, address)


@app.command()
def role(
    study: Study,
    username: Username,
    role: Role,
    by: By,
    site: Site = "",
    until: Until = None,
    end: Annotated[bool, typer.Option("--end", help="Take the role away.")] = False,
) -> None:
    """Give a role to somebody who is here, or take it away."""
    with ready():
        from trialwright.accounts.models import Membership
        from trialwright.conduct.actions import people
        from trialwright.conduct.refusals import NotFound

        actor = acting_as(by, study)
        if not end:
            given = people.RoleGiven(role, site, until.date() if until else None)
            people.give_role(by=actor, username=username, given=given)
            return
        held = Membership.objects.filter(
            study=study, person__username=username, role=role, site=site
        ).first()
        if held is None:
            raise NotFound
        people.end_role(by=actor, membership=held.pk)


@app.command()
def deactivate(
    username: Username,
    study: Annotated[str, typer.Option(help="Only from this study: all their roles end.")] = "",
    by: Annotated[str, typer.Option(help="Who does it, where a study is named.")] = "",
) -> None:
    """Let somebody into the installation no more, or end all their roles in a study."""
    with ready():
        from trialwright.accounts.reads import person_called
        from trialwright.conduct.actions import people

        if study:
            person = person_called(username)
            people.end_all_roles(by=acting_as(by, study), person=person.pk)
        else:
            people.deactivate(username=username)


@app.command("remove-second-factor")
def remove_second_factor(username: Username) -> None:
    """Take somebody's second factors, who has lost them and every recovery code."""
    with ready():
        from trialwright.conduct.actions import people

        people.forget_second_factor(username=username)


@app.command("list")
def list_people(study: Study, as_json: AsJson = False) -> None:
    """List who holds which role in a study."""
    import json

    from trialwright.config import starting

    with starting.installation():
        from trialwright.accounts.models import Membership

        rows = [
            {
                "username": row.person.username,
                "name": row.person.name,
                "role": row.role,
                "site": row.site,
                "until": row.until.isoformat() if row.until else None,
                "active": row.person.is_active,
            }
            for row in Membership.objects.filter(study=study)
            .select_related("person")
            .order_by("person__username", "role", "site")
        ]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        site, until = row["site"] or "all sites", f", until {row['until']}" if row["until"] else ""
        state = "" if row["active"] else " (has not come in, or was let go)"
        typer.echo(f"{row['username']:<16} {row['name']}: {row['role']}, {site}{until}{state}")
