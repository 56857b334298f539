"""What participants write themselves, and the reminders of it."""
