"""Every write of a trial: one module for each matter, keyword-only functions with `by=`."""
