"""What the program writes about a failure: where it happened, never what was being written.

The message of an exception may hold an answer: PostgreSQL quotes the row that it refuses, Python
the text that is no number. So only the kind of each exception and the lines of code are told, and
of a database's error its SQLSTATE with the names of table, column and constraint. Exceptions whose
sentences are ours, and those of files, hold no answers and are told whole.
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from types import TracebackType

from psycopg import Error

from trialwright.config.home import SetupError
from trialwright.ledger.encoding import LedgerError

_TOLD_WHOLE = (SetupError, LedgerError, OSError)
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class LineFormatter(logging.Formatter):
    """A line for a record; for an exception, its kind and its lines of code."""

    def formatException(self, ei: _ExcInfo) -> str:
        """Each exception of the chain, the first cause first."""
        told, error = [], ei[1]
        while error is not None:
            frames = traceback.format_tb(error.__traceback__)
            told.append("Traceback (most recent call last):\n" + "".join(frames) + _kind(error))
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n\nwhich led to:\n\n".join(reversed(told))


class JsonFormatter(LineFormatter):
    """A record as one line of JSON, with the same reserve."""

    def format(self, record: logging.LogRecord) -> str:
        """Time (UTC), level, logger, sentence, and of an exception what a line would tell."""
        moment = datetime.fromtimestamp(record.created, UTC)
        said = {
            "time": f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            said["failure"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False)


def _kind(error: BaseException) -> str:
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, _TOLD_WHOLE):
        return f"{name}: {error}"
    if isinstance(error, Error):
        said = error.diag
        names = (said.table_name, said.column_name, said.constraint_name)
        return " ".join([name, error.sqlstate or "", *(each for each in names if each)]).strip()
    return name
