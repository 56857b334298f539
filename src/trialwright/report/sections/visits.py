"""The measure that an endpoint is about, over the visits that record it."""

from decimal import Decimal

from trialwright.protocol.model import Endpoint
from trialwright.protocol.terms import Sort
from trialwright.report.context import ReportContext
from trialwright.report.document import Figure
from trialwright.report.figures.visits import GroupValues, visits_figure

FEWEST = 2
"""Visits with values from which on a measure has a picture."""


def visits_blocks(told: ReportContext, endpoint: Endpoint) -> tuple[Figure, ...]:
    """The picture of a numeric endpoint's first item, where it was recorded at several visits; once
    for endpoints that share it."""
    measured = _measured(endpoint)
    before = told.protocol.endpoints[: told.protocol.endpoints.index(endpoint)]
    if measured is None or any(_measured(other) == measured for other in before):
        return ()
    form, item = measured
    visits = [v for v in told.protocol.visits if form in v.forms and v.cycle is None]
    found = {
        code: [_number(told.values.at(code, v.key, form, item)) for v in visits]
        for group in told.groups
        for code in group.codes
    }
    seen = [i for i in range(len(visits)) if any(row[i] is not None for row in found.values())]
    if len(seen) < FEWEST:
        return ()
    groups = [
        GroupValues(
            told.arm(group.arm), tuple(tuple(found[c][i] for i in seen) for c in group.codes)
        )
        for group in told.groups
    ]
    names = [told.text(visits[i].label) for i in seen]
    label = told.label(told.protocol.item(form, item))
    said = told.words("visits_said", measure=label, visits=", ".join(names))
    caption = told.words("figure_visits", measure=label)
    return (Figure(caption, visits_figure(groups, names, label, said)),)


def _measured(endpoint: Endpoint) -> tuple[str, str] | None:
    """Form and item that a numeric endpoint names first."""
    kind = endpoint.variable.kind
    places = [path.split(".") for path in endpoint.variable.references if path.count(".") == 2]
    if kind is None or kind.sort is not Sort.NUMBER or not places:
        return None
    return places[0][1], places[0][2]


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, Decimal) else None
