"""Who gets which arm, and who comes next: lists, later allocations, cohorts, groups, pauses."""
