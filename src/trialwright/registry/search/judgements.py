"""Reading topics and judgements as evaluations of searches write them, and saying what was read.

Topics: XML or SGML (`<topic number="1">…`, `<top><num>…<title>…`), JSON, JSON lines, or one a line:
number, tab, search. Judgements: TREC's "topic 0 trial grade", by spaces or tabs.
"""

from __future__ import annotations

import gzip
import html
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

# The parts of a topic: the name of each ("" for text of no part) and its text.
Parts: TypeAlias = list[tuple[str, str]]

_NUMBERS = frozenset({"number", "num", "id", "_id", "qid", "query_id", "query-id", "topic_id",
                      "topic"})  # fmt: skip
# Which part is searched: the first of these that a topic has, else all that is not told about it.
_SEARCHED = (("title", "query"), ("text",), ("summary",), ("description", "desc"))
_TOLD_ABOUT = frozenset({"narrative", "narr", "note", "type", "source", "metadata"})
_LABEL = re.compile(r"(?i)^\s*(number|title|description|narrative|topic)\s*:\s*")
_TOPIC = re.compile(r"(?i)<(topic|top|query)\b[^>]*>")
_TAG = re.compile(r"(<!--.*?-->|</?[A-Za-z][^<>]*>)", re.DOTALL)
_ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_TRIAL = re.compile(r"(?i)NCT\d{8}")
_HEADED = frozenset({"query-id", "query_id", "qid", "topic", "topic_id", "id", "number"})


@dataclass(frozen=True, slots=True)
class Judgements:
    """Judgements: for each topic, each judged trial's grade; and what was read and left aside."""

    grades: dict[str, dict[str, int]]
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Topics:
    """Topics: for each its search; and what was read and left aside."""

    searches: dict[str, str]
    said: tuple[str, ...]


