"""`python -m trialwright.design.prebuild`: compile the design engine ahead of its first call.

`make setup` runs it, so that nobody waits for the compiler; where the kernels are in the cache
already it takes a second or two. A server does the same when it starts.
"""

from __future__ import annotations

from trialwright.design import Boin, Boin12, Crm, TiteBoin, TiteBoin12


def prebuild() -> None:
    """Ask every engine once, so that each kernel is compiled for the types it is called with."""
    rates = [[0.2, 0.4]]
    boin = Boin(target=0.3, doses=2, cohort_size=1, max_participants=2)
    crm = Crm(target=0.3, skeleton=(0.2, 0.4), cohort_size=1, max_participants=2)
    both = Boin12(target=0.35, min_response=0.25, doses=2, cohort_size=1, max_participants=2)
    for method in ("exact", "monte-carlo"):
        boin.operating_characteristics(rates, method=method, trials=2)
        crm.operating_characteristics(rates, method=method, trials=2)
        both.operating_characteristics(rates, rates, method=method, trials=2)
    TiteBoin(boin=boin).operating_characteristics(rates, trials=2)
    TiteBoin12(boin12=both).operating_characteristics(rates, rates, trials=2)


if __name__ == "__main__":
    prebuild()
