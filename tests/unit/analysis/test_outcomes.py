"""Values, populations, baseline and endpoints of a cut, against a small story told by hand."""

from dataclasses import replace
from decimal import Decimal

import pytest

from trialwright.analysis.baseline import baseline
from trialwright.analysis.completeness import form_counts, query_counts, visit_counts
from trialwright.analysis.cut import Assignment, Cut, Head, ProtocolVersion, SealedPart, Site
from trialwright.analysis.cut_bytes import canonical_hash
from trialwright.analysis.cut_entries import Entry, Query, Value, Visit
from trialwright.analysis.cut_participants import Participant, Step, Treatment
from trialwright.analysis.describe import Group, describe, groups_of
from trialwright.analysis.flow import Reason
from trialwright.analysis.outcomes import memberships, outcomes
from trialwright.analysis.summaries import Description
from trialwright.analysis.values import Values, typed
from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.scopes import kind_of
from trialwright.protocol.terms import Kind, Sort
from trialwright.protocol.values import Censored, Missing, PartialDate

# All that can stand in the baseline table does.
PROTOCOL = replace(demonstration(), baseline=())


def person(code: str, treated_on: str | None = "2026-01-10") -> Participant:
    steps = (Step("screened", "2026-01-01"), Step("randomised", "2026-01-10"))
    given = Treatment("full", treated_on) if treated_on else None
    return Participant(code, "C", code, "", steps, treatment=given)


def entry(code: str, visit: str, form: str, **items: str | None) -> Entry:
    values = tuple(
        Value(key, text if text != "?" else None, "not_done" if text == "?" else None)
        for key, text in items.items()
    )
    return Entry(code, visit, form, 1, "complete", True, "1.0", values)


def visit(code: str, key: str, status: str, closes: str, actual: str | None = None) -> Visit:
    return Visit(code, key, status, "2026-04-30", "2026-04-20", closes, actual)


def menses(code: str, when: str, **items: str) -> Entry:
    asked = {"diary_back": "yes", "bled": "yes", "on_hormones": "no", "category": "scant"}
    return entry(code, when, "menses", **{**asked, **items})


CUT = Cut(
    study=PROTOCOL.identifier,
    name="by hand",
    demonstration=True,
    protocol=ProtocolVersion(PROTOCOL.identifier, PROTOCOL.version, PROTOCOL.sha256),
    open_head=Head(1, "a" * 64),
    sealed_head=Head(1, "b" * 64),
    cut_at="2026-06-01",
    began_on="2026-01-01",
    sites=(Site("C", "Chongqing"),),
    participants=(
        *(person(f"C-{i}") for i in range(1, 7)),
        person("C-7", None),
        Participant("C-8", "C", "8", "", (Step("screened", "2026-05-30"),)),
    ),
    visits=(
        visit("C-1", "first_bleed", "done", "2026-05-10", "2026-05-01"),
        visit("C-2", "first_bleed", "done", "2026-05-10", "2026-05-12"),
        visit("C-3", "first_bleed", "missed", "2026-05-10"),
        visit("C-4", "first_bleed", "planned", "2026-05-10"),
        visit("C-5", "first_bleed", "planned", "2026-06-20"),
        visit("C-6", "first_bleed", "done", "2026-05-10", "2026-04-19"),
    ),
    entries=(
        menses("C-1", "first_bleed", days="4", pads="10"),
        menses("C-2", "first_bleed", days="5", pads="5"),
        menses("C-6", "first_bleed", days="4", pads="?"),
        entry("C-1", "screening", "demographics", age="29", height="160.0", weight="?"),
        entry("C-2", "screening", "demographics", age="35", height="158.0", weight="50.0"),
        menses("C-1", "baseline_cycle_1", category="normal"),
        menses("C-1", "baseline_cycle_2", category="scant"),
    ),
    queries=(
        Query(1, "C-1", "first_bleed", "menses", 1, "pads", "open", "2026-05-02"),
        Query(2, "C-1", "screening", "demographics", 1, "age", "closed", "2026-05-02"),
        Query(3, "C-2", "first_bleed", "menses", 1, "pads", "answered", "2026-05-02"),
    ),
)
VALUES = Values(CUT, PROTOCOL)


def primary(values: Values, groups: tuple[Group, ...]) -> tuple[Description, ...]:
    return next(o for o in outcomes(values, groups) if o.endpoint.key == "pads_a_day").groups


def test_the_primary_outcome_is_computed_and_each_missing_value_has_its_reason() -> None:
    (found,) = primary(VALUES, groups_of(CUT))
    assert (found.known, found.n) == (2, 7)
    assert found.numeric is not None
    assert found.numeric.mean == pytest.approx((10 / 4 + 5 / 5) / 2)
    assert found.missing == (
        Reason("not_done", 1),
        Reason("not_due", 2),
        Reason("not_recorded", 1),
        Reason("visit_missed", 1),
    )


def test_by_arm_the_same_values_stand_in_the_protocols_order_also_in_an_empty_arm() -> None:
    arms = [arm.key for arm in PROTOCOL.arms]
    given = tuple(Assignment(f"C-{i}", arms[1 if i == 1 else 3]) for i in range(1, 8))
    sealed = SealedPart(CUT.study, CUT.name, canonical_hash(CUT), given)
    groups = groups_of(CUT, sealed, arms)
    assert [(g.arm, len(g.codes)) for g in groups] == list(zip(arms, (0, 1, 0, 6, 0), strict=True))
    assert [d.known for d in primary(VALUES, groups)] == [0, 1, 0, 1, 0]


