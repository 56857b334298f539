"""Which backups there are in a folder, when the next is due, and which are kept.

A backup's name is its moment; a file of another name is never touched.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(r"trialwright-(\d{8}T\d{6}Z)\.backup")
_WAYS: Final = {"d": "%Y-%m-%d", "w": "%G-%V", "m": "%Y-%m"}


def name_at(moment: datetime) -> str:
    """The file name of a backup made then."""
    return f"trialwright-{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}.backup"


def backups_in(folder: Path) -> dict[datetime, Path]:
    """The backups of a folder by their moments, oldest first."""
    found = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if match := _NAME.fullmatch(path.name):
            moment = datetime.strptime(match[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            found[moment] = path
    return found


def is_due(folder: Path, every: timedelta, now: datetime) -> bool:
    """Whether the newest is older than that, or there is none."""
    newest = max(backups_in(folder), default=None)
    return newest is None or now - newest >= every


def kept(moments: Iterable[datetime], wanted: Mapping[str, int]) -> set[datetime]:
    """Of the last days, weeks and months of which there are backups, the newest each; and always
    the newest of all.

    >>> days = [datetime(2026, 3, day, tzinfo=UTC) for day in range(1, 20)]
    >>> sorted(each.day for each in kept(days, {"d": 2, "w": 2, "m": 1}))
    [15, 18, 19]
    """
    newest_first = sorted(moments, reverse=True)
    keep = set(newest_first[:1])
    for unit, many in wanted.items():
        last: dict[str, datetime] = {}
        for moment in newest_first:
            last.setdefault(moment.strftime(_WAYS[unit]), moment)
        keep |= set(list(last.values())[:many])
    return keep


def drop_old(folder: Path, wanted: Mapping[str, int]) -> list[Path]:
    """Delete what is no longer kept; which files went."""
    there = backups_in(folder)
    keep = kept(there, wanted)
    gone = [path for moment, path in there.items() if moment not in keep]
    for path in gone:
        path.unlink()
    return gone
