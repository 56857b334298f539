"""Django's entry for the package."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "trialwright.ledger"
    label = "ledger"
