"""Reference ranges, results by file, and reviews of values."""
