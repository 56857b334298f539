"""The translations of each language: where they lie, their compiled form, and how they are found.

The folder is laid out as gettext has it, under the name that Django looks for, so that the pages
and the packages below them read the same files.
"""

import gettext
import tempfile
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import polib

LOCALE = Path(__file__).parent / "locale"
DOMAIN = "django"


def sources() -> dict[str, Path]:
    """The `.po` file of each language besides English, by its folder's name such as `zh_Hans`."""
    found = sorted(LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))
    return {path.parents[1].name: path for path in found}


class Language(NamedTuple):
    """A language there is: its code in settings, its tag in pages, and its own name for itself."""

    code: str
    tag: str
    name: str


@cache
def named_languages() -> tuple[Language, ...]:
    """The languages there are, English first; each catalogue's head says the name of its own."""
    found = [Language("en", "en", "English")]
    for folder in sources():
        tag = folder.replace("_", "-")
        name = translations(tag).info()["x-language-name"]
        found.append(Language(tag.lower(), tag, name))
    return tuple(found)


def languages() -> tuple[str, ...]:
    """The codes of the languages there are, English first: `en`, `zh-hans`."""
    return tuple(language.code for language in named_languages())


def compile_stale() -> None:
    """Compile each `.po` whose `.mo` is missing or older. Safe when processes do it at once."""
    for source in sources().values():
        _compiled(source)


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The translations for a tag such as `zh`, `zh-hans` or `zh_Hans`; of English there are none.

    A language that has no file is told in English, as gettext does.
    """
    wanted = language.replace("_", "-").lower()
    for name, source in sources().items():
        tag = name.replace("_", "-").lower()
        if tag == wanted or tag.split("-")[0] == wanted.split("-")[0]:
            return gettext.GNUTranslations(BytesIO(_compiled(source)))
    return gettext.NullTranslations()


def _compiled(source: Path) -> bytes:
    """The compiled form of a `.po`, kept beside it where the folder can be written."""
    compiled = source.with_suffix(".mo")
    if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
        return compiled.read_bytes()
    content: bytes = polib.pofile(str(source)).to_binary()
    try:
        with tempfile.NamedTemporaryFile(
            dir=source.parent, suffix=".part", delete=False
        ) as scratch:
            scratch.write(content)
    except PermissionError:
        return content
    Path(scratch.name).chmod(0o644)
    Path(scratch.name).replace(compiled)
    return content
