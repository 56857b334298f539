"""The whole installation as one encrypted file, and back: database, signed heads, files of cuts."""
