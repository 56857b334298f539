"""The pages of a running study: each asks a read or calls an action, and decides nothing itself."""
