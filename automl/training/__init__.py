"""Training of one candidate: from sampled parameters to a history and weights."""
