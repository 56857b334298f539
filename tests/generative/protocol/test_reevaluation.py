"""Re-evaluating what depends on a change comes to the same as computing everything anew."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial

from hypothesis import example, given, settings
from hypothesis import strategies as st

from trialwright.demonstration.protocol import demonstration
from trialwright.protocol import Form, Item, ItemType, Missing, Section, Severity, Text
from trialwright.protocol.dependencies import Dependant, Use, dependencies_of
from trialwright.protocol.expression import parse
from trialwright.protocol.forms import Check
from trialwright.protocol.reevaluation import Moved, reevaluate, stands_alone
from trialwright.protocol.scopes import FormScope, kind_of
from trialwright.protocol.terms import Kind, Sort
from trialwright.protocol.visits import Visit

WORDS = Text("words", "词")
YES_NO = Kind(Sort.YES_NO)
# Forms that read each other both ways, across two visits and one that comes again, with a
# repeating and a restricted one; some read all records, those of their own form among them.
WRITTEN = {
    "a": {"x": {}, "y": {"show_when": "b.flag"}},
    "b": {
        "flag": {"type": ItemType.YES_NO},
        "z": {"expression": "a.x + 1"},
        "w": {"show_when": "z > 3"},
    },
    "d": {
        "s": {"expression": "if b.flag then b.z * 2 + first.a.x else a.y"},
        "asked": {"show_when": "s >= 6"},
    },
    "c": {"own": {}, "t": {"expression": "d.s + own"}},
    "e": {"dose": {}, "per": {"expression": "dose / (a.x + 1)"}},
    "g": {"twice": {"expression": "e.per * 2"}},
    "m": {
        "total": {"expression": "sum(c.own)"},
        "more": {"show_when": "count(c.t) > 1"},
        "extra": {"expression": "more + max(c.t)"},
    },
    "n": {
        "now": {},
        "least": {"expression": "min(again.n.now)"},
        "above": {"expression": "now - least + count(again.c.own) * 100"},
        "latest": {"expression": "last(again.m.total)"},
        "recent": {"expression": "sum(again.n.now, 5) + count(second.c.own, 3) * 100"},
    },
}
CHECKS = {"d": "b.w > a.x", "c": "t > 9", "m": "total > 8", "n": "last(again.n.above) > 102"}
VISITS = ("first", "second", "again")
PLACES = (*VISITS, "again~2", "again~3")
RESTRICTED, REPEATING = ("e", "g"), "c"


def _protocol():
    visits = tuple(
        Visit(key=key, label=WORDS, forms=tuple(WRITTEN), line=1, unscheduled=key == "again")
        for key in VISITS
    )
    bare = tuple(_form(key, typed=None) for key in WRITTEN)
    forms = tuple(
        _form(key, typed=FormScope(bare, visits, here=form, sealed=key in RESTRICTED))
        for key, form in zip(WRITTEN, bare, strict=True)
    )
    return replace(
        demonstration(), forms=forms, visits=visits, criteria=(), allocations=(), anchors=(),
        sha256="0" * 64,
    )  # fmt: skip


def _form(key, typed):
    def expression(text, kind):
        return parse(text).typed(typed, kind) if text and typed else None

    items = []
    for name, more in WRITTEN[key].items():
        kind = more.get("type", ItemType.SCORE if "expression" in more else ItemType.INTEGER)
        item = Item(key=name, label=WORDS, type=kind, line=1, unmasking=key in RESTRICTED)
        items.append(
            replace(
                item,
                show_when=expression(more.get("show_when"), YES_NO),
                expression=expression(more.get("expression"), kind_of(item)),
            )
        )
    when = expression(CHECKS.get(key), YES_NO)
    checks = (Check("odd", key, when, Severity.ASK, WORDS, (items[0].key,), 1),) if when else ()
    section = Section("all", WORDS, tuple(items))
    return Form(key, WORDS, (section,), checks, 1, repeating=key == REPEATING,
                unmasking=key in RESTRICTED)  # fmt: skip


PROTOCOL = _protocol()
GRAPH = dependencies_of(PROTOCOL)
TYPED = [
    (form.key, item.key, item.type)
    for form in PROTOCOL.forms
    for item in form.items
    if not item.computed
]


@st.composite
def edits(draw):
    """One answer to one item at one place; None empties it."""
    form, item, kind = draw(st.sampled_from(TYPED))
    repeat = draw(st.integers(1, 2)) if form == REPEATING else 1
    place = (draw(st.sampled_from(PLACES)), form, repeat)
    numbers = st.integers(0, 6).map(Decimal)
    values = st.booleans() if kind is ItemType.YES_NO else numbers
    return place, item, draw(values | st.none() | st.just(Missing("not_known")))


def _save(record, place, item, value, days=None):
    """What a saving does: the form itself, then what follows; returns the places re-evaluated."""
    new, before = place not in record, dict(record.get(place, {}))
    typed = {**before, item: value}
    record[place] = {key: each for key, each in typed.items() if each is not None}
    record[place] = dict(stands_alone(PROTOCOL, record, place, days).values)
    form = PROTOCOL.form(place[1])
    changed = {
        f"{place[0]}.{place[1]}.{key}": before.get(key)
        for key in {*before, *record[place], *form.unmasking_items}
        if before.get(key) != record[place].get(key) or key in form.unmasking_items
    }
    if new:
        names = [f"{place[0]}.{place[1]}.{each.key}" for each in form.items]
        changed |= {name: None for name in names if GRAPH.readers_of_all(name)}
    found = reevaluate(PROTOCOL, GRAPH, record, changed, repeat=place[2], days=days)
    for other, each in found.items():
        record[other] = dict(each.values)
    return found


def _move(record, days, visit, day):
    """What another day of a visit does; returns the places re-evaluated."""
    before = days.get(visit)
    days[visit] = day
    found = reevaluate(PROTOCOL, GRAPH, record, {}, days=days, moved=Moved(visit, before))
    for other, each in found.items():
        record[other] = dict(each.values)
    return found


HIDDEN = [
    (("first", "b", 1), "flag", True),
    (("first", "a", 1), "y", Decimal(0)),
    (("first", "b", 1), "flag", False),
]


@settings(max_examples=200, deadline=None)
@example(HIDDEN)
@given(st.lists(edits(), max_size=25))
def test_after_any_edits_each_record_is_what_the_protocol_computes(steps):
    record = {}
    for place, item, value in steps:
        found = _save(record, place, item, value)
        for where, values in record.items():
            anew = stands_alone(PROTOCOL, record, where)
            assert anew.values == values
            if where in found:
                assert found[where].state == anew.state
                assert found[where].causes <= {
                    f"{place[0]}.{place[1]}.{key}" for key in {*WRITTEN[place[1]]}
                }


MOVES = st.tuples(st.sampled_from(PLACES), st.integers(1, 12).map(partial(date, 2026, 1)))


@settings(max_examples=200, deadline=None)
@given(st.lists(edits() | MOVES, max_size=25))
def test_after_any_edits_and_days_of_visits_each_record_is_what_the_protocol_computes(steps):
    record, days = {}, {}
    for step in steps:
        found = _move(record, days, *step) if len(step) == 2 else _save(record, *step, days)
        for where, values in record.items():
            anew = stands_alone(PROTOCOL, record, where, days)
            assert anew.values == values
            if where in found:
                assert found[where].state == anew.state


@settings(max_examples=100, deadline=None)
@given(st.lists(edits(), max_size=12), st.integers(0, 6), st.integers(0, 6))
def test_which_records_follow_does_not_depend_on_what_is_restricted(steps, one, other):
    """The same places are evaluated again whatever the restricted items hold."""
    records = []
    for dose in (one, other):
        record = {}
        _save(record, ("first", "e", 1), "dose", Decimal(dose))
        _save(record, ("first", "g", 1), "twice", None)
        found = [set(_save(record, place, item, value)) for place, item, value in steps
                 if place[1] not in RESTRICTED]  # fmt: skip
        records.append(found)
    assert records[0] == records[1]


def test_the_graph_names_what_an_item_decides_through_other_items():
    following = GRAPH.following(["second.a.x"])
    assert Dependant(Use.VALUE, "second.g.twice") in following
    assert Dependant(Use.SHOWN, "second.d.asked") in following
    assert Dependant(Use.VALUE, "first.d.s") not in following
    assert Dependant(Use.VALUE, "second.d.s") in GRAPH.following(["first.a.x"])
    assert GRAPH.following(["second.a.nothing"]) == frozenset()


def test_what_comes_later_changes_nothing_that_was_computed_before() -> None:
    record = {}
    for number, value in ((1, 4), (2, 2), (3, 6)):
        place = ("again" if number == 1 else f"again~{number}", "n", 1)
        assert _save(record, place, "now", Decimal(value)) == {}
    least = [record[place]["least"] for place in record]
    assert least == [4, 2, 2]
    found = _save(record, ("again", "n", 1), "now", Decimal(1))
    assert {place[0] for place in found} == {"again~2", "again~3"}
    assert [record[place]["least"] for place in record] == [1, 1, 1]
    assert set(_save(record, ("again~3", "n", 1), "now", Decimal(0))) == set()


def test_a_record_without_the_value_makes_a_sum_unknown() -> None:
    record = {}
    _save(record, ("first", "m", 1), "more", None)
    _save(record, ("first", "c", 1), "own", Decimal(3))
    _save(record, ("first", "c", 2), "own", Decimal(4))
    assert record["first", "m", 1]["total"] == 7
    _save(record, ("first", "c", 3), "own", None)
    assert "total" not in record["first", "m", 1]
    assert "total" not in record.get(("second", "m", 1), {})
