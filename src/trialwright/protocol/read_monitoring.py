"""Reading the plan of source data verification."""

from decimal import Decimal

from trialwright.protocol.fields import Fields
from trialwright.protocol.monitoring import MonitoringPlan, RiskSignal, SignalKind
from trialwright.protocol.shapes import MONITORING, SIGNAL, SIGNALS

LATE_AFTER_DAYS = 7


def read_monitoring(root: Fields) -> MonitoringPlan | None:
    """The block; None where the file plans no verification."""
    fields = root.within("monitoring", MONITORING)
    if fields is None:
        return None
    late = fields.days("late_after_days") if fields.has("late_after_days") else LATE_AFTER_DAYS
    return MonitoringPlan(
        critical=tuple(dict.fromkeys(name.text for name in fields.names("critical"))),
        sample=fields.fraction("sample"),
        late_after_days=late,
        signals=_signals(fields),
        line=fields.line,
    )


def _signals(fields: Fields) -> tuple[RiskSignal, ...]:
    signals = fields.within("signals", SIGNALS)
    found = []
    for kind in SignalKind if signals else ():
        each = signals.within(kind.value, SIGNAL) if signals else None
        if each is not None:
            found.append(RiskSignal(kind, _limit(each), each.fraction("adds")))
    return tuple(found)


def _limit(fields: Fields) -> Decimal:
    above = fields.number("above")
    if above is not None and above < 0:
        message = f"A rate is never below 0, and this limit is {above}"
        way_out = "Write the rate above which the share rises, 0 or more."
        fields.reading.problem(fields.line_of("above"), message, way_out, "number")
    return above or Decimal(0)
