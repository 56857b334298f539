"""What every section of a trial's report is told from, and how numbers are written in it."""

from dataclasses import dataclass
from decimal import Decimal

from trialwright.analysis.cut import Cut, SealedPart, Site
from trialwright.analysis.describe import Group
from trialwright.analysis.flow import Reason
from trialwright.analysis.summaries import Numeric, Share
from trialwright.analysis.values import Values
from trialwright.protocol.analysis_plan import AnalysisPlan
from trialwright.protocol.basics import Text
from trialwright.protocol.forms import Item, ItemType
from trialwright.protocol.model import Protocol
from trialwright.protocol.read_forms import MISSING_REASONS
from trialwright.protocol.terms import Call, Literal, Term
from trialwright.report.document import Column
from trialwright.report.words import ReportWords

MINUS = "\u2212"
LONGEST_CELL = 13


@dataclass(frozen=True, slots=True)
class ProtocolContext:
    """A protocol and the words to tell it in."""

    protocol: Protocol
    language: str
    words: ReportWords

    def text(self, text: Text) -> str:
        """The protocol's words in the language of the report."""
        return text.in_language(self.language)

    def arm(self, key: str | None) -> str:
        """The short name of an arm, or of everybody."""
        if key is None:
            return self.words("pooled")
        numbers = {arm.key: arm.number for arm in self.protocol.arms}
        return self.words("arm", number=numbers[key]) if key in numbers else key

    def compared(self, plan: AnalysisPlan, key: str) -> str:
        """The name of what an analysis compares: an arm, or a level of its factor."""
        if not plan.factor:
            return self.arm(key)
        return self.text(self.protocol.factor(plan.factor).level(key).label)

    def reason(self, reason: str) -> str:
        """Why a value is missing, in words: the program's own reasons or the protocol's."""
        if self.words.has(f"missing_{reason}"):
            return self.words(f"missing_{reason}")
        for codes in self.protocol.code_lists:
            if codes.key == MISSING_REASONS:
                for code in codes:
                    if code.code == reason:
                        return self.text(code.label)
        return reason

    def reasons(self, reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
        """The same reasons in words."""
        return tuple(Reason(self.reason(r.reason), r.count) for r in reasons)

    def label(self, item: Item) -> str:
        """An item's label with its unit."""
        label = self.text(item.label)
        return self.words("with_unit", label=label, unit=item.unit) if item.unit else label


@dataclass(frozen=True, slots=True)
class ReportContext(ProtocolContext):
    """A cut, its protocol, the words to tell it in, and the groups it may be told by."""

    cut: Cut
    sealed: SealedPart | None
    values: Values
    groups: tuple[Group, ...]

    def site(self, site: Site) -> str:
        """A site's name in the language of the report, where it has one."""
        return site.name_zh if self.language == "zh" and site.name_zh else site.name

    def deviation(self, kind: str) -> str:
        """A kind of deviation in words, where the program has them."""
        key = f"deviation_{kind}"
        return self.words(key) if self.words.has(key) else kind

    def group_columns(self, head: str, sizes: tuple[int, ...]) -> tuple[Column, ...]:
        """The column of what is told and one for each group, headed by its name and size."""
        share = 1.0 if len(self.groups) > 1 else None
        groups = tuple(
            Column(self.words("group_head", group=self.arm(g.arm), n=n), "right", share)
            for g, n in zip(self.groups, sizes, strict=True)
        )
        return (Column(head, share=1.8 if share else 1.0), *groups)

    def fit(self, cell: str) -> str:
        """A cell of a table of groups: with many groups a long bracket has a line of its own."""
        crowded = len(self.groups) > 3 and len(cell) > LONGEST_CELL
        if not crowded:
            return cell
        for before in (" (", "（"):
            cell = cell.replace(before, "\n" + before.strip())
        return cell.replace("; ", ";\n").replace("；", "；\n")


def decimals_of(item: Item) -> int:
    """How many decimals values of an item have: as written, or as its expression rounds them."""
    if item.decimals is not None:
        return item.decimals
    if item.expression is not None:
        return max(map(_rounded_to, item.expression.root.walk()), default=0)
    return 0 if item.type is ItemType.INTEGER else 1


def _rounded_to(term: Term) -> int:
    match term:
        case Call(function="round", arguments=(_, Literal(value=Decimal() as places))):
            return int(places)
        case _:
            return 0


def fixed(value: float, decimals: int) -> str:
    """A number with so many decimals and a real minus sign; never a negative zero.

    >>> fixed(-0.04, 1), fixed(-2.5, 1)
    ('0.0', '−2.5')
    """
    text = f"{value:.{decimals}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def mean_sd(found: Numeric, decimals: int) -> str:
    """`6.52 (1.10)`, or the mean alone where there is one value."""
    mean = fixed(found.mean, decimals + 1)
    return mean if found.sd is None else f"{mean} ({fixed(found.sd, decimals + 1)})"


def median_quartiles(found: Numeric, decimals: int) -> str:
    """`6.4 (5.9, 7.2)`, with a decimal at least, since a quartile may fall between values."""
    q1, median, q3 = (fixed(x, max(decimals, 1)) for x in (found.q1, found.median, found.q3))
    return f"{median} ({q1}, {q3})"


def percent(proportion: float | None) -> str:
    """A percentage with one decimal, without its sign.

    >>> percent(0.0588)
    '5.9'
    """
    return "–" if proportion is None else fixed(100 * proportion, 1)


def short_percent(proportion: float) -> str:
    """A percentage as short as it can be told, with its sign.

    >>> short_percent(0.3), short_percent(0.125)
    ('30%', '12.5%')
    """
    return f"{round(100 * proportion, 1):g}%"


def count_percent(found: Share, words: ReportWords) -> str:
    """`3 (20.0%)`; a dash where nobody's value is known."""
    if not found.n:
        return "–"
    return words("count", count=found.count, percent=percent(found.proportion))


def count_interval(found: Share, words: ReportWords) -> str:
    """`3 of 15 (20.0%; 4.3 to 48.1)`; a dash where nobody's value is known."""
    if not found.n:
        return "–"
    return words(
        "count_ci",
        count=found.count,
        n=found.n,
        percent=percent(found.proportion),
        low=percent(found.low),
        high=percent(found.high),
    )
