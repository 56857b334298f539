"""Django's entry for the package; it tells the ledger which tables its entries speak for."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "trialwright.accounts"
    label = "accounts"

    def ready(self) -> None:
        from trialwright.accounts.actions import folded
        from trialwright.ledger import projections

        projections.register(*folded())
