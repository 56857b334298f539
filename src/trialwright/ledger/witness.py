"""A second witness outside the machine: it keeps what is once given to it.

It gets the lines of the heads file: as new files in a folder of somebody else's that only adds, as
new resources under an address that lets none be replaced, or by mail to two people. Whoever forges
history here can't take back what stands there, and `verify --witness` compares.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from trialwright.ledger import files, heads
from trialwright.ledger.encoding import LedgerError
from trialwright.ledger.findings import Findings
from trialwright.ledger.gaps import scan
from trialwright.ledger.heads import HeadsReading
from trialwright.ledger.witness_mail import MailWitness
from trialwright.ledger.witness_places import Folder, PieceWitness, Resources

# Handed over every minute, by mail every half hour; a witness silent for so long isn't alive.
SILENT: Final = timedelta(hours=1)

Witness = PieceWitness | MailWitness


def witness_of(setting: str) -> Witness:
    """The witness that a setting names: a folder, `https://…`, or `mailto:one@…,two@…`."""
    if setting.startswith(("https://", "http://")):
        return PieceWitness(Resources(setting.rstrip("/")), files.witness_note())
    if setting.startswith("mailto:"):
        return MailWitness(setting.removeprefix("mailto:").split(","), files.witness_note())
    return PieceWitness(Folder(Path(setting)), files.witness_note())


def hand_over(file: Path, folder: Path) -> int:
    """Give a folder the lines of the heads file that it lacks, as one new file; how many."""
    return PieceWitness(Folder(folder), None).hand_over(file)


def last_heard() -> datetime | None:
    """When the witness last took what it was given, or was found to have it all."""
    note = files.witness_note()
    try:
        return datetime.fromisoformat(note.read_text(encoding="ascii").split(" ")[0])
    except (FileNotFoundError, ValueError):
        return None


@contextmanager
def pieces_of(witness: str) -> Iterator[Path]:
    """A folder with what a witness holds, to be read: itself, its copy, or mails put as text.

    Raises:
        LedgerError: the mails of people are not in a folder, or the address doesn't answer.
    """
    if witness.startswith("mailto:"):
        raise LedgerError(
            "What two people have by mail is compared from a folder: let one of them save the"
            " mails there (as .eml files), and name it."
        )
    with TemporaryDirectory() as scratch:
        copy = Path(scratch)
        if witness.startswith(("https://", "http://")):
            _copy_resources(Resources(witness.rstrip("/")), copy)
        elif any(Path(witness).glob("*.eml")):
            _copy_mails(Path(witness), copy)
        else:
            copy = Path(witness)
        yield copy


def _copy_resources(place: Resources, copy: Path) -> None:
    number = 1
    while (text := place.read(number)) is not None:
        (copy / f"heads-{number:09}").write_text(text, encoding="ascii")
        number += 1


def _copy_mails(folder: Path, copy: Path) -> None:
    """The lines in the text of each mail, whatever their order: each carries its signature."""
    for number, path in enumerate(sorted(folder.glob("*.eml")), 1):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        body = mail.get_body(("plain",))
        text = body.get_content() if body is not None else ""
        lines = [
            line
            for line in text.splitlines()
            if line.startswith((heads.TAG, heads.TAG_WITH_COUNTS))
        ]
        (copy / f"mail-{number:09}").write_text("".join(f"{line}\n" for line in lines))


def compare(
    study: str,
    chain: str,
    witness: HeadsReading,
    here: HeadsReading,
    now: datetime,
    findings: Findings,
) -> None:
    """Hold one chain against the witness, and the witness's lines against the heads file."""
    said = witness.of(study, chain)
    gone = [one for one in said.since(0) if not _is_in(here, study, chain, one.seq, one.hash)]
    if gone:
        facts = {"count": len(gone), "seq": gone[0].seq, "line": gone[0].line}
        findings.add("witness_alone", chain, **facts)
    gaps = scan(study, chain, witness)
    lost = gaps.lost()
    if lost:
        findings.add("witness_differs", chain, seq=lost[0].seq, line=lost[0].line)
    since = gaps.unsigned_since()
    if since is not None and now - since > SILENT:
        findings.add("witness_silent", chain, seq=gaps.newest + 1, last=gaps.end)


def _is_in(here: HeadsReading, study: str, chain: str, seq: int, digest: bytes) -> bool:
    for one in here.of(study, chain).since(seq):
        if one.seq > seq:
            return False
        if one.hash == digest:
            return True
    return False
