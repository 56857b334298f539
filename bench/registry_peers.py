"""The library's peers: SQLite FTS5 and PostgreSQL full-text search given the same work; tantivy.

The same texts in three weighted columns, the same codes of ten facets; a search ranks twenty and
counts every facet. They are given what our reader took from the records, and keep neither raw
records nor versions, so adding is less work for them than for us; none of them knows MeSH. Plain
tantivy, on which the library stands, ranks twenty and counts no facet: what all else costs.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import tantivy

from bench.registry_records import picks
from trialwright.registry.index.document import facts_of
from trialwright.registry.index.mesh import bundled_mesh
from trialwright.registry.index.schema import FACETS, TEXT_FIELDS
from trialwright.registry.readers.detect import read_record

_ROOT = Path(__file__).parent.parent / "var" / "bench"


class Row(NamedTuple):
    """What a peer is given of a trial; codes are "facet:code"."""

    trial: int
    title: str
    names: str
    body: str
    codes: list[str]


class Peer(NamedTuple):
    """A peer: its name, and how it adds and searches."""

    name: str
    add: Callable[[Iterator[Row]], None]
    search: Callable[[str], object]


def rows(lines: list[bytes], trials: int) -> Iterator[Row]:
    """What the peers are given of the resampled records; the real ones are read first."""
    mesh = bundled_mesh()
    made = []
    for line in lines:
        facts = facts_of(read_record(line), mesh)

        def joined(*fields: str, texts: dict[str, list[str]] = facts.texts) -> str:
            return " ".join(text for field in fields for text in texts[field])

        codes = [f"{facet}:{code}" for facet in FACETS for code in facts.codes[facet]]
        names = joined("condition", "intervention", "keyword")
        # The whole text begins with that of the other fields.
        named = sum(len(facts.texts[field]) for field in TEXT_FIELDS if field != "text")
        rest = " ".join(facts.texts["text"][named:])
        made.append((joined("title"), names, f"{joined('summary', 'sponsor')} {rest}", codes))
    return (Row(trial, *made[picked]) for trial, picked in enumerate(picks(len(lines), trials)))


@contextlib.contextmanager
def sqlite() -> Iterator[Peer]:
    """SQLite FTS5 in a file."""
    _ROOT.mkdir(parents=True, exist_ok=True)
    path = _ROOT / "peer.sqlite"
    path.unlink(missing_ok=True)
    base = sqlite3.connect(path)
    base.executescript(
        """
        CREATE VIRTUAL TABLE trial USING fts5(title, names, body, tokenize='porter unicode61');
        CREATE TABLE code (trial INTEGER, code TEXT, PRIMARY KEY (trial, code)) WITHOUT ROWID;
        CREATE TEMP TABLE hit (trial INTEGER PRIMARY KEY, score REAL);
        """
    )

    def add(given: Iterator[Row]) -> None:
        for row in given:
            base.execute("INSERT INTO trial (rowid, title, names, body) VALUES (?,?,?,?)", row[:4])
            base.executemany(
                "INSERT OR IGNORE INTO code VALUES (?,?)", [(row.trial, code) for code in row.codes]
            )
        base.commit()

    def search(text: str) -> object:
        match = " ".join(f'"{word}"' for word in text.split())
        base.execute("DELETE FROM hit")
        base.execute(
            "INSERT INTO hit SELECT rowid, bm25(trial, 3, 3, 1) FROM trial WHERE trial MATCH ?",
            (match,),
        )
        best = base.execute("SELECT trial FROM hit ORDER BY score LIMIT 20").fetchall()
        return best, base.execute(
            "SELECT code, count(*) FROM hit JOIN code USING (trial) GROUP BY 1"
        ).fetchall()

    try:
        yield Peer("SQLite FTS5", add, search)
    finally:
        base.close()
        path.unlink()


@contextlib.contextmanager
def plain_tantivy() -> Iterator[Peer]:
    """Tantivy alone: the same three texts, all words demanded, no facets."""
    folder = _ROOT / "peer-tantivy"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    fields = {"title": 3.0, "names": 3.0, "body": 1.0}
    builder = tantivy.SchemaBuilder()
    for name in fields:
        builder.add_text_field(name, tokenizer_name="en_stem")
    builder.add_integer_field("trial", stored=True, indexed=True)
    index = tantivy.Index(builder.build(), str(folder))

    def add(given: Iterator[Row]) -> None:
        writer = index.writer(256_000_000, 0)
        for row in given:
            texts = {name: getattr(row, name) for name in fields}
            writer.add_document(tantivy.Document(trial=row.trial, **texts))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()

    def search(text: str) -> object:
        query, _ = index.parse_query_lenient(
            text, list(fields), field_boosts=fields, conjunction_by_default=True
        )
        searcher = index.searcher()
        found = searcher.search(query, 20)
        return [searcher.doc(address).get_first("trial") for _, address in found.hits], found.count

    try:
        yield Peer("plain tantivy, no facets", add, search)
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def postgresql() -> Iterator[Peer]:
    """PostgreSQL full-text search: `DATABASE_URL`'s, or the embedded server."""
    import psycopg

    with contextlib.ExitStack() as stack:
        url = os.environ.get("DATABASE_URL")
        if url is None:
            os.environ["TRIALWRIGHT_HOME"] = str(_ROOT)
            from trialwright.config import embedded

            address = stack.enter_context(embedded.server())
            url = address.url(embedded.SUPERUSER, "postgres")
        base = stack.enter_context(psycopg.connect(url, autocommit=True))
        base.execute("DROP SCHEMA IF EXISTS bench_registry CASCADE")
        base.execute("CREATE SCHEMA bench_registry")
        stack.callback(base.execute, "DROP SCHEMA bench_registry CASCADE")
        base.execute("SET search_path TO bench_registry")
        base.execute(
            """
            CREATE TABLE trial (
                trial integer PRIMARY KEY, title text, names text, body text, codes text[],
                words tsvector GENERATED ALWAYS AS (
                    setweight(to_tsvector('english', title), 'A')
                    || setweight(to_tsvector('english', names), 'B')
                    || setweight(to_tsvector('english', body), 'D')) STORED)
            """
        )

        def add(given: Iterator[Row]) -> None:
            into = "COPY trial (trial, title, names, body, codes) FROM STDIN"
            with base.cursor() as cursor, cursor.copy(into) as copy:
                for row in given:
                    copy.write_row(row)
            base.execute("CREATE INDEX ON trial USING gin (words)")
            base.execute("ANALYZE trial")

        def search(text: str) -> object:
            found = "FROM trial, plainto_tsquery('english', %s) AS sought WHERE words @@ sought"
            best = base.execute(
                f"SELECT trial {found} ORDER BY ts_rank(words, sought) DESC LIMIT 20", (text,)
            ).fetchall()
            codes = f"SELECT unnest(codes) AS code {found}"
            counts = f"SELECT code, count(*) FROM ({codes}) AS hit GROUP BY 1"
            return best, base.execute(counts, (text,)).fetchall()

        yield Peer("PostgreSQL full-text search", add, search)
