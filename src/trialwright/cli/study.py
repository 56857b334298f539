"""`trialwright study`: a study from its protocol file to its activation, and its end."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trialwright.cli import simulating
from trialwright.cli.common import AsJson

if TYPE_CHECKING:
    from trialwright.accounts.models import Person
    from trialwright.accounts.policy import Actor
    from trialwright.conduct.reads.setup import SetUp
    from trialwright.protocol.model import Protocol

app = typer.Typer(
    name="study", help="A study: new, shown, signed, activated, amended.", no_args_is_help=True
)

Study = Annotated[str, typer.Argument(help="The study's identifier.")]
By = Annotated[str, typer.Option(help="Who does it: a sign-in name, or the id of a person.")]


@contextmanager
def ready() -> Iterator[None]:
    """Have an installation, begun if there is none; what is refused is said in its sentences."""
    from trialwright.config import starting

    with starting.database():
        starting.migrate()
        starting.check_restore()
        starting.commit_accounts()
        with sentences():
            yield


@contextmanager
def sentences() -> Iterator[None]:
    """Say a refusal in its own sentences, and end with 1."""
    from trialwright.conduct.refusals import ActionRefused, NotFound
    from trialwright.ledger.encoding import LedgerError
    from trialwright.protocol.problems import ProtocolFileError

    try:
        yield
    except (ActionRefused, LedgerError, ProtocolFileError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None
    except NotFound:
        print(
            "There is no such thing here for the person who asks. Look at the study's identifier "
            "(trialwright study show) and at the roles of the person (trialwright people list).",
            file=sys.stderr,
        )
        raise typer.Exit(1) from None


def acting_as(by: str, study: str) -> "Actor":
    """The person who acts, as the study knows them."""
    from trialwright.accounts.reads import person_called
    from trialwright.conduct.reads.setup import enter_setup

    return enter_setup(person_called(by), study)[0]


def signer(by: str, password: str) -> "Person":
    """The person who signs, whose password it is."""
    from django.contrib.auth import authenticate

    from trialwright.accounts.reads import person_called
    from trialwright.conduct.refusals import ActionRefused

    person = person_called(by)
    if authenticate(username=person.username, password=password) is None:
        raise ActionRefused("This is not the password of the person who signs.")
    return person


@app.command()
def new(
    file: Annotated[Path, typer.Argument(help="A protocol file.", exists=True, dir_okay=False)],
    by: Annotated[
        str, typer.Option(help="Who administers it: a sign-in name. Later, if there is nobody yet.")
    ] = "",
) -> None:
    """Begin a study with a protocol file, which may still have problems."""
    with ready():
        from trialwright.accounts.reads import person_called
        from trialwright.conduct.actions.new_study import new_study

        person = person_called(by) if by else None
        study = new_study(by=person, source=file.read_bytes(), file_name=file.name)
        typer.echo(f"{study} is set up. What it needs: trialwright study show {study}")


@app.command()
def simulate(
    file: Annotated[
        Path,
        typer.Argument(help="A protocol file; with --by, the study whose waiting file it is."),
    ],
    participants: Annotated[int, typer.Option(min=1, help="How many enter.")] = 24,
    seeds: Annotated[int, typer.Option(min=1, max=100, help="How many: seeds 1, 2, 3 …")] = 3,
    output: Annotated[
        Path | None, typer.Option(help="A folder for the reports and the data cut of each seed.")
    ] = None,
    by: Annotated[
        str, typer.Option(help="Record it in the study, as this person: a sign-in name or an id.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Invent participants and live them through a protocol, in a database made for it.

    Each seed ends with the verified ledger, a data cut, both reports and what was never reached.
    The same file, number and seed give the same bytes. Exit code 1 where a seed doesn't pass.
    A study of real participants is activated once a simulation of its file is recorded (`--by`).
    """
    if by:
        _simulate_and_record(str(file), by, participants, seeds)
        return
    if not file.is_file():
        raise typer.BadParameter(
            f"There is no file {file}. For the file that waits in a study say who records it: --by"
        )
    simulating.simulate(file, participants, seeds, output, as_json=as_json)


def _simulate_and_record(study: str, by: str, participants: int, seeds: int) -> None:
    with ready():
        from trialwright.conduct.actions.simulating import record_simulation
        from trialwright.conduct.reads.setup import waiting_file

        actor = acting_as(by, study)
        source, sha256 = waiting_file(study)
        with simulating.kept_in_a_file(source) as kept:
            told = simulating.simulate_apart(kept, participants, seeds)
        runs = [simulating.once(each) for each in told]
        asked = told[0]["asked"]
        record_simulation(by=actor, sha256=sha256, participants=asked, runs=runs)
        for run in runs:
            typer.echo(
                f"seed {run.seed}: {'passed' if not run.failures else 'did not pass'}; "
                f"{run.enrolled} of {asked} entered; {run.never} things never reached"
            )
            for failure in run.failures:
                typer.echo(f"  ! {failure}")
        if any(run.failures for run in runs):
            raise typer.Exit(1)
        typer.echo(f"Recorded for {sha256[:16]}. What is missing: trialwright study show {study}")


