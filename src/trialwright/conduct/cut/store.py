"""Where the files of data cuts lie, outside the database: the open part, and the sealed one."""

import os
import shutil
from pathlib import Path

from django.conf import settings

from trialwright.analysis.cut import Cut, CutError, SealedPart
from trialwright.analysis.cut_bytes import canonical_bytes, canonical_hash, from_bytes
from trialwright.ledger import files
from trialwright.ledger.encoding import LedgerError
from trialwright.protocol.model import Protocol

_SEALED = "sealed.bin"


def folder_of(study: str, name: str) -> Path:
    """The folder of one cut; `open/` in it holds the files that masked people may have."""
    return Path(settings.TRIALWRIGHT_CUTS) / study / name


def store(cut: Cut, sealed: SealedPart, protocol: Protocol) -> None:
    """Write both parts under another name, then rename, so that no half cut can be read.

    A folder of that name that no cut in the database knows is left from a crash, and replaced.
    """
    from trialwright.exchange.cut_files import write_cut  # brings Polars: only where it is needed

    folder = folder_of(cut.study, cut.name)
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True, mode=0o700)
    write_cut(cut, draft / "open", protocol)
    content = files.keys().sealer(cut.study).seal(canonical_bytes(sealed), _place(cut.name))
    (draft / _SEALED).write_bytes(content)
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)


def load_open(study: str, name: str, sha256: str) -> Cut:
    """The open part, read back from its files and checked against the hash that the ledger keeps.

    Raises:
        CutError: a file was changed, or the whole cut was exchanged for another.
    """
    from trialwright.exchange.cut_files import read_cut

    folder = folder_of(study, name) / "open"
    cut = read_cut(folder)
    if canonical_hash(cut) != sha256:
        raise CutError(
            f"The files in {folder} are not the cut {name} as it was made: its hash in the ledger "
            "is another one. Restore them from a backup."
        )
    return cut


def load_sealed(study: str, name: str) -> SealedPart:
    """The sealed part; for the report process alone, which asks the policy first.

    Raises:
        CutError: its file is missing, was changed, or is of another cut.
    """
    place = folder_of(study, name) / _SEALED
    try:
        content = files.keys().sealer(study).open(place.read_bytes(), _place(name))
    except (OSError, LedgerError) as error:
        raise CutError(f"{place} can't be read. {error}") from None
    return from_bytes(SealedPart, content)


def _place(name: str) -> tuple[str, ...]:
    return ("cut", name, "sealed")
