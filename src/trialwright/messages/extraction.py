"""What there is to translate, and bringing the catalogue of each language up to date with it.

Python is read by its syntax tree, so that a message is found by the call that makes it. The
templates of pages are read where Django is known (`trialwright.web.messages`).
"""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from string import Formatter
from typing import NamedTuple

import polib

PACKAGE = Path(__file__).parents[1]
_PLAIN = {"_", "gettext", "gettext_lazy", "gettext_noop"}
_COUNTED = {"ngettext", "ngettext_lazy", "counted"}
_IN_CONTEXT = {"pgettext", "pgettext_lazy", "in_context"}
_OWN = {"Message", "counted", "in_context"}


class ExtractedMessage(NamedTuple):
    """A sentence as the catalogue has it, with its plural and its context where it has them."""

    text: str
    plural: str = ""
    context: str = ""


class MessageCall(NamedTuple):
    """A call that makes a message: its entry, the parameters it names, and where it stands."""

    entry: ExtractedMessage
    parameters: frozenset[str] | None
    place: str


def entries() -> set[ExtractedMessage]:
    """Every message in the package's Python files."""
    return {call.entry for call in all_calls()}


@cache
def all_calls() -> tuple[MessageCall, ...]:
    """The calls of all the package's Python files, read once."""
    return tuple(call for path in sorted(PACKAGE.rglob("*.py")) for call in calls(path))


def calls(path: Path) -> Iterator[MessageCall]:
    """The calls of a Python file whose literal arguments are messages."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else None
        name = node.func.id if isinstance(node.func, ast.Name) else name
        texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
        words = [text for text in texts if isinstance(text, str)]
        place = f"{path.name}:{node.lineno}"
        if name in _OWN:
            yield _own(node, name, words, place)
        elif name in _COUNTED | _IN_CONTEXT and len(words) > 1:
            yield MessageCall(_entry(name, words), None, place)
        elif name in _PLAIN and words:
            yield MessageCall(ExtractedMessage(words[0]), None, place)


def misfits(call: MessageCall) -> set[str]:
    """The places of a call's text that no parameter fills, and the parameters without a place.

    A call without any parameter makes a text that stands as it is, or is filled where it is told.
    """
    if not call.parameters:
        return set()
    texts = (text for text in (call.entry.text, call.entry.plural) if text)
    return set.union(*(places(text) for text in texts)) ^ call.parameters


def places(text: str) -> set[str]:
    """The names of the places in a text that `str.format` fills."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def update(source: Path, wanted: Iterable[ExtractedMessage]) -> int:
    """Add what is new to a `.po` file, drop what is gone; return how many lack a translation."""
    catalogue = polib.pofile(str(source), wrapwidth=100)
    known = {ExtractedMessage(e.msgid, e.msgid_plural, e.msgctxt or ""): e for e in catalogue}
    wanted = set(wanted)
    for entry in known.keys() - wanted:
        catalogue.remove(known[entry])
    for entry in wanted - known.keys():
        added = polib.POEntry(msgid=entry.text, msgid_plural=entry.plural)
        added.msgctxt = entry.context or None
        if entry.plural:
            added.msgstr_plural = {0: ""}
        catalogue.append(added)
    catalogue.sort(key=lambda each: (each.msgid.casefold(), each.msgid, each.msgctxt or ""))
    catalogue.save()
    return len(catalogue.untranslated_entries())


def _own(node: ast.Call, name: str, words: list[str], place: str) -> MessageCall:
    if len(words) != len(node.args) or len(words) != (1 if name == "Message" else 2):
        raise ValueError(f"{place}: the text of a message is written where the message is made")
    return MessageCall(_entry(name, words), _named(node), place)


def _entry(name: str, words: list[str]) -> ExtractedMessage:
    if name in _COUNTED:
        return ExtractedMessage(words[0], plural=words[1])
    if name in _IN_CONTEXT:
        return ExtractedMessage(words[1], context=words[0])
    return ExtractedMessage(words[0])


def _named(node: ast.Call) -> frozenset[str] | None:
    """The names of a call's parameters, unless some come from a mapping."""
    names = [keyword.arg for keyword in node.keywords]
    return None if None in names else frozenset(name for name in names if name)
