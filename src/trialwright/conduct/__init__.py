"""The trial as run: every write is an action, every read for a page is a read."""
