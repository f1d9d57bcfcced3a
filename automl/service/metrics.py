"""Counts of answers, and all figures as Prometheus reads them (text format 0.0.4)."""

from __future__ import annotations

import resource
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import func, select

from automl.service.database import Database, datasets, searches, users

BUCKETS = (0.005, 0.02, 0.1, 0.5, 2.0)
"""Upper ends of the classes of seconds that an answer took."""


class Metrics:
    """Counts answers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started = time.time()
        self._answers: Counter[tuple[str, int]] = Counter()
        self._buckets: Counter[float] = Counter()
        self._seconds = 0.0

    def count(self, method: str, status: int, seconds: float) -> None:
        """Count an answer."""
        bucket = next((end for end in BUCKETS if seconds <= end), float("inf"))
        known = method if method.isalpha() and len(method) < 8 else "other"
        with self._lock:
            self._answers[known, status] += 1
            self._buckets[bucket] += 1
            self._seconds += seconds

    def text(self, database: Database) -> str:
        """Return all figures."""
        lines = [*self._of_answers(), *_of_rows(database), *self._of_process()]
        return "\n".join(lines) + "\n"

    def _of_answers(self) -> Iterable[str]:
        with self._lock:
            answers, buckets = dict(self._answers), dict(self._buckets)
            seconds = self._seconds
        yield "# TYPE automl_requests_total counter"
        for (method, status), count in sorted(answers.items()):
            yield f'automl_requests_total{{method="{method}",status="{status}"}} {count}'
        yield "# TYPE automl_request_seconds histogram"
        total = 0
        for end in (*BUCKETS, float("inf")):
            total += buckets.get(end, 0)
            label = "+Inf" if end == float("inf") else f"{end:g}"
            yield f'automl_request_seconds_bucket{{le="{label}"}} {total}'
        yield f"automl_request_seconds_sum {seconds:.6f}"
        yield f"automl_request_seconds_count {total}"

    def _of_process(self) -> Iterable[str]:
        used = resource.getrusage(resource.RUSAGE_SELF)
        yield "# TYPE process_start_time_seconds gauge"
        yield f"process_start_time_seconds {self._started:.3f}"
        yield "# TYPE process_cpu_seconds_total counter"
        yield f"process_cpu_seconds_total {used.ru_utime + used.ru_stime:.3f}"
        yield "# TYPE process_resident_memory_bytes gauge"
        yield f"process_resident_memory_bytes {_resident(used.ru_maxrss)}"


def _of_rows(database: Database) -> Iterable[str]:
    with database.read() as connection:
        count = select(searches.c.state, func.count()).group_by(searches.c.state)
        states = {row[0]: row[1] for row in connection.execute(count)}
        total = select(func.count(), func.coalesce(func.sum(datasets.c.bytes), 0))
        sets, size = connection.execute(total.select_from(datasets)).one()
        computed = select(func.count(), func.coalesce(func.sum(users.c.compute_seconds), 0.0))
        people, seconds = connection.execute(computed.select_from(users)).one()
    yield "# TYPE automl_searches gauge"
    for state in ("queued", "running", "paused", "finished", "failed", "cancelled"):
        yield f'automl_searches{{state="{state}"}} {states.get(state, 0)}'
    for name, value in (("users", people), ("datasets", sets), ("dataset_bytes", size)):
        yield f"# TYPE automl_{name} gauge"
        yield f"automl_{name} {value}"
    yield "# TYPE automl_compute_seconds_total counter"
    yield f"automl_compute_seconds_total {seconds:.3f}"


def _resident(most: int) -> int:
    """Return the bytes of memory that this process has; where that is unknown, has had at most."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return most if sys.platform == "darwin" else most * 1024
    return pages * resource.getpagesize()
