"""`trialwright registry results` and `priors`: what trials reported, as tables and as figures."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trialwright.cli.common import AsJson
from trialwright.cli.registry_common import (
    DEFAULT,
    Folder,
    open_library,
    print_json,
    said_plainly,
)
from trialwright.cli.registry_reading import app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trialwright.registry.library.library import Library
    from trialwright.registry.record.record import Record

__all__ = ["app"]


@app.command()
def results(
    folder: Annotated[Path, typer.Argument(help="Where to write the tables.")],
    library: Folder = DEFAULT,
    query: Annotated[str, typer.Option(help="Only the trials of this search.")] = "",
    form: Annotated[str, typer.Option("--format", help="csv, parquet or ndjson")] = "csv",
) -> None:
    """Write all results as tidy tables: measurements, analyses, adverse events, flow."""
    from trialwright.registry.library.exporting import write_table
    from trialwright.registry.results.tidy import TABLES, tidy

    with said_plainly():
        if form not in {"csv", "parquet", "ndjson"}:
            raise ValueError(f"write csv, parquet or ndjson, not “{form}”")
        found = tidy(_with_results(open_library(library), query))
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in found.rows.items():
            write_table(rows, TABLES[name], folder / f"{name}.{form}")
    typer.echo(f"{found.trials:,} trials with results are in {folder}:")
    for name, rows in found.rows.items():
        typer.echo(f"  {name}.{form}: {len(rows):,} rows")


@app.command()
def priors(
    condition: Annotated[str, typer.Argument(help="A search for the trials.")],
    outcome: Annotated[str, typer.Argument(help="Words that an outcome's title has.")],
    library: Folder = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """List control groups' rates and standard deviations that trials reported so far."""
    from trialwright.registry.results.priors import WORTH, beta_prior, prior_figures, spreads

    with said_plainly():
        found = prior_figures(_with_results(open_library(library), condition), outcome)
    if as_json:
        print_json(
            {"figures": list(map(asdict, found)), "spreads": list(map(asdict, spreads(found)))}
        )
        return
    if not found:
        typer.echo("No control group of these trials reported such an outcome.")
    for one in spreads(found):
        what = "control rate" if one.kind == "rate" else f"standard deviation ({one.unit})"
        typer.echo(
            f"{what}: {one.trials:,} trials, {one.low:.3g} to {one.high:.3g}, "
            f"median {one.median:.3g}, pooled {one.pooled:.3g}"
        )
        if one.kind == "rate":
            a, b = beta_prior(one)
            typer.echo(f"as a prior worth {WORTH} participants: Beta({a:.3g}, {b:.3g})")
    for figure in found:
        typer.echo(
            f"{figure.number} {figure.value:.3g} ({figure.low:.3g} to {figure.high:.3g}), "
            f"n {figure.participants:,}, {figure.group}: {figure.measure} [{figure.time_frame}]"
        )


def _with_results(library: Library, query: str) -> Iterator[Record]:
    """The trials of a search whose records have results, by number."""
    from trialwright.registry.search.search import search

    wanted = {"results": ["yes"]}
    found = search(library, query, filters=wanted, limit=max(len(library), 1), facets=False)
    for number in sorted(hit.nct for hit in found.hits):
        record = library.record(number)
        if record.has_posted_results:
            yield record
