"""What pages say: the messages of the templates, beside those of the Python files.

`python -m trialwright.web.messages` brings the catalogue of each language up to date with the code;
nobody else needs a tool, for the compiled files are made when the application starts.
"""

import ast
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

from trialwright.messages import catalogue, extraction
from trialwright.messages.extraction import ExtractedMessage
from trialwright.web.help import glossary

_QUOTED = re.compile(r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")
_TEMPLATE_CALL = re.compile(
    rf"\b(?P<name>_|n?gettext|pgettext)\((?P<words>\s*{_QUOTED.pattern}(?:,\s*{_QUOTED.pattern})?)"
)


def to_translate() -> set[ExtractedMessage]:
    """Every message in the package's Python files and templates, and the words of the glossary."""
    found = extraction.entries()
    for term in glossary.terms():
        found.update(
            ExtractedMessage(text) for text in (term.word, term.meaning, term.other) if text
        )
    for path in extraction.PACKAGE.rglob("templates/**/*"):
        if path.is_file():
            found.update(in_template(path))
    return found


def in_template(path: Path) -> Iterator[ExtractedMessage]:
    """Find the messages of a template."""
    for call in _TEMPLATE_CALL.finditer(templatize(path.read_text("utf-8"))):
        words = [ast.literal_eval(word) for word in _QUOTED.findall(call["words"])]
        if call["name"] == "ngettext":
            yield ExtractedMessage(words[0], plural=words[1])
        elif call["name"] == "pgettext":
            yield ExtractedMessage(words[1], context=words[0])
        else:
            yield ExtractedMessage(words[0])


def main() -> int:
    """Update every language's catalogue; 1 if one of them lacks a translation."""
    wanted, lacking = to_translate(), 0
    for source in catalogue.sources().values():
        missing = extraction.update(source, wanted)
        print(f"{missing} messages lack a translation in {source}")  # noqa: T201
        lacking += missing
    return 1 if lacking else 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trialwright.config.settings")
    import django

    django.setup()
    sys.exit(main())
