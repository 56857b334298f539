"""Kits and doses of a cut come back from its files as they were; the open part tells no product."""

from dataclasses import replace
from pathlib import Path

from tests.unit.report.hand_cut import CUT, PROTOCOL
from trialwright.analysis.cut_doses import Dose
from trialwright.analysis.cut_kits import Kit
from trialwright.exchange.cut_files import read_cut, write_cut

KITS = (
    Kit("K0001", "", "depot", "2027-03-31"),
    Kit("K0002", "C", "set_aside", reason="Broken, on the way", strength="mild"),
    Kit(
        "K0003", "C", "returned", None, "C-1", "dispense", "day_1", 2, "2026-02-01", "2026-03-01",
        "12.5",
    ),
)  # fmt: skip
DOSES = (
    Dose("C-1", "infuse", "", 1, "2026-01-11", "done", "200", "200", "mg"),
    Dose("C-1", "infuse", "day_1", 3, "2026-02-11", "part", "200", "50", "mg", "Felt faint"),
    Dose("C-2", "infuse", "day_1", 1, "2026-02-12", "not_done", reason="Ill"),
)


def test_they_come_back(tmp_path: Path) -> None:
    cut = replace(CUT, kits=KITS, doses=DOSES)
    write_cut(cut, tmp_path / "cut", PROTOCOL)
    assert read_cut(tmp_path / "cut") == cut
    heads = (tmp_path / "cut" / "kits.csv").read_text(encoding="utf-8").splitlines()[0]
    assert "product" not in heads
