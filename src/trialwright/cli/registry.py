"""`trialwright registry`: a library of registered trials on disk."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from trialwright.registry.library import Library

app = typer.Typer(help="Registered trials: a library to search and compare.", no_args_is_help=True)

Folder = Annotated[Path, typer.Option("--library", help="The folder of the library.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Limit = Annotated[int, typer.Option(min=1, help="How many to show.")]
DEFAULT = Path("var/registry")


@contextmanager
def _said_plainly() -> Iterator[None]:
    """Say what went wrong in one sentence, and end with status 1."""
    from trialwright.registry.library import LibraryError
    from trialwright.registry.packs import PackError

    try:
        yield
    except (LibraryError, PackError, OSError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def _open(folder: Path) -> Library:
    from trialwright.registry.library import Library

    return Library(folder)


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, str], None]]:
    """A line that counts on; nothing where the output is not a terminal."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description} {task.completed:,}"),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(what, total=None, note="")
        yield lambda done, note: progress.update(task, completed=done, note=note)


@app.command()
def add(files: list[Path], library: Folder = DEFAULT, as_json: AsJson = False) -> None:
    """Add records from files or folders: JSON, NDJSON, XML, zip, tar, gz of any."""
    from itertools import chain

    from trialwright.registry.adding import QUARANTINE
    from trialwright.registry.adding import add as add_records
    from trialwright.registry.readers.files import raw_records

    with _said_plainly(), _progress("records") as show:
        records = chain.from_iterable(map(raw_records, files))
        counts = add_records(library, records, progress=lambda c: show(c.seen, f"{c.new:,} new"))
    if as_json:
        _print_json({key: getattr(counts, key) for key in ("new", "changed", "same", "refused")})
        return
    typer.echo(
        f"{counts.new:,} new trials, {counts.changed:,} new versions, {counts.same:,} already there"
    )
    if counts.refused:
        typer.echo(f"{counts.refused:,} could not be read; they are in {library / QUARANTINE}:")
        for why in counts.why_refused[:10]:
            typer.echo(f"  {why}")


@app.command()
def mesh(file: Path, library: Folder = DEFAULT) -> None:
    """Give the library a table of MeSH descriptors (NLM's XML, or TSV), and index anew."""
    from trialwright.registry.adding import load_mesh_file, reindex

    with _said_plainly(), _progress("trials") as show:
        table = load_mesh_file(library, file)
        trials = reindex(library, progress=lambda done: show(done, ""))
    typer.echo(f"{len(table):,} headings; {trials:,} trials indexed with them")


@app.command("reindex")
def reindex_command(library: Folder = DEFAULT) -> None:
    """Make the index anew from the packs."""
    from trialwright.registry.adding import reindex

    with _said_plainly(), _progress("trials") as show:
        trials = reindex(library, progress=lambda done: show(done, ""))
    typer.echo(f"{trials:,} trials indexed")


def _row(facts: dict[str, Any], score: float) -> dict[str, Any]:
    return {
        "nct": facts["nct"],
        "score": round(score, 4),
        "title": facts["title"],
        "status": facts["status"],
        "phase": facts["phase"],
    }


def _line(row: dict[str, Any]) -> str:
    from trialwright.registry.codes import in_words

    status = in_words("status", row["status"]) if row["status"] else "no status"
    phase = ", ".join(in_words("phase", code) for code in row["phase"] or ())
    facts = "; ".join(filter(None, [status, phase]))
    return f"{row['nct']:<16} {row['title'] or 'no title'} ({facts})"


