"""Names of data sets that stand for more than themselves. Standard library only."""

from __future__ import annotations

OPENML = "openml:"
"""Beginning of the name of a data set of OpenML; its number follows."""

IN_MEMORY = "arrays"
"""Name of a data set that came as arrays or frames, and can be loaded by nobody else."""
