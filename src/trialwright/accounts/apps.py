"""Django's entry for the room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "trialwright.accounts"
    label = "accounts"
