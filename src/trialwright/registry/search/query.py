"""The language of searches: words, "phrases", field:values, ranges, AND, OR, NOT, parentheses.

Words side by side belong together and are one `Words`; many words without any of the rest are a
`Description`; what can't be parsed is searched as plain words, and a note says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from trialwright.messages import Message
from trialwright.registry.index.schema import NUMBERS, days
from trialwright.registry.index.words import fold, normal_form
from trialwright.registry.record.codes import Kind, Language, codes_of, in_words
from trialwright.registry.record.dates import read_date
from trialwright.registry.record.scales import country
from trialwright.registry.search.patient_description import tells_a_person

# What people may write before a colon: text fields and, second, codes to filter by.
TEXT_NAMES = {
    "condition": ("condition", "keyword"),
    "intervention": ("intervention",),
    "title": ("title",),
    "sponsor": ("sponsor",),
    "summary": ("summary",),
}
CODE_NAMES: dict[str, Kind | None] = {
    "status": "status", "recruitment": "recruitment", "phase": "phase",
    "type": "study_type", "sex": "sex",
    "age_group": "age_group", "sponsor_class": "sponsor_class",
    "intervention_type": "intervention_type", "country": None, "results": None, "register": None,
}  # fmt: skip
RANGE_NAMES = {"enrollment": "enrolment", **{name: name for name in NUMBERS}}
_DATE_NAMES = {"start", "completion", "updated"}
_LONGEST_QUERY = 2000
_LONGEST_DESCRIPTION = 6000
# So many words without operators, fields and phrases are free text, and not a list of words.
_FEWEST_IN_FREE_TEXT = 13
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class WordsQuery:
    """Words that belong together, in a field or (field "") anywhere."""

    words: tuple[str, ...]
    field: str = ""


@dataclass(frozen=True, slots=True)
class DescriptionQuery:
    """Free text that describes a person or what is sought."""

    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in exactly this order."""

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class CodeQuery:
    """A code of a filter, such as phase PHASE1."""

    field: str
    code: str


@dataclass(frozen=True, slots=True)
class UnderHeading:
    """A MeSH heading, by its name or number, or any heading below it."""

    name: str


@dataclass(frozen=True, slots=True)
class NumberQuery:
    """A trial's number, in this register or another."""

    number: str


@dataclass(frozen=True, slots=True)
class RangeQuery:
    """A number or date between two bounds, both included; None is open."""

    field: str
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class AgeAdmitted:
    """Trials that admit a person of this age in years."""

    years: int


@dataclass(frozen=True, slots=True)
class NotQuery:
    """What must not match."""

    part: Node


@dataclass(frozen=True, slots=True)
class All:
    """What must all match."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Any_:
    """Of what at least one must match."""

    parts: tuple[Node, ...]


Node: TypeAlias = (
    WordsQuery
    | DescriptionQuery
    | Phrase
    | CodeQuery
    | UnderHeading
    | NumberQuery
    | RangeQuery
    | AgeAdmitted
    | NotQuery
    | All
    | Any_
)


def scores_alike(node: Node | None) -> bool:
    """Whether all that a search finds is equally relevant: it only narrows what there is."""
    match node:
        case None | RangeQuery() | NotQuery():
            return True
        case CodeQuery(field):
            return field != "sex"
        case All(parts):
            return all(scores_alike(part) for part in parts)
    return False


class QueryError(ValueError):
    """A query can't be parsed: what is wrong, and about what in it."""

    def __init__(self, trouble: Trouble, about: str = "") -> None:
        """Take what is wrong."""
        super().__init__(trouble)
        self.trouble, self.about = trouble, about

    def words(self, language: Language = "en") -> str:
        """What is wrong, as half a sentence."""
        return self.message().in_language(language)

    def message(self) -> Message:
        """What is wrong, in any language."""
        return _TROUBLES[self.trouble].filled(about=self.about, deepest=_DEEPEST)


