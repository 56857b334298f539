"""Django's entry for the room; it tells the ledger which tables its entries speak for."""

from django.apps import AppConfig


class ConductConfig(AppConfig):
    name = "trialwright.conduct"
    label = "conduct"

    def ready(self) -> None:
        from trialwright.conduct.ledgered import folded
        from trialwright.ledger import folds

        folds.register(*folded())
