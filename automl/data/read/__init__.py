"""Read data of the user's own: from a path, from memory, or from OpenML."""
