"""Real participants wait until no safety-critical fact is only assumed."""

from pathlib import Path

from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.loader import parse_file
from trialwright.protocol.readiness import unready_for_real_participants

SMALL = (Path(__file__).parent / "files" / "small.yaml").read_text(encoding="utf-8")


def unready(facts):
    text = SMALL.replace("  run_in: {participants: 4, block_size: 2}", f"  run_in: {facts}")
    return [fact.path for fact in unready_for_real_participants(parse_file(text.encode()))]


def test_an_assumed_safety_critical_fact_stands_in_the_way():
    block = "{participants: 4, block_size: {value: 2, safety_critical: yes}}"
    assert unready(block) == ["allocation.run_in.block_size"]


def test_once_confirmed_it_no_longer_does():
    fact = "{value: 2, safety_critical: yes, origin: confirmed, source: us}"
    assert unready(f"{{participants: 4, block_size: {fact}}}") == []


def test_safety_critical_is_inherited_by_all_facts_of_a_block():
    assert unready("{safety_critical: yes, participants: 4, block_size: 2}") == [
        "allocation.run_in.block_size",
        "allocation.run_in.participants",
    ]


def test_the_demonstration_owns_to_the_limits_and_rules_it_assumes():
    paths = {fact.path for fact in unready_for_real_participants(demonstration())}
    assert "design.arm_rule.limit" in paths
    assert "products.haec.use_within_hours" in paths
    assert "products.haec.description" not in paths
