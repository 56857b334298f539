"""A protocol file may be damaged anyhow: it is read or refused with problems, never a crash."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.protocol.loader import read

SMALL = Path(__file__).parents[2] / "unit" / "protocol" / "files" / "small.yaml"
LINES = SMALL.read_text(encoding="utf-8").split("\n")
WORDS = ["", "no", "[]", "{}", "- x", "{value: {value: 1}}", "label:", "  ", "'", "~", "1e9", "表"]


@st.composite
def damaged(draw):
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["drop", "repeat", "indent", "outdent", "value", "swap"])):
            case "drop":
                del lines[at]
            case "repeat":
                lines.insert(at, lines[at])
            case "indent":
                lines[at] = "  " + lines[at]
            case "outdent":
                lines[at] = lines[at].removeprefix("  ")
            case "value":
                lines[at] = lines[at].split(":")[0] + ": " + draw(st.sampled_from(WORDS))
            case "swap":
                other = draw(st.integers(0, len(lines) - 1))
                lines[at], lines[other] = lines[other], lines[at]
    return "\n".join(lines).encode()


@settings(max_examples=400, deadline=5000)
@given(st.one_of(damaged(), st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_a_damaged_file_is_read_or_refused_with_lines_and_ways_out(source):
    protocol, problems = read(source)
    assert protocol is not None or problems
    for problem in problems:
        assert problem.line >= 1 and problem.message and problem.way_out and problem.rule
