"""From the text of an expression to terms, by recursive descent over a fixed grammar.

    expression := "if" expression "then" expression "else" expression | any
    any        := all ("or" all)*
    all        := negation ("and" negation)*
    negation   := "not" negation | comparison
    comparison := sum (("==" | "!=" | "<" | "<=" | ">" | ">=") sum)*
                | sum ["not"] "in" "(" expression ("," expression)* ")"
    sum        := product (("+" | "-") product)*
    product    := sign (("*" | "/") sign)*
    sign       := "-" sign | atom
    atom       := number | text | "true" | "false" | "unknown" | name
                | name "(" arguments ")" | "(" expression ")"

Length, nesting and size are capped, so that parsing, typing and evaluating always end.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from trialwright.protocol.terms import (
    Absent,
    Among,
    Arithmetic,
    Call,
    Compare,
    Conditional,
    Literal,
    Logic,
    Name,
    Negative,
    Not,
    Term,
)

LONGEST_BYTES = 2048
DEEPEST = 40
MOST_TERMS = 400
KEYWORDS = frozenset({"and", "or", "not", "in", "if", "then", "else", "true", "false", "unknown"})

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      | (?P<number>[0-9]+(?:\.[0-9]+)?(?![0-9A-Za-z_.]))
      | (?P<name>[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*(?![A-Za-z0-9_.]))
      | (?P<text>"[^"\n]*"|'[^'\n]*')
      | (?P<mark>==|!=|<=|>=|[-+*/<>(),])""",
    re.VERBOSE,
)
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")


class ExpressionError(Exception):
    """An expression that can't be used: what is wrong, how to put it right, and where."""

    def __init__(self, message: str, way_out: str, column: int) -> None:
        super().__init__(f"{message} (column {column}). {way_out}")
        self.message = message
        self.way_out = way_out
        self.column = column


@dataclass(frozen=True, slots=True)
class _Token:
    sort: str
    text: str
    column: int


def parse_terms(text: str) -> Term:
    """The terms of an expression; raises ExpressionError."""
    if len(text.encode("utf-8", "surrogatepass")) > LONGEST_BYTES:
        raise ExpressionError(
            f"The expression is longer than {LONGEST_BYTES} bytes",
            "Split it: let computed items hold the parts.",
            LONGEST_BYTES,
        )
    root = _Parser(_tokens(text)).whole()
    _check_size(root)
    return root


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _stray(text, position)
        sort = match.lastgroup or ""
        word = match.group()
        if sort != "space":
            if word in KEYWORDS:
                sort = "mark"
            found.append(_Token(sort, word, position + 1))
        position = match.end()
    found.append(_Token("end", "the end", len(text) + 1))
    return found


def _stray(text: str, position: int) -> ExpressionError:
    word = re.match(r"[\w.]+|.", text[position:], re.DOTALL)
    stray = word.group() if word else text[position]
    hints = {
        "=": "To compare, write two equals signs: `==`.",
        '"': "Close the text with the same quote it begins with.",
        "'": "Close the text with the same quote it begins with.",
        "&": "Write `and`.",
        "|": "Write `or`.",
        "!": "Write `not`, or `!=` for unequal.",
    }
    hint = hints.get(
        stray, "Use item names, numbers like 3 or 2.5, texts in quotes, and operators."
    )
    return ExpressionError(f"{stray!r} is not part of the language", hint, position + 1)


def _check_size(root: Term) -> None:
    waiting = [(root, 1)]
    seen = 0
    while waiting:
        term, depth = waiting.pop()
        seen += 1
        if depth > DEEPEST or seen > MOST_TERMS:
            raise ExpressionError(
                f"The expression is nested deeper than {DEEPEST} or has over {MOST_TERMS} terms",
                "Split it: let computed items hold the parts.",
                term.column,
            )
        waiting.extend((child, depth + 1) for child in term.children())


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def whole(self) -> Term:
        term = self._expression()
        if self._token.sort != "end":
            raise self._unexpected("an operator or the end")
        return term

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _take(self, *marks: str) -> _Token | None:
        token = self._token
        if token.sort == "mark" and token.text in marks:
            self._next += 1
            return token
        return None

    def _need(self, mark: str) -> _Token:
        token = self._take(mark)
        if token is None:
            raise self._unexpected(f"`{mark}`")
        return token

    def _unexpected(self, wanted: str) -> ExpressionError:
        token = self._token
        there = token.text if token.sort == "end" else repr(token.text)
        return ExpressionError(
            f"{there[0].upper() + there[1:]} stands where {wanted} belongs",
            f"Write {wanted} there.",
            token.column,
        )

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ExpressionError(
                f"The expression is nested deeper than {DEEPEST}",
                "Split it: let computed items hold the parts.",
                self._token.column,
            )

    def _expression(self) -> Term:
        self._deeper()
        start = self._take("if")
        if start is None:
            term = self._any()
        else:
            condition = self._expression()
            self._need("then")
            first = self._expression()
            self._need("else")
            term = Conditional(start.column, condition, first, self._expression())
        self._depth -= 1
        return term

    def _any(self) -> Term:
        column = self._token.column
        operands = [self._all()]
        while self._take("or"):
            operands.append(self._all())
        return operands[0] if len(operands) == 1 else Logic(column, "or", tuple(operands))

    def _all(self) -> Term:
        column = self._token.column
        operands = [self._negation()]
        while self._take("and"):
            operands.append(self._negation())
        return operands[0] if len(operands) == 1 else Logic(column, "and", tuple(operands))

    def _negation(self) -> Term:
        token = self._take("not")
        if token is None:
            return self._comparison()
        self._deeper()
        operand = self._negation()
        self._depth -= 1
        return Not(token.column, operand)

    def _comparison(self) -> Term:
        left = self._sum()
        turned = self._take("not")
        among = self._take("in")
        if turned and not among:
            raise self._unexpected("`in`")
        if among:
            self._need("(")
            term: Term = Among(among.column, left, self._list())
            return Not(turned.column, term) if turned else term
        links: list[Term] = []
        while token := self._take(*_COMPARISONS):
            right = self._sum()
            links.append(Compare(token.column, token.text, left, right))
            left = right
        if not links:
            return left
        return links[0] if len(links) == 1 else Logic(links[0].column, "and", tuple(links))

    def _list(self) -> tuple[Term, ...]:
        terms = [self._expression()]
        while self._take(","):
            terms.append(self._expression())
        self._need(")")
        return tuple(terms)

    def _sum(self) -> Term:
        left = self._product()
        while token := self._take("+", "-"):
            left = Arithmetic(token.column, token.text, left, self._product())
        return left

    def _product(self) -> Term:
        left = self._sign()
        while token := self._take("*", "/"):
            left = Arithmetic(token.column, token.text, left, self._sign())
        return left

    def _sign(self) -> Term:
        token = self._take("-")
        if token is None:
            return self._atom()
        self._deeper()
        operand = self._sign()
        self._depth -= 1
        return Negative(token.column, operand)

    def _atom(self) -> Term:
        token = self._token
        if self._take("("):
            inner = self._expression()
            self._need(")")
            return inner
        if truth := self._take("true", "false"):
            return Literal(token.column, truth.text == "true")
        if self._take("unknown"):
            return Absent(token.column)
        if token.sort not in ("number", "text", "name"):
            raise self._unexpected("a value")
        self._next += 1
        if token.sort == "number":
            return Literal(token.column, Decimal(token.text))
        if token.sort == "text":
            return Literal(token.column, token.text[1:-1])
        if self._take("("):
            return Call(token.column, token.text, self._list())
        return Name(token.column, token.text)
