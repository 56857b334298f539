"""Lots, containers and their moves, and who was given what."""
