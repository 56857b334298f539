"""Searching a library: the language, ranking, counts, and measuring the ranking."""
