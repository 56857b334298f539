"""A cut as a folder of files: CSV of the exact text, Parquet with types, a data dictionary.

The CSV files (RFC 4180, UTF-8, ISO dates) are read back; the Parquet files say the same with
types, for analysis. `manifest.json` holds the head of the cut and the SHA-256 of every file.
The same cut, protocol and release give the same bytes.
"""

import csv
import hashlib
import io
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from trialwright.analysis.cut import Cut, CutError, Head, ProtocolVersion
from trialwright.analysis.cut_bytes import canonical_hash
from trialwright.exchange.dictionary import code_table, dictionary_table, readme
from trialwright.exchange.tables import cut_tables, read_rows
from trialwright.exchange.text_tables import TextTable
from trialwright.exchange.typed import parquet_bytes
from trialwright.protocol.model import Protocol

FORMAT = "trialwright-cut-files/19"
MANIFEST = "manifest.json"
PART = "open"
"""The sealed part is never written as plain files; its keeper encrypts its canonical bytes."""


def write_cut(cut: Cut, folder: Path, protocol: Protocol) -> dict[str, str]:
    """Write the open part of a cut into a new or empty folder.

    Returns the SHA-256 of every file by name, as the manifest has it.
    Raises CutError where the folder isn't empty.
    """
    head = {
        "study": cut.study,
        "name": cut.name,
        "demonstration": cut.demonstration,
        "protocol": asdict(cut.protocol),
        "open_head": asdict(cut.open_head),
        "sealed_head": asdict(cut.sealed_head),
        "cut_at": cut.cut_at,
        "began_on": cut.began_on,
        "canonical_hash": canonical_hash(cut),
    }
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise CutError(f"{folder} isn't empty; write a cut into a folder of its own")
    hashes: dict[str, str] = {}

    def save(name: str, content: bytes) -> None:
        (folder / name).write_bytes(content)
        hashes[name] = hashlib.sha256(content).hexdigest()

    names = []
    for table in cut_tables(cut, protocol):
        names.append(table.name)
        save(f"{table.name}.csv", csv_bytes(table))
        save(f"{table.name}.parquet", parquet_bytes(table, protocol))
    save("dictionary.csv", csv_bytes(dictionary_table(protocol, names)))
    save("codes.csv", csv_bytes(code_table(protocol)))
    save("README.txt", readme(cut, protocol))
    files = dict(sorted(hashes.items()))
    manifest = {"format": FORMAT, "part": PART, "cut": head, "tables": names, "files": files}
    content = orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    (folder / MANIFEST).write_bytes(content)
    return files


def read_cut(folder: Path) -> Cut:
    """Read a cut back from its CSV files.

    Raises:
        CutError: a file is missing or changed, or the cut isn't the one that was written.
    """
    head, tables = _read(folder)
    rows = read_rows(tables)
    cut = Cut(
        study=head["study"],
        name=head["name"],
        demonstration=head["demonstration"],
        protocol=ProtocolVersion(**head["protocol"]),
        open_head=Head(**head["open_head"]),
        sealed_head=Head(**head["sealed_head"]),
        cut_at=head["cut_at"],
        began_on=head["began_on"],
        sites=rows.sites,
        participants=rows.participants,
        visits=rows.visits,
        entries=rows.entries,
        queries=rows.queries,
        deviations=rows.deviations,
        consents=rows.consents,
        events=rows.events,
        holds=rows.holds,
        kits=rows.kits,
        doses=rows.doses,
        epochs=rows.epochs,
        judgements=rows.judgements,
        meetings=rows.meetings,
        attachments=rows.attachments,
        situations=rows.situations,
        diaries=rows.diaries,
    )
    _same(folder, canonical_hash(cut), head["canonical_hash"])
    return cut


def _read(folder: Path) -> tuple[dict[str, Any], dict[str, TextTable]]:
    try:
        manifest = orjson.loads((folder / MANIFEST).read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise CutError(
            f"{folder} has no readable {MANIFEST}, so it holds no cut: {error}"
        ) from None
    if manifest.get("format") != FORMAT or manifest.get("part") != PART:
        raise CutError(f"{folder / MANIFEST} isn't of the {PART} part in the format {FORMAT}")
    present = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    for file in sorted({*present, *manifest["files"]} - {MANIFEST}):
        content = present.get(file, b"")
        if hashlib.sha256(content).hexdigest() != manifest["files"].get(file):
            raise CutError(
                f"{folder / file} is missing, was added or was changed since the cut was written"
            )
    tables = {name: _table(name, present[f"{name}.csv"]) for name in manifest["tables"]}
    return manifest["cut"], tables


def _same(folder: Path, found: str, written: str) -> None:
    if found != written:
        raise CutError(
            f"{folder} gives the hash {found}, and its manifest says {written}: "
            "the manifest was changed since the cut was written"
        )


def csv_bytes(table: TextTable) -> bytes:
    """The table as CSV: commas, CRLF, quotes only where they are needed."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(table.columns)
    writer.writerows(table.rows)
    return text.getvalue().encode()


def _table(name: str, content: bytes) -> TextTable:
    rows = csv.reader(io.StringIO(content.decode(), newline=""))
    return TextTable(name, tuple(next(rows)), [tuple(row) for row in rows])
