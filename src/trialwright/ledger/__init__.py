"""What happened, provably: append-only chains, commitments, signed heads, verification."""
