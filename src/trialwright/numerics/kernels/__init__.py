"""The loops that follow a dose-finding rule: one decision, every path, or millions of trials.

These modules are loaded twice: as plain Python, where one live decision needs no compiler, and
through `compiled.load()`, which puts numba in place of the marks. So the rule that is enumerated
and simulated is the rule that runs. They import one another by relative names, which lead each of
the two into its own copy. Arguments are bare arrays (see `rule.Rule`), which numba passes cheaply:
`number`, `whole`, `real`, `likelihood`, `model` and `plug` are one rule.
"""

from .cells import ceiling, cohort_size
from .choices import choose
from .crm import crm_rate
from .draws import philox
from .moves import next_dose
from .paths import choose_all, follow, one_cohort, weigh
from .pending_moves import beta_below, expected_events, pending_both_move, pending_move
from .pending_trials import simulate_pending, simulate_pending_both
from .states import PACKED, unpack
from .trials import simulate

__all__ = [
    "PACKED",
    "beta_below",
    "ceiling",
    "choose",
    "choose_all",
    "cohort_size",
    "crm_rate",
    "expected_events",
    "follow",
    "next_dose",
    "one_cohort",
    "pending_both_move",
    "pending_move",
    "philox",
    "simulate",
    "simulate_pending",
    "simulate_pending_both",
    "unpack",
    "weigh",
]
