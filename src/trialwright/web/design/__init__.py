"""`/design`: choose a design, move what it is made of, and read at once what it does."""
