"""Which forms the rules of a protocol read: all that a brief story fills in."""

from collections.abc import Iterator

from trialwright.protocol.model import Protocol


def read_by_rules(protocol: Protocol) -> frozenset[tuple[str, str]]:
    """The visits and forms that endpoints, criteria, strata, visits and requirements need."""
    places = (name.split(".") for name in _names(protocol))
    wanted = {
        (each.visit, each.form)
        for before in protocol.before
        for each in (*before.refuse, *before.warn)
        if each.form
    }
    return frozenset(wanted).union((place[0], place[1]) for place in places if len(place) == 3)


def _names(protocol: Protocol) -> Iterator[str]:
    for anchor in protocol.anchors:
        if anchor.item is not None:
            yield str(anchor.item)
    factors = protocol.allocation.factors if protocol.allocation else ()
    for expression in (
        *(endpoint.variable for endpoint in protocol.endpoints),
        *(criterion.check for criterion in protocol.criteria),
        *(level.when for factor in factors for level in factor.levels),
        *(visit.only_if for visit in protocol.visits),
    ):
        yield from expression.references if expression else ()
