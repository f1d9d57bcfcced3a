"""The numbers behind the figures: pure functions from facts to named tuples."""