def read_qrels(path: Path) -> Judgements:
    """Read judgements.

    Of a trial judged twice for a topic the higher grade holds. A line that is no judgement is left
    aside and counted.

    Raises:
        ValueError: no line is a judgement; it says what the first line is.
    """
    grades: dict[str, dict[str, int]] = {}
    odd: list[tuple[int, str]] = []
    repeated = contradicted = 0
    for number, line in enumerate(_text_of(path).splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if (judged := _judgement(line)) is None:
            odd.append((number, line))
            continue
        topic, trial, grade = judged
        of_topic = grades.setdefault(topic, {})
        if (known := of_topic.get(trial)) is not None:
            repeated += known == grade
            contradicted += known != grade
        of_topic[trial] = max(grade, of_topic.get(trial, grade))
    if not grades:
        first = f"line {odd[0][0]} is {odd[0][1][:80]!r}" if odd else "it is empty"
        raise ValueError(f"{path}: a judgement is “topic 0 trial grade”, and {first}")
    counts = Counter(grade for of_topic in grades.values() for grade in of_topic.values())
    by_grade = ", ".join(f"{count:,} of grade {grade}" for grade, count in sorted(counts.items()))
    said = [f"{path.name}: {counts.total():,} judgements for {len(grades):,} topics: {by_grade}"]
    if odd:
        said.append(f"left aside: {len(odd):,} lines that are no judgement, first line {odd[0][0]}")
    if repeated:
        said.append(f"left aside: {repeated:,} judgements said twice")
    if contradicted:
        said.append(f"of {contradicted:,} trials judged twice the higher grade holds")
    return Judgements(grades, tuple(said))


def _judgement(line: str) -> tuple[str, str, int] | None:
    """Topic, trial and grade of a line; TREC writes an iteration, some a stratum, some neither."""
    cells = line.split()
    if not 3 <= len(cells) <= 5:
        return None
    trial = cells[1] if len(cells) == 3 else cells[2]
    try:
        grade = float(cells[-1])
    except ValueError:
        return None
    if not grade.is_integer():
        return None
    named = _TRIAL.search(trial)
    return cells[0], (named[0] if named else trial).upper(), int(grade)


def read_topics(path: Path) -> Topics:
    """Read topics.

    Raises:
        ValueError: there is none in it; it says what a topic is.
    """
    text = _text_of(path).strip()
    if text.startswith("<"):
        found = list(_marked_up(text))
    elif text.startswith(("{", "[")):
        found = list(_of_json(path, text))
    else:
        found = list(_of_lines(text))
    searches: dict[str, str] = {}
    twice, aside = [], Counter[str]()
    for number, parts in found:
        search, unsearched = _search_of(parts)
        aside.update(unsearched)
        if number in searches:
            twice.append(number)
        elif number and search:
            searches[number] = search
    if not searches:
        raise ValueError(
            f'{path}: no topic in it; a topic is <topic number="1">search</topic>, '
            "<top><num>1<title>search</top>, a JSON object with an id and a text, "
            "or a line of a number, a tab and the search"
        )
    said = [f"{path.name}: {len(searches):,} topics"]
    said += [f"not searched: {part} of {count:,} topics" for part, count in aside.items()]
    if twice:
        said.append(f"left aside: topics given twice: {', '.join(twice[:10])}")
    return Topics(searches, tuple(said))


def topics_beside(qrels: Path) -> Path:
    """Return the file of topics that stands beside judgements.

    Raises:
        ValueError: there is none.
    """
    endings = ("xml", "tsv", "txt", "json", "jsonl")
    for stem in (f"{qrels.stem}.topics", qrels.stem.replace("qrels", "topics"), "topics"):
        for ending in endings:
            beside = qrels.parent / f"{stem}.{ending}"
            if beside != qrels and beside.exists():
                return beside
    raise ValueError(f"there is no topics.xml or topics.tsv beside {qrels}; name it with --topics")


def _text_of(path: Path) -> str:
    data = path.read_bytes()
    if data.startswith(b"\x1f\x8b"):
        data = gzip.decompress(data)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _search_of(parts: Parts) -> tuple[str, list[str]]:
    """What is searched of a topic, and the names of the parts that aren't."""
    stated = [(name, _LABEL.sub("", " ".join(text.split()))) for name, text in parts]
    stated = [(name, text) for name, text in stated if text]
    for names in _SEARCHED:
        chosen = [part for part in stated if part[0] in names]
        if chosen:
            break
    else:
        chosen = [part for part in stated if part[0] not in _TOLD_ABOUT]
    aside = list(dict.fromkeys(name for name, _ in stated if (name, _) not in chosen and name))
    return " ".join(text for _, text in chosen), aside


def _marked_up(text: str) -> Iterator[tuple[str, Parts]]:
    """Topics of XML or SGML, whose parts may be left unclosed."""
    first = _TOPIC.search(text)
    if not first:
        return
    opening = re.compile(rf"(?i)<{first[1]}\b([^>]*)>")
    starts = list(opening.finditer(text))
    ends = [start.start() for start in starts[1:]] + [len(text)]
    for start, end in zip(starts, ends, strict=True):
        attributes = _attributes(start[1])
        number = next((attributes[name] for name in attributes if name in _NUMBERS), "")
        block = re.split(rf"(?i)</{first[1]}\s*>", text[start.end() : end])[0]
        # A template is named for its disease; its values say little without their fields' names.
        template = attributes.get("template", "")
        parts: Parts = [("template", template)] if template else []
        block = block.replace("<![CDATA[", "").replace("]]>", "")
        for name, said in _parts(block, named=bool(template)):
            if name in _NUMBERS:
                number = number or _LABEL.sub("", said)
            else:
                parts.append((name, said))
        yield number.strip(), parts


def _parts(block: str, *, named: bool) -> Iterator[tuple[str, str]]:
    name = field = ""
    for piece in _TAG.split(block):
        if piece.startswith("</"):
            name = field = ""
        elif _TAG.fullmatch(piece):
            field = _attributes(piece).get("name", "")
            name = field or re.split(r"[\s/>]", piece[1:])[0].lower()
        elif piece.strip():
            said = html.unescape(piece).strip()
            yield name, f"{field}: {said}" if named and field else said


def _attributes(tag: str) -> dict[str, str]:
    found = _ATTRIBUTE.findall(tag)
    return {name.lower(): html.unescape("".join(values)) for name, *values in found}


def _of_json(path: Path, text: str) -> Iterator[tuple[str, Parts]]:
    try:
        whole = json.loads(text)
    except ValueError:
        try:
            whole = [json.loads(line) for line in text.splitlines() if line.strip()]
        except ValueError as error:
            raise ValueError(f"{path}: it begins as JSON and isn't: {error}") from None
    if isinstance(whole, Mapping) and len(whole) == 1:
        (only,) = whole.values()
        whole = only if isinstance(only, list | dict) else whole
    if isinstance(whole, Mapping) and not _NUMBERS & set(map(str.lower, whole)):
        yield from ((number, _json_parts(said)) for number, said in whole.items())
        return
    for item in [whole] if isinstance(whole, Mapping) else whole:
        parts = _json_parts(item)
        number = next((said for name, said in parts if name in _NUMBERS), "")
        yield number.strip(), [part for part in parts if part[0] not in _NUMBERS]


def _json_parts(said: Any) -> Parts:
    if isinstance(said, Mapping):
        return [(str(n).lower(), text) for n, v in said.items() for _, text in _json_parts(v)]
    if isinstance(said, list):
        return [part for item in said for part in _json_parts(item)]
    return [] if said is None else [("", str(said))]


def _of_lines(text: str) -> Iterator[tuple[str, Parts]]:
    names: list[str] = []
    for line in text.splitlines():
        number, tab, rest = line.strip().partition("\t")
        cells = rest.split("\t")
        if not tab:
            number, _, rest = line.strip().partition(" ")
            number, cells = number.rstrip(".:,;)"), [rest]
        if not names and number.lower() in _HEADED:
            names = [cell.strip().lower() for cell in cells]
        elif number:
            parts = [*names, *[""] * len(cells)]
            yield number.strip(), [(parts[at], cell) for at, cell in enumerate(cells)]
