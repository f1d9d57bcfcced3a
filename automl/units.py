"""Durations and sizes as people write them: ``5m``, ``1.5 GB``."""

from __future__ import annotations

import re

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
_BYTES = {"kb": 1e3, "mb": 1e6, "gb": 1e9}


def parse_size(text: object) -> object:
    """``"200MB"``, ``"1.5 GB"`` or ``"0"`` to bytes; anything else is returned as it is."""
    match = (
        re.fullmatch(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*(kb|mb|gb)\s*|\s*(0)\s*", text, re.IGNORECASE)
        if isinstance(text, str)
        else None
    )
    if match is None:
        return text
    return 0 if match[3] else round(float(match[1]) * _BYTES[match[2].lower()])


def parse_duration(text: object) -> object:
    """``90``, ``"90s"``, ``"5m"`` or ``"1.5h"`` to seconds; anything else is returned as it is."""
    match = (
        re.fullmatch(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*([smh]?)\s*", text)
        if isinstance(text, str)
        else None
    )
    return float(match[1]) * _UNITS[match[2]] if match else text
