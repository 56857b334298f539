"""The described numbers of the demonstration's report, again from the files of its cut: a few lines
with Python's csv and statistics and SciPy, which know nothing of the program."""

import statistics
from collections.abc import Callable

import pytest
from scipy import optimize, stats

from tests.unit.report.test_comparisons import (  # noqa: F401
    ARMS,
    CUT,
    PROTOCOL,
    SEALED,
    cells,
    change,
    files,
    plain,
    rows,
    values,
)
from trialwright.report.document import Document, Table
from trialwright.report.trial import trial_report

Found = dict[str, float]


def pads(files) -> Found:  # type: ignore[no-untyped-def]  # noqa: F811
    return values(files, "first_bleed", "menses", "pads_a_day")


def volume(files) -> Found:  # type: ignore[no-untyped-def]  # noqa: F811
    return change(
        values(files, "month_3", "ultrasound", "uterine_volume"),
        values(files, "screening", "ultrasound", "uterine_volume"),
    )


def afs(files) -> Found:  # type: ignore[no-untyped-def]  # noqa: F811
    return change(
        values(files, "month_3", "second_look", "afs_total"),
        values(files, "screening", "hysteroscopy", "afs_total"),
    )


NUMERIC: list[tuple[str, Callable[..., Found], int]] = [
    ("Pads a day (/d)", pads, 3),
    ("Uterine volume", volume, 2),
    ("Change in AFS score", afs, 2),
]


def groups(files, found: Found, *, by_arm: bool) -> list[list[float]]:  # type: ignore[no-untyped-def]  # noqa: F811
    """The values of everybody randomised, in one group or by arm."""
    randomised = {r["participant"] for r in rows(files, "steps") if r["step"] == "randomised"}
    inside = {code: value for code, value in found.items() if code in randomised}
    if not by_arm:
        return [list(inside.values())]
    arm_of = {a.participant: a.arm for a in SEALED.assignments}
    return [[value for code, value in inside.items() if arm_of[code] == arm] for arm in ARMS]


@pytest.fixture(scope="module", params=[True, False], ids=["by arm", "pooled"])
def told(request: pytest.FixtureRequest) -> tuple[Document, bool]:
    by_arm: bool = request.param
    sealed = SEALED if by_arm else None
    return trial_report(CUT, PROTOCOL, language="en", sealed=sealed), by_arm


@pytest.mark.parametrize(("caption", "variable", "places"), NUMERIC)
def test_what_numbers_are_described_by(  # type: ignore[no-untyped-def]
    told,
    files,  # noqa: F811
    caption: str,
    variable: Callable[..., Found],
    places: int,
) -> None:
    document, by_arm = told
    told_rows = {row[0]: row[1:] for row in cells(document, caption)}
    for column, group in enumerate(groups(files, variable(files), by_arm=by_arm)):
        said = {
            head: [float(part) for part in row[column].translate(_SIGNS).split()]
            for head, row in told_rows.items()
            if not head.startswith("Missing")
        }
        mean, sd = statistics.fmean(group), statistics.stdev(group)
        half = stats.t.ppf(0.975, len(group) - 1) * sd / len(group) ** 0.5
        q1, median, q3 = statistics.quantiles(group, n=4, method="inclusive")
        off = 0.6 * 10**-places
        assert said["Known"] == [len(group)]
        assert said["Mean (SD)"] == pytest.approx([mean, sd], abs=off)
        assert said["95% CI of the mean"] == pytest.approx([mean - half, mean + half], abs=off)
        assert said["Median (quartiles)"] == pytest.approx([median, q1, q3], abs=10 * off)
        assert said["Smallest to largest"] == pytest.approx([min(group), max(group)], abs=10 * off)
        missing = sum(int(row[column]) for head, row in told_rows.items() if "Missing" in head)
        assert missing == len(SEALED.assignments) / (len(ARMS) if by_arm else 1) - len(group)


_SIGNS = str.maketrans("(,)\n", "    ")


def test_who_is_counted(told, files) -> None:  # type: ignore[no-untyped-def]  # noqa: F811
    document, _ = told
    steps = rows(files, "steps")
    per_site = {
        row[0]: row[2:]
        for table in document.walk()
        if isinstance(table, Table) and table.caption == "Participants by site"
        for row in [tuple(map(plain, each.cells)) for each in table.rows]
    }
    for site in ("C", "W"):
        randomised = {
            r["participant"]
            for r in steps
            if r["step"] == "randomised" and r["participant"].startswith(site)
        }
        screened = [r for r in rows(files, "participants") if r["site"] == site]
        assert per_site[site][0] == str(len(screened))
        assert per_site[site][2] == str(len(randomised))


def miettinen_nurminen(x1: int, n1: int, x2: int, n2: int) -> tuple[float, float]:
    """The score interval of a difference, its restricted proportions by numerical search."""

    def score(delta: float) -> float:
        low, high = max(0.0, -delta) + 1e-12, min(1.0, 1 - delta) - 1e-12

        def less(p: float) -> float:
            one, two = stats.binom.logpmf(x1, n1, p + delta), stats.binom.logpmf(x2, n2, p)
            return -float(one + two)

        p2 = optimize.minimize_scalar(
            less, bounds=(low, high), method="bounded", options={"xatol": 1e-12}
        ).x
        p1 = p2 + delta
        scale = (n1 + n2) / (n1 + n2 - 1)
        variance = (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2) * scale
        return float((x1 / n1 - x2 / n2 - delta) / variance**0.5)

    z, seen = stats.norm.ppf(0.975), x1 / n1 - x2 / n2
    low = optimize.brentq(lambda d: score(d) - z, -1 + 1e-9, seen - 1e-9)
    high = optimize.brentq(lambda d: score(d) + z, seen + 1e-9, 1 - 1e-9)
    return low, high


def test_responders_by_the_score_interval_and_boschloos_test(files) -> None:  # type: ignore[no-untyped-def]  # noqa: F811
    document = trial_report(CUT, PROTOCOL, language="en", sealed=SEALED)
    described = {row[0]: row[1:] for row in cells(document, "Responder")}
    counts = [
        tuple(int(part) for part in cell.split("\n")[0].split(" of ")) for cell in described["Yes"]
    ]
    compared = cells(document, "Responder: Difference of proportions, against Arm 2")
    control = counts[ARMS.index("amnion_alone")]
    others = [c for arm, c in zip(ARMS, counts, strict=True) if arm != "amnion_alone"]
    p_values = []
    for (x, n), row in zip(others, compared, strict=True):
        low, high = miettinen_nurminen(x, n, *control)
        said = [float(part) for part in row[3].translate(_SIGNS).split()]
        assert said == pytest.approx([x / n - control[0] / control[1], low, high], abs=6e-4)
        table = [[x, control[0]], [n - x, control[1] - control[0]]]
        both = stats.boschloo_exact(table, alternative="two-sided").pvalue
        p_values.append(float(row[4]))
        assert p_values[-1] <= both + 1e-3
    ranked = sorted(range(len(p_values)), key=lambda i: p_values[i])
    holm, most = [0.0] * len(p_values), 0.0
    for place, i in enumerate(ranked):
        most = max(most, min(1.0, (len(p_values) - place) * p_values[i]))
        holm[i] = most
    assert [float(row[5]) for row in compared] == pytest.approx(holm, abs=2e-3)
