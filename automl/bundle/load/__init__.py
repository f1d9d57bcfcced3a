"""Load a bundle: check its files, and rebuild the network."""
