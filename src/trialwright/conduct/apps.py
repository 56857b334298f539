"""Django's entry for the package; it tells the ledger which tables its entries speak for."""

from django.apps import AppConfig


class ConductConfig(AppConfig):
    name = "trialwright.conduct"
    label = "conduct"

    def ready(self) -> None:
        from trialwright.conduct.audited import folded
        from trialwright.conduct.counting import reserve, tallies
        from trialwright.conduct.kits.checks import wrong_kits
        from trialwright.ledger import projections, recomputing, repair
        from trialwright.ledger.tallies import register

        projections.register(*folded())
        register(*tallies())
        recomputing.register("kits", wrong_kits)
        repair.reserve_with(reserve)
