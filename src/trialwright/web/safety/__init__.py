"""Pages of safety: adverse events, and what follows from them."""
