"""The course of a participant: states, steps, requirements, visits, what follows from values."""
