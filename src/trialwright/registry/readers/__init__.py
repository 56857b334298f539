"""Readers of the registers' forms, each into a `Record`."""
