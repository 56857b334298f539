"""`trialwright site`: the sites of a study, added, opened, paused and closed."""

from typing import Annotated

import typer

from trialwright.cli.study import By, Study, acting_as, ready

app = typer.Typer(name="site", help="Sites: added, opened, paused, closed.", no_args_is_help=True)

Code = Annotated[str, typer.Argument(help="The site's code, with which its participants' begin.")]
Reason = Annotated[str, typer.Option(help="Why.")]


@app.command()
def add(
    study: Study,
    code: Code,
    name: Annotated[str, typer.Option(help="Its name.")],
    by: By,
    name_zh: Annotated[str, typer.Option(help="Its name in Chinese, if it has another.")] = "",
    time_zone: Annotated[str, typer.Option(help="Where its days begin: Europe/Paris.")] = "",
) -> None:
    """Add a site, which takes participants once it is opened."""
    with ready():
        from trialwright.conduct.actions.sites import NewSite, add_site

        site = NewSite(code, name, name_zh, time_zone)
        add_site(by=acting_as(by, study), site=site)


@app.command("open")
def open_(study: Study, code: Code, by: By) -> None:
    """Open a site of an activated study for participants."""
    with ready():
        from trialwright.conduct.actions.sites import open_site

        open_site(by=acting_as(by, study), code=code)


@app.command()
def pause(study: Study, code: Code, by: By, reason: Reason) -> None:
    """Have a site take no new participants."""
    with ready():
        from trialwright.conduct.actions.sites import pause_site

        pause_site(by=acting_as(by, study), code=code, reason=reason)


@app.command("begin-version")
def begin_version_(
    study: Study,
    code: Code,
    by: By,
    ethics_on: Annotated[str, typer.Option(help="Day of the ethics committee's vote: 2027-06-30.")],
    reference: Annotated[str, typer.Option(help="How the committee's letter is found.")],
) -> None:
    """Have the newest version of the protocol begin at a site, after its ethics vote."""
    from datetime import date

    try:
        day = date.fromisoformat(ethics_on)
    except ValueError:
        raise typer.BadParameter("Write the day as 2027-06-30.") from None
    with ready():
        from trialwright.conduct.actions.amending import begin_version

        actor = acting_as(by, study)
        moved = begin_version(by=actor, site=code, ethics_on=day, reference=reference)
        typer.echo(f"It has begun at site {code}; {moved} participants moved to it.")


@app.command()
def close(study: Study, code: Code, by: By, reason: Reason) -> None:
    """Close a site, once nobody there is still in the study."""
    with ready():
        from trialwright.conduct.actions.sites import close_site

        close_site(by=acting_as(by, study), code=code, reason=reason)
