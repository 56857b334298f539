"""The two files that stand outside the database: the keys and the signed heads."""

from pathlib import Path

from django.conf import settings

from trialwright.ledger import keys as key_file
from trialwright.ledger.encoding import LedgerError
from trialwright.ledger.keys import Keys


def keys() -> Keys:
    """This installation's keys; made on first use, while the ledger is still empty.

    With rows in the ledger a missing key file is an error: a new one would open nothing.
    """
    from trialwright.ledger.models import LedgerRow

    path = Path(settings.TRIALWRIGHT_KEYS) / "ledger.json"
    if not path.exists() and not LedgerRow.objects.exists():
        try:
            return key_file.generate(path)
        except LedgerError:
            pass  # another process was first: its keys are the ones
    return key_file.load(path)


def heads_path() -> Path:
    """The append-only file of signed heads."""
    return Path(settings.TRIALWRIGHT_HEADS) / "heads"
