"""The small protocol with an endpoint of every further kind, and an invented cut of 24 people."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np

from trialwright.analysis.cut import Assignment, Cut, Head, ProtocolVersion, SealedPart, Site
from trialwright.analysis.cut_bytes import canonical_hash
from trialwright.analysis.cut_entries import Entry, Value, Visit
from trialwright.analysis.cut_participants import Participant, Step
from trialwright.protocol.loader import parse_file
from trialwright.protocol.model import Protocol

SMALL = Path(__file__).parents[1] / "protocol" / "files" / "small.yaml"
_THICK = "week_1.scan.thickness > 10 or week_2.scan.thickness > 10"
_ON = "if week_1.scan.thickness > 10 then week_1.scan.scanned_on else week_2.scan.scanned_on"
_TIME = f'reference: control, event_on: "{_ON}"'
ENDPOINTS = {
    "thick": (_THICK, f"{{measure: hazard_ratio, method: cox, test: logrank, {_TIME}}}"),
    "thick_in_strata": (
        _THICK, f"{{measure: hazard_ratio, method: cox, stratified: yes, test: logrank, {_TIME}}}",
    ),
    "thin_at_10": (
        _THICK, f"{{measure: survival_difference, method: kaplan_meier, until_days: 10, {_TIME}}}",
    ),
    "thin_days": (
        _THICK,
        "{measure: restricted_mean_difference, method: kaplan_meier, until_days: 12, "
        f"counted_from: randomisation, {_TIME}}}",
    ),
    "stage": (
        "points(week_2.scan.stage)",
        "{measure: win_odds, method: placements, reference: control}",
    ),
    "count": (
        "round(week_2.scan.thickness, 0)",
        "{measure: rate_ratio, method: poisson, reference: control, "
        "exposure: screening.who.age}",
    ),
    "rate": (
        "round(week_2.scan.thickness, 0)",
        "{measure: rate_ratio, method: negative_binomial, reference: control, stratified: yes}",
    ),
    "by_site": (
        "week_2.scan.thickness",
        "{measure: mean_difference, method: cluster_robust, clusters: site, reference: control, "
        "covariates: [screening.scan.thickness]}",
    ),
    "share_by_site": (
        "week_2.scan.thickness > 8",
        "{measure: difference, method: cluster_robust, clusters: site, reference: control}",
    ),
    "visits": (
        "week_2.scan.thickness",
        "{measure: mean_difference, method: mixed_model, reference: control, "
        "outcomes: [week_1.scan.thickness], covariates: [screening.scan.thickness]}",
    ),
    "periods": (
        "week_1.scan.thickness - week_2.scan.thickness",
        "{measure: period_difference, method: crossover, reference: control}",
    ),
}  # fmt: skip


GRAPH = """
multiplicity:
  hypotheses:
    times: {endpoint: thick, weight: 1, passes: {sites: 1/2, stages: 1/2}}
    sites: {endpoint: by_site, weight: 0, passes: {stages: 1}}
    stages: {endpoint: stage, weight: 0, passes: {sites: 1}}
"""


def protocol_text() -> str:
    """The small protocol's file with these endpoints beside its own."""
    text = SMALL.read_text(encoding="utf-8").rstrip() + "\n"
    for key, (variable, analysis) in ENDPOINTS.items():
        text += f"""  {key}:
    label: "{key.replace("_", " ").capitalize()}"
    kind: secondary
    population: all
    treatments: "Cells against nothing"
    variable: "{variable}"
    definition: "As named"
    at: week_2
    intercurrent_events:
      death: {{label: "Death", strategy: composite}}
    summary: "As planned"
    analysis: {analysis}
"""
    return f"{text}{GRAPH}"


def protocol() -> Protocol:
    """That file, read."""
    return parse_file(protocol_text().encode())


def cut_of(written: Protocol, people: int = 24) -> tuple[Cut, SealedPart]:
    """People randomised a day apart in blocks of two; every sixth misses week 2, and the fifth of
    them week 1 too."""
    chance = np.random.default_rng(7)
    participants, visits, entries, arms = [], [], [], []
    for k in range(people):
        code, began = f"S{k % 4}-{k:02}", date(2026, 2, 1) + timedelta(days=k)
        steps = (Step("screened", "2026-01-20"), Step("randomised", began.isoformat()))
        participants.append(Participant(code, f"S{k % 4}", code, "", steps))
        arm = ("treated", "control")[(k + k // 2) % 2]
        arms.append(Assignment(code, arm, arm))
        before = float(chance.normal(8.8, 1.5))
        seen = {"screening": (before, began), "week_1": None, "week_2": None}
        for week, key in ((1, "week_1"), (2, "week_2")):
            day = began + timedelta(days=7 * week + int(chance.integers(-2, 3)))
            after = before + week * (0.9 if arm == "treated" else 0.3) + chance.normal(0, 1)
            if not (k % 6 == 5 and week == 2) and not (k == 5 and week == 1):
                seen[key] = (float(after), day)
        for key, found in seen.items():
            if found is None:
                visits.append(Visit(code, key, "missed"))
                continue
            value, day = found
            visits.append(Visit(code, key, "done", actual=day.isoformat()))
            values = {
                "thickness": f"{value:.1f}", "scanned_on": day.isoformat(),
                "stage": "severe" if round(value, 1) > 9 else "mild",
            }  # fmt: skip
            entries.append(_entry(code, key, "scan", values))
        entries.append(_entry(code, "screening", "who", {"age": str(20 + k)}))
    cut = Cut(
        study=written.identifier, name="further", demonstration=True,
        protocol=ProtocolVersion(written.identifier, written.version, written.sha256),
        open_head=Head(1, "a1" * 32), sealed_head=Head(1, "b2" * 32),
        cut_at="2026-06-01T09:00+00:00", began_on="2026-01-15",
        sites=tuple(Site(f"S{k}", f"Site {k}") for k in range(4)),
        participants=tuple(participants), visits=tuple(visits), entries=tuple(entries),
    )  # fmt: skip
    return cut, SealedPart(cut.study, cut.name, canonical_hash(cut), tuple(arms))


def _entry(code: str, visit: str, form: str, values: dict[str, str]) -> Entry:
    held = tuple(Value(item, text) for item, text in values.items())
    return Entry(code, visit, form, 1, "complete", True, "1", held)