Trouble = Literal[
    "closing", "quotation", "deep", "or", "and", "not", "unclosed", "between", "value", "age",
    "date", "number",
]  # fmt: skip
_TROUBLES: dict[Trouble, Message] = {
    "closing": Message("there is a closing parenthesis without an opening one"),
    "quotation": Message("a quotation mark is not closed"),
    "deep": Message("parentheses are nested more than {deepest} deep"),
    "or": Message("OR needs something on both sides"),
    "and": Message("AND needs something on both sides"),
    "not": Message("NOT needs something after it"),
    "unclosed": Message("a parenthesis is not closed"),
    "between": Message("there is nothing between two parentheses"),
    "value": Message("“{about}:” needs a value after it"),
    "age": Message("an age is a whole number of years, and “{about}” is not"),
    "date": Message("“{about}” is not a date like 2020, 2020-05 or 2020-05-31"),
    "number": Message("“{about}” is not a whole number"),
}


_TOKEN = re.compile(r'"([^"]*)"|([()])|(\w+):(?=\S)|([^\s()"]+)')


def parse(text: str, language: Language = "en") -> tuple[Node | None, str]:
    """Return the parsed query (None for an empty one), and a note: "" unless it can't be parsed.

    >>> parse('amnion AND phase:1')[0]
    All(parts=(WordsQuery(words=('amnion',), field=''), CodeQuery(field='phase', code='PHASE1')))
    """
    # Half of a surrogate pair can't be searched.
    text = text.encode("utf-8", "replace").decode()
    text = _LOOSE_NCT.sub(lambda found: f"NCT{found[1]:0>8}", text)
    if len(numbers := _numbers(text[:_LONGEST_DESCRIPTION])) > 1:
        return Any_(tuple(map(NumberQuery, numbers))), ""
    if _is_free_text(text):
        return _description(text[:_LONGEST_DESCRIPTION]), ""
    text = text[:_LONGEST_QUERY]
    try:
        tokens = _without_asides(_tokens(text))
        node, rest = _either(tokens, 0)
        if rest < len(tokens):
            raise QueryError("closing")
        return node, ""
    except QueryError as error:
        words = tuple(word for word in re.findall(r"\w+", text) if word not in _OPERATORS)
        plain = WordsQuery(words) if words else None
        note = Message("Searched as plain words, because {trouble}.", trouble=error.message())
        return plain, note.in_language(language)


def _is_free_text(text: str) -> bool:
    """Whether a text is sentences; a quotation mark, a colon or an AND in some makes no search."""
    words = text.split()
    if len(words) < _FEWEST_IN_FREE_TEXT:
        return False
    fields = (name for _, _, name, _ in _TOKEN.findall(text) if name)
    languages = any(name.lower() in _FIELDS for name in fields) or text.count('"') > 1
    if not languages and not any(word.strip("()") in _OPERATORS for word in words):
        return True
    outside = re.sub(r'"[^"]*"', " ", text).split()
    plain = (word.strip(".,;:()") for word in outside)
    joining = sum(word.lower() in _JOINING for word in plain if word not in _OPERATORS)
    # Notes in telegraphic style join few words.
    return joining >= _FEWEST_JOINING * len(words) or tells_a_person(text)


def _description(text: str) -> Node:
    """A description, and beside it what narrows the search: "… AND phase:2"."""
    limits: list[Node] = []

    def take(found: re.Match[str]) -> str:
        limit = _limit(found[1].lower(), found[2])
        if limit is None:
            return found[0]
        limits.append(limit)
        return " "

    told = _LIMIT.sub(take, text)
    return All((DescriptionQuery(told), *limits)) if limits else DescriptionQuery(text)


_LIMIT = re.compile(r"(?:\bAND\s+)?\b(\w+):([^\s()\"]+)")


def _limit(name: str, value: str) -> Node | None:
    """A code or a range that is one without doubt; the age and sex in a description are told."""
    if name in {"age", "sex"} or name not in {*CODE_NAMES, *RANGE_NAMES}:
        return None
    if name in RANGE_NAMES:
        try:
            return _range(RANGE_NAMES[name], value)
        except QueryError:
            return None
    kind, code = CODE_NAMES[name], code_for(name, value)
    return CodeQuery(name, code) if kind is None or code in codes_of(kind) else None


