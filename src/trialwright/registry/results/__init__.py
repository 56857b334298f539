"""Results as the register posts them: participant flow, baseline, outcomes, adverse events."""
