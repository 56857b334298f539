"""The state of a study as a data cut: one module for each table that has rules of its own."""
