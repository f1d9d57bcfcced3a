"""The process of one search: `automl.search`, with its events in a file and its end noted.

The service starts it in a session of its own, with the search's lock as an open file, so that it
goes on when the service ends, and is found again by whoever looks at the lock.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

from automl.errors import AutomlError
from automl.service.events import EventLog, read
from automl.service.search_folder import SearchFolder


def main() -> None:
    """Run the search of the current folder; the argument is the descriptor of its lock."""
    os.set_inheritable(int(sys.argv[1]), False)
    started = time.time()
    folder = SearchFolder(Path.cwd())
    request = json.loads(folder.request.read_text(encoding="utf-8"))
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    folder.note_begin(request["attempt"], os.getpid())
    end = _search(folder, request, stop)
    folder.note_end(request["attempt"], seconds=time.time() - started, **end)


def _search(folder: SearchFolder, request: dict[str, Any], stop: threading.Event) -> dict[str, Any]:
    """Search; return what became of it."""
    import automl
    from automl.service.search_observer import EventObserver

    os.environ["AUTOML_STUDIES"] = str(folder.studies)
    told = {json.loads(e.data)["number"] for e in read(folder.events) if e.kind == "trial"}
    log = EventLog(folder.events)
    try:
        result = automl.search(
            request["dataset"],
            **request["options"],
            study=request["study"],
            observer=EventObserver(log, told),
            stop=stop,
        )
        if result.best is not None:
            automl.copy_model(request["study"], folder.bundle)
    except AutomlError as error:
        return {"status": "failed", "error": " ".join(str(error).split())}
    except Exception as error:  # noqa: BLE001 - whatever it is, its end is noted
        traceback.print_exc()  # into the output of the search, for the operator
        line = f"{type(error).__name__}: {' '.join(str(error).split()):.200}"
        return {"status": "failed", "error": f"this is a defect of automl: {line}"}
    finally:
        log.close()
    return {
        "status": result.status,
        "score": None if result.test is None else result.test.score,
        "metric": result.metric,
        "trials": result.trials.total,
        "verdict": result.verdict,
    }


if __name__ == "__main__":
    main()
