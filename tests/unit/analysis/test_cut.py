"""A data cut puts itself in one order, checks its keys, and has one spelling in bytes."""

import random
from dataclasses import replace

import pytest

from trialwright.analysis.cut import (
    Assignment,
    Cut,
    CutError,
    Head,
    ProtocolVersion,
    SealedPart,
    Site,
)
from trialwright.analysis.cut_bytes import canonical_bytes, canonical_hash, check_sealed, from_bytes
from trialwright.analysis.cut_entries import Entry, Value, Visit
from trialwright.analysis.cut_participants import Ending, Exclusion, Participant, Step, Treatment


def small_cut(**changes: object) -> Cut:
    parts: dict[str, object] = {
        "study": "DEMO-1",
        "name": "first look",
        "demonstration": True,
        "protocol": ProtocolVersion("DEMO-1", "1.0", "a" * 64),
        "open_head": Head(41, "b" * 64),
        "sealed_head": Head(7, "c" * 64),
        "cut_at": "2026-03-04T09:30+08:00",
        "began_on": "2025-12-01",
        "sites": (Site("C", "Chongqing"), Site("B", "Beijing")),
        "participants": (
            Participant(
                "C-002",
                "C",
                "S-2",
                "treated",
                (Step("randomised", "2026-02-02"), Step("screened", "2026-01-02")),
                treatment=Treatment("full", "2026-02-02"),
            ),
            Participant("C-001", "C", "S-1", "screen failure", (Step("screened", "2026-01"),)),
        ),
        "visits": (Visit("C-002", "month-1", "done", actual="2026-03-02"),),
        "entries": (
            Entry(
                "C-002",
                "month-1",
                "ultrasound",
                1,
                "complete",
                True,
                "1.0",
                (Value("thickness_mm", "6.50"), Value("phase", None, "not_done")),
            ),
        ),
    }
    return Cut(**{**parts, **changes})  # type: ignore[arg-type]


def test_the_same_state_in_any_order_has_the_same_bytes() -> None:
    cut = small_cut()
    shuffled = list(cut.participants)
    random.Random(1).shuffle(shuffled)
    again = replace(cut, participants=tuple(shuffled), sites=cut.sites[::-1])
    assert canonical_bytes(again) == canonical_bytes(cut)
    assert [p.code for p in again.participants] == ["C-001", "C-002"]


def test_bytes_read_back_to_an_equal_cut() -> None:
    cut = small_cut()
    assert from_bytes(Cut, canonical_bytes(cut)) == cut


def test_the_hash_changes_with_any_value_and_keeps_typed_digits() -> None:
    cut = small_cut()
    entry = replace(cut.entries[0], values=(Value("thickness_mm", "6.5"),))
    assert canonical_hash(replace(cut, entries=(entry,))) != canonical_hash(cut)


def test_the_canonical_spelling_is_pinned() -> None:
    """Hashes are printed in reports: a change of spelling must be a decision."""
    assert canonical_hash(small_cut()) == PINNED


PINNED = "178c911ab01dcdb9c2de158035b3596d107b760b3c7e85cc3cfcc81c0710d97b"


@pytest.mark.parametrize(
    ("breaks", "sentence"),
    [
        (lambda: Value("x", "1", "not_done"), "either a value or the reason"),
        (lambda: Value("x", None), "either a value or the reason"),
        (lambda: Value("x", ""), "either a value or the reason"),
        (lambda: Value("x", "", "not_done"), "either a value or the reason"),
        (lambda: Step("screened", "4 March"), "not a date of a cut"),
        (lambda: Step("screened", "2026-13"), "not a date of a cut"),
        (lambda: Ending("gone", "2026-01-01"), "withdrawn, lost, died, completed"),
        (lambda: Visit("C-1", "v", "done"), "if, and only if, it is done"),
        (lambda: Head(1, "zz"), "SHA-256"),
        (lambda: Entry("C-1", "v", "f", 0, "draft", False, "1", ()), "counted from 1"),
        (lambda: small_cut(sites=()), "site 'C' is used in the cut but not listed"),
        (lambda: small_cut(visits=(Visit("X", "v", "planned"),)), "participant 'X'"),
        (
            lambda: small_cut(visits=(Visit("C-002", "v", "planned"),) * 2),
            "stands there twice",
        ),
        (
            lambda: Participant(
                "C-1",
                "C",
                "S",
                "?",
                (Step("randomised", "2026-01-01"),),
                exclusion=Exclusion("declined", "2026-01-01"),
            ),
            "excluded from randomisation and randomised",
        ),
    ],
)
def test_a_part_that_breaks_a_rule_is_refused_with_the_rule(breaks, sentence) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(CutError, match=sentence):
        breaks()


def test_bytes_of_something_else_are_refused() -> None:
    for content in (b"no", b"[]", b'{"format":"other/1"}'):
        with pytest.raises(CutError):
            from_bytes(Cut, content)
    stranger = canonical_bytes(small_cut()).replace(b'"study"', b'"studies"')
    with pytest.raises(CutError, match="Cut has no studies"):
        from_bytes(Cut, stranger)


def test_a_sealed_part_opens_with_its_own_cut_alone() -> None:
    cut = small_cut()
    sealed = SealedPart(cut.study, cut.name, canonical_hash(cut), (Assignment("C-002", "arm-1"),))
    check_sealed(cut, sealed)
    assert from_bytes(SealedPart, canonical_bytes(sealed)) == sealed
    with pytest.raises(CutError, match="belongs to another cut"):
        check_sealed(replace(cut, name="second look"), sealed)
