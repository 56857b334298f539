"""Django's entry for the room."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "trialwright.ledger"
    label = "ledger"
