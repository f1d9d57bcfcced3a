"""Imported by the fork server alone, before all else that it loads.

Loading torch takes seconds, in which the server would not see that its parent was killed.
"""

from __future__ import annotations

from automl.executors._dying import die_with_whoever_forked

die_with_whoever_forked()
