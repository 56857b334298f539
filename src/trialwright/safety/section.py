"""The protocol's `safety:` section as typed facts: how events are graded, what stops the trial."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from trialwright.messages import Message
from trialwright.protocol.basics import Text
from trialwright.protocol.model import Protocol
from trialwright.protocol.nodes import Block, Listing, Node, Scalar
from trialwright.protocol.problems import Problem
from trialwright.safety.ctcae import VERSIONS


class SectionError(ValueError):
    """Something in the section can't be read; `problem` has its line."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class StoppingEvent:
    """What the stopping rules count: the days after the treatment, from and to, and the questions
    of which one is answered with yes; those `only_related` count where the event is related."""

    first_day: int
    last_day: int
    unassessed_counts_as_related: bool
    any_of: Mapping[str, Text]
    only_related: frozenset[str] = frozenset()


def value(node: Node | None) -> Node | None:
    """The value of a fact, whether it stands alone or in a block with its origin."""
    if isinstance(node, Block) and node.get("value") is not None:
        return node.get("value")
    return node


def text_of(node: Node | None) -> Text | None:
    """Words in two languages, or in one for both."""
    node = value(node)
    if isinstance(node, Scalar) and not node.empty:
        return Text(node.text, node.text)
    if isinstance(node, Block):
        said = [node.get(language) for language in ("en", "zh")]
        words = [one.text for one in said if isinstance(one, Scalar)]
        if len(words) == 2:
            return Text(*words)
    return None


def whole_number(block: Block, key: str) -> int:
    """A whole number under a key.

    Raises:
        SectionError: there is none.
    """
    node = value(block.get(key))
    if not isinstance(node, Scalar) or not node.text.lstrip("-").isdigit():
        line = node.line if node is not None else block.line
        raise SectionError(
            Problem(
                line, f"`{key}` is no whole number", f"Write `{key}: 28`, for example.", "safety"
            )
        )
    return int(node.text)


def yes_or_no(block: Block, key: str, default: bool) -> bool:
    """Yes or no under a key."""
    node = value(block.get(key))
    if node is None:
        return default
    if not isinstance(node, Scalar) or node.text not in ("yes", "no", "true", "false"):
        raise SectionError(
            Problem(node.line, f"`{key}` is neither yes nor no", "Write yes or no.", "safety")
        )
    return node.text in ("yes", "true")


def words(block: Block, key: str) -> tuple[str, ...]:
    """The words of a list under a key; none if it isn't there."""
    node = value(block.get(key))
    if node is None:
        return ()
    if not isinstance(node, Listing) or not all(isinstance(each, Scalar) for each in node):
        raise SectionError(Problem(node.line, f"`{key}` is no list", "Write a list.", "safety"))
    return tuple(each.text for each in node if isinstance(each, Scalar))


def stopping_event(protocol: Protocol) -> StoppingEvent | None:
    """What the protocol calls a stopping event; None where it names none."""
    block = protocol.safety.get("stopping_event") if protocol.safety else None
    if not isinstance(block, Block):
        return None
    questions = block.get("any_of")
    named = {
        entry.key: text
        for entry in (questions if isinstance(questions, Block) else ())
        if (text := text_of(entry.value)) is not None
    }
    return StoppingEvent(
        whole_number(block, "first_day"),
        whole_number(block, "last_day"),
        yes_or_no(block, "unassessed_counts_as_related", True),
        named,
        frozenset(_known(block, "only_related", named)),
    )


def _known(block: Block, key: str, known: Collection[str]) -> tuple[str, ...]:
    """The words of a list, each of which must be one of these.

    Raises:
        SectionError: one isn't.
    """
    listed = words(block, key)
    if unknown := next((each for each in listed if each not in known), None):
        node = block.get(key)
        way_out = f"Write some of: {', '.join(known)}."
        raise SectionError(
            Problem(node.line if node else block.line, f"`{unknown}` is unknown here", way_out,
                    "safety")
        )  # fmt: skip
    return listed


@dataclass(frozen=True, slots=True)
class Grading:
    """The version of CTCAE, and which of the two forms of a laboratory criterion counts."""

    version: str
    units: Literal["SI", "US"]


def grading(protocol: Protocol) -> Grading | None:
    """How the protocol has events graded; None where it doesn't say."""
    block = protocol.safety.get("grading") if protocol.safety else None
    if not isinstance(block, Block):
        return None
    version, units = value(block.get("ctcae")), value(block.get("units"))
    if not isinstance(version, Scalar) or version.text not in VERSIONS:
        line = version.line if version is not None else block.line
        known = " or ".join(VERSIONS)
        raise SectionError(
            Problem(line, "`ctcae` names no version of CTCAE", f"Write {known}.", "safety")
        )
    if units is not None and not (isinstance(units, Scalar) and units.text in ("SI", "US")):
        raise SectionError(
            Problem(units.line, "`units` names no system of units", "Write SI or US.", "safety")
        )
    us = isinstance(units, Scalar) and units.text == "US"
    return Grading(version.text, "US" if us else "SI")


def not_said(key: str) -> Message:
    """That the section lacks what is needed."""
    return Message("The protocol's `safety:` section says nothing of `{key}`.", key=key)
