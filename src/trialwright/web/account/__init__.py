"""A person's own account: password, second factor, where they are signed in."""
