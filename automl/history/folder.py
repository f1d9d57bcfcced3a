"""Keep what a finished study leaves in its folder, and read what earlier ones have left."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from automl.errors import StudyError
from automl.files import write_text
from automl.history.past import PastStudy
from automl.locations import studies_folder
from automl.study.folder import StudyFolder

STUDIES = 50
"""Earlier studies that are read, the latest."""

MOST_BYTES = 1_000_000
"""Bytes of the file of a study, several times what one of `KEPT` trials takes."""

UNKNOWN = "has left nothing: it is not finished, or of a version that left nothing"


@dataclass(frozen=True, slots=True)
class Read:
    """What was found in the folder of studies.

    Attributes
    ----------
    studies : tuple of PastStudy
        Sorted by name.
    skipped : dict of str to str
        Why each of the other studies is left out.
    """

    studies: tuple[PastStudy, ...]
    skipped: dict[str, str]


def keep(folder: StudyFolder, past: PastStudy) -> None:
    """Write down what a study leaves.

    Raises
    ------
    StudyError
        When the file cannot be written.
    """
    try:
        write_text(folder.history, json.dumps(past.to_json(), separators=(",", ":")) + "\n")
    except OSError as error:
        raise StudyError(f"{folder.history}: cannot be written: {error.strerror}") from None


def read_past(but: str) -> Read:
    """Read what finished studies have left, but for the one of a name.

    A study that cannot be read, is not finished, or was made by a version that left nothing is
    skipped: a search never fails because of another one.
    """
    found: list[PastStudy] = []
    skipped: dict[str, str] = {}
    for name, path in _files(but, skipped):
        try:
            found.append(read_one(name, path))
        except StudyError as error:
            skipped[name] = str(error)
    return Read(tuple(sorted(found, key=lambda past: past.name)), dict(sorted(skipped.items())))


def _files(but: str, skipped: dict[str, str]) -> list[tuple[str, Path]]:
    """Return names and files of the latest studies."""
    times: list[tuple[float, str, Path]] = []
    for path in sorted(studies_folder().glob("*/")):
        folder = StudyFolder(path)
        if path.name == but or path.name.startswith("."):
            continue
        try:
            times.append((folder.history.stat().st_mtime, folder.name, folder.history))
        except OSError:
            if folder.is_study:
                skipped[folder.name] = UNKNOWN
    times.sort(reverse=True)
    for _, name, _ in times[STUDIES:]:
        skipped[name] = f"is older than the latest {STUDIES}"
    return [(name, path) for _, name, path in times[:STUDIES]]


def read_one(name: str, path: Path) -> PastStudy:
    """Read what one study has left.

    Raises
    ------
    StudyError
        With the reason, when it cannot be read.
    """
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise StudyError(f"takes more than {MOST_BYTES:,} bytes")
        return PastStudy.from_json(name, json.loads(text))
    except (OSError, ValueError, RecursionError):
        raise StudyError("cannot be read") from None
