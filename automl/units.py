"""Durations and sizes as people write them: ``5m``, ``1.5 GB``."""

from __future__ import annotations

import re
from decimal import Decimal

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
_BYTES = {"kb": 1e3, "mb": 1e6, "gb": 1e9}


def parse_size(text: object) -> object:
    """Return ``"200MB"``, ``"1.5 GB"`` or ``"0"`` in bytes, and anything else as it is."""
    match = (
        re.fullmatch(r"\s*(\d{1,12}(?:\.\d{1,9})?)\s*(kb|mb|gb)\s*|\s*(0)\s*", text, re.IGNORECASE)
        if isinstance(text, str)
        else None
    )
    if match is None:
        return text
    return 0 if match[3] else round(float(match[1]) * _BYTES[match[2].lower()])


def size_text(size: int) -> str:
    """Return a size that `parse_size` reads back: ``200MB``, ``1.5GB``, ``0``."""
    if size == 0:
        return "0"
    # Three decimals hold a thousandth of a unit, which is all that the next smaller one has.
    units = [("GB", 10**9), ("MB", 10**6), ("kB", 10**3)]
    name, scale = next((u for u in units if size >= u[1] and size % (u[1] // 1000) == 0), units[-1])
    return f"{_plain(Decimal(size) / scale)}{name}"


def parse_duration(text: object) -> object:
    """Return ``"90"``, ``"90s"``, ``"5m"`` or ``"1.5h"`` in seconds, and anything else as it is."""
    match = (
        re.fullmatch(r"\s*(\d{1,12}(?:\.\d{1,30})?)\s*([smh]?)\s*", text)
        if isinstance(text, str)
        else None
    )
    return float(match[1]) * _UNITS[match[2]] if match else text


def duration_text(seconds: float) -> str:
    """Return a duration that `parse_duration` reads back: ``90s``."""
    return f"{_plain(Decimal(repr(seconds)))}s"


def _plain(number: Decimal) -> str:
    """Return a number without an exponent and without zeros at its end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
