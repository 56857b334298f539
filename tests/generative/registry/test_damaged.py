"""Damaged records: whatever is missing, of the wrong type or hostile, nothing fails or runs."""

import copy
import json
from datetime import date
from functools import cached_property
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trialwright.protocol.loader import read as read_protocol
from trialwright.registry.draft.draft import draft
from trialwright.registry.index.document import facts_of, fields_of
from trialwright.registry.index.mesh import bundled_mesh
from trialwright.registry.library.adding import add
from trialwright.registry.library.library import Library
from trialwright.registry.library.sample import sample_bytes
from trialwright.registry.readers.ctgov_v2 import record_from_study
from trialwright.registry.readers.detect import read_record
from trialwright.registry.readers.errors import UnreadableError
from trialwright.registry.readers.files import RawRecord
from trialwright.registry.record.parts import RecordFact, RecordPart
from trialwright.registry.record.record import Record
from trialwright.registry.record.summaries import short_facts
from trialwright.registry.record.values import Given, Several, Value
from trialwright.registry.related.freshness import doubts
from trialwright.registry.related.history import changes_between
from trialwright.registry.related.related import related

MESH = bundled_mesh()
STUDIES = [json.loads(line) for line in sample_bytes().splitlines()]
HOSTILE = st.sampled_from(
    [
        None, True, 0, -1, 10**30, 1e308, "", " ", "N/A", "\x00", "\ud800",
        "<script>alert(1)</script>",
        "{{7*7}}{% x %}", "‮", "2017-99", "9999-12-31", "0000", "\\" * 50, "&#0;&#xFFFFFFF;",
        [], {}, [[]], [None], {"": {}}, ["a", 1], {"date": []}, "D000003550", "x" * 5000,
    ]
)  # fmt: skip


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a tree."""
    found = [path] if path else []
    items = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    for key, value in items:
        found += places(value, (*path, key))
    return found


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, Any]:
    """A study of the sample with some places replaced or removed."""
    study = copy.deepcopy(draw(st.sampled_from(STUDIES)))
    for _ in range(draw(st.integers(1, 6))):
        path = draw(st.sampled_from(places(study) or [("protocolSection",)]))
        node = study
        try:
            for key in path[:-1]:
                node = node[key]
            if draw(st.booleans()):
                node[path[-1]] = copy.deepcopy(draw(HOSTILE))
            else:
                del node[path[-1]]
        except (KeyError, IndexError, TypeError):
            continue
    return study


def every_value(thing: Any) -> list[Value[Any]]:
    """Every value of a record or a part of one."""
    if isinstance(thing, Value):
        return [thing]
    if isinstance(thing, Several | tuple):
        return [value for part in thing for value in every_value(part)]
    if isinstance(thing, Record):
        names = [name for name, kind in vars(Record).items() if isinstance(kind, cached_property)]
        return [v for name in names if name[0] != "_" for v in every_value(getattr(thing, name))]
    if isinstance(thing, RecordPart):
        names = [name for name, kind in vars(type(thing)).items() if isinstance(kind, RecordFact)]
        return [value for name in names for value in every_value(getattr(thing, name))]
    return []


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(study=damaged())
def test_a_damaged_record_is_read_part_by_part_or_refused(study: dict[str, Any]) -> None:
    try:
        record = record_from_study(study)
    except UnreadableError as error:
        assert error.why
        return
    for value in every_value(record):
        assert (value.value is not None) == (value.given is Given.STATED)
        if isinstance(value.value, str):
            value.value.encode("utf-8")
            assert "\x00" not in value.value
    facts = facts_of(record, MESH)
    orjson.dumps(short_facts(record, facts.mesh))
    orjson.dumps(fields_of(record.number, facts, MESH, b"{}"))
    doubts(record, date(2026, 1, 1))
    list(changes_between(record_from_study(STUDIES[0]), record))
    protocol, _ = read_protocol(draft(record, date(2026, 1, 1)).text.encode())
    assert protocol is not None


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(studies=st.lists(damaged(), min_size=1, max_size=8))
def test_a_library_of_damaged_records_is_searched_and_compared(
    studies: list[dict[str, Any]], tmp_path_factory: Any
) -> None:
    folder = tmp_path_factory.mktemp("library")
    raws = [
        RawRecord(json.dumps(study).encode(), "made", str(n)) for n, study in enumerate(studies)
    ]
    counts = add(folder, raws)
    assert counts.seen == len(studies)
    library = Library(folder)
    for summary in library.summaries():
        related(library, summary["nct"])
        assert library.record(summary["nct"]).number == summary["nct"]


@settings(max_examples=300, deadline=None)
@given(
    raw=st.binary(max_size=300) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace"))
)
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    for candidate in (raw, b"<clinical_study>" + raw, b'{"ctrname":"CTIS",' + raw):
        try:
            read_record(candidate)
        except UnreadableError as error:
            assert str(error)
