"""Trialwright: one clinical trial, from its public registry record to its signed report."""

__version__ = "0.1.0"
