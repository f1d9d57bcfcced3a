"""Fit preprocessing on training rows, and prepare the arrays that workers map."""
