"""What is wrong with a protocol's `safety:` section, whichever part of it reads it."""

from trialwright.protocol.model import Protocol
from trialwright.protocol.problems import Problem
from trialwright.safety.board import board_rules
from trialwright.safety.clock_rules import clock_rules
from trialwright.safety.hold_rules import hold_rules
from trialwright.safety.laboratory_grading import laboratory_grading
from trialwright.safety.reference import reference_documents
from trialwright.safety.section import SectionError, grading, stopping_event


def safety_problems(protocol: Protocol | None) -> tuple[Problem, ...]:
    """What is wrong with the section: the first thing met."""
    if protocol is None or protocol.safety is None:
        return ()
    try:
        grading(protocol)
        laboratory_grading(protocol)
        stopping_event(protocol)
        hold_rules(protocol)
        clock_rules(protocol)
        reference_documents(protocol)
        board_rules(protocol)
    except SectionError as error:
        return (error.problem,)
    return ()