@app.command()
def training(study: Study, by: By) -> None:
    """Make the training copy of a study, or let those in who came since; show who has practised.

    The copy is the file that waits, or the one in force, lived by invented participants up to now.
    """
    with ready():
        from trialwright.simulation.training import make_training_copy, practice_in

        copy = make_training_copy(by=acting_as(by, study))
        typer.echo(f"{copy} is the training copy of {study}.")
        for each in practice_in(study).people:
            done = "has entered a visit there" if each.trained else "has still to enter a visit"
            typer.echo(f"  {each.name}: {done}")


@app.command("upload-list")
def upload_list(
    study: Study,
    file: Annotated[
        Path,
        typer.Argument(help="The list as CSV: factors, place, arm.", exists=True, dir_okay=False),
    ],
    by: By,
    allocation: Annotated[
        str, typer.Option(help="The key of the allocation, where the protocol has several such.")
    ] = "",
) -> None:
    """Upload an allocation list that was drawn outside; activation seals the last one.

    Its columns are the key of each factor, the place (from 1 in each stratum) and the arm's key.
    """
    with ready():
        from trialwright.conduct.actions.uploading_list import upload_list as keep

        found = keep(by=acting_as(by, study), source=file.read_bytes(), allocation=allocation)
        places = sum(map(len, found.arms.values()))
        typer.echo(f"{places} places are kept, sealed. The file's SHA-256: {found.sha256}")


@app.command()
def sign(
    study: Study,
    by: By,
    password: Annotated[str, typer.Option(prompt="Your password", hide_input=True)],
) -> None:
    """Sign the file that waits, on behalf of each party whose role the person holds."""
    with ready():
        from trialwright.conduct.actions.activation import sign_draft
        from trialwright.conduct.reads.setup import setup_of
        from trialwright.conduct.refusals import NotFound

        signer(by, password)
        waiting = setup_of(study).waiting
        if waiting is None:
            raise NotFound
        signed = sign_draft(by=acting_as(by, study), sha256=waiting.sha256)
        parties = " and ".join(each.value for each in signed)
        typer.echo(f"{waiting.sha256[:16]} is signed for the {parties}.")


@app.command()
def activate(study: Study, by: By) -> None:
    """Put the signed protocol in force; the allocation list is made and sealed."""
    with ready():
        from trialwright.conduct.actions.activation import activate as put_in_force

        put_in_force(by=acting_as(by, study))
        typer.echo(f"{study} is activated. Its sites: trialwright site open {study} CODE --by NAME")


@app.command()
def amend(
    study: Study,
    by: By,
    file: Annotated[
        Path | None,
        typer.Option(help="The amended file, put there to be signed; without it: put in force."),
    ] = None,
) -> None:
    """Amend a study that runs: put a file there and say what changes; once signed, in force."""
    with ready():
        from trialwright.conduct.actions.amending import amend as put_in_force
        from trialwright.conduct.actions.new_study import replace_draft
        from trialwright.conduct.reads.setup import setup_of
        from trialwright.conduct.refusals import NotFound

        actor = acting_as(by, study)
        if file is None:
            version = put_in_force(by=actor)
            typer.echo(f"Version {version} is in force. Begin it at each site: trialwright site")
            return
        runs = setup_of(study).in_force
        if runs is None:
            raise NotFound
        replace_draft(by=actor, source=file.read_bytes(), file_name=file.name)
        waiting = setup_of(study).waiting
        assert waiting is not None and waiting.checked.protocol is not None  # noqa: S101 - kept
        _tell_amendment(runs, waiting.checked.protocol)
        for problem in waiting.checked.problems:
            typer.echo(f"  ! {problem}")


def _tell_amendment(old: "Protocol", new: "Protocol") -> None:
    from trialwright.protocol.diff import compare_protocols

    amendment = compare_protocols(old, new)
    typer.echo(f"Version {new.version} waits to be signed. It changes:")
    for change in amendment.changes:
        typer.echo(f"  {change.words.in_language('en')}")
    for effect in amendment.effects:
        typer.echo(f"  affects: {effect.words.in_language('en')}")


Password = Annotated[str, typer.Option(prompt="Your password", hide_input=True)]
Reason = Annotated[str, typer.Option(help="Why.")]


@app.command()
def close(study: Study, by: By, password: Password) -> None:
    """Close a study once nothing is left to do; what is left is said."""
    with ready():
        from trialwright.conduct.actions.closing import close_study

        signer(by, password)
        close_study(by=acting_as(by, study))
        typer.echo(f"{study} is closed.")


