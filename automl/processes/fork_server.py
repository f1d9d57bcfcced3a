"""Imported by the fork server alone, before all else that it loads.

Loading torch takes seconds, in which the server would not see that its parent was killed. It lies
here, and not beside the executors, because whatever is imported with it delays it.
"""

from __future__ import annotations

import os

from automl.processes.parent_death import PARENT, die_with

if PARENT in os.environ:
    die_with(int(os.environ[PARENT]))
