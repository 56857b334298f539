"""`trialwright registry`: a library of registered trials on disk; here, what fills and keeps it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from trialwright.cli.common import AsJson
from trialwright.cli.registry_common import (
    DEFAULT,
    Folder,
    open_library,
    print_json,
    progress,
    progress_bar,
    said_plainly,
)
from trialwright.cli.registry_results import app

__all__ = ["app"]


@app.command()
def add(files: list[Path], library: Folder = DEFAULT, as_json: AsJson = False) -> None:
    """Add records from files or folders: JSON, NDJSON, XML, zip, tar, gz of any."""
    from itertools import chain

    from trialwright.registry.library.adding import QUARANTINE
    from trialwright.registry.library.adding import add as add_records
    from trialwright.registry.readers.files import raw_records

    with said_plainly(), progress("records") as show:
        records = chain.from_iterable(map(raw_records, files))
        counts = add_records(library, records, progress=lambda c: show(c.seen, f"{c.new:,} new"))
    if as_json:
        print_json({key: getattr(counts, key) for key in ("new", "changed", "same", "refused")})
        if counts.refused:
            raise typer.Exit(1)
        return
    typer.echo(
        f"{counts.new:,} new trials, {counts.changed:,} new versions, {counts.same:,} already there"
    )
    if counts.refused:
        typer.echo(f"{counts.refused:,} could not be read; they are in {library / QUARANTINE}:")
        for why in counts.why_refused[:10]:
            typer.echo(f"  {why}")
        raise typer.Exit(1)


@app.command()
def pull(
    library: Folder = DEFAULT,
    condition: Annotated[str, typer.Option(help="A condition.")] = "",
    query: Annotated[str, typer.Option(help="Other terms.")] = "",
    ids: Annotated[str, typer.Option(help="Numbers, separated by commas.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Every trial of the register.")] = False,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Updated since this day.")
    ] = None,
    base: Annotated[str, typer.Option(help="Another address of the same API.")] = "",
) -> None:
    """Pull records from ClinicalTrials.gov, and name what could not be had."""
    from trialwright.registry.library.download import BASE, DownloadRequest
    from trialwright.registry.library.download import download as download_records

    day = since.date().isoformat() if since else ""
    with said_plainly(), progress("trials") as count_on:
        asked = DownloadRequest(
            condition, query, tuple(filter(None, ids.replace(" ", "").split(","))), day
        )
        if asked == DownloadRequest() and not every:
            raise ValueError("say what to pull: --condition, --query, --ids, --since or --all")
        pulled = download_records(
            library,
            asked,
            base=base or BASE,
            progress=lambda done, whole: count_on(done, f"of {whole:,}"),
            waiting=lambda why, seconds: typer.echo(
                f"The register gave no page ({why}); asking again in {seconds:.0f} s.", err=True
            ),
        )
    typer.echo(
        f"{pulled.listed:,} trials listed; {pulled.new:,} new, {pulled.changed:,} new versions"
    )
    if pulled.missing:
        typer.echo(f"{len(pulled.missing):,} could not be had: {', '.join(pulled.missing[:50])}")
        raise typer.Exit(1)


@app.command()
def mesh(file: Path, library: Folder = DEFAULT) -> None:
    """Give the library a table of MeSH descriptors (NLM's XML, or TSV), and index anew."""
    from trialwright.registry.library.reindexing import load_mesh_file, reindex

    with said_plainly(), progress("trials") as show:
        table = load_mesh_file(library, file)
        trials = reindex(library, progress=lambda done: show(done, ""))
    typer.echo(f"{len(table):,} headings; {trials:,} trials indexed with them")


@app.command("reindex")
def reindex_command(library: Folder = DEFAULT) -> None:
    """Make the index anew from the packs."""
    from trialwright.registry.library.reindexing import reindex

    with said_plainly(), progress("trials") as show:
        trials = reindex(library, progress=lambda done: show(done, ""))
    typer.echo(f"{trials:,} trials indexed")


@app.command()
def embed(library: Folder = DEFAULT) -> None:
    """Make the vectors of the trials that have none yet; needs the extra `embeddings`."""
    from trialwright.registry.embeddings.building import build
    from trialwright.registry.embeddings.model import embedder
    from trialwright.registry.embeddings.vectors import Vectors

    with said_plainly(), progress_bar("trials") as show:
        opened = open_library(library)
        made = build(opened, embedder(), show)
        known = len(Vectors(library))
    typer.echo(f"{made:,} vectors made; {known:,} of {len(opened):,} trials have one")


@app.command()
def check(library: Folder = DEFAULT) -> None:
    """Check that every version is there, byte for byte."""
    from trialwright.registry.library.checking import check as check_library

    with said_plainly(), progress("records") as show_done:
        found = check_library(open_library(library), progress=lambda done: show_done(done, ""))
    typer.echo(f"{found.trials:,} trials, {found.versions:,} versions")
    if found.unnamed:
        typer.echo(f"{found.unnamed:,} records in the packs are named by no index (harmless)")
    for problem in found.problems:
        typer.echo(problem, err=True)
    if found.problems:
        raise typer.Exit(1)


@app.command()
def stats(library: Folder = DEFAULT, as_json: AsJson = False) -> None:
    """Count the trials by status, phase, type, country and the rest."""
    from trialwright.registry.search.search import search as find

    with said_plainly():
        found = find(open_library(library), "", limit=1)
    if as_json:
        print_json({"trials": found.total, **{k: dict(v) for k, v in found.facets.items()}})
        return
    typer.echo(f"{found.total:,} trials")
    for name, counts in found.facets.items():
        typer.echo(f"{name.replace('_', ' ')}: " + ", ".join(f"{c} {n:,}" for c, n in counts[:12]))


@app.command()
def export(
    file: Path,
    library: Folder = DEFAULT,
    query: Annotated[str, typer.Option(help="Only what this search finds.")] = "",
) -> None:
    """Write the trials, or those of a search, as .parquet, .csv or .ndjson."""
    from trialwright.registry.library.exporting import export as write
    from trialwright.registry.search.search import search as find

    with said_plainly():
        opened = open_library(library)
        hits = find(opened, query, limit=max(len(opened), 1), facets=False).hits
        count = write((hit.facts for hit in hits), file)
    typer.echo(f"{count:,} trials are in {file}")
