"""Django's entry for the room."""

from django.apps import AppConfig


class ConductConfig(AppConfig):
    name = "trialwright.conduct"
    label = "conduct"
