"""How a laboratory's file of results is read: a mapping as it is written, and what it says. Pure.

A line each: `participant = COLUMN`, `visit = COLUMN`, `sampled = COLUMN`; then either `test =`,
`value =` and perhaps `unit = COLUMN` with a `test NAME = form.item` for each test (a row for each
result), or a `column NAME = form.item` for each (a row for each sample). `visit NAME = visit` names
a visit that the file calls otherwise.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from trialwright.conduct.refusals import Problem
from trialwright.protocol.basics import UnknownKeyError
from trialwright.protocol.model import Protocol
from trialwright.protocol.read_forms import NUMERIC

_COLUMNS = ("participant", "visit", "sampled", "test", "value", "unit")
_NAMED = ("test", "visit", "column")
_MOST = 500


@dataclass(frozen=True, slots=True)
class ResultMap:
    """What a mapping says: columns by what they hold, and names of the file by what they mean."""

    columns: Mapping[str, str] = field(default_factory=dict)
    tests: Mapping[str, str] = field(default_factory=dict)
    visits: Mapping[str, str] = field(default_factory=dict)
    wide: Mapping[str, str] = field(default_factory=dict)


def read_mapping(protocol: Protocol, text: str) -> tuple[ResultMap, list[Problem]]:
    """The mapping, and what is wrong with it, by line."""
    columns: dict[str, str] = {}
    named: dict[str, dict[str, str]] = {kind: {} for kind in _NAMED}
    problems = []
    lines = text.splitlines()
    for number, line in enumerate(lines[:_MOST], 1):
        left, equals, right = (part.strip() for part in line.partition("="))
        if (not left and not equals) or left.startswith("#"):
            continue
        kind, _space, name = left.partition(" ")
        name = name.strip()
        if right and kind in _NAMED and name:
            named[kind][name] = right
        elif right and left in _COLUMNS:
            columns[left] = right
        else:
            words = _(
                "Line %(line)d isn't understood: “%(text)s”. Write, for example, participant = "
                "Subject, or test HGB = blood_count.haemoglobin."
            )
            problems.append(Problem("text", words % {"line": number, "text": line.strip()[:60]}))
    found = ResultMap(columns, named["test"], named["visit"], named["column"])
    if len(lines) > _MOST:
        problems.append(Problem("text", _("A mapping has at most 500 lines.")))
    return found, problems or list(_problems(protocol, found))


def _problems(protocol: Protocol, found: ResultMap) -> Iterator[Problem]:
    if "participant" not in found.columns:
        yield Problem("text", _("Say which column holds the participant's code: participant = …"))
    if not {"visit", "sampled"} & set(found.columns):
        words = _("Say which column tells the visit, or the day of the sample: visit = …")
        yield Problem("text", words)
    long = {"test", "value"} & set(found.columns) or found.tests
    if bool(long) == bool(found.wide):
        words = _(
            "Say either test = …, value = … and each test’s item, where the file has a row for "
            "each result, or each column’s item, where it has a row for each sample."
        )
        yield Problem("text", words)
    elif long and not ({"test", "value"} <= set(found.columns) and found.tests):
        words = _("A file with a row for each result needs test = …, value = … and test NAME = …")
        yield Problem("text", words)
    for name, place in (*found.tests.items(), *found.wide.items()):
        if problem := _target(protocol, name, place):
            yield problem
    known = {visit.key for visit in protocol.visits}
    for name, visit in found.visits.items():
        if visit not in known:
            words = _("%(name)s = %(visit)s: the protocol has no visit %(visit)s.")
            yield Problem("text", words % {"name": name, "visit": visit})


def _target(protocol: Protocol, name: str, place: str) -> Problem | None:
    told = {"name": name, "place": place}
    form_key, _dot, item_key = place.partition(".")
    try:
        form = protocol.form(form_key)
        item = form.item(item_key)
    except UnknownKeyError:
        words = _("%(name)s = %(place)s: the protocol has no such item. Write form.item.")
        return Problem("text", words % told)
    if item_key in form.unmasking_items:
        words = _("%(name)s = %(place)s could reveal an arm, and isn't brought in from a file.")
        return Problem("text", words % told)
    if form.repeating or item.computed or item.type not in NUMERIC:
        words = _(
            "%(name)s = %(place)s isn't a typed number on a form that is filled in once at a visit."
        )
        return Problem("text", words % told)
    return None
