"""A study's safety data as SDTM: DM, EX, AE, LB and DS from a folder of CSV or XPT files."""

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from trialwright.messages import Message
from trialwright.safety.xpt import TransportError, read_transport

Row = Mapping[str, str]
DOMAINS: Final = ("DM", "EX", "AE", "LB", "DS")
_NEEDED: Final = {
    "DM": ("USUBJID",),
    "EX": ("USUBJID",),
    "AE": ("USUBJID",),
    "LB": ("USUBJID", "LBTESTCD"),
    "DS": ("USUBJID", "DSDECOD"),
}


class DataError(ValueError):
    """The folder or a file in it can't be read as SDTM; `message` says which, why, what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


@dataclass(frozen=True, slots=True)
class StudyData:
    """The rows of each domain; a domain that isn't there is empty and not among `there`."""

    demographics: Sequence[Row]
    exposure: Sequence[Row]
    events: Sequence[Row]
    laboratory: Sequence[Row]
    disposition: Sequence[Row]
    there: frozenset[str] = field(default_factory=frozenset)


def read_study(folder: Path) -> StudyData:
    """Read the domains that a folder has; DM and AE must be among them.

    Raises:
        DataError: a domain is missing, there twice, or can't be read.
    """
    if not folder.is_dir():
        raise DataError(
            Message("{folder} is no folder. Name the one with the study's SDTM files.",
                    folder=str(folder))
        )  # fmt: skip
    found = {domain: path for domain in DOMAINS if (path := _file_of(folder, domain))}
    for domain in ("DM", "AE"):
        if domain not in found:
            raise DataError(
                Message(
                    "{folder} has no {domain}: a file {name}.csv or {name}.xpt. Without it nobody "
                    "can be counted.",
                    folder=str(folder), domain=domain, name=domain.lower(),
                )
            )  # fmt: skip
    rows = {domain: _rows(found[domain], domain) if domain in found else [] for domain in DOMAINS}
    _require_known_people(rows)
    return StudyData(rows["DM"], rows["EX"], rows["AE"], rows["LB"], rows["DS"], frozenset(found))


def _file_of(folder: Path, domain: str) -> Path | None:
    """`ae.csv`, `AE.xpt`, or `lb_7_tests.csv`, where the name goes on after the domain's."""
    named = re.compile(rf"{domain}([_\-. ].*)?\.(csv|xpt)", re.IGNORECASE)
    files = sorted(path for path in folder.iterdir() if named.fullmatch(path.name))
    whole = [path for path in files if path.stem.upper() == domain]
    files = whole or files
    if len(files) > 1:
        raise DataError(
            Message("{domain} is there more than once: {files}. Leave one in the folder.",
                    domain=domain, files=", ".join(path.name for path in files))
        )  # fmt: skip
    return files[0] if files else None


def _rows(path: Path, domain: str) -> list[Row]:
    content = path.read_bytes()
    if path.suffix.lower() == ".xpt":
        try:
            rows: list[dict[str, str]] = read_transport(content)
        except TransportError as error:
            raise DataError(
                Message("{path} can't be read: {why}.", path=str(path), why=str(error))
            ) from None
    else:
        rows = read_csv(content, str(path))
    # A file without rows says nothing of its columns in a transport file.
    missing = [name for name in _NEEDED[domain] if rows and name not in rows[0]]
    if missing:
        raise DataError(
            Message("{path} lacks the column {columns} of {domain}.",
                    path=str(path), columns=", ".join(missing), domain=domain)
        )  # fmt: skip
    for number, row in enumerate(rows, 2):
        if row.get("DOMAIN", domain) not in (domain, ""):
            raise DataError(
                Message("{path}, line {line}: the domain is {found}, not {domain}.",
                        path=str(path), line=number, found=row["DOMAIN"], domain=domain)
            )  # fmt: skip
    return list(rows)


def read_csv(content: bytes, name: str) -> list[dict[str, str]]:
    """The rows of a CSV file in UTF-8, by its header in capitals.

    Raises:
        DataError: it isn't text, has no header, or a line is longer or shorter than that.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError(Message("{name} is not text in UTF-8.", name=name)) from None
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [column.strip().upper() for column in next(lines, [])]
        if not any(header):
            raise DataError(
                Message("{name} is empty. Its first line names the columns.", name=name)
            )
        twice = sorted({column for column in header if header.count(column) > 1})
        if twice:
            raise DataError(
                Message("{name} names the column {columns} twice.",
                        name=name, columns=", ".join(twice))
            )  # fmt: skip
        rows = []
        for row in lines:
            if not row:
                continue
            if len(row) != len(header):
                raise DataError(
                    Message("{name}, line {line}: {count} values under {columns} columns.",
                            name=name, line=lines.line_num, count=len(row), columns=len(header))
                )  # fmt: skip
            rows.append(dict(zip(header, (value.strip() for value in row), strict=True)))
    except csv.Error as error:
        raise DataError(
            Message("{name}, line {line}: {why}.", name=name, line=lines.line_num, why=str(error))
        ) from None
    return rows


def _require_known_people(rows: Mapping[str, Sequence[Row]]) -> None:
    people = Counter(row["USUBJID"] for row in rows["DM"])
    person, times = max(people.items(), key=lambda each: each[1], default=("", 0))
    if times > 1:
        raise DataError(
            Message("DM has {person} more than once; it has one line for each participant.",
                    person=person)
        )  # fmt: skip
    for domain in ("EX", "AE", "LB", "DS"):
        for row in rows[domain]:
            if row["USUBJID"] not in people:
                raise DataError(
                    Message("{domain} has a line of {person}, who is not in DM.",
                            domain=domain, person=row["USUBJID"] or "(nobody)")
                )  # fmt: skip