@app.command()
def search(
    words: list[str],
    library: Folder = DEFAULT,
    limit: Limit = 20,
    sort: Annotated[str, typer.Option(help="relevance, updated, start or distance")] = "relevance",
    near: Annotated[str, typer.Option(help="A city, or degrees: 29.56,106.55")] = "",
    within_km: Annotated[float, typer.Option(min=0.0)] = 100.0,
    expand: Annotated[bool, typer.Option(help="Widen by MeSH.")] = True,
    without: Annotated[list[str] | None, typer.Option(help="A heading not to widen by.")] = None,
    as_json: AsJson = False,
) -> None:
    """Search: words, "phrases", condition:, phase:, start:2015..2020, AND, OR, NOT."""
    from trialwright.registry.places import find_place
    from trialwright.registry.search import search as find

    with _said_plainly():
        if sort not in {"relevance", "updated", "start", "distance"}:
            raise ValueError(f"sort by relevance, updated, start or distance, not by “{sort}”")
        opened = _open(library)
        found = find(
            opened,
            " ".join(words),
            limit=limit,
            sort=sort,  # type: ignore[arg-type]
            near=find_place(opened, near, within_km) if near else None,
            expand=expand,
            without=without or (),
            facets=False,
        )
    rows = [_row(hit.facts, hit.score) for hit in found.hits]
    if as_json:
        _print_json(rows)
        return
    typer.echo(f"{found.total:,} trials")
    for line in (found.note, found.suggestion and f"Did you mean: {found.suggestion}?"):
        if line:
            typer.echo(line)
    for item in found.expansions:
        also = f"; also {', '.join(item.names[:4])}" if item.names else ""
        narrower = f" and {item.narrower} narrower headings" if item.narrower else ""
        typer.echo(f"“{item.words}” was widened to {item.name} ({item.heading}){narrower}{also}")
    for hit, row in zip(found.hits, rows, strict=True):
        away = "" if hit.distance_km is None else f" {hit.distance_km:,.0f} km"
        typer.echo(_line(row) + away)


@app.command()
def show(
    number: str,
    library: Folder = DEFAULT,
    raw: Annotated[bool, typer.Option("--raw", help="The bytes as they were added.")] = False,
    version: Annotated[int, typer.Option(help="Which version; 0 is the oldest.")] = -1,
    as_json: AsJson = False,
) -> None:
    """Show a trial, with what its dates throw doubt on."""
    from trialwright.registry.cards import short_facts
    from trialwright.registry.freshness import doubts

    with _said_plainly():
        opened = _open(library)
        if raw:
            typer.echo(opened.raw(number, version).decode("utf-8", "replace"))
            return
        record = opened.record(number, version)
        facts = short_facts(record)
        found = doubts(record, _today())
    if as_json:
        _print_json({**facts, "doubts": [{"kind": d.kind, "because": d.because} for d in found]})
        return
    for key, value in facts.items():
        if key not in {"mesh", "ages"}:
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            typer.echo(f"{key.replace('_', ' '):<20} {_or_not_provided(shown)}")
    for doubt in found:
        since = f" since {doubt.since}" if doubt.since else ""
        typer.echo(f"{doubt.kind}{since}, because {doubt.because}")
    typer.echo(f"\n{record.summary.value or ''}\n{record.address}")


def _or_not_provided(value: object) -> str:
    return "Not provided in the record" if value in (None, "") else str(value)


def _today() -> date:
    return date.today()  # noqa: DTZ011 - the day where the command is given


@app.command()
def related(
    number: str, library: Folder = DEFAULT, limit: Limit = 20, as_json: AsJson = False
) -> None:
    """Show the trials nearest to one, with the reasons."""
    from trialwright.registry.related import related as find

    with _said_plainly():
        found = find(_open(library), number, limit=limit)
    rows = [
        _row(item.facts, item.score) | {"reasons": [reason.words() for reason in item.reasons]}
        for item in found
    ]
    if as_json:
        _print_json(rows)
        return
    for row in rows:
        typer.echo(_line(row))
        typer.echo(f"{'':<16} {'; '.join(row['reasons'])}")


@app.command()
def history(number: str, library: Folder = DEFAULT, as_json: AsJson = False) -> None:
    """Show what changed between the versions of a trial."""
    from trialwright.registry.history import history as steps_of

    with _said_plainly():
        opened = _open(library)
        count = len(opened.versions(number))
        steps = steps_of([opened.record(number, place) for place in range(count)])
    if as_json:
        _print_json(
            [
                {
                    "version": step.version,
                    "updated": str(step.updated.value) if step.updated.value else None,
                    "changes": [change.sentence for change in step.changes],
                }
                for step in steps
            ]
        )
        return
    for step in steps:
        typer.echo(f"{step.updated.value or 'no date'}{'' if step.changes else ': first version'}")
        for change in step.changes:
            typer.echo(f"  {change.sentence}")


