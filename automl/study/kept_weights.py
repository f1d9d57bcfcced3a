"""Which trials keep their weights: the best, as far as the disk space given to them goes."""

from __future__ import annotations

from collections.abc import Callable

from automl.study.folder import StudyFolder
from automl.trial import TrialRecord

MAX_FILES = 1000
"""However small they are: a folder of 100,000 files is a burden too."""


class KeptWeights:
    """The weights of a study's trials, within a quota.

    Parameters
    ----------
    folder : StudyFolder
    quota : int
        Bytes.
    always : int
        Best trials that keep theirs whatever the quota; the very best one always does.
    """

    def __init__(self, folder: StudyFolder, quota: int, always: int) -> None:
        self._folder, self._quota, self._always = folder, quota, max(1, always)
        # Those of earlier runs, so that a resumed study keeps to its quota too.
        self._sizes = {number: self._size(number) for number in folder.kept_trials()}

    def add(self, number: int, ranked: Callable[[], list[TrialRecord]]) -> None:
        """Take in a trial's new weights, and delete the worst when there are too many.

        Parameters
        ----------
        number : int
            Number of the trial.
        ranked : callable
            Complete trials, best first; only asked when there are too many.
        """
        self._sizes[number] = self._size(number)
        most = max(1, MAX_FILES // len(self._folder.trial_weights(number)))
        if len(self._sizes) <= most and sum(self._sizes.values()) <= self._quota:
            return
        kept: dict[int, int] = {}
        for record in ranked():
            size = self._sizes.get(record.number)
            if size is None:
                continue  # it never had weights of its own, as a twin
            full = len(kept) >= most or sum(kept.values()) + size > self._quota
            if len(kept) >= self._always and full:
                break
            kept[record.number] = size
        for gone in self._sizes.keys() - kept.keys():
            for path in self._folder.trial_weights(gone):
                path.unlink(missing_ok=True)
        self._sizes = kept

    def _size(self, number: int) -> int:
        return sum(path.stat().st_size for path in self._folder.trial_weights(number))
