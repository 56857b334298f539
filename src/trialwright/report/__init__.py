"""How it is told: figures, tables, sentences and documents made from plain objects."""
