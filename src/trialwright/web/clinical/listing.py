"""A list of rows as a page in parts, and whole as its CSV and JSON twins at the same address."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render

from trialwright.messages.spreadsheets import inert
from trialwright.web.clinical.frame import Frame
from trialwright.web.components import Cell, Column, Link, Table
from trialwright.web.templatetags.trialwright import address_without

Kind = Literal["", "csv", "json"]
PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Listing:
    """One list.

    Attributes:
        heading: the page's.
        caption: over the table, with the number of rows.
        rows: all of them, in order; only those shown are turned into cells.
        cells: one row as the page shows it.
        plain: one row as the twins hold it, the same keys for each row; dates as ISO text.
        empty: why there is no row, and what to do.
        more: what else the page's template wants (filters, the action).
        template: the page's, which extends the one of all lists.
    """

    heading: str
    caption: str
    columns: Sequence[Column]
    rows: Any
    cells: Callable[[Any], list[Cell]]
    plain: Callable[[Any], dict[str, Any]]
    empty: str
    more: dict[str, Any] = field(default_factory=dict)
    template: str = "web/list.html"


def answer(frame: Frame, listing: Listing, kind: Kind = "") -> HttpResponse:
    """The page, or the twin that the address asks for."""
    if kind:
        return twin(frame, [listing.plain(row) for row in listing.rows], kind)
    page = Paginator(listing.rows, PER_PAGE).get_page(frame.request.GET.get("page"))
    query = address_without(frame.request, "page", "language").rstrip("&?")
    twins = [Link(name, f"{frame.request.path}.{name.lower()}{query}") for name in ("CSV", "JSON")]
    table = Table(
        caption=listing.caption,
        columns=listing.columns,
        rows=[listing.cells(row) for row in page.object_list],
        empty=listing.empty,
        twins=twins,
    )
    context = frame.context(listing.heading, crumbs=[], table=table, page=page, **listing.more)
    return render(frame.request, listing.template, context)


def sorted_by(
    frame: Frame, keys: dict[str, Callable[[Any], Any]], rows: Sequence[Any]
) -> tuple[Sequence[Any], Callable[[str], str]]:
    """The rows as the address sorts them, and what the address of each column's head is.

    Rows without a value come last, whichever way.
    """
    asked = frame.request.GET.get("sort", "")
    falling, name = asked.startswith("-"), asked.removeprefix("-")
    if name in keys:
        known = [row for row in rows if keys[name](row) is not None]
        known.sort(key=keys[name], reverse=falling)
        rows = [*known, *(row for row in rows if keys[name](row) is None)]
    address = address_without(frame.request, "sort", "page")

    def head(column: str) -> str:
        return f"{address}sort={'-' if asked == column else ''}{column}"

    return rows, head


def twin(frame: Frame, rows: Sequence[dict[str, Any]], kind: Kind) -> HttpResponse:
    """Rows of the same keys as a CSV or JSON file, named as the address is."""
    about = {"study": frame.actor.study, "demonstration": frame.demonstration}
    if kind == "json":
        response: HttpResponse = JsonResponse(
            {**about, "rows": rows}, json_dumps_params={"ensure_ascii": False}
        )
    else:
        # A spreadsheet reads Chinese only after a byte order mark.
        text = io.StringIO("\ufeff")
        text.seek(0, io.SEEK_END)
        writer = csv.writer(text)
        names = list(rows[0]) if rows else []
        writer.writerow(["study", "demonstration", *names])
        for row in rows:
            mark = "yes" if frame.demonstration else "no"
            writer.writerow([frame.actor.study, mark, *(inert(row[name]) for name in names)])
        response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    file = frame.request.path.rsplit("/", 1)[-1]
    response["Content-Disposition"] = f'inline; filename="{frame.actor.study}-{file}"'
    return response


def iso(value: Any) -> str | None:
    """A date or a moment as ISO text; None stays None."""
    return value.isoformat() if value is not None else None
