"""The translations: what there is to translate, and the compiled form that Django reads.

`python -m trialwright.web.messages` brings the `.po` file up to date with the code; nobody else
needs a tool, for the compiled file is made when the application starts.
"""

import ast
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polib
from django.utils.translation.template import templatize

LOCALE = Path(__file__).parent / "locale"
CHINESE = LOCALE / "zh_Hans" / "LC_MESSAGES" / "django.po"
PACKAGE = Path(__file__).parents[1]
_CALLS = {
    "_", "gettext", "gettext_lazy", "gettext_noop",
    "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy",
}  # fmt: skip
_QUOTED = re.compile(r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")
_TEMPLATE_CALL = re.compile(
    rf"\b(?P<name>_|n?gettext|pgettext)\((?P<words>\s*{_QUOTED.pattern}(?:,\s*{_QUOTED.pattern})?)"
)


class Message(NamedTuple):
    """A sentence as written in the code, with its plural and its context where it has them."""

    text: str
    plural: str = ""
    context: str = ""


def compile_stale() -> None:
    """Compile each `.po` whose `.mo` is missing or older. Safe when processes do it at once."""
    for source in LOCALE.glob("*/LC_MESSAGES/*.po"):
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
            continue
        content = polib.pofile(str(source)).to_binary()
        with tempfile.NamedTemporaryFile(
            dir=source.parent, suffix=".part", delete=False
        ) as scratch:
            scratch.write(content)
        Path(scratch.name).chmod(0o644)
        Path(scratch.name).replace(compiled)


def to_translate() -> set[Message]:
    """Every message in the package's Python files and templates."""
    found: set[Message] = set()
    for path in PACKAGE.rglob("*.py"):
        found.update(in_python(path))
    for path in PACKAGE.rglob("templates/**/*"):
        if path.is_file():
            found.update(in_template(path))
    return found


def in_python(path: Path) -> Iterator[Message]:
    """Find the messages of a Python file: the literal arguments of gettext and its kin."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else None
        name = node.func.id if isinstance(node.func, ast.Name) else name
        words = [
            a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)
        ]
        if name not in _CALLS or not words:
            continue
        if name.startswith("pgettext"):
            yield Message(words[1], context=words[0])
        elif name.startswith("ngettext"):
            yield Message(words[0], plural=words[1])
        else:
            yield Message(words[0])


def in_template(path: Path) -> Iterator[Message]:
    """Find the messages of a template."""
    for call in _TEMPLATE_CALL.finditer(templatize(path.read_text("utf-8"))):
        words = [ast.literal_eval(word) for word in _QUOTED.findall(call["words"])]
        if call["name"] == "ngettext":
            yield Message(words[0], plural=words[1])
        elif call["name"] == "pgettext":
            yield Message(words[1], context=words[0])
        else:
            yield Message(words[0])


def update() -> int:
    """Add what is new to the `.po` file, drop what is gone; return how many lack a translation."""
    catalogue = polib.pofile(str(CHINESE), wrapwidth=100)
    known = {Message(e.msgid, e.msgid_plural, e.msgctxt or ""): e for e in catalogue}
    wanted = to_translate()
    for message in known.keys() - wanted:
        catalogue.remove(known[message])
    for message in wanted - known.keys():
        entry = polib.POEntry(msgid=message.text, msgid_plural=message.plural)
        entry.msgctxt = message.context or None
        if message.plural:
            entry.msgstr_plural = {0: ""}
        catalogue.append(entry)
    catalogue.sort(key=lambda entry: (entry.msgid.casefold(), entry.msgid))
    catalogue.save()
    return len(catalogue.untranslated_entries())


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trialwright.config.settings")
    import django

    django.setup()
    missing = update()
    print(f"{missing} messages lack a translation in {CHINESE}")  # noqa: T201
    sys.exit(1 if missing else 0)
