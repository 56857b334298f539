"""Reading the epochs, and what must hold between them, anchors and arms."""

from collections.abc import Iterator

from trialwright.protocol.epochs import Epoch, EpochType
from trialwright.protocol.fields import Fields
from trialwright.protocol.model import Protocol
from trialwright.protocol.nodes import Block
from trialwright.protocol.problems import Problem
from trialwright.protocol.shapes import EPOCH, PROVENANCE


def epoch_keys(root: Fields) -> tuple[str, ...]:
    """The names of the file's epochs, which anchors, arms and visits refer to."""
    node = root.block.get("epochs")
    keys = node.keys() if isinstance(node, Block) else ()
    return tuple(key for key in keys if key not in PROVENANCE)


def read_epochs(root: Fields, anchors: tuple[str, ...]) -> tuple[Epoch, ...]:
    """The epochs, in the order written, which is the order in which they are lived."""
    return tuple(_epoch(key, fields, anchors) for key, fields in root.named("epochs", EPOCH))


def _epoch(key: str, fields: Fields, anchors: tuple[str, ...]) -> Epoch:
    return Epoch(
        key=key,
        label=fields.text("label"),
        type=fields.choice("type", EpochType) or EpochType.OBSERVATION,
        line=fields.line,
        starts=fields.word_among("starts", anchors),
        ends=fields.words_among("ends", anchors),
        length=fields.duration("length"),
    )


def epoch_problems(protocol: Protocol) -> Iterator[Problem]:
    """Epochs that can't begin, and arms that say what they get in some epochs alone."""
    for before, epoch in zip(protocol.epochs, protocol.epochs[1:], strict=False):
        if not (epoch.starts or before.ends or before.length):
            yield Problem(
                epoch.line,
                f"Nothing says when the epoch `{epoch.key}` begins",
                f"Give it `starts:` with an anchor, or `{before.key}` an end or a length.",
                "epoch-start",
            )
    treated = {epoch for arm in protocol.arms for epoch in arm.in_epochs}
    for arm in protocol.arms:
        if lacking := [key for key in treated if arm.in_epochs and key not in arm.in_epochs]:
            yield Problem(
                arm.line,
                f"The arm `{arm.key}` doesn't say what it gets in `{min(lacking)}`",
                "Say it of the same epochs in every arm; `[]` is nothing.",
                "epoch-arm",
            )
        elif treated and not arm.in_epochs:
            yield Problem(
                arm.line,
                f"The arm `{arm.key}` doesn't say what it gets in the epochs that other arms name",
                "Add `in:` with the same epochs.",
                "epoch-arm",
            )
    yield from _period_differences(protocol)


def _period_differences(protocol: Protocol) -> Iterator[Problem]:
    """Crossover analyses of arms that aren't the two orders of two treatments."""
    if not any(arm.in_epochs for arm in protocol.arms):
        return
    for endpoint in protocol.endpoints:
        plan = endpoint.analysis
        if plan is None or plan.measure != "period_difference":
            continue
        if not _crossed(protocol):
            yield Problem(
                endpoint.line,
                f"The endpoint `{endpoint.key}` compares periods, and its arms aren't the two "
                "orders of two treatments",
                "Let one arm get in the second epoch what the other gets in the first.",
                "epoch-arm",
            )


def _crossed(protocol: Protocol) -> bool:
    orders = [
        [arm.in_epochs[epoch.key] for epoch in protocol.epochs if arm.in_epochs.get(epoch.key)]
        for arm in protocol.arms
    ]
    return (
        len(orders) == 2
        and all(len(order) == 2 for order in orders)
        and orders[0] == orders[1][::-1]
        and orders[0][0] != orders[0][1]
    )
