"""A table with types, as Parquet.

Numbers become floats or whole numbers, yes/no becomes true or false, full dates become dates.
What has no such type stays text: partial dates, times, laboratory values (which may be '<1.2'),
codes. A cell that doesn't fit its column's type keeps the whole column text, never a blank; a
number with more digits than a float holds makes its column one of decimals, up to 38 digits.
"""

import io
from decimal import Decimal, InvalidOperation

import polars as pl

from trialwright.exchange.form_tables import FORM_PREFIX, item_column
from trialwright.exchange.text_tables import TextTable
from trialwright.protocol.forms import ItemType
from trialwright.protocol.model import Protocol

ROW_GROUP = 65_536
_DIGITS = 38

_TYPES = {
    ItemType.NUMBER: pl.Float64(),
    ItemType.SCORE: pl.Float64(),
    ItemType.INTEGER: pl.Int64(),
    ItemType.DATE: pl.Date(),
    ItemType.YES_NO: pl.Boolean(),
}


def parquet_bytes(table: TextTable, protocol: Protocol) -> bytes:
    """The table as Parquet, with every option of the writer pinned."""
    columns = list(zip(*table.rows, strict=True)) if table.rows else [()] * len(table.columns)
    wanted = _wanted(table, protocol)
    series = [
        _typed(name, list(cells), wanted.get(name))
        for name, cells in zip(table.columns, columns, strict=True)
    ]
    out = io.BytesIO()
    pl.DataFrame(series).write_parquet(
        out,
        compression="zstd",
        compression_level=3,
        statistics=True,
        row_group_size=ROW_GROUP,
        data_page_size=1 << 20,
    )
    return out.getvalue()


def _wanted(table: TextTable, protocol: Protocol) -> dict[str, pl.DataType]:
    if not table.name.startswith(FORM_PREFIX):
        return {"number": pl.Int64(), "occurrence": pl.Int64(), "repeat": pl.Int64()}
    wanted: dict[str, pl.DataType] = {
        "occurrence": pl.Int64(),
        "repeat": pl.Int64(),
        "signed": pl.Boolean(),
    }
    key = table.name.removeprefix(FORM_PREFIX)
    for form in protocol.forms:
        if form.key == key:
            wanted |= {item_column(i.key): _TYPES[i.type] for i in form.items if i.type in _TYPES}
    return wanted


def _typed(name: str, cells: list[str], kind: pl.DataType | None) -> pl.Series:
    text = pl.Series(name, [cell or None for cell in cells], dtype=pl.String())
    if kind is None:
        return text
    if kind == pl.Boolean():
        known = text.is_null() | text.is_in(["yes", "no"])
        return (text == "yes") if known.all() else text
    if kind == pl.Date():
        typed = text.str.to_date("%Y-%m-%d", strict=False)
    elif kind == pl.Float64():
        return _number(text)
    else:
        typed = text.cast(kind, strict=False)
    return typed if typed.null_count() == text.null_count() else text


def _number(text: pl.Series) -> pl.Series:
    """Floats where each says its cell again; else decimals where those do; else the text."""
    try:
        exact = [Decimal(cell) for cell in text.drop_nulls()]
    except InvalidOperation:
        return text
    if not all(number.is_finite() for number in exact):
        return text
    if all(number == Decimal(repr(float(number))) for number in exact):
        return text.cast(pl.Float64(), strict=True)
    places = max(max(-int(number.as_tuple().exponent), 0) for number in exact)
    whole = max(number.adjusted() + 1 for number in exact)
    if max(whole, 0) + places > _DIGITS:
        return text
    numbers = [None if cell is None else Decimal(cell) for cell in text]
    return pl.Series(text.name, numbers, dtype=pl.Decimal(_DIGITS, places))
