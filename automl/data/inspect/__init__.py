"""Describe data before anything is trained on it."""
