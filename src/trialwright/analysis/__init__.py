"""What the data say: estimates, intervals, tests and participant flow, all computed from a Cut."""
