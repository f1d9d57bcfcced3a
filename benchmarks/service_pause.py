"""How long a running search takes until it is paused, from the request to the event.

    python benchmarks/service_pause.py --dataset mnist

It starts `automl serve` in a folder of its own, submits searches one after the other, and pauses
each at another moment: as soon as its process is started, when it has its plan, in the middle of a
training, and in each phase after the trials. Printed are the seconds until `paused` is among its
events, when its model, its report and its state are written, and its workers are gone.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from service_load import Serving

from automl.client.events import Event

BRIEF = {"trials": 1, "max_epochs": 1, "finalists": 1}
"""A search that is soon behind its trials."""

MOMENTS: dict[str, tuple[dict[str, Any], str, str | None]] = {
    "its process is started": ({}, "started", None),
    "it has its plan": ({}, "plan", None),
    "in a training": ({}, "epochs", None),
    "after a trial": ({}, "trial", None),
    "in the finalists": (BRIEF, "phase", "finalists"),
    "in the predictions": (BRIEF, "phase", "test"),
    "in the export": (BRIEF, "phase", "export"),
    "in the baselines": (BRIEF, "phase", "baselines"),
}
"""Options of the search, and the event behind which it is paused, with its phase."""


def pause(serving: Serving, dataset: str, moment: str, wait: float) -> str:
    """Pause a search at a moment; return what was seen."""
    options, kind, phase = MOMENTS[moment]
    search = serving.client.search(dataset, **options)
    events = serving.client.watch(search)
    if not _until(events, kind, phase):
        return "it was over before"
    time.sleep(wait)
    started = time.perf_counter()
    serving.client.pause(search)
    for event in events:
        last = event.name
    seconds = time.perf_counter() - started
    serving.client.delete(search)
    return f"{last} after {seconds:.1f} s"


def _until(events: Iterator[Event], kind: str, phase: str | None) -> bool:
    return any(e.name == kind and phase in (None, e.data.get("name")) for e in events)


def main() -> None:
    """Print a line for each moment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", default="mnist")
    parser.add_argument("--wait", type=float, default=1.0, help="seconds into the moment")
    parser.add_argument("--only", nargs="*", default=list(MOMENTS), choices=list(MOMENTS))
    args = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory() as folder:
        serving = Serving(Path(folder))
        try:
            for moment in args.only:
                seen = pause(serving, args.dataset, moment, args.wait)
                print(f"{moment}: {seen}", flush=True)
        finally:
            serving.end()


if __name__ == "__main__":
    main()
