"""Figures of collected numbers. Nothing here computes; what it computes with is in `collect`."""
