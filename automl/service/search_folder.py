"""Where each thing of a search lies, and what its process writes down for the service.

Standard library only: the process of a search reads and writes it too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automl.files import write_json
from automl.locations import best_bundle


@dataclass(frozen=True, slots=True)
class SearchFolder:
    """``searches/<id>/``.

    Attributes
    ----------
    path : Path
    """

    path: Path

    @property
    def lock(self) -> Path:
        """The lock, which the search's process holds from before its start to its end."""
        return self.path / "run.lock"

    @property
    def events(self) -> Path:
        """What has happened; see `automl.service.events`."""
        return self.path / "events.jsonl"

    @property
    def request(self) -> Path:
        """What the next process is to do, as JSON."""
        return self.path / "request.json"

    @property
    def output(self) -> Path:
        """What the processes have printed."""
        return self.path / "output.txt"

    @property
    def data(self) -> Path:
        """Folder with a link to the data, under the name of the data set."""
        return self.path / "data"

    @property
    def studies(self) -> Path:
        """The folder of studies, which has one."""
        return self.path / "studies"

    def study(self, name: str) -> Path:
        """Return the folder of the search's study."""
        return self.studies / name

    @property
    def bundle(self) -> Path:
        """The bundle as one file, made at the end."""
        return self.path / "bundle.zip"

    def files(self, name: str) -> list[str]:
        """Return what can be fetched of the study by that name, each as its route ends."""
        study = self.study(name)
        best = best_bundle(study)
        places = {
            "result": study / "result.json",
            "report": study / "report.html",
            "bundle": best / "model.json",
            "model.onnx": best / "model.onnx",
        }
        return [route for route, path in places.items() if path.exists()]

    @property
    def _begun(self) -> Path:
        return self.path / "begun.json"

    @property
    def _ended(self) -> Path:
        return self.path / "ended.json"

    def note_begin(self, attempt: int, pid: int) -> None:
        """Write down which process has begun."""
        write_json(self._begun, {"attempt": attempt, "pid": pid})

    def note_end(self, attempt: int, **what: Any) -> None:
        """Write down how a process has ended."""
        write_json(self._ended, {"attempt": attempt, **what})

    def begun(self, attempt: int) -> dict[str, Any] | None:
        """Return what was noted at the begin of an attempt; None when it has not begun."""
        return _of_attempt(self._begun, attempt)

    def ended(self, attempt: int) -> dict[str, Any] | None:
        """Return what was noted at the end of an attempt; None when it ended without a word."""
        return _of_attempt(self._ended, attempt)

    def last_line(self) -> str:
        """Return the last line that was printed."""
        try:
            with self.output.open("rb") as file:
                file.seek(max(0, self.output.stat().st_size - 4096))
                lines = file.read().decode(errors="replace").strip().splitlines()
        except OSError:
            lines = []
        return lines[-1][:300] if lines else "it said nothing"


def _of_attempt(path: Path, attempt: int) -> dict[str, Any] | None:
    try:
        noted: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return noted if noted.get("attempt") == attempt else None