# Words that join others to sentences; whoever lists what they seek has few of them.
_JOINING = frozenset(
    re.findall(
        r"\w+",
        """a an the of is was are were has had have who which with without and or to in on at for
        by as his her their its he she they it this that from after before since due no not""",
    )
)
_FEWEST_JOINING = 0.2
_OPERATORS = ("AND", "OR", "NOT")
_Tokens: TypeAlias = list[tuple[str, str]]


def _tokens(text: str) -> _Tokens:
    if text.count('"') % 2:
        raise QueryError("quotation")
    tokens: _Tokens = []
    for found in _TOKEN.finditer(text):
        phrase, paren, field, word = found.groups()
        if phrase is not None:
            tokens.append(("phrase", phrase))
        elif paren:
            tokens.append(("paren", paren))
        elif field and (field.lower() in _FIELDS):
            tokens.append(("field", field.lower()))
        elif field:
            tokens.append(("word", field))
        elif word in _OPERATORS:
            tokens.append(("operator", word))
        elif word.startswith("-") and len(word) > 1:
            tokens += [("operator", "NOT"), ("word", word[1:])]
        else:
            tokens.append(("word", word))
    return tokens


def _without_asides(tokens: _Tokens) -> _Tokens:
    """Words without the parentheses around some: "BRAF (V600E) melanoma" asks for no more."""
    plain = [token for token in tokens if token[0] != "paren"]
    opened = 0
    for token in tokens:
        opened += {("paren", "("): 1, ("paren", ")"): -1}.get(token, 0)
        if opened < 0:
            return tokens
    only_words = plain and all(kind == "word" for kind, _ in plain)
    return plain if only_words and not opened and len(plain) > 1 else tokens


_FIELDS = {*TEXT_NAMES, *CODE_NAMES, *RANGE_NAMES, "nct", "id", "age", "mesh"}


def _either(tokens: _Tokens, at: int, depth: int = 0) -> tuple[Node | None, int]:
    if depth > _DEEPEST:
        raise QueryError("deep")
    parts = []
    node, at = _together(tokens, at, depth)
    parts.append(node)
    while at < len(tokens) and tokens[at] == ("operator", "OR"):
        node, at = _together(tokens, at + 1, depth)
        parts.append(node)
    if len(parts) > 1 and None in parts:
        raise QueryError("or")
    found = tuple(part for part in parts if part is not None)
    return (found[0] if len(found) == 1 else Any_(found) if found else None), at


def _together(tokens: _Tokens, at: int, depth: int) -> tuple[Node | None, int]:
    parts: list[Node] = []
    words: list[str] = []
    joined = False

    def end_words() -> None:
        if words:
            parts.append(WordsQuery(tuple(words)))
            words.clear()

    while at < len(tokens):
        kind, value = tokens[at]
        if (kind, value) in {("operator", "OR"), ("paren", ")")}:
            break
        if (kind, value) == ("operator", "AND"):
            if not (parts or words) or joined:
                raise QueryError("and")
            end_words()
            joined = True
            at += 1
            continue
        if kind == "word" and not _is_number(value):
            words.append(value)
            at += 1
        else:
            end_words()
            node, at = _one(tokens, at, depth)
            parts.append(node)
        joined = False
    if joined:
        raise QueryError("and")
    end_words()
    return (parts[0] if len(parts) == 1 else All(tuple(parts)) if parts else None), at


def _one(tokens: _Tokens, at: int, depth: int) -> tuple[Node, int]:
    if at >= len(tokens):
        raise QueryError("not")
    kind, value = tokens[at]
    if kind == "operator":
        node, at = _one(tokens, at + 1, depth)
        return NotQuery(node), at
    if kind == "paren":
        inner, at = _either(tokens, at + 1, depth + 1)
        if at >= len(tokens):
            raise QueryError("unclosed")
        if inner is None:
            raise QueryError("between")
        return inner, at + 1
    if kind == "phrase":
        return Phrase(value), at + 1
    if kind == "word":
        return (NumberQuery(value) if _is_number(value) else WordsQuery((value,))), at + 1
    if at + 1 >= len(tokens) or tokens[at + 1][0] not in {"word", "phrase"}:
        raise QueryError("value", value)
    return _field(value, *tokens[at + 1]), at + 2


