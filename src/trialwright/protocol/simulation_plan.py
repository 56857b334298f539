"""How often what happens in a simulated trial: the `simulation:` block of a file."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class SimulationPlan:
    """Rates, each a share from 0 to 1 of what it is about, and the size of the scene.

    screening_failures: of those screened, who never enter. stops, withdrawals, losses, deaths: of
    those who entered. late_visits, missed_visits: of visits due. unscheduled: who come to a visit
    that is open at any time. doses_in_part, doses_not_given: of doses. missing_values,
    unlikely_values: of items. mistakes: entries that are first typed as they can't be. corrections,
    queries: of entries. failed_lots: of lots, that never pass their tests. recalled_donors: of
    lots, that turn out bad after their release, by their donor or themselves. late_thaws: of
    containers, thawed too early. refused_scans: of checks at a bedside, first done wrong. events:
    dose-limiting events at each dose level, the last counting for all after it. responses:
    likewise of those who respond, where cohorts read it. accrual_days: days
    from one participant to the next. sites: how many. years: of a participation, as long as it is
    lived.
    """

    screening_failures: float = 0.2
    stops: float = 0.05
    withdrawals: float = 0.08
    losses: float = 0.05
    deaths: float = 0.03
    late_visits: float = 0.1
    missed_visits: float = 0.05
    unscheduled: float = 0.5
    doses_in_part: float = 0.05
    doses_not_given: float = 0.03
    missing_values: float = 0.03
    unlikely_values: float = 0.02
    mistakes: float = 0.05
    corrections: float = 0.05
    queries: float = 0.05
    failed_lots: float = 0.1
    recalled_donors: float = 0.1
    late_thaws: float = 0.05
    refused_scans: float = 0.1
    events: tuple[float, ...] = ()
    responses: tuple[float, ...] = ()
    accrual_days: int = 5
    sites: int = 2
    years: int = 3


SHARES = tuple(each.name for each in fields(SimulationPlan) if each.type is float)
"""The keys that are shares."""
MOST = {"accrual_days": 366, "sites": 20, "years": 30}
"""The greatest value of each other key."""
