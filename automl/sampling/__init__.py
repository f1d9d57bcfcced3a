"""Decide what is tried next, and what is stopped: all that Optuna is asked."""
