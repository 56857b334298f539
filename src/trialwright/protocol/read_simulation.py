"""Reading the rates of a simulated trial."""

import re
from decimal import Decimal

from trialwright.protocol.fields import Fields
from trialwright.protocol.shapes import SIMULATION
from trialwright.protocol.simulation_plan import MOST, SHARES, SimulationPlan

_SHARE = re.compile(r"0(\.[0-9]{1,6})?|1")


def read_simulation(root: Fields) -> SimulationPlan:
    """The rates that the file gives, the usual ones for the rest."""
    fields = root.within("simulation", SIMULATION)
    if fields is None:
        return SimulationPlan()
    shares = {key: _share(fields, key) for key in SHARES if fields.has(key)}
    wholes = {
        key: fields.whole(key, 1, minimum=1, maximum=most)
        for key, most in MOST.items()
        if fields.has(key)
    }
    by_level = {key: _by_level(fields, key) for key in ("events", "responses")}
    plan = SimulationPlan(**shares, **wholes, **by_level)  # type: ignore[arg-type]
    for together, keys in _TOGETHER.items():
        if sum(getattr(plan, key) for key in keys) > 1:
            message = f"The shares of {together} come to more than 1: {', '.join(keys)}"
            way_out = "Lower them: each counts one and the same participant, visit or dose once."
            fields.reading.problem(fields.line, message, way_out, "share")
    return plan


_TOGETHER = {
    "how participations end early": ("stops", "withdrawals", "losses", "deaths"),
    "visits not in time": ("late_visits", "missed_visits"),
    "doses not whole": ("doses_in_part", "doses_not_given"),
}


def _by_level(fields: Fields, key: str) -> tuple[float, ...]:
    """The shares of those with an event or a response, one for each dose level."""
    shares = []
    for name in fields.names(key):
        if not _SHARE.fullmatch(name.text):
            message = f"{name.text!r} is not a share (`{key}`)"
            fields.reading.problem(name.line, message, "Write 0 to 1, such as 0.05.", "share")
            continue
        shares.append(float(name.text))
    return tuple(shares)


def _share(fields: Fields, key: str) -> float:
    number = fields.number(key)
    if number is None or not 0 <= number <= Decimal(1):
        message = f"`{key}` is not a share"
        fields.reading.problem(fields.line_of(key), message, "Write 0 to 1, such as 0.05.", "share")
        return 0.0
    return float(number)
