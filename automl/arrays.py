"""`Array`: a NumPy array of any type, for annotations; a docstring says its shape and type."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
