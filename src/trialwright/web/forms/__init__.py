"""A protocol's form on a page: how it is shown, and what comes back when it is sent."""
