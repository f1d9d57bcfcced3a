"""The client of a service that runs elsewhere: `automl.Client`, and what it speaks.

The standard library is all that it needs, so a script that only predicts loads nothing else.
"""

from __future__ import annotations
