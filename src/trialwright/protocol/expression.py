"""The language of checks, scores and criteria: small, typed, three-valued, always ending.

`parse` reads the text; `typed` checks it against the items in scope and settles each name;
`evaluate` gives its value, or UNKNOWN where what it needs is missing.
"""

from dataclasses import dataclass

from trialwright.protocol.terms import Kind, Name, Term


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