@app.command()
def stale(
    library: Folder = DEFAULT,
    limit: Limit = 20,
    on: Annotated[str, typer.Option(help="As of this day, YYYY-MM-DD.")] = "",
    as_json: AsJson = False,
) -> None:
    """List the trials whose dates throw doubt on their status."""
    from trialwright.registry.freshness import stale as find

    with _said_plainly():
        found = find(_open(library).cards(), date.fromisoformat(on) if on else _today())
    if as_json:
        _print_json(
            [
                {"nct": card["nct"], "status": card["status"], "kind": d.kind, "because": d.because}
                for card, all_doubts in found.trials
                for d in all_doubts
            ]
        )
        return
    for name, counts in (
        ("kind", found.by_kind),
        ("sponsor", found.by_sponsor),
        ("country", found.by_country),
    ):
        typer.echo(f"by {name}: " + ", ".join(f"{k} {n:,}" for k, n in counts.most_common(10)))
    for card, all_doubts in found.trials[:limit]:
        for doubt in all_doubts:
            typer.echo(f"{card['nct']} {card['status']}: {doubt.kind}, because {doubt.because}")


@app.command()
def watch(
    name: str,
    words: list[str],
    library: Folder = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Say what is new or changed for a search since it was last watched under this name."""
    from trialwright.registry.watching import watch as look

    with _said_plainly():
        news = look(_open(library), name, " ".join(words), library / "watched")
    kinds = {"new": news.new, "changed": news.changed}
    if as_json:
        rows = {kind: [_row(hit.facts, hit.score) for hit in hits] for kind, hits in kinds.items()}
        _print_json({**rows, "gone": list(news.gone)})
        return
    if news.first:
        typer.echo(f"Watched for the first time: {len(news.new):,} trials")
        return
    for kind, hits in kinds.items():
        for hit in hits:
            typer.echo(f"{kind}: {_line(_row(hit.facts, hit.score))}")
    for number in news.gone:
        typer.echo(f"no longer found: {number}")


@app.command()
def export(
    file: Path,
    library: Folder = DEFAULT,
    query: Annotated[str, typer.Option(help="Only what this search finds.")] = "",
) -> None:
    """Write the trials, or those of a search, as .parquet, .csv or .ndjson."""
    from trialwright.registry.exporting import export as write
    from trialwright.registry.search import search as find

    with _said_plainly():
        opened = _open(library)
        hits = find(opened, query, limit=max(len(opened), 1), facets=False).hits
        count = write((hit.facts for hit in hits), file)
    typer.echo(f"{count:,} trials are in {file}")


@app.command()
def stats(library: Folder = DEFAULT, as_json: AsJson = False) -> None:
    """Count the trials by status, phase, type, country and the rest."""
    from trialwright.registry.search import search as find

    with _said_plainly():
        found = find(_open(library), "", limit=1)
    if as_json:
        _print_json({"trials": found.total, **{k: dict(v) for k, v in found.facets.items()}})
        return
    typer.echo(f"{found.total:,} trials")
    for name, counts in found.facets.items():
        typer.echo(f"{name.replace('_', ' ')}: " + ", ".join(f"{c} {n:,}" for c, n in counts[:12]))


@app.command()
def check(library: Folder = DEFAULT) -> None:
    """Check that every version is there, byte for byte."""
    from trialwright.registry.checking import check as check_library

    with _said_plainly(), _progress("records") as show_done:
        found = check_library(_open(library), progress=lambda done: show_done(done, ""))
    typer.echo(f"{found.trials:,} trials, {found.versions:,} versions")
    if found.unnamed:
        typer.echo(f"{found.unnamed:,} records in the packs are named by no index (harmless)")
    for problem in found.problems:
        typer.echo(problem, err=True)
    if found.problems:
        raise typer.Exit(1)


@app.command()
def evaluate(
    qrels: Annotated[Path, typer.Argument(help="Judgements in TREC form: topic 0 trial grade.")],
    library: Folder = DEFAULT,
    topics: Annotated[
        Path | None, typer.Option(help="Topics, TREC's XML or TSV; else beside the judgements.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure ranking: nDCG@10, recall@100, P@10, tuned, plain and without MeSH."""
    from dataclasses import asdict

    from trialwright.registry.evaluate import evaluate as measure
    from trialwright.registry.evaluate import read_qrels, read_topics, topics_beside

    with _said_plainly():
        found = measure(
            _open(library), read_topics(topics or topics_beside(qrels)), read_qrels(qrels)
        )
    if as_json:
        _print_json([asdict(item) for item in found])
        return
    for item in found:
        typer.echo(f"{item.ranking} ({item.topics} topics)")
        for name in ("ndcg_10", "recall_100", "precision_10"):
            m = getattr(item, name)
            typer.echo(f"  {name:<13} {m.mean:.3f}  (95% {m.low:.3f} to {m.high:.3f})")
