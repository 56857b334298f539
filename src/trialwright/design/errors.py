"""The one error of this room: what happened, which rule it breaks, the way out."""

from __future__ import annotations


class DesignError(ValueError):
    """A design, state or scenario that can't be; `line` is set when a protocol file says it."""

    def __init__(
        self, what: str, *, rule: str, fix: str, file: str | None = None, line: int | None = None
    ) -> None:
        self.what, self.rule, self.fix, self.file, self.line = what, rule, fix, file, line
        place = f"{file or 'line'}{':' if file else ' '}{line}: " if line is not None else ""
        super().__init__(f"{place}{what} {rule} {fix}")

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (self.what, self.rule, self.fix, self.file, self.line)

    def at(self, file: str | None, line: int) -> DesignError:
        """The same error, placed at a line of a file."""
        return _again(self.what, self.rule, self.fix, file, line)


def _again(what: str, rule: str, fix: str, file: str | None, line: int | None) -> DesignError:
    return DesignError(what, rule=rule, fix=fix, file=file, line=line)