def _field(name: str, kind: str, value: str) -> Node:
    if name in TEXT_NAMES:
        return Phrase(value, name) if kind == "phrase" else WordsQuery((value,), name)
    if name in CODE_NAMES:
        return CodeQuery(name, code_for(name, value))
    if name in {"nct", "id"}:
        return NumberQuery(value)
    if name == "mesh":
        return UnderHeading(value)
    if name == "age":
        if not value.isdigit():
            raise QueryError("age", value)
        return AgeAdmitted(min(int(value), 200))
    return _range(RANGE_NAMES[name], value)


_NUMBER = re.compile(
    r"(?i)NCT\d{8}|ISRCTN\d{8}|(?:EUCTR|CTIS)?\d{4}-\d{6}-\d{2}(?:-\d{2}|-[A-Z]{2,3})?"
    r"|ACTRN\d{14}p?|ChiCTR[\w-]*\d{8,}|DRKS\d{8}|JPRN-\S+|jRCTs?\d{8,}|CTRI/\d{4}/\d+/\d+"
    r"|IRCT\w*\d{6,}\w*|KCT\d{7}|PACTR\d+|RBR-\w+|RPCEC\d{8}|SLCTR/\d+/\d+|TCTR\d{8,}"
)
# "NCT 3223454", "nct-03223454": people leave out zeros and put signs between.
_LOOSE_NCT = re.compile(r"(?i)\bNCT[\s:#-]*0*(\d{5,8})\b")


def _is_number(word: str) -> bool:
    return _NUMBER.fullmatch(word) is not None


def _numbers(text: str) -> tuple[str, ...]:
    """The numbers of a text that is nothing but numbers, parted by whatever people put between."""
    found = (word for word in re.split(r"[\s,;|]+", text) if word)
    # Some registers' own numbers have a slash in them.
    parts = ([word] if _is_number(word) else re.split(r"[/+&]+", word) for word in found)
    words = [word for part in parts for word in part if word]
    return tuple(words) if words and all(map(_is_number, words)) else ()


def code_for(name: str, value: str) -> str:
    """Return the code that a person means by a value: its code, its words or its digit.

    >>> code_for("phase", "2"), code_for("status", "not yet recruiting")
    ('PHASE2', 'NOT_YET_RECRUITING')
    """
    kind = CODE_NAMES[name]
    if name == "country":
        return country(value.replace("_", " "))
    if kind is None:
        return value
    wanted = normal_form(value.replace("_", " "))
    if name == "phase" and value.isdigit():
        return f"PHASE{value}"
    for code in codes_of(kind):
        names = (code.replace("_", " "), in_words(kind, code))
        if any(normal_form(known) == wanted for known in names):
            return code
    if fold(value) in {"n/a", "na"}:
        return "NA"
    return value


def _range(field: str, value: str) -> RangeQuery:
    if found := re.fullmatch(r"(>=?|<=?)(.+)", value):
        sign, bound = found.groups()
        low, high = _bounds(field, bound)
        if sign == ">":
            return RangeQuery(field, high + 1, None)
        if sign == "<":
            return RangeQuery(field, None, low - 1)
        return RangeQuery(field, low, None) if sign == ">=" else RangeQuery(field, None, high)
    first, dots, last = value.partition("..")
    if not dots:
        return RangeQuery(field, *_bounds(field, first))
    return RangeQuery(
        field,
        _bounds(field, first)[0] if first else None,
        _bounds(field, last)[1] if last else None,
    )


def _bounds(field: str, text: str) -> tuple[int, int]:
    """The least and greatest whole number that a bound may mean: a month is all its days."""
    if field in _DATE_NAMES:
        day = read_date(text)
        if day is None:
            raise QueryError("date", text)
        return days(day.earliest), days(day.latest)
    if not re.fullmatch(r"\d{1,12}", text):
        raise QueryError("number", text)
    return int(text), int(text)
