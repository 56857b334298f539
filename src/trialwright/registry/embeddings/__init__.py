"""Vectors of trials, where the extra `embeddings` is installed: what reads alike lies close."""
