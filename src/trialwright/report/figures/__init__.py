"""Figures as SVG from plain objects, for pages and for print alike.

Colours are written `var(--name, #print)`: a page sets the variables for light and dark, and the
PDF takes the fallback.
"""
