"""Invented participants, lived through the actions that people use, in a database of their own."""
