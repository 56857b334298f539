"""`trialwright verify` and `trialwright ledger …`: prove the ledger, hand it out, repair it."""

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trialwright.cli.common import AsJson, refusal

if TYPE_CHECKING:
    from trialwright.ledger.verify import Verified

app = typer.Typer(no_args_is_help=True, help="The ledger: export it, acknowledge a loss.")

Study = Annotated[str, typer.Argument(help="The study's identifier.")]


def verify(
    study: Annotated[str, typer.Argument(help="The study; all, if none is named.")] = "",
    as_json: AsJson = False,
    printed: Annotated[
        list[str] | None,
        typer.Option(help="A head as a document prints it, to be found in the chain."),
    ] = None,
    witness: Annotated[
        str,
        typer.Option(help="A second witness to compare: its folder, its address, or saved mails."),
    ] = "",
    without_key: Annotated[
        bool, typer.Option("--without-key", help="Leave sealed values closed.")
    ] = False,
) -> None:
    """Check that the database still says what was entered; exit code 1 if it doesn't."""
    from trialwright.config import starting

    with starting.installation(), _sentences(), ExitStack() as opened:
        from trialwright.ledger import files, heads, signing
        from trialwright.ledger.snapshot import studies
        from trialwright.ledger.verify import verify as check
        from trialwright.ledger.verify import verify_guards
        from trialwright.ledger.witness import pieces_of

        keys, results = files.keys(), []
        if other := signing.signer_elsewhere():
            typer.echo(signing.elsewhere_words(other), err=True)
        kept = opened.enter_context(pieces_of(witness)) if witness else None
        reading = heads.read(files.heads_path(), [keys.public])
        for name in [study] if study else studies(reading):
            with _Progress(sys.stderr.isatty()) as progress:
                result = check(
                    name,
                    heads_path=files.heads_path(),
                    publics=[keys.public],
                    keys=None if without_key else keys,
                    printed=printed or (),
                    witness=kept,
                    progress=progress.add,
                )
            results.append(result)
        if not study:
            results.append(verify_guards())
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
    typer.echo(f"  {said}" if result.chains else f"{result.study}  {said}")


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
    """Write a study's ledger as JSON lines, for src/trialwright/ledger/alone/verify_ledger.py."""
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


By = Annotated[str, typer.Option(help="Who does it: a sign-in name, or the id of a person.")]


@app.command()
def acknowledge(
    by: By, reason: Annotated[str, typer.Option(help="Why, and from which backup.")]
) -> None:
    """Enter, in every study, which rows or signatures were lost, in a restore or otherwise."""
    from trialwright.config import starting

    with starting.installation(), _sentences():
        from django.utils import timezone

        from trialwright.accounts.reads import person_called
        from trialwright.ledger import repair, signing

        signing.require_heads()
        losses = repair.acknowledge(
            by=person_called(by).id, happened_at=timezone.now(), reason=reason
        )
    for loss in losses:
        what = "lost" if loss.hash else "not signed in time"
        where = f"{loss.study}, {loss.chain} chain"
        typer.echo(f"{where}: rows {loss.first} to {loss.last} are entered as {what}.")


@app.command()
def witness() -> None:
    """Hand the second witness the signed heads that it lacks, and see that it takes them."""
    from trialwright.config import starting

    with starting.installation(), _sentences():
        from django.conf import settings

        from trialwright.ledger import files
        from trialwright.ledger.encoding import LedgerError
        from trialwright.ledger.witness import witness_of
        from trialwright.ledger.witness_mail import MailWitness

        named = settings.TRIALWRIGHT_WITNESS
        if not named:
            raise LedgerError(
                "There is no second witness. Set TRIALWRIGHT_WITNESS to its folder, its address"
                " (https://…) or two people (mailto:one@…,two@…)."
            )
        second, heads = witness_of(named), files.heads_path()
        if isinstance(second, MailWitness):
            taken = second.hand_over(heads, at_once=True)
        else:
            taken = second.hand_over(heads)
        typer.echo(f"{named} took {taken} lines.")


@app.command("correct-clock")
def correct_clock(
    by: By, reason: Annotated[str, typer.Option(help="What was wrong with the clock.")]
) -> None:
    """After a clock that was ahead was set right: enter it, so that entries go on from now."""
    from trialwright.config import starting

    with starting.installation(), _sentences():
        from django.utils import timezone

        from trialwright.accounts.reads import person_called
        from trialwright.ledger import repair

        ahead = repair.correct_clock(
            by=person_called(by).id, happened_at=timezone.now(), reason=reason
        )
    for head in ahead:
        typer.echo(f"{head.study}, {head.chain} chain: goes on from now, after row {head.seq}.")


