"""docs/protocol-file.md documents every key, function, rule and closed word of the file."""

import re
from pathlib import Path

import pytest

from trialwright.protocol.analysis_plan import (
    Clusters,
    CountedFrom,
    HypothesisTest,
    Measure,
    Method,
    MissingRule,
    Multiplicity,
)
from trialwright.protocol.basics import Origin, Role
from trialwright.protocol.forms import ItemType, Severity
from trialwright.protocol.functions import FUNCTIONS, OWN, SERIES
from trialwright.protocol.model import ArmType, EndpointKind, Strategy
from trialwright.protocol.parser import KEYWORDS
from trialwright.protocol.roles import WRITTEN
from trialwright.protocol.scopes import PARTICIPANT
from trialwright.protocol.shapes import ALL, ITEM, PROVENANCE, RELEASE_TEST
from trialwright.protocol.steps import COME_BEFORE, COUNTED_FROM, Records

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "protocol-file.md").read_text(encoding="utf-8")
SOURCE = ROOT / "src" / "trialwright" / "protocol"


def section(heading):
    match = re.search(rf"^### {re.escape(heading)}$(.*?)(?=^##)", PAGE, re.DOTALL | re.MULTILINE)
    assert match, f"no section {heading!r}"
    return match.group(1)


@pytest.mark.parametrize("shape", ALL, ids=lambda shape: shape.what)
def test_every_key_of_every_block_has_its_row_and_no_other_key_has(shape):
    documented = re.findall(r"^\| `(\w+)` \|", section(shape.what.capitalize()), re.MULTILINE)
    keys = set(shape.keys)
    if shape is RELEASE_TEST:
        keys -= set(ITEM.optional)
    assert sorted(documented) == sorted(keys)


def test_the_keys_of_provenance_are_documented():
    rows = re.findall(r"^\| `(\w+)` \|", section("Where facts come from"), re.MULTILINE)
    assert rows == list(PROVENANCE)


def test_every_function_stands_in_the_table_with_its_signature_and_meaning():
    table = dict(re.findall(r"^\| `(\w+\([^`]*\))` \| (.*) \|$", PAGE, re.MULTILINE))
    expected = {each.signature: str(each.meaning) for each in FUNCTIONS.values()}
    expected |= dict(str(meaning).split(": ", 1) for meaning in OWN.values())
    expected |= {f"{name}(item)": str(meaning) for name, meaning in SERIES.items()}
    assert table == expected


def test_every_closed_word_is_named():
    people = (Origin, Role, WRITTEN, ItemType, Severity, ArmType, EndpointKind, Strategy, Records)
    analysis = (Measure, Method, HypothesisTest, MissingRule, Multiplicity, CountedFrom, Clusters)
    for words in (*people, *analysis, COME_BEFORE, COUNTED_FROM):
        for word in words:
            assert f"`{word}`" in PAGE, word
    for name in PARTICIPANT:
        assert f"`{name}`" in PAGE
    for word in KEYWORDS:
        assert re.search(rf"\b{word}\b", PAGE)


def test_every_rule_that_the_reader_can_name_is_in_the_table():
    named = set()
    for path in SOURCE.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        named |= set(re.findall(r'"([a-z]+(?:-[a-z0-9]+)+)"', text))
    rules = PAGE[PAGE.index("## Rules") :]
    documented = set(re.findall(r"`([a-z0-9-]+)`", rules))
    not_rules = {"utf-8", "utf-8-sig", "run-in"}  # encodings, and what a key is called
    assert named - not_rules <= documented
