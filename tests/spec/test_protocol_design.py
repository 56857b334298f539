"""The rule written in the demonstration protocol is the rule that the trial runs."""

from trialwright.demonstration.protocol import demonstration
from trialwright.design.section import designs_from_node


def reached(hold_at, first, last):
    return set(hold_at[first : last + 1])


def test_the_rules_of_the_file_hold_at_the_counts_the_protocol_was_reviewed_with():
    protocol = demonstration()
    design = designs_from_node(protocol.design, protocol.file)["selection"]
    arm = design.arm_rule.hold_at
    assert arm[1] is None
    assert reached(arm, 2, 5) == {2}
    assert reached(arm, 6, 9) == {3}
    assert reached(arm, 10, 10) == {4}
    pooled = design.pooled_rule.hold_at
    steps = [(2, 3, 2), (4, 8, 3), (9, 14, 4), (15, 21, 5), (22, 27, 6), (28, 34, 7), (35, 40, 8)]
    for first, last, events in steps:
        assert reached(pooled, first, last) == {events}


def test_the_control_of_the_design_is_the_protocols_comparator():
    protocol = demonstration()
    design = designs_from_node(protocol.design, protocol.file)["selection"]
    assert design.arms == len(protocol.arms)
    assert protocol.arms[design.control - 1].key == "amnion_alone"


def test_what_the_rules_watch_are_endpoints_of_the_protocol():
    protocol = demonstration()
    endpoints = {endpoint.key for endpoint in protocol.endpoints}
    for key in ("monitored_endpoint", "response_endpoint"):
        assert protocol.safety.get(key).text in endpoints
