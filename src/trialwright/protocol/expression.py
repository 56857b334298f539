"""The language of checks, scores and criteria: small, typed, three-valued, always ending.

`parse` reads the text; `typed` checks it against the items in scope and settles each name;
`evaluate` gives its value, or UNKNOWN where what it needs is missing. Why a language of our own:
`docs/adr/0010-expression-language.md`; how to write it: `docs/protocol-file.md`.
"""

from dataclasses import dataclass, replace

from trialwright.protocol.evaluate import Result, Truth, Values, truth_of, value_of
from trialwright.protocol.parser import ExpressionError, parse_terms
from trialwright.protocol.terms import Call, Conditional, Kind, Name, Series, Term
from trialwright.protocol.typecheck import Scope, settle

__all__ = ["Expression", "ExpressionError", "parse"]


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression with the line it stands on; `kind` is None until it is typed."""

    text: str
    line: int
    root: Term
    kind: Kind | None = None

    @property
    def references(self) -> tuple[str, ...]:
        """The items it needs, each once, in the order met."""
        return tuple(
            dict.fromkeys(term.path for term in self.root.walk() if isinstance(term, Name))
        )

    @property
    def series(self) -> tuple[Series, ...]:
        """What it makes of all records of items; the value of each is given by its name."""
        return tuple(term for term in self.root.walk() if isinstance(term, Series))

    @property
    def names(self) -> tuple[str, ...]:
        """All items it reads, one record of them or all, each once."""
        return tuple(dict.fromkeys((*self.references, *(term.path for term in self.series))))

    @property
    def may_be_censored(self) -> bool:
        """Whether its own value can be a time that is only known to be longer."""
        return _may_be_censored(self.root)

    def typed(self, scope: Scope, expected: Kind | None = None) -> "Expression":
        """This expression with its names settled and its type known; raises ExpressionError."""
        root, kind = settle(self.root, scope, expected)
        if expected is not None and kind != expected:
            raise ExpressionError(
                f"The expression gives {kind}, where {expected} is needed",
                "Change what it computes, or the type of what it is for.",
                root.column,
            )
        return replace(self, root=root, kind=kind)

    def evaluate(self, values: Values) -> Result:
        """Its value, given the values of items by settled name."""
        return value_of(self.root, values)

    def holds(self, values: Values) -> Truth:
        """Its truth: True, False or UNKNOWN."""
        return truth_of(self.root, values)


def parse(text: str, line: int = 1) -> Expression:
    """Read an expression; raises ExpressionError with what is wrong, the way out, the column."""
    return Expression(text, line, parse_terms(text))


def _may_be_censored(term: Term) -> bool:
    match term:
        case Call(function="time_to"):
            return True
        case Conditional(first=first, second=second):
            return _may_be_censored(first) or _may_be_censored(second)
    return False
