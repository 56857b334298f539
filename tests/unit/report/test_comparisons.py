"""The comparisons of a report, recomputed from the files of its cut by a few lines of their own."""

import csv
from collections import defaultdict
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from bench.synthetic_cut import synthetic_cut
from trialwright.analysis.cut import Cut, SealedPart
from trialwright.analysis.cut_bytes import canonical_hash
from trialwright.analysis.cut_entries import Entry, Value
from trialwright.demonstration.protocol import demonstration
from trialwright.exchange.cut_files import write_cut
from trialwright.report.document import Document, Figure, Table
from trialwright.report.trial import trial_report

PROTOCOL = demonstration()


def cut_with_strata() -> tuple[Cut, SealedPart]:
    """An invented cut in which everybody was found eligible, stage II or III, at screening."""
    cut, sealed = synthetic_cut(PROTOCOL, 90)
    found = {
        p.code: Entry(
            p.code, "screening", "hysteroscopy", 1, "complete", True, "1.0",
            (Value("afs_stage", stage), Value("afs_total", total)),
        )
        for p, (stage, total) in zip(cut.participants, cycle(SCREENED), strict=False)
    }  # fmt: skip
    others = [e for e in cut.entries if (e.visit, e.form) != ("screening", "hysteroscopy")]
    cut = replace(cut, entries=(*others, *found.values()))
    return cut, replace(sealed, cut_hash=canonical_hash(cut))


SCREENED = [("II", "5"), ("III", "9"), ("III", "12"), ("II", "8"), ("II", "6")]
CUT, SEALED = cut_with_strata()
ARMS = ["amnion_haec", "amnion_alone", "intravenous_haec", "intrauterine_haec", "hydrogel_haec"]
OTHERS = [arm for arm in ARMS if arm != "amnion_alone"]

Column = dict[str, list[str]]


@pytest.fixture(scope="module")
def report() -> Document:
    return trial_report(CUT, PROTOCOL, language="en", sealed=SEALED)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cut") / "cut"
    write_cut(CUT, folder, PROTOCOL)
    return folder