def test_populations_are_told_from_the_cut() -> None:
    found = memberships(VALUES)
    assert len(found["randomised"].codes) == 7
    assert found["treated"].codes == {f"C-{i}" for i in range(1, 7)}
    assert found["stopping_evaluable"].codes == {f"C-{i}" for i in range(1, 7)}
    early = Values(replace(CUT, cut_at="2026-01-20"), PROTOCOL)
    assert memberships(early)["stopping_evaluable"].codes == frozenset()
    assert memberships(early)["stopping_evaluable"].unknown == 0


def test_nobody_is_counted_as_free_of_an_event_that_is_not_asked_for() -> None:
    asks_nothing = replace(PROTOCOL, safety=None)

    def stopping(values: Values) -> Description:
        told = {each.endpoint.key: each for each in outcomes(values, groups_of(CUT))}
        return told["stopping_event"].groups[0]

    assert (stopping(VALUES).known, stopping(VALUES).n) == (6, 6)
    unasked = stopping(Values(CUT, asks_nothing))
    assert (unasked.known, unasked.n) == (0, 6)
    first, *others = CUT.participants
    had = replace(first, steps=(*first.steps, Step("stopping_event", "2026-01-20")))
    assert stopping(Values(replace(CUT, participants=(had, *others)), asks_nothing)).known == 1


def test_the_last_screening_value_is_the_baseline() -> None:
    found = {(c.form.key, c.item.key): c.groups[0] for c in baseline(VALUES, groups_of(CUT))}
    age = found["demographics", "age"]
    assert (age.known, age.n, age.missing) == (2, 7, (Reason("not_recorded", 5),))
    assert found["demographics", "weight"].missing == (
        Reason("not_done", 1),
        Reason("not_recorded", 5),
    )
    shares = dict(found["menses", "category"].shares)
    assert shares["scant"].count == 1
    assert shares["normal"].count == 0
    assert ("menses", "days") not in found


def test_a_computed_item_is_never_computed_from_incomplete_parts() -> None:
    assert VALUES.at("C-1", "screening", "demographics", "bmi") == Missing("not_done")
    bmi = VALUES.at("C-2", "screening", "demographics", "bmi")
    assert isinstance(bmi, Decimal)
    assert float(bmi) == pytest.approx(50 / 1.58**2, abs=0.06)
    assert VALUES.at("C-3", "screening", "demographics", "bmi") is None


def test_a_stored_value_is_used_as_it_is_stored() -> None:
    stored = entry("C-3", "screening", "demographics", bmi="21.0")
    values = Values(replace(CUT, entries=(*CUT.entries, stored)), PROTOCOL)
    assert values.at("C-3", "screening", "demographics", "bmi") == Decimal("21.0")


def test_unmasking_values_are_found_with_the_sealed_part_alone() -> None:
    hidden = entry("C-1", "day_0", "administration", lot="L-1")
    sealed = SealedPart(CUT.study, CUT.name, canonical_hash(CUT), (), (hidden,))
    assert VALUES.at("C-1", "day_0", "administration", "lot") is None
    assert Values(CUT, PROTOCOL, sealed).at("C-1", "day_0", "administration", "lot") == "L-1"


def test_visits_are_counted_by_where_they_fell() -> None:
    (found,) = visit_counts(CUT, PROTOCOL)
    assert (found.done, found.inside, found.early, found.late) == (3, 1, 1, 1)
    assert (found.missed, found.overdue, found.due, found.cancelled) == (1, 1, 5, 0)


def test_forms_are_expected_at_visits_that_took_place() -> None:
    found = {c.form: c for c in form_counts(CUT, PROTOCOL)}
    assert (found["menses"].expected, found["menses"].entered, found["menses"].absent) == (3, 3, 0)
    assert (found["pbac"].expected, found["pbac"].entered, found["pbac"].absent) == (3, 0, 3)
    assert "administration" not in found


def test_queries_are_counted_by_form() -> None:
    found = {c.form: (c.open, c.answered, c.closed) for c in query_counts(CUT, PROTOCOL)}
    assert found == {"demographics": (0, 0, 1), "menses": (1, 1, 0)}


def test_a_laboratory_value_beyond_a_limit_gives_no_mean() -> None:
    found = describe(Kind(Sort.NUMBER), [Decimal(3), Censored("<", Decimal(1)), Missing("x")])
    assert (found.known, found.censored, found.numeric) == (2, 1, None)


@pytest.mark.parametrize(
    ("form", "item", "text", "value"),
    [
        ("ultrasound", "thickness", "6.50", Decimal("6.50")),
        ("beta_hcg", "hcg", "<1.2", Censored("<", Decimal("1.2"))),
        ("history", "injured_on", "2025-03", PartialDate(2025, 3)),
        ("history", "wish", "yes", True),
        ("hysteroscopy", "afs_stage", "II", "II"),
        ("ultrasound", "thickness", "thin", "thin"),
    ],
)
def test_canonical_text_is_read_as_its_item_says(
    form: str, item: str, text: str, value: object
) -> None:
    assert typed(PROTOCOL.item(form, item), text) == value


def test_yes_no_and_choices_get_shares_of_the_known() -> None:
    found = describe(Kind(Sort.YES_NO), [True, False, True, Missing("x")])
    assert [(code, s.count, s.n) for code, s in found.shares] == [("yes", 2, 3)]
    kind = kind_of(PROTOCOL.item("menses", "category"))
    counts = {code: s.count for code, s in describe(kind, ["scant", "scant"]).shares}
    assert counts["scant"] == 2
    assert sum(counts.values()) == 2
