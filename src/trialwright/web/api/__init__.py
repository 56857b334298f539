"""The same reads and actions as the pages, for programs: JSON, under the same policy."""
