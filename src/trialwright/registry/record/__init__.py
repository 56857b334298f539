"""The record of one registered trial: typed facts, each knowing where it stood."""
