"""Who a participant is, apart from all coded data."""
