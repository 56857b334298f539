"""The commands of `trialwright registry` that read a library: search, show and compare."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trialwright.cli.common import AsJson
from trialwright.cli.registry_common import (
    DEFAULT,
    Folder,
    Limit,
    line_of,
    open_library,
    or_not_provided,
    print_json,
    row_of,
    said_plainly,
    today,
)

if TYPE_CHECKING:
    from trialwright.registry.search.watching import News

app = typer.Typer(help="Registered trials: a library to search and compare.", no_args_is_help=True)


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
    from trialwright.registry.search.places import find_place
    from trialwright.registry.search.search import search as find

    with said_plainly():
        if sort not in {"relevance", "updated", "start", "distance"}:
            raise ValueError(f"sort by relevance, updated, start or distance, not by “{sort}”")
        opened = open_library(library)
        found = find(
            opened,
            " ".join(words),
            limit=limit,
            sort=sort,  # type: ignore[arg-type]
            near=find_place(opened, near, within_km) if near else None,
            expand=expand,
            without=without or (),
            facets=False,
            once=True,
        )
    hits = (*found.hits, *found.partly)
    rows = [row_of(hit.facts, hit.score) for hit in hits]
    if as_json:
        print_json(rows)
        return
    typer.echo(f"{found.total:,} trials")
    no_mesh = "This library has no table of MeSH; `trialwright registry mesh FILE` gives it one."
    for line in (
        no_mesh if found.without_mesh else "",
        found.note,
        found.read_as,
        found.suggestion and f"Did you mean: {found.suggestion}?",
    ):
        if line:
            typer.echo(line)
    for item in found.expansions:
        also = f"; also {', '.join(item.names[:4])}" if item.names else ""
        narrower = f" and {item.narrower} narrower headings" if item.narrower else ""
        typer.echo(f"“{item.words}” was widened to {item.name} ({item.heading}){narrower}{also}")
    for place, (hit, row) in enumerate(zip(hits, rows, strict=True)):
        if place == len(found.hits):
            typer.echo("These have a part of it:")
        away = "" if hit.distance_km is None else f" {hit.distance_km:,.0f} km"
        lacks = f" without: {', '.join(hit.lacks)}" if hit.lacks else ""
        also = f" also: {', '.join(hit.also)}" if hit.also else ""
        typer.echo(line_of(row) + also + away + lacks)


@app.command()
def show(
    number: str,
    library: Folder = DEFAULT,
    raw: Annotated[bool, typer.Option("--raw", help="The bytes as they were added.")] = False,
    version: Annotated[int, typer.Option(help="Which version; 0 is the oldest.")] = -1,
    as_json: AsJson = False,
) -> None:
    """Show a trial, with what its dates throw doubt on."""
    from trialwright.registry.record.summaries import short_facts
    from trialwright.registry.related.freshness import doubts

    with said_plainly():
        opened = open_library(library)
        if raw:
            typer.echo(opened.raw(number, version).decode("utf-8", "replace"))
            return
        record = opened.record(number, version)
        facts = short_facts(record)
        found = doubts(record, today())
    if as_json:
        print_json({**facts, "doubts": [{"kind": d.kind, "because": d.because} for d in found]})
        return
    for key, value in facts.items():
        if key not in {"mesh", "ages"}:
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            typer.echo(f"{key.replace('_', ' '):<20} {or_not_provided(shown)}")
    for doubt in found:
        since = f" since {doubt.since}" if doubt.since else ""
        typer.echo(f"{doubt.kind}{since}, because {doubt.because}")
    typer.echo(f"\n{record.summary.value or ''}\n{record.address}")


@app.command()
def related(
    number: str, library: Folder = DEFAULT, limit: Limit = 20, as_json: AsJson = False
) -> None:
    """Show the trials nearest to one, with the reasons."""
    from trialwright.registry.related.related import related as find

    with said_plainly():
        found = find(open_library(library), number, limit=limit)
    rows = [
        row_of(item.facts, item.score) | {"reasons": [reason.words() for reason in item.reasons]}
        for item in found
    ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        typer.echo(line_of(row))
        typer.echo(f"{'':<16} {'; '.join(row['reasons'])}")


@app.command()
def history(number: str, library: Folder = DEFAULT, as_json: AsJson = False) -> None:
    """Show what changed between the versions of a trial."""
    from trialwright.registry.related.history import history as steps_of

    with said_plainly():
        opened = open_library(library)
        count = len(opened.versions(number))
        steps = steps_of([opened.record(number, place) for place in range(count)])
    if as_json:
        print_json(
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
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="As of this day.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the trials whose dates throw doubt on their status."""
    from trialwright.registry.related.freshness import stale as find

    with said_plainly():
        found = find(open_library(library).summaries(), on.date() if on else today())
    if as_json:
        print_json(
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
    mail: Annotated[
        str, typer.Option(help="Also mail it to this address, through TRIALWRIGHT_MAIL.")
    ] = "",
) -> None:
    """Say what is new or changed for a search since it was last watched under this name."""
    from trialwright.registry.search.watching import watch as look

    text = " ".join(words)

    def send(news: News) -> None:
        from trialwright.config.mailing import send as by_mail

        if mail and news:
            counts = f"{len(news.new):,} new, {len(news.changed):,} changed"
            subject = f"Registered trials, {name}: {counts}"
            lines = [
                f"Search: {text}",
                "",
                *_told(news, lambda number: shown.record(number).address),
            ]
            by_mail(mail, subject, "\n".join(lines) + "\n")

    with said_plainly():
        shown = open_library(library)
        news = look(shown, name, text, library / "watched", send)
    if as_json:
        kinds = {"new": news.new, "changed": news.changed}
        rows = {
            kind: [row_of(hit.facts, hit.score) for hit in hits] for kind, hits in kinds.items()
        }
        print_json({**rows, "gone": list(news.gone)})
        return
    for line in _told(news):
        typer.echo(line)


