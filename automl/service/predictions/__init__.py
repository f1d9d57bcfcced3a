"""Predictions: a few worker processes that hold models, and a bounded queue in front of them.

The web process reads no row and loads no model: it hands the bytes of a request to a worker, and
the worker's bytes back.
"""

from __future__ import annotations
