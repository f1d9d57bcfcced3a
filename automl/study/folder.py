"""A study's folder: where each thing lies, and who may write."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from automl.errors import StudyError
from automl.files import write_text
from automl.locations import (
    BASELINES,
    baseline_bundle,
    best_bundle,
    check_study_name,
    other_bundle,
    studies_folder,
)
from automl.study.run import Run
from automl.study.urls import sqlite_url


@dataclass(frozen=True, slots=True)
class StudyFolder:
    """``studies/<name>/``.

    Attributes
    ----------
    path : Path
    """

    path: Path

    @classmethod
    def named(cls, name: str) -> StudyFolder:
        """Return the folder of that study, which need not exist.

        Raises
        ------
        StudyError
            When the name could leave the folder of studies.
        """
        try:
            check_study_name(name)
        except ValueError as error:
            raise StudyError(f"study name {error}, but got {name!r:.120}") from None
        return cls(studies_folder() / name)

    @property
    def name(self) -> str:
        """The study's name."""
        return self.path.name

    @property
    def database(self) -> Path:
        """Optuna's schema in SQLite."""
        return self.path / "study.db"

    @property
    def address(self) -> Path:
        """Names the database of a study that has another than `database`, without a password."""
        return self.path / "storage.url"

    @property
    def url(self) -> str:
        """SQLAlchemy's address of the database."""
        if self.address.exists():
            return self._address_lines()[0]
        return sqlite_url(self.database)

    @property
    def recorded_title(self) -> str | None:
        """The study's name in a database of other studies, as it was when it was written down.

        The folder may have been renamed since.
        """
        lines = self._address_lines() if self.address.exists() else []
        return lines[1] if len(lines) > 1 else None

    def record_address(self, url: str, title: str) -> None:
        """Write down the database and the study's name in it, for later commands."""
        write_text(self.address, f"{url}\n{title}\n")

    def _address_lines(self) -> list[str]:
        text = self.address.read_text(encoding="utf-8", errors="replace")
        return [line.strip() for line in text.splitlines()] or [""]

    @property
    def is_study(self) -> bool:
        """Whether it holds a search, and not just a model."""
        return self.database.exists() or self.address.exists()

    @property
    def best(self) -> Path:
        """The bundle of the best model so far."""
        return best_bundle(self.path)

    @property
    def single(self) -> Path:
        """The bundle of the best single network, where `best` is an ensemble."""
        return other_bundle(self.path, "single")

    @property
    def ensemble(self) -> Path:
        """The bundle of the ensemble, where `best` is a single network."""
        return other_bundle(self.path, "ensemble")

    @property
    def other_model(self) -> Path | None:
        """The one of `single` and `ensemble` that is there, beside `best`."""
        return next((path for path in (self.single, self.ensemble) if path.exists()), None)

    def searched_models(self) -> list[Path]:
        """Return the bundles that there are of what was searched, the best one first."""
        return [path for path in (self.best, self.single, self.ensemble) if path.exists()]

    @property
    def weights(self) -> Path:
        """Weights of the best few trials, and of finalists."""
        return self.path / "weights"

    def run_weights(self, run: Run) -> Path:
        """Return where the weights of a run lie; those of a trial while it is among the best."""
        if run.is_refit:
            return self.weights / f"refit-{run.trial}.safetensors"
        if run.number:
            return self.weights / f"finalist-{run.trial}-{run.number}.safetensors"
        return self.weights / f"{run.trial}.safetensors"

    def fold_weights(self, run: Run, fold: int) -> Path:
        """Return where the weights of one fold of a run lie; a trial's first are `run_weights`."""
        path = self.run_weights(run)
        if run.number == 0 and fold == 0:
            return path
        return path.with_stem(f"{path.stem}-fold-{fold + 1}")

    def trial_weights(self, number: int) -> list[Path]:
        """Return the files that there are of a trial's weights: one, or one a fold."""
        first = self.run_weights(Run(number))
        return [
            path
            for path in (first, *self.weights.glob(f"{number}-fold-*.safetensors"))
            if path.exists()
        ]

    def remove_fold_weights(self) -> None:
        """Delete what was fitted on folds alone, when that to hand over is in a bundle."""
        for path in self.weights.glob("finalist-*-fold-*.safetensors"):
            path.unlink(missing_ok=True)
        for path in self.predictions.glob("*-fold-*.safetensors"):
            path.unlink(missing_ok=True)

    def kept_trials(self) -> dict[int, Path]:
        """Return the weights of trials that are there, by the trial's number."""
        found = {}
        for path in self.weights.glob("*.safetensors"):
            if path.stem.isdecimal() and path == self.run_weights(run := Run(int(path.stem))):
                found[run.trial] = path
        return found

    @property
    def winner_onnx(self) -> Path:
        """The winner's ONNX file, before it is moved into the bundle."""
        return self.weights / "winner.onnx"

    @property
    def added_onnx(self) -> Path:
        """An ONNX file that is made later, before it is moved into the bundle."""
        return self.path / ".model.onnx"

    @property
    def predictions(self) -> Path:
        """Predictions of finalists and baselines."""
        return self.path / "predictions"

    def run_predictions(self, run: Run) -> Path:
        """Return where a run's outputs for validation and test rows lie."""
        return self.predictions / f"trial-{run.trial}-{run.number}.npz"

    def fold_predictions(self, run: Run, fold: int) -> Path:
        """Return where the outputs of one fold of a run lie."""
        return self.predictions / f"trial-{run.trial}-{run.number}-fold-{fold + 1}.npz"

    def baseline_predictions(self, name: str) -> Path:
        """Return where a baseline's predictions of the test rows lie."""
        return self.predictions / f"{name}.npz"

    def baseline_weights(self, name: str) -> Path:
        """Return where a baseline's numbers lie before they are in its bundle."""
        return self.predictions / f"{name}.safetensors"

    def member_predictions(self, name: str, fold: int) -> Path:
        """Return where the outputs of a baseline lie that can be a member of an ensemble."""
        return self.predictions / f"{name}-fold-{fold + 1}.npz"

    def member_weights(self, name: str, fold: int) -> Path:
        """Return where its numbers lie before they are in the ensemble's bundle."""
        return self.member_predictions(name, fold).with_suffix(".safetensors")

    def baseline_model(self, name: str) -> Path:
        """Return where the bundle of a baseline lies."""
        return baseline_bundle(self.path, name)

    def baseline_models(self) -> list[Path]:
        """Return the bundles that there are of baselines."""
        return sorted(path.parent for path in self.path.glob(f"{BASELINES}/*/model.json"))

    @property
    def judged(self) -> Path:
        """Test labels ``y`` and the winner's ``output`` for them, written when they were judged."""
        return self.predictions / "judged.npz"

    @property
    def result(self) -> Path:
        """What the search found, as JSON."""
        return self.path / "result.json"

    @property
    def history(self) -> Path:
        """What later searches learn from it, as JSON; see `automl.history`."""
        return self.path / "history.json"

    @property
    def scaling(self) -> Path:
        """How the cost grows with the rows, as JSON; see `automl.followup.scaling`."""
        return self.path / "scaling.json"

    @property
    def report(self) -> Path:
        """The report, an HTML page."""
        return self.path / "report.html"

    @property
    def artifacts(self) -> Path:
        """Files that the dashboard shows beside the study and its best trial."""
        return self.path / "artifacts"

    @property
    def shared(self) -> Path:
        """Preprocessed data that workers map; only there while a search runs."""
        return self.path / "shared"

    @property
    def trained_weights(self) -> Path:
        """Weights of a training without a search, before they are in the bundle."""
        return self.shared / "trained.safetensors"

    @property
    def trained_predictions(self) -> Path:
        """Its outputs for validation and test rows, before they are judged."""
        return self.shared / "predictions.npz"

    @property
    def trained_onnx(self) -> Path:
        """Its ONNX file, before it is in the bundle."""
        return self.shared / "model.onnx"

    def create(self) -> bool:
        """Make the folder, readable by its owner as their own settings say.

        Returns
        -------
        bool
            Whether it is new.

        Raises
        ------
        StudyError
            When it cannot be written.
        """
        try:
            is_new = not self.path.exists()
            self.path.mkdir(parents=True, exist_ok=True)
            probe = self.path / ".writable"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise StudyError(
                f"the study's folder must be writable, but {self.path}: {error.strerror};"
                " use another with AUTOML_STUDIES=FOLDER"
            ) from None
        return is_new

    def remove(self) -> None:
        """Delete the folder with its content, and the folder of studies if it is empty then."""
        shutil.rmtree(self.path, ignore_errors=True)
        with contextlib.suppress(OSError):
            self.path.parent.rmdir()

    def lock(self, advice: str = "") -> FileLock:
        """Hold the study for one search; released when the process ends, however it ends.

        Parameters
        ----------
        advice : str
            What else to do than to wait, for the message.

        Raises
        ------
        StudyError
            When another search holds it.
        """
        # `is_held` may hold it for a moment.
        lock = FileLock(self.path / ".lock", timeout=0.5)
        try:
            lock.acquire()
        except Timeout:
            raise StudyError(
                f"study {self.name!r} is running in another process; wait for its end{advice}"
            ) from None
        except OSError as error:
            raise StudyError(
                f"{self.path}: must be writable, but it is not: {error.strerror}"
            ) from None
        return lock

    @contextlib.contextmanager
    def held(self, advice: str = "") -> Iterator[None]:
        """Hold the study while it is written; delete what only a running search needs at the end.

        Parameters
        ----------
        advice : str
            As in `lock`.

        Raises
        ------
        StudyError
            When another process holds it.
        """
        lock = self.lock(advice)
        try:
            yield
        finally:
            self.remove_shared()
            lock.release()

    def is_held(self) -> bool:
        """Return whether a process is searching this study now."""
        path = self.path / ".lock"
        if not path.exists():
            return False
        try:
            with FileLock(path, timeout=0):
                return False
        except Timeout:
            return True
        except OSError:  # not ours to lock
            return False

    def remove_shared(self) -> None:
        """Delete what only a running search needs."""
        shutil.rmtree(self.shared, ignore_errors=True)