def _told(news: News, address: Callable[[str], str] | None = None) -> Iterator[str]:
    """The news of a watched search in lines, each trial with the register's address if wanted."""
    if news.first:
        yield f"Watched for the first time: {len(news.new):,} trials"
        return
    for kind, hits in (("new", news.new), ("changed", news.changed)):
        for hit in hits:
            yield f"{kind}: {line_of(row_of(hit.facts, hit.score))}"
            if address:
                yield f"  {address(hit.nct)}"
    for number in news.gone:
        yield f"no longer found: {number}"


@app.command()
def evaluate(
    qrels: Annotated[Path, typer.Argument(help="Judgements in TREC form: topic 0 trial grade.")],
    library: Folder = DEFAULT,
    topics: Annotated[
        Path | None, typer.Option(help="Topics: XML, SGML, JSON, TSV; else beside the judgements.")
    ] = None,
    held_only: Annotated[
        bool, typer.Option("--held-only", help="Leave aside judged trials not in the library.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Measure ranking: nDCG@10, recall@100, P@10, tuned, plain and without MeSH."""
    from dataclasses import asdict

    from trialwright.registry.search import judgements
    from trialwright.registry.search.evaluate import comparable, held
    from trialwright.registry.search.evaluate import evaluate as measure

    with said_plainly():
        opened = open_library(library)
        judged = judgements.read_qrels(qrels)
        asked = judgements.read_topics(topics or judgements.topics_beside(qrels))
        kept, absent = held(opened, judged.grades)
        grades = kept if held_only else judged.grades
        names, unlike = comparable(asked.searches, grades)
        found = measure(opened, {name: asked.searches[name] for name in names}, grades)
    said = [*judged.said, *asked.said, *unlike, *absent]
    for line in said:
        typer.echo(line, err=as_json)
    if as_json:
        print_json([asdict(item) for item in found])
        return
    for item in found:
        typer.echo(f"{item.ranking} ({item.topics} topics)")
        for name in ("ndcg_10", "recall_100", "precision_10"):
            m = getattr(item, name)
            typer.echo(f"  {name:<13} {m.mean:.3f}  (95% {m.low:.3f} to {m.high:.3f})")
