"""Who may act: people, sites, roles, the one permission policy, sign-in."""
