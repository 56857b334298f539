"""A value for an item, from the item itself: its ranges, its choices, its limits of normal."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from random import Random

from trialwright.protocol.forms import Item, ItemType
from trialwright.protocol.values import Censored, PartialDate, Value

_AT_A_LIMIT, _CENSORED, _NORMAL = 0.04, 0.05, 0.8
_TEXTS = (
    "As in the source document",
    "Nothing to add",
    "Seen and discussed with the participant",
    "See the letter of that day",
)


@dataclass(frozen=True, slots=True)
class ValueRange:
    """From `low` to `high`, both within it."""

    low: Decimal
    high: Decimal

    def clipped(self, low: Decimal | None, high: Decimal | None) -> "ValueRange | None":
        """What of it lies within other limits; None if nothing does."""
        least = self.low if low is None else max(self.low, low)
        most = self.high if high is None else min(self.high, high)
        return ValueRange(least, most) if least <= most else None


def draw_value(item: Item, on: date, random: Random) -> Value:
    """A likely value of an item that is asked on a day."""
    match item.type:
        case ItemType.YES_NO:
            return random.random() < 0.5
        case ItemType.CHOICE:
            assert item.code_list is not None  # noqa: S101 - the reader sees to it
            return random.choice(item.code_list.codes).code
        case ItemType.DATE if item.future:
            return PartialDate.of(on + timedelta(days=random.randrange(1, 60)))
        case ItemType.DATE:
            return PartialDate.of(on - timedelta(days=_days_before(random)))
        case ItemType.PARTIAL_DATE:
            return _partial(on - timedelta(days=random.randrange(3000)), random)
        case ItemType.TIME:
            return time(random.randrange(7, 19), random.randrange(60))
        case ItemType.TEXT:
            return random.choice(_TEXTS)[: item.longest or None]
    return _number(item, random)


def wide_value(item: Item, on: date, random: Random) -> Value:
    """Any value that can be, the far ones too: for a search."""
    match item.type:
        case ItemType.DATE | ItemType.PARTIAL_DATE:
            days = int(10 ** random.uniform(0, 4.6)) - 1
            return PartialDate.of(max(date(1900, 1, 1), on - timedelta(days=days)))
        case ItemType.NUMBER | ItemType.INTEGER | ItemType.LAB:
            wide = possible(item)
            return (
                within(item, wide, random) if random.random() < 0.7 else _edge(item, wide, random)
            )
    return draw_value(item, on, random)


def within(item: Item, limits: ValueRange, random: Random) -> Decimal:
    """A number within limits, in the steps that the item's decimals allow."""
    step = step_of(item)
    low = (limits.low / step).to_integral_value(rounding="ROUND_CEILING")
    high = (limits.high / step).to_integral_value(rounding="ROUND_FLOOR")
    if low > high:
        return _rounded(item, limits.low)
    middle = (low + high) / 2
    drawn = Decimal(round(random.triangular(float(low), float(high), float(middle))))
    return min(max(drawn, low), high) * step


def step_of(item: Item) -> Decimal:
    """The smallest difference between two values."""
    if item.type is ItemType.INTEGER:
        return Decimal(1)
    if item.decimals is not None:
        return Decimal(1).scaleb(-item.decimals)
    limits = possible(item)
    return Decimal("0.01") if limits.high - limits.low < 5 else Decimal("0.1")


def possible(item: Item) -> ValueRange:
    """The range of all that can be; where the item names no limits, one that is made up."""
    low, high = item.minimum, item.maximum
    if low is None and high is None:
        low, high = _around(item) or (Decimal(0), Decimal(100))
    if low is None:
        assert high is not None  # noqa: S101 - one of the two is there
        low = min(Decimal(0), high - 100)
    if high is None:
        high = max(low * 4, low + 100, *(each for each in _likely_high(item)))
    return ValueRange(low, high)


def likely(item: Item) -> ValueRange:
    """The range that values mostly come from."""
    whole = possible(item)
    found = whole.clipped(item.likely_minimum, item.likely_maximum) or whole
    around = _around(item)
    return (found.clipped(*around) if around else None) or found


def _likely_high(item: Item) -> tuple[Decimal, ...]:
    given = (item.likely_maximum, item.normal_high)
    return tuple(each * 2 for each in given if each is not None and each > 0)


def _around(item: Item) -> tuple[Decimal, Decimal] | None:
    """Somewhat beyond the limits of normal, or of what is likely."""
    for low, high in (
        (item.normal_low, item.normal_high),
        (item.likely_minimum, item.likely_maximum),
    ):
        if low is not None and high is not None:
            beyond = (high - low) * Decimal("0.3") if low is item.normal_low else Decimal(0)
            return max(Decimal(0), low - beyond) if low >= 0 else low - beyond, high + beyond
    return None


def _number(item: Item, random: Random) -> Value:
    limits = likely(item)
    if random.random() < _AT_A_LIMIT:
        return _edge(item, limits, random)
    drawn = within(item, limits, random)
    if item.type is ItemType.LAB and random.random() < _CENSORED and drawn > 0:
        low = limits.low + (limits.high - limits.low) * Decimal("0.02")
        return Censored("<", _rounded(item, max(low, limits.low)) or step_of(item))
    return drawn


def _edge(item: Item, limits: ValueRange, random: Random) -> Decimal:
    return _rounded(item, random.choice((limits.low, limits.high)))


def _rounded(item: Item, number: Decimal) -> Decimal:
    return number.quantize(step_of(item), rounding=ROUND_HALF_EVEN)


def _days_before(random: Random) -> int:
    return 0 if random.random() < 0.6 else random.randrange(8)


def _partial(day: date, random: Random) -> PartialDate:
    cut = random.random()
    if cut < 0.5:
        return PartialDate.of(day)
    return PartialDate(day.year, day.month if cut < 0.85 else None)