@app.command("wrap-keys")
def wrap_keys(
    to: Annotated[Path, typer.Argument(help="The file to write.")],
    custodian: Annotated[str, typer.Option(help="Who will keep the copy and the passphrase.")],
    passphrase: Annotated[
        str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)
    ],
) -> None:
    """Wrap the keys a second time for a custodian, who types the passphrase."""
    from trialwright.config import starting

    with starting.installation(), _sentences():
        from trialwright.conduct.identity import keys as identity_keys
        from trialwright.ledger import files, key_escrow

        text = key_escrow.wrap(files.keys(), custodian, passphrase, beside=identity_keys.text())
        with to.open("x", encoding="utf-8") as file:
            file.write(text)
    typer.echo(
        f"{to} holds the keys. Test it: trialwright ledger test-keys {to} --by YOUR_SIGN_IN_NAME"
    )


@app.command("test-keys")
def test_keys(
    copy: Annotated[Path, typer.Argument(help="The wrapped copy.", exists=True)],
    by: By,
    passphrase: Annotated[str, typer.Option(prompt=True, hide_input=True)],
) -> None:
    """Open a custodian's copy and enter in the ledger that it opens."""
    from trialwright.config import starting

    with starting.installation(), _sentences():
        from django.utils import timezone

        from trialwright.accounts.reads import person_called
        from trialwright.ledger import files, key_escrow

        text, person = copy.read_text(encoding="utf-8"), person_called(by).id
        keys, now = files.keys(), timezone.now()
        key_escrow.confirm_recovery(text, passphrase, keys, by=person, happened_at=now)
    typer.echo("It opens, and holds the keys in use.")


@app.command()
def reserve(
    study: Study,
    given: Annotated[
        list[str], typer.Argument(help="participants/SITE=NUMBER or places/LIST=NUMBER.")
    ],
    by: By,
    reason: Annotated[str, typer.Option(help="Where it is known from.")],
) -> None:
    """Keep numbers that were given before a restore from being given again."""
    from trialwright.config import starting

    with starting.installation(), _sentences():
        from django.db import transaction
        from django.utils import timezone

        from trialwright.accounts.reads import person_called
        from trialwright.ledger import repair, tallies
        from trialwright.ledger.encoding import LedgerError

        counts = tallies.counts_of(",".join(given))
        if len(counts) != len(given):
            raise LedgerError("Write each as participants/SITE=NUMBER or places/LIST=NUMBER.")
        person, now = person_called(by).id, timezone.now()
        with transaction.atomic():
            repair.reserve(study, counts, by=person, happened_at=now, reason=reason)


@app.command("restore-keys")
def restore_keys(
    copy: Annotated[Path, typer.Argument(help="The wrapped copy.", exists=True)],
    passphrase: Annotated[str, typer.Option(prompt=True, hide_input=True)],
) -> None:
    """Put the keys of a custodian's copy in their place, on a machine that has none."""
    from trialwright.config.home import private_folder

    with _sentences():
        from trialwright.ledger import key_escrow, keys

        text = copy.read_text(encoding="utf-8")
        keys.write(private_folder("keys") / "ledger.json", key_escrow.unwrap(text, passphrase))
        if beside := key_escrow.unwrap_beside(text, passphrase):
            place = private_folder("keys") / "identity.json"
            place.touch(mode=0o600)
            place.write_text(beside, encoding="ascii")
    typer.echo("The keys are in their place.")


@app.command("study-key")
def study_key(
    study: Study,
    copy: Annotated[Path, typer.Argument(help="The custodian's wrapped copy.", exists=True)],
    passphrase: Annotated[str, typer.Option(prompt=True, hide_input=True)],
) -> None:
    """Print the key of a study that has closed, for who verifies its sealed values and arms."""
    from trialwright.config import starting

    with starting.installation(), _sentences():
        from trialwright.conduct.models import Study as Studies
        from trialwright.ledger import key_escrow, seal
        from trialwright.ledger.encoding import LedgerError

        keys = key_escrow.unwrap(copy.read_text(encoding="utf-8"), passphrase)
        if not Studies.objects.filter(pk=study, closed_at__isnull=False).exists():
            raise LedgerError(
                f"The study {study} hasn't closed, or isn't here. Its key tells every arm, so it is"
                " given out once the study is closed."
            )
        typer.echo(seal.study_key(keys.sealing, study).hex())


@app.command("rotate-identity-key")
def rotate_identity_key(by: By) -> None:
    """Encrypt every participant's identity anew under a new key, and forget the old one."""
    from trialwright.config import starting

    with starting.installation(), _sentences():
        from django.utils import timezone

        from trialwright.accounts.reads import person_called
        from trialwright.conduct.actions.identifying import rotate_key

        count = rotate_key(at=timezone.now(), by=str(person_called(by).id))
    typer.echo(
        f"{count} identities are encrypted under a new key. The custodian's copy holds the old one:"
        " make another (trialwright ledger wrap-keys)."
    )
