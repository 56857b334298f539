"""The open-addressed table of states: a key of two words for what is known at each dose."""

from __future__ import annotations

from typing import Any

import numpy as np

from .marks import borrowing, jit

PACKED = 8
"""Doses whose cells fit a key of two words, which the exact engine takes apart again."""


@borrowing
def slot_of(rows: Any, first: Any, second: Any, mask: int) -> Any:
    """Where a row's key stands in the open-addressed table, or the free place for it."""
    mixed = (first ^ (second * np.uint64(0x9E3779B97F4A7C15))) * np.uint64(0xD6E8FEB86659FD93)
    mixed ^= mixed >> np.uint64(32)
    place = np.int64(mixed & np.uint64(mask))
    while rows[place, 0] != np.uint64(0) and (rows[place, 0] != first or rows[place, 1] != second):
        place = (place + 1) & mask
    return place


@borrowing
def pack(cells: Any, doses: int, tag: int) -> Any:
    """Two words: 15 bits per dose, four doses each; a tag of four bits on top of the first. More
    than `PACKED` doses, which are only simulated, give two words mixed of all: they can't be
    unpacked, and two of a million states meet with a chance of 1e-26."""
    first = np.uint64(tag)
    second = np.uint64(0)
    if doses > PACKED:
        second = np.uint64(0x9E3779B97F4A7C15)
        for d in range(doses):
            first = (first ^ np.uint64(cells[d])) * np.uint64(0xD6E8FEB86659FD93)
            first ^= first >> np.uint64(32)
            second = (second ^ np.uint64(cells[d])) * np.uint64(0xFF51AFD7ED558CCD) + first
            second ^= second >> np.uint64(29)
        return first | np.uint64(1), second
    for d in range(min(doses, 4)):
        first = (first << np.uint64(15)) | np.uint64(cells[d])
    for d in range(4, doses):
        second = (second << np.uint64(15)) | np.uint64(cells[d])
    return first, second


@borrowing
def unpack(first: Any, second: Any, doses: int, cells: Any) -> int:
    """Fill `cells` from a key; return its tag."""
    low = np.uint64(0x7FFF)
    for d in range(doses - 1, 3, -1):
        cells[d] = np.int64(second & low)
        second = second >> np.uint64(15)
    for d in range(min(doses, 4) - 1, -1, -1):
        cells[d] = np.int64(first & low)
        first = first >> np.uint64(15)
    return int(first)


@jit
def grown(rows: Any) -> Any:
    """The same table of rows with twice the places."""
    capacity = 2 * len(rows)
    wider = np.zeros((capacity, 3), dtype=np.uint64)
    for place in range(len(rows)):
        if rows[place, 0] != np.uint64(0):
            to = slot_of(wider, rows[place, 0], rows[place, 1], capacity - 1)
            for part in range(3):
                wider[to, part] = rows[place, part]
    return wider


@jit
def longer(old: Any, used: int, capacity: int) -> Any:
    """An array of that capacity, with a copy of what is used; the rest isn't touched, so that it
    takes no memory yet."""
    new = np.empty((capacity, *old.shape[1:]), dtype=old.dtype)
    source, target = old.reshape(-1), new.reshape(-1)
    width = len(target) // capacity
    for i in range(used * width):  # numba compiles a slice on the left for seconds
        target[i] = source[i]
    return new
