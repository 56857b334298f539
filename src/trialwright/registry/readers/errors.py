"""What a reader says of a record that it can't read."""

from __future__ import annotations


class UnreadableError(Exception):
    """A record can't be read: `why` says what is wrong, `at` where in the record."""

    def __init__(self, why: str, at: str = "") -> None:
        """Keep the reason and the place."""
        super().__init__(f"{why} (at {at})" if at else why)
        self.why = why
        self.at = at
