"""docs/coverage.md counts what it says it counts."""

import re
from pathlib import Path

from trialwright.protocol.allocation_kinds import AllocationKind

PAGE = (Path(__file__).parents[2] / "docs" / "coverage.md").read_text(encoding="utf-8")
FILE = (Path(__file__).parents[2] / "docs" / "protocol-file.md").read_text(encoding="utf-8")
NEED = re.compile(r"^\| `(\w+)` \| [^|]+ \| (\d+) \| ([^|]+) \|$", re.MULTILINE)
TRIAL = re.compile(r"^\| (NCT\d{8}) \| ([\w, ]+) \| (yes|no: [\w, ]+) \|$", re.MULTILINE)


def test_the_table_of_trials_the_checklist_and_the_share_agree() -> None:
    needs = {key: (int(count), where) for key, count, where in NEED.findall(PAGE)}
    trials = {number: set(listed.split(", ")) for number, listed, _said in TRIAL.findall(PAGE)}
    assert len(trials) == 80
    for key, (count, _where) in needs.items():
        assert count == sum(key in listed for listed in trials.values()), key
    assert set().union(*trials.values()) == needs.keys()
    lacking = {key for key, (_count, where) in needs.items() if where == "not yet"}
    for number, listed, said in TRIAL.findall(PAGE):
        missing = [key for key in listed.split(", ") if key in lacking]
        assert said == (f"no: {', '.join(missing)}" if missing else "yes"), number
    expressed = sum(not listed & lacking for listed in trials.values())
    assert f"the protocol file expresses **{expressed}** ({expressed / 80:.0%})" in PAGE


def test_what_is_expressed_stands_in_the_manual_of_the_file() -> None:
    headings = set(re.findall(r"^### (.*)$", FILE, re.MULTILINE))
    for key, _count, where in NEED.findall(PAGE):
        for part in [] if where == "not yet" else where.split("; "):
            section, _comma, word = part.partition(", ")
            assert section in headings, key
            assert not word or all(each in FILE for each in re.findall(r"`(\w+)`", word)), key
    assert all(kind.value in FILE for kind in AllocationKind)
