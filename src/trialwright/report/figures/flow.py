"""The participant flow as a CONSORT 2025 diagram, pooled or with a column for each arm."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trialwright.analysis.flow import Flow, FlowGroup, Reason, total
from trialwright.report.document import Drawing
from trialwright.report.figures.svg import (
    INK,
    INSET,
    QUIET,
    drawing,
    element,
    label,
    line,
    wrap,
)
from trialwright.report.words import ReportWords

WIDTH = 640.0
GAP, PAD = 22.0, 10.0


@dataclass(frozen=True, slots=True)
class Labels:
    """What the diagram calls arms and criteria; a missing key is shown as it is."""

    arms: dict[str, str]
    criteria: dict[str, str]


@dataclass(frozen=True, slots=True)
class Analysed:
    """How many of a group (arm, or None when pooled) count for the primary outcome, and why
    the others don't."""

    arm: str | None
    analysed: int
    left_out: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    words: str
    level: int = 0
    strong: bool = False


@dataclass(frozen=True, slots=True)
class _Box:
    lines: tuple[_Line, ...]
    width: float
    size: float

    @property
    def step(self) -> float:
        return 1.32 * self.size

    @property
    def height(self) -> float:
        return 2 * PAD + self.step * len(self.lines) - 4

    def at(self, x: float, y: float) -> str:
        parts = [
            element("rect", x=x, y=y, width=self.width, height=self.height, rx=3, fill=INSET),
        ]
        for index, each in enumerate(self.lines):
            parts.append(
                label(
                    x + PAD + 9 * each.level,
                    y + PAD + 8.5 + self.step * index,
                    each.words,
                    size=self.size,
                    fill=INK if each.strong or not each.level else QUIET,
                    weight=600 if each.strong else 400,
                )
            )
        return "".join(parts)


def _box(lines: Iterable[_Line], width: float, size: float = 11.5) -> _Box:
    broken = [
        _Line(words, each.level, each.strong)
        for each in lines
        for words in wrap(each.words, width - 2 * PAD - 9 * each.level, size)
    ]
    return _Box(tuple(broken), width, size)


def flow_figure(
    flow: Flow, words: ReportWords, labels: Labels, analysed: Sequence[Analysed] = ()
) -> Drawing:
    """Draw the flow, 640 wide and as high as it needs to be."""
    side = 300.0
    screened = _box([_Line(words("screened", n=flow.screened), strong=True)], 230)
    excluded = _box(_excluded_lines(flow, words, labels), side)
    randomised = _box([_Line(words("randomised", n=flow.randomised), strong=True)], 230)
    columns = max(len(flow.groups), 1)
    width = (WIDTH - 14 * (columns - 1)) / columns if columns > 1 else 330.0
    size = 11.5 if columns <= 3 else 10.0
    rows = [
        [_box(_allocation_lines(g, words, labels), width, size) for g in flow.groups],
        [_box(_following_lines(g, words), width, size) for g in flow.groups],
    ]
    if analysed:
        by_arm = {each.arm: each for each in analysed}
        rows.append([_box(_analysed_lines(by_arm[g.arm], words), width, size) for g in flow.groups])

    trunk = WIDTH / 2 if columns > 1 else 165.0
    parts = [screened.at(trunk - 115, 0)]
    y_excluded = screened.height + GAP / 2
    y_randomised = max(screened.height + GAP, y_excluded + excluded.height + GAP / 2)
    x_side = WIDTH - side
    middle = y_excluded + min(excluded.height, 36) / 2
    parts += [line(trunk, screened.height, trunk, y_randomised, stroke=QUIET)]
    parts += [line(trunk, middle, x_side, middle, stroke=QUIET), excluded.at(x_side, y_excluded)]
    parts += [randomised.at(trunk - 115, y_randomised)]
    height = _columns(parts, rows, trunk, y_randomised + randomised.height, width)
    said = _alternative(flow, words)
    return Drawing(drawing(WIDTH, height, said, parts), WIDTH, height, said)