@app.command()
def reopen(study: Study, by: By, reason: Reason, password: Password) -> None:
    """Open a closed study again."""
    with ready():
        from trialwright.conduct.actions.closing import reopen_study

        signer(by, password)
        reopen_study(by=acting_as(by, study), reason=reason)
        typer.echo(f"{study} is open again.")


@app.command()
def lock(
    study: Study,
    by: By,
    reason: Reason,
    password: Password,
    site: Annotated[str, typer.Option(help="A site's code; empty: all.")] = "",
    participant: Annotated[str, typer.Option(help="A participant's code; empty: all.")] = "",
    visit: Annotated[str, typer.Option(help="A visit's key; empty: all.")] = "",
    form: Annotated[str, typer.Option(help="A form's key; empty: all.")] = "",
    freeze: Annotated[bool, typer.Option(help="Freeze: still asked about and signed.")] = False,
) -> None:
    """Lock or freeze the data of a study, a site, a participant, a visit or a form."""
    with ready():
        from trialwright.conduct.actions.closing import LockPlace
        from trialwright.conduct.actions.closing import lock as make
        from trialwright.conduct.models import LockLevel

        signer(by, password)
        level = LockLevel.FREEZE if freeze else LockLevel.LOCK
        place = LockPlace(site, participant, visit, form)
        number = make(by=acting_as(by, study), level=level, place=place, reason=reason)
        typer.echo(f"{level.value.capitalize()} {number} is signed.")


@app.command()
def unlock(
    study: Study,
    number: Annotated[int, typer.Argument(help="The number of the freeze or lock.")],
    by: By,
    reason: Reason,
    password: Password,
) -> None:
    """Lift a freeze or lock."""
    with ready():
        from trialwright.conduct.actions.closing import unlock as lift

        signer(by, password)
        lift(by=acting_as(by, study), number=number, reason=reason)
        typer.echo(f"{number} is lifted.")


@app.command()
def archive(
    study: Study,
    to: Annotated[Path, typer.Argument(help="The zip file to write.")],
    by: By,
) -> None:
    """Write the whole study as one archive, which anybody verifies without the program."""
    with ready():
        from trialwright.conduct.actions.archiving import archive as write
        from trialwright.conduct.refusals import ActionRefused

        if to.exists():
            raise ActionRefused(f"There is a file {to} already. Name another.")
        digest = write(by=acting_as(by, study), to=to)
        typer.echo(f"{to} is written; its manifest has the hash {digest}. Check it, unpacked:")
        typer.echo("  python3 -I -S verify_archive.py")


@app.command()
def remind() -> None:
    """Send the reminders of reports that are due now; a server does it by itself."""
    from trialwright.config import starting

    with starting.installation(), sentences():
        from trialwright.conduct.safety.reminding import remind as send

        number = send()
        typer.echo(f"{number} reminders sent." if number != 1 else "1 reminder sent.")


@app.command()
def show(
    study: Annotated[str, typer.Argument(help="The study; all, if none is named.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show where a study stands, and what it waits for."""
    import json

    from trialwright.config import starting

    with starting.installation(), sentences():
        from trialwright.conduct.models import Study as Row
        from trialwright.conduct.reads.setup import setup_of

        names = [study] if study else sorted(Row.objects.values_list("identifier", flat=True))
        found = [setup_of(name) for name in names]
        if as_json:
            told = [
                {
                    "study": each.identifier,
                    "phase": each.phase.value,
                    "demonstration": each.demonstration,
                    "version": each.in_force.version if each.in_force else None,
                    "waiting": each.waiting.sha256 if each.waiting else None,
                    "sites": {site.code: site.status.value for site in each.sites},
                    "missing": {
                        one.what.value: list(one.names) or one.missing
                        for one in each.requirements
                        if not one.met and not one.optional
                    },
                }
                for each in found
            ]
            print(json.dumps(told, ensure_ascii=False, indent=1))
            return
        if not found:
            typer.echo("There is no study here. Begin one: trialwright study new FILE")
        for each in found:
            _tell(each)


def _tell(each: "SetUp") -> None:
    kind = "a demonstration" if each.demonstration else "for real participants"
    phase = {"set_up": "being set up", "running": "running", "closed": "closed"}[each.phase]
    version = f", protocol {each.in_force.version}" if each.in_force else ""
    typer.echo(f"{each.identifier}: {phase}{version}, {kind}")
    for site in each.sites:
        typer.echo(f"  site {site.code} {site.name_en}: {site.status.value}")
    for one in each.requirements:
        mark = "done" if one.met else "can wait" if one.optional else "missing"
        names = f": {', '.join(one.names[:8])}" if one.names else ""
        count = f" ({one.missing})" if one.missing > 1 else ""
        typer.echo(f"  {one.what.value.replace('_', ' ')}: {mark}{count}{names}")
