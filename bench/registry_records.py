"""Records to measure with: real ones resampled to any number, and names that people may search.

`python -m bench.registry_records 100000 FILE` writes so many as NDJSON (FILE.gz is compressed).
"""

from __future__ import annotations

import gzip
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.registry_development import SHARED
from trialwright.registry.readers.detect import read_record

_SEED = 7


def real_lines() -> list[bytes]:
    """The real v2 records, one line each."""
    with gzip.open(SHARED / "studies-v2.ndjson.gz") as file:
        return [line.rstrip() for line in file]


def picks(real: int, trials: int) -> Iterator[int]:
    """Which real record each made one is: at random, with replacement, always the same."""
    chance = random.Random(_SEED)
    return (chance.randrange(real) for _ in range(trials))


def number_of(trial: int) -> str:
    """The number under which the made record is registered."""
    return f"NCT{trial:08d}"


def resampled(lines: list[bytes], trials: int) -> Iterator[bytes]:
    """Real records, each under a new number."""
    for trial, picked in enumerate(picks(len(lines), trials)):
        number = number_of(trial).encode()
        yield re.sub(rb'(?<="nctId":")NCT\d{8}', number, lines[picked], count=1)


def query_log(lines: list[bytes], searches: int) -> list[str]:
    """Names of conditions and interventions of the records, at random, each once."""
    names = []
    for line in lines:
        record = read_record(line)
        names += [item.value for item in record.conditions if item.value]
        names += [item.name.value for item in record.interventions if item.name.value]
    plain = sorted({re.sub(r"[^\w -]", " ", name).strip() for name in names if len(name) < 60})
    return random.Random(_SEED).sample(plain, searches)


def some_numbers(trials: int, some: int) -> list[str]:
    """Numbers of made records, at random."""
    return [number_of(trial) for trial in random.Random(_SEED).sample(range(trials), some)]


def main(trials: int, path: Path) -> None:
    """Write made records to a file."""
    with gzip.open(path, "wb", 6) if path.suffix == ".gz" else path.open("wb") as file:
        file.writelines(line + b"\n" for line in resampled(real_lines(), trials))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
