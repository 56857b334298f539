"""Endpoints of every further kind, from the protocol's file through a cut to the report."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from tests.unit.report.small_trial import ENDPOINTS, cut_of, protocol, protocol_text
from trialwright.analysis.analyse import EndpointAnalysis, analyse
from trialwright.analysis.counts import negative_binomial, rate_ratio
from trialwright.analysis.cut import Cut, SealedPart
from trialwright.analysis.cut_bytes import canonical_hash
from trialwright.analysis.families import decide
from trialwright.analysis.means import crossover
from trialwright.analysis.repeated import mmrm
from trialwright.analysis.survival import logrank
from trialwright.analysis.survival_comparison import (
    hazard_ratio,
    restricted_mean,
    survival_difference,
)
from trialwright.analysis.values import Values
from trialwright.analysis.win_odds import win_odds
from trialwright.design.places import blocks_of
from trialwright.protocol.loader import parse_file
from trialwright.report.document import Document, Figure, Table
from trialwright.report.html import render_html
from trialwright.report.trial import trial_report

PROTOCOL = protocol()
CUT, SEALED = cut_of(PROTOCOL)
VALUES = Values(CUT, PROTOCOL, SEALED)
ARM = {a.participant: float(a.arm == "treated") for a in SEALED.assignments}
CODES = [p.code for p in CUT.participants]
GROUP = np.array([ARM[code] for code in CODES])


def found(key: str) -> EndpointAnalysis:
    (endpoint,) = (e for e in PROTOCOL.endpoints if e.key == key)
    assert PROTOCOL.allocation is not None
    return analyse(VALUES, endpoint, SEALED, procedure=blocks_of(PROTOCOL.allocation))


def at(visit: str, item: str = "thickness") -> np.ndarray:  # type: ignore[type-arg]
    """One item at one visit, in the order of CODES, NaN where there is none."""
    held = {
        e.participant: next((v.text for v in e.values if v.item == item), None)
        for e in CUT.entries
        if e.visit == visit and e.form == ("who" if item == "age" else "scan")
    }
    return np.array([float(held.get(code) or "nan") for code in CODES])


def watched() -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """Days to a thickness above 10, or to the last scan after treatment, by hand."""
    began = {p.code: date.fromisoformat(p.at("randomised") or "") for p in CUT.participants}
    done = {(v.participant, v.visit): v.actual for v in CUT.visits}
    time, event = [], []
    for code, one, two in zip(CODES, at("week_1"), at("week_2"), strict=True):
        first = "week_1" if one > 10 else "week_2" if two > 10 else None
        last = [done[code, w] for w in ("week_1", "week_2") if done.get((code, w))]
        day = done[code, first] if first else max(last, default=None)
        time.append((date.fromisoformat(day) - began[code]).days if day else 0)
        event.append(float(first is not None))
    return np.array(time, dtype=float), np.array(event)


def test_times_to_an_event_are_compared_by_every_measure() -> None:
    time, event = watched()
    assert event.sum() > 6 and (time == 0).any()
    (one,) = found("thick").comparisons
    peer = hazard_ratio(time, event, GROUP)
    assert one.estimate is not None
    assert (one.estimate.estimate, one.estimate.upper) == (peer.estimate, peer.upper)
    assert one.p_value == logrank(time, event, GROUP).p_value
    assert one.tested_by.startswith("log-rank")
    strata = np.where(at("screening") > 9, "severe", "mild")
    (within,) = found("thick_in_strata").comparisons
    assert within.p_value == logrank(time, event, GROUP, strata=strata).p_value
    (share,) = found("thin_at_10").comparisons
    assert share.estimate is not None
    assert share.estimate.estimate == survival_difference(time, event, GROUP, until=10).estimate
    (days,) = found("thin_days").comparisons
    assert days.estimate is not None
    assert days.estimate.lower == restricted_mean(time, event, GROUP, until=12).lower


@pytest.mark.parametrize("rule", ["first", "midpoint"])
def test_a_median_where_the_curve_rests_at_one_half_is_told_by_the_rule_of_the_file(
    rule: str,
) -> None:
    time, event = watched()
    (early, first), (late, last) = sorted(
        {t: code for t, e, code in zip(time, event, CODES, strict=True) if e}.items()
    )[:2]
    two = (first, last)
    text = protocol_text().replace("until_days: 10,", f"until_days: 10, median: {rule},")
    written = parse_file(text.encode())
    whole, _sealed = cut_of(written)
    cut = replace(
        whole,
        participants=tuple(p for p in whole.participants if p.code in two),
        visits=tuple(v for v in whole.visits if v.participant in two),
        entries=tuple(e for e in whole.entries if e.participant in two),
    )
    tables = [b for b in trial_report(cut, written, language="en").walk() if isinstance(b, Table)]
    (table,) = (t for t in tables if t.caption == "Thin at 10: time to the event")
    (told,) = (row.cells[1] for row in table.rows if row.cells[0].startswith("Median"))
    expected = {"first": early, "midpoint": (early + late) / 2}[rule]
    assert float(told.split()[0]) == expected
    assert any(("middle between" in note) is (rule == "midpoint") for note in table.notes[1:])


def test_other_measures_are_the_functions_of_the_cuts_values() -> None:
    two = at("week_2")
    whole = np.floor(two + 0.5)
    severe = np.where(np.isnan(two), np.nan, np.where(two > 9, 2.0, 1.0))
    stage = (at("screening") > 9).astype(float)
    a, b = GROUP == 1, GROUP == 0
    peers = {
        "stage": win_odds(severe[a], severe[b]),
        "count": rate_ratio(whole, GROUP, at("screening", "age")),
        "rate": negative_binomial(whole, GROUP, covariates=stage),
        "visits": mmrm(np.column_stack([at("week_1"), two]), GROUP, at("screening")),
        "periods": crossover((at("week_1") - two)[a], (at("week_1") - two)[b]),
    }
    for key, peer in peers.items():
        (one,) = found(key).comparisons
        assert one.estimate is not None, one.refused
        seen = (one.estimate.estimate, one.estimate.lower, one.estimate.p_value)
        assert seen == pytest.approx((peer.estimate, peer.lower, peer.p_value), rel=1e-6), key
    for key in ("by_site", "share_by_site"):
        (one,) = found(key).comparisons
        assert one.estimate is not None and "4 clusters" in one.estimate.method


def test_the_report_shows_every_comparison_and_the_curves_with_numbers_at_risk() -> None:
    document = trial_report(CUT, PROTOCOL, language="en", sealed=SEALED)
    tables = [b for b in document.walk() if isinstance(b, Table)]
    compared = [t for t in tables if "against Arm 2" in t.caption.replace("\xa0", " ")]
    assert len(compared) == len(ENDPOINTS)
    assert all(row.cells[3] != "–" for table in compared for row in table.rows)
    curves = [b for b in document.walk() if isinstance(b, Figure) and "Kaplan" in b.caption]
    assert len(curves) == 4
    svg = curves[0].drawing.svg
    assert "At risk" in svg and svg.count(">12<") >= 2 and "participants" in svg
    (table, *_) = (t for t in tables if "time to the event" in t.caption)
    assert table.rows[0].cells[1:] == ("12", "12")


def comparison(document: Document, key: str) -> Table:
    (table,) = (
        b for b in document.walk()
        if isinstance(b, Table) and b.caption.startswith(f"{key}: ") and "against" in b.caption
    )  # fmt: skip
    return table


def without(code: str, visit: str, form: str) -> tuple[Cut, SealedPart]:
    """The cut without one form of one participant."""
    entries = tuple(
        e for e in CUT.entries if (e.participant, e.visit, e.form) != (code, visit, form)
    )
    cut = replace(CUT, entries=entries)
    return cut, replace(SEALED, cut_hash=canonical_hash(cut))


def test_who_is_analysed_is_counted_as_the_method_takes_them() -> None:
    """S1-05 came to no visit after screening; S3-11, S1-17 and S3-23 missed the last alone, and a
    mixed model takes them. S0-00 has no covariate, S2-02 no time watched."""
    mixed = comparison(trial_report(CUT, PROTOCOL, language="en", sealed=SEALED), "Visits")
    assert mixed.rows[0].cells[1:3] == ("12 v 11", "0 v 1")
    cut, sealed = without("S0-00", "screening", "scan")
    report = trial_report(cut, PROTOCOL, language="en", sealed=sealed)
    mixed, sites = comparison(report, "Visits"), comparison(report, "By site")
    assert mixed.rows[0].cells[1:3] == ("11 v 11", "1 v 1")
    assert sites.rows[0].cells[1:3] == ("9 v 10", "3 v 2")
    said = [note.replace("\xa0", " ") for note in sites.notes]
    assert "Left out of Arm 1: a covariate not known 1; visit missed 2." in said
    assert "Left out of Arm 2: visit missed 2." in said
    values = Values(cut, PROTOCOL, sealed)
    for key, sizes in (("visits", (22, 2)), ("by_site", (19, 5))):
        (endpoint,) = (e for e in PROTOCOL.endpoints if e.key == key)
        (one,) = analyse(values, endpoint, sealed).comparisons
        assert one.estimate is not None
        assert (one.estimate.participants, one.estimate.missing) == sizes
    cut, sealed = without("S2-02", "screening", "who")
    counts = comparison(trial_report(cut, PROTOCOL, language="en", sealed=sealed), "Count")
    assert sum("time watched not known 1" in note for note in counts.notes) == 1


def test_a_report_that_compares_doesnt_say_that_nothing_was_tested() -> None:
    said = str(trial_report(CUT, PROTOCOL, language="en", sealed=SEALED))
    assert "no test was made" not in said and "stand under the endpoints that plan one" in said


def test_a_pooled_report_shows_one_curve_and_no_arm() -> None:
    document = trial_report(CUT, PROTOCOL, language="zh")
    curves = [b for b in document.walk() if isinstance(b, Figure) and "Kaplan" in b.caption]
    assert len(curves) == 4
    assert "第 1 组" not in curves[0].drawing.svg
    assert "Kaplan-Meier" in render_html(document)


def test_a_gate_is_told_with_its_weights_and_keeps_what_stands_behind_it_shut() -> None:
    assert PROTOCOL.multiplicity is not None
    analyses = {key: found(key) for key in ("thick", "by_site", "stage")}
    gate, *behind = decide(PROTOCOL.multiplicity, analyses)
    assert gate.p_value is not None and gate.p_value > 0.05
    assert gate.adjusted == gate.p_value and not gate.rejected
    assert [each.rejected for each in behind] == [False, False]
    assert behind[0].p_value is not None and behind[0].p_value < 0.05 <= (behind[0].adjusted or 0)
    document = trial_report(CUT, PROTOCOL, language="en", sealed=SEALED)
    (table,) = (b for b in document.walk() if isinstance(b, Table) and "share one" in b.caption)
    assert [row.cells[-1] for row in table.rows] == ["No", "No", "No"]
    assert table.rows[0].cells[1] == "1" and table.rows[0].cells[2].startswith("1/2: By site")
    pooled = trial_report(CUT, PROTOCOL, language="en")
    (table,) = (b for b in pooled.walk() if isinstance(b, Table) and "share one" in b.caption)
    assert len(table.columns) == 3
