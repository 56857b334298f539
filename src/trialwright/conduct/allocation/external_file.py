"""The file of an allocation list that was drawn outside: what each line says, and what is wrong."""

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from trialwright.conduct.refusals import Problem
from trialwright.protocol.allocations import LIST_COLUMNS, Allocation
from trialwright.protocol.model import Protocol

FIELD = "file"
_MOST_PLACES = 50_000
_MOST_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class ExternalList:
    """The places of an allocation: by stratum ("" where there are none), the keys of the arms in
    the order in which they are given. sha256: of the file, byte for byte; "" of an invented one."""

    sha256: str
    arms: Mapping[str, tuple[str, ...]]


def columns_of(allocation: Allocation) -> tuple[str, ...]:
    """What the columns of the file are called: each factor's key, the place, the arm."""
    return (*(factor.key for factor in allocation.factors), *LIST_COLUMNS)


def keys_of(protocol: Protocol, allocation: Allocation) -> list[str]:
    """The keys of the arms that an allocation leads to, in the order of its ratio."""
    return [protocol.arm_numbered(number).key for number in allocation.arms]


class ListFile:
    """The lines of one file, as far as they are places of the allocation.

    CSV with commas, semicolons or tabs, the columns named in its first line.
    """

    def __init__(self, protocol: Protocol, allocation: Allocation) -> None:
        self._allocation = allocation
        self._keys = keys_of(protocol, allocation)
        self._places: dict[str, dict[int, tuple[str, int]]] = {}
        """By list and number: the arm, and the line of the file."""

    def found(self, source: bytes) -> ExternalList:
        """The list, of a file without problems."""
        arms = {
            name: tuple(arm for _number, (arm, _line) in sorted(places.items()))
            for name, places in sorted(self._places.items())
        }
        return ExternalList(hashlib.sha256(source).hexdigest(), arms)

    def read(self, source: bytes) -> Iterator[Problem]:
        """Read the whole file; yields what is wrong with it. Of lines that couldn't be read nobody
        says that their places are missing."""
        try:
            text = source.decode("utf-8-sig")
        except UnicodeDecodeError:
            yield Problem(FIELD, _("The file is no text in UTF-8. Save it as CSV in UTF-8."))
            return
        if len(source) > _MOST_BYTES or text.count("\n") > _MOST_PLACES + 1:
            words = _("The list has more than %(most)d places. Have it drawn shorter.")
            yield Problem(FIELD, words % {"most": _MOST_PLACES})
            return
        head, line = text.partition("\n")[0].strip(), 1
        mark = next((each for each in ",;\t" if each in head), ",")
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
        wanted = columns_of(self._allocation)
        try:
            columns = [cell.strip() for cell in next(rows, [])]
            if sorted(columns) != sorted(wanted):
                words = _(
                    "The first line names the columns of the list, which are %(wanted)s. It reads "
                    "“%(head)s”."
                )
                yield Problem(FIELD, words % {"wanted": ", ".join(wanted), "head": head[:200]})
                return
            line, sound = rows.line_num + 1, True
            for cells in rows:
                if any(cell.strip() for cell in cells):
                    wrong = [*self._line(line, columns, [cell.strip() for cell in cells])]
                    sound = sound and not wrong
                    yield from wrong
                line = rows.line_num + 1
        except csv.Error:
            words = _(
                "Line %(line)d can't be read as CSV: a quotation mark is out of place, or a cell "
                "is very long. Write the cells without quotation marks."
            )
            yield Problem(FIELD, words % {"line": line})
            return
        if sound:
            yield from self._gaps()

    def _line(self, line: int, columns: list[str], cells: list[str]) -> Iterator[Problem]:
        told = {"line": line, "columns": len(columns), "cells": len(cells)}
        if len(cells) != len(columns):
            words = _(
                "Line %(line)d has %(cells)d cells, and the list has %(columns)d columns. Fill in "
                "each cell, or take the line out."
            )
            yield Problem(FIELD, words % told)
            return
        given = dict(zip(columns, cells, strict=True))
        wrong = [*self._levels(line, given), *self._arm(line, given), *self._number(line, given)]
        yield from wrong
        if wrong:
            return
        name = "/".join(given[factor.key] for factor in self._allocation.factors)
        places = self._places.setdefault(name, {})
        place = int(given["place"])
        if place in places:
            words = _(
                "Line %(line)d has the place %(place)d of the same list as line %(first)d. Each "
                "place is given once: number them from 1 within each stratum."
            )
            yield Problem(FIELD, words % {**told, "place": place, "first": places[place][1]})
            return
        places[place] = (given["arm"], line)

    def _levels(self, line: int, given: Mapping[str, str]) -> Iterator[Problem]:
        for factor in self._allocation.factors:
            known = [level.key for level in factor.levels]
            if given[factor.key] not in known:
                words = _(
                    "Line %(line)d: “%(text)s” is no level of “%(factor)s”. Its levels are "
                    "%(known)s."
                )
                told = {"line": line, "text": given[factor.key], "factor": factor.key}
                yield Problem(FIELD, words % {**told, "known": ", ".join(known)})

    def _arm(self, line: int, given: Mapping[str, str]) -> Iterator[Problem]:
        if given["arm"] not in self._keys:
            words = _(
                "Line %(line)d: “%(text)s” is no arm that the allocation leads to. Their keys in "
                "the protocol are %(known)s."
            )
            known = ", ".join(self._keys)
            yield Problem(FIELD, words % {"line": line, "text": given["arm"], "known": known})

    def _number(self, line: int, given: Mapping[str, str]) -> Iterator[Problem]:
        text = given["place"]
        whole = text.isascii() and text.isdigit() and len(text) < 6
        if not whole or int(text) < 1:
            words = _(
                "Line %(line)d: “%(text)s” is no number of a place. Places are numbered from 1 "
                "within each stratum."
            )
            yield Problem(FIELD, words % {"line": line, "text": text})

    def _gaps(self) -> Iterator[Problem]:
        for name, places in self._places.items():
            missing = next((each for each in range(1, max(places) + 1) if each not in places), None)
            if missing is not None:
                words = _(
                    "The place %(place)d of the list “%(stratum)s” is missing, and later ones are "
                    "there. Places are given in their order, without a gap."
                )
                told = {"place": missing, "stratum": name or "1"}
                yield Problem(FIELD, words % told)
