"""The tables that come with the package, as rows by their column names."""

import csv
import io
from importlib.resources import files


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of a table of `data/`."""
    text = files(__package__).joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))
