"""Fixtures of the service; what they are made of is `service_people`."""

from __future__ import annotations

from service_people import make_people, people

__all__ = ["make_people", "people"]
