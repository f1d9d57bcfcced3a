"""Where the tests are that `make fast` leaves out: files, and folders with all that is in them."""

from __future__ import annotations

SLOW = [
    *(
        "service",
        "stories",
        "cli",
        "api",
        "dashboard",
        "fuzz",
        "executors",
        "orchestrator",
        "followup",
    ),
    *("bundle/onnx", "report/test_browser.py", "report/test_searched.py", "baselines"),
    *(
        "test_estimators.py",
        "test_forecaster.py",
        "test_docs.py",
        "data/sources",
        "training/test_train.py",
    ),
    *("models/test_families_contract.py", "sampling/test_family_race.py"),
    *("cluster/test_cluster_processes.py", "data/test_what_goes_in.py", "data/read/test_openml.py"),
]
"""Whole searches, worker processes, commands, the browser, and real data."""
