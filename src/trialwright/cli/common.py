"""What all commands share: options, and sentences for what the system refuses."""

import errno
from typing import Annotated, Literal

import typer

Language = Literal["en", "zh"]
InLanguage = Annotated[Language, typer.Option("--language", help="en or zh.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_WORDS = {
    errno.ENOENT: "There is no {place}. Look at the name; a folder to write into must be there.",
    errno.EACCES: "{place} may not be used by this account. Change its rights, or name another.",
    errno.EPERM: "{place} may not be used by this account. Change its rights, or name another.",
    errno.EROFS: "{place} lies where nothing can be written. Name another place.",
    errno.EISDIR: "{place} is a folder. Name a file.",
    errno.ENOTDIR: "{place} leads through a file as if it were a folder. Look at the name.",
    errno.EEXIST: "{place} is there already. Name another file.",
    errno.ENOSPC: "The disk is full, and {place} is not complete. Make room, or write elsewhere.",
}


def refusal(error: OSError) -> str:
    """The sentence of what the system would not do.

    >>> refusal(FileNotFoundError(errno.ENOENT, "", "trial.yaml"))
    'There is no trial.yaml. Look at the name; a folder to write into must be there.'
    """
    place = error.filename or "the output"
    words = _WORDS.get(error.errno or 0)
    return words.format(place=place) if words else f"{place}: {error.strerror or error}."
