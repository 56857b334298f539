"""The most frequent adverse events by group, as dots on one scale of percent."""

from __future__ import annotations

from django.utils.translation import gettext as _

from trialwright.registry.results.events import AdverseEvents, EventTerm
from trialwright.report.document import Drawing
from trialwright.report.figures.svg import (
    INK,
    LINE,
    QUIET,
    SERIES,
    drawing,
    element,
    label,
    line,
    text_width,
    wrap,
)

WIDTH, ROW, SIZE = 720.0, 24.0, 13.0
_NAMES, _FOOT = 250.0, 30.0
_MOST_TERMS = 12


def events_figure(events: AdverseEvents) -> tuple[Drawing, str] | None:
    """Draw the terms that affect the greatest share of a group; None where there are none."""
    groups = events.groups[: len(SERIES)]
    shares = {id(term): _shares(term) for term in events.terms}
    frequent = sorted(events.terms, key=lambda term: -max(shares[id(term)].values(), default=0.0))
    terms = [term for term in frequent[:_MOST_TERMS] if shares[id(term)]]
    if not terms or not groups:
        return None
    sentence = _("The adverse events that affect most, in percent of each group at risk.")
    most = max(max(shares[id(term)].values()) for term in terms) or 1.0
    step = next(step for step in (1, 2, 5, 10, 20, 25, 50) if most / step <= 5 or step == 50)
    end = step * -(-most // step)
    head = 22.0 * len(groups) + 10
    parts: list[str] = []
    for place, group in enumerate(groups):
        y = 12 + 22.0 * place
        parts.append(element("circle", cx=7, cy=y - 4, r=5, fill=SERIES[place]))
        parts.append(label(20, y, _short(group.title, WIDTH - 30), size=SIZE, fill=INK))
    floor = head + ROW * len(terms)
    for tick in range(0, int(end) + 1, step):
        x = _NAMES + (WIDTH - _NAMES - 24) * tick / end
        parts.append(line(x, head, x, floor, stroke=LINE))
        parts.append(label(x, floor + 18, f"{tick}%", size=12, anchor="middle", fill=QUIET))
    told = []
    for row, term in enumerate(terms):
        y = head + ROW * (row + 0.5)
        parts.append(label(0, y + 4.5, _short(term.term, _NAMES - 20), size=SIZE, fill=INK))
        for place, group in enumerate(groups):
            share = shares[id(term)].get(group.id)
            if share is not None:
                x = _NAMES + (WIDTH - _NAMES - 24) * share / end
                parts.append(element("circle", cx=x, cy=y, r=5, fill=SERIES[place], opacity=0.85))
        highest = max(shares[id(term)].values())
        told.append(f"{term.term}: {highest:.1f}%")
    said = f"{sentence} {'; '.join(told)}"
    height = floor + _FOOT
    return Drawing(drawing(WIDTH, height, said, parts), WIDTH, height, said), sentence


def _shares(term: EventTerm) -> dict[str, float]:
    """The share of each group affected, in percent."""
    return {
        one.group: 100 * one.affected.value / one.at_risk.value
        for one in term.counts
        if one.affected.value is not None and one.at_risk.value
    }


def _short(text: str, width: float) -> str:
    if text_width(text, SIZE) <= width:
        return text
    return f"{wrap(text, width - 14, SIZE)[0].rstrip()}…"