def rows(files: Path, table: str) -> list[dict[str, str]]:
    with (files / f"{table}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def values(files: Path, visit: str, form: str, item: str) -> dict[str, float]:
    """What one item holds at one visit, by participant."""
    return {
        row["participant"]: float(row[item])
        for row in rows(files, f"form_{form}")
        if row["visit"] == visit and row[item]
    }


def by_arm(files: Path, found: dict[str, float]) -> dict[str, list[float]]:
    randomised = {r["participant"] for r in rows(files, "steps") if r["step"] == "randomised"}
    groups = defaultdict(list)
    for one in SEALED.assignments:
        if one.participant in randomised and one.participant in found:
            groups[one.arm].append(found[one.participant])
    return groups


def change(last: dict[str, float], first: dict[str, float]) -> dict[str, float]:
    return {code: last[code] - first[code] for code in last if code in first}


def cells(report: Document, caption: str) -> list[tuple[str, ...]]:
    (table,) = (b for b in report.walk() if isinstance(b, Table) and plain(b.caption) == caption)
    return [tuple(map(plain, row.cells)) for row in table.rows]


def plain(text: str) -> str:
    """A text without spaces that don't break, and with minus signs that Python reads."""
    return text.replace("\xa0", " ").replace("−", "-")


def numbers(cell: str) -> list[float]:
    """`-0.93 (-4.18, 2.32)` as three numbers."""
    return [float(part) for part in cell.translate(str.maketrans("(,)", "   ")).split()]


def test_pads_a_day_by_dunnetts_comparison(report: Document, files: Path) -> None:
    groups = by_arm(files, values(files, "first_bleed", "menses", "pads_a_day"))
    peer = stats.dunnett(
        *(groups[arm] for arm in OTHERS), control=groups["amnion_alone"],
        rng=np.random.default_rng(1),
    )  # fmt: skip
    limits = peer.confidence_interval()
    found = cells(report, "Menstrual blood volume: pads a day: Difference of means, against Arm 2")
    for k, (arm, row) in enumerate(zip(OTHERS, found, strict=True)):
        n, n0 = len(groups[arm]), len(groups["amnion_alone"])
        assert row[:2] == (f"Arm {ARMS.index(arm) + 1}", f"{n} v {n0}")
        difference = np.mean(groups[arm]) - np.mean(groups["amnion_alone"])
        expected = (difference, limits.low[k], limits.high[k])
        assert numbers(row[3]) == pytest.approx(expected, abs=0.02)
        assert float(row[4]) == pytest.approx(peer.pvalue[k], abs=2e-3)


def test_afs_by_welchs_t(report: Document, files: Path) -> None:
    screened = values(files, "screening", "hysteroscopy", "afs_total")
    looked = values(files, "month_3", "second_look", "afs_total")
    groups = by_arm(files, change(looked, screened))
    found = cells(report, "Change in AFS score: Difference of means, against Arm 2")
    for arm, row in zip(OTHERS, found, strict=True):
        peer = stats.ttest_ind(groups[arm], groups["amnion_alone"], equal_var=False)
        interval = peer.confidence_interval()
        expected = (
            np.mean(groups[arm]) - np.mean(groups["amnion_alone"]), interval.low, interval.high,
        )  # fmt: skip
        assert numbers(row[3]) == pytest.approx(expected, abs=6e-3)


def test_afs_by_lists_drawn_anew(report: Document, files: Path) -> None:
    """Run-in in blocks of five, then each stage in blocks of five or ten, 2,000 times."""
    arm_of = {a.participant: a.arm for a in SEALED.assignments}
    randomised = sorted(
        (r["at"], r["participant"]) for r in rows(files, "steps") if r["step"] == "randomised"
    )
    codes = [code for _, code in randomised]
    stage = {
        r["participant"]: r["afs_stage"]
        for r in rows(files, "form_hysteroscopy")
        if r["visit"] == "screening"
    }
    lists = np.array(["run-in" if k < 10 else stage[code] for k, code in enumerate(codes)])
    arms = np.array([arm_of[code] for code in codes])
    changed = change(
        values(files, "month_3", "second_look", "afs_total"),
        values(files, "screening", "hysteroscopy", "afs_total"),
    )
    y = np.array([changed.get(code, np.nan) for code in codes])

    def difference(arm: str) -> float:
        return float(np.nanmean(y[arms == arm]) - np.nanmean(y[arms == "amnion_alone"]))

    seen = {arm: abs(difference(arm)) for arm in OTHERS}
    chance, hits = np.random.default_rng(1), dict.fromkeys(OTHERS, 0)
    for _ in range(2_000):
        for name in set(lists):
            length = int((lists == name).sum())
            blocks: list[str] = []
            while len(blocks) < length:
                size = 1 if name == "run-in" else chance.integers(1, 3)
                blocks += chance.permutation(np.repeat(ARMS, size)).tolist()
            arms[lists == name] = blocks[:length]
        for arm in OTHERS:
            hits[arm] += abs(difference(arm)) >= seen[arm] - 1e-9
    found = cells(report, "Change in AFS score: Difference of means, against Arm 2")
    for arm, row in zip(OTHERS, found, strict=True):
        assert float(row[4]) == pytest.approx(hits[arm] / 2_000, abs=0.05)


def test_the_report_says_how_far_a_drawn_p_value_may_be_off(report: Document) -> None:
    (table,) = (
        b for b in report.walk()
        if isinstance(b, Table) and b.caption.startswith("Change in AFS score: Difference of means")
    )  # fmt: skip
    for row in table.rows:
        p = float(row.cells[4].lstrip("<"))
        (note,) = (n for n in table.notes if n.startswith(f"P-value of {row.cells[0]}."))
        assert "Drawn: 2000 of the ways" in note
        error = float(note.rstrip(".").rsplit(" ", 1)[1])
        assert error == pytest.approx((p * (1 - p) / 2_000) ** 0.5, rel=0.1)


def test_uterine_volume_by_least_squares(report: Document, files: Path) -> None:
    before = values(files, "screening", "ultrasound", "uterine_volume")
    after = values(files, "month_3", "ultrasound", "uterine_volume")
    stage = {
        row["participant"]: row["afs_stage"] == "III"
        for row in rows(files, "form_hysteroscopy")
        if row["visit"] == "screening"
    }
    arm_of = {a.participant: a.arm for a in SEALED.assignments}
    who = [code for code in change(after, before) if code in arm_of]
    y = np.array([after[code] - before[code] for code in who])
    design = np.column_stack(
        [np.ones(len(who))]
        + [[arm_of[code] == arm for code in who] for arm in OTHERS]
        + [[before[code] for code in who], [stage[code] for code in who]]
    ).astype(float)
    solved, residual, _, _ = np.linalg.lstsq(design, y, rcond=None)
    freedom = len(y) - design.shape[1]
    variance = np.linalg.inv(design.T @ design) * residual[0] / freedom
    found = cells(report, "Uterine volume: Difference of means, against Arm 2")
    for k, row in enumerate(found, start=1):
        half = stats.t.ppf(0.975, freedom) * np.sqrt(variance[k, k])
        expected = (solved[k], solved[k] - half, solved[k] + half)
        assert numbers(row[3]) == pytest.approx(expected, abs=6e-3)
        p = 2 * stats.t.sf(abs(solved[k]) / np.sqrt(variance[k, k]), freedom)
        assert float(row[4].lstrip("<")) == pytest.approx(p, abs=1e-3)


def test_the_pooled_report_says_the_plan_and_compares_nothing() -> None:
    pooled = trial_report(CUT, PROTOCOL, language="en")
    captions = [b.caption for b in pooled.walk() if isinstance(b, Table | Figure)]
    assert not [c for c in captions if "against Arm" in plain(c) or "estimates" in c]
    assert "against arm 2: Dunnett's comparison" in str(pooled)
    assert "Arms are compared in the report by arm alone." in str(pooled)


def test_every_planned_comparison_has_its_table_and_says_why_where_there_is_no_figure(
    report: Document,
) -> None:
    planned = [e for e in PROTOCOL.endpoints if e.analysis]
    tables = [
        b for b in report.walk() if isinstance(b, Table) and "against Arm 2" in plain(b.caption)
    ]
    forests = [b for b in report.walk() if isinstance(b, Figure) and "estimates" in b.caption]
    assert len(tables) == len(planned) > len(forests) > 2
    empty = next(t for t in tables if t.caption.startswith("Change in PBAC"))
    assert all(row.cells[3] == "–" for row in empty.rows)
    assert "Arm 1: not computed. An arm has no value yet." in map(plain, empty.notes)
