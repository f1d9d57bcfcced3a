"""Search spaces: domains, their YAML files, and the sampled parameters."""
