"""Kits by number: lists, stock at a site, and the check of each that was handed out."""