def _columns(
    parts: list[str], rows: list[list[_Box]], trunk: float, top: float, width: float
) -> float:
    """Draw the rows of boxes under the trunk; returns how far down they reach."""
    count = len(rows[0])
    step = width + 14
    centres = [width / 2 + step * i for i in range(count)] if count > 1 else [trunk]
    if count > 1:
        parts.append(line(trunk, top, trunk, top + GAP / 2, stroke=QUIET))
        parts.append(line(centres[0], top + GAP / 2, centres[-1], top + GAP / 2, stroke=QUIET))
    y = top
    bottoms = [top + GAP / 2 if count > 1 else top] * count
    for boxes in rows:
        for column, (centre, box) in enumerate(zip(centres, boxes, strict=True)):
            parts.append(line(centre, bottoms[column], centre, y + GAP, stroke=QUIET))
            parts.append(box.at(centre - width / 2, y + GAP))
            bottoms[column] = y + GAP + box.height
        y = max(bottoms)
    return y + 1


def _excluded_lines(flow: Flow, words: ReportWords, labels: Labels) -> Iterable[_Line]:
    yield _Line(words("excluded", n=sum(e.count for e in flow.excluded)), strong=True)
    for each in flow.excluded:
        if not each.count:
            continue
        yield _Line(words(f"excluded_{each.kind}", n=each.count))
        if total(each.criteria) + total(each.reasons) > each.count:
            # Else the reasons seem to be of more people than there are.
            yield _Line(words("several_criteria"), level=1)
        named = [Reason(labels.criteria.get(r.reason, r.reason), r.count) for r in each.criteria]
        yield from _reason_lines((*named, *each.reasons), words)
    if flow.in_screening:
        yield _Line(words("in_screening", n=flow.in_screening))


def _allocation_lines(group: FlowGroup, words: ReportWords, labels: Labels) -> Iterable[_Line]:
    if group.arm is not None:
        yield _Line(labels.arms.get(group.arm, group.arm), strong=True)
    yield _Line(words("allocated", n=group.allocated), strong=group.arm is None)
    yield _Line(words("treated", n=group.treated))
    if group.partly:
        yield _Line(words("treated_partly", n=total(group.partly)))
        yield from _told_lines(group, group.partly, words)
    if group.untreated:
        yield _Line(words("untreated", n=total(group.untreated)))
        yield from _told_lines(group, group.untreated, words)
    if group.treatment_pending:
        yield _Line(words("treatment_pending", n=group.treatment_pending))


def _told_lines(group: FlowGroup, reasons: Sequence[Reason], words: ReportWords) -> Iterable[_Line]:
    """Why the treatment was not given in full, which the pooled flow doesn't tell."""
    return () if group.arm is None else _reason_lines(reasons, words)


def _following_lines(group: FlowGroup, words: ReportWords) -> Iterable[_Line]:
    yield _Line(words("completed", n=group.completed))
    yield _Line(words("followed", n=group.followed))
    for key, reasons in (("withdrawn", group.withdrawn), ("lost", group.lost)):
        if reasons:
            yield _Line(words(key, n=total(reasons)))
            yield from _reason_lines(reasons, words)
    if group.died:
        yield _Line(words("died", n=group.died))


def _analysed_lines(analysed: Analysed, words: ReportWords) -> Iterable[_Line]:
    yield _Line(words("analysed", n=analysed.analysed), strong=True)
    if analysed.left_out:
        yield _Line(words("not_analysed", n=total(analysed.left_out)))
        yield from _reason_lines(analysed.left_out, words)


def _reason_lines(reasons: Sequence[Reason], words: ReportWords) -> Iterable[_Line]:
    for reason in reasons:
        said = reason.reason or words("no_reason")
        yield _Line(words("reason", reason=said, n=reason.count), level=1)


def _alternative(flow: Flow, words: ReportWords) -> str:
    return words(
        "flow_alternative",
        screened=flow.screened,
        excluded=sum(e.count for e in flow.excluded),
        randomised=flow.randomised,
        treated=sum(g.treated for g in flow.groups),
    )
