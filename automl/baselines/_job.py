"""`BaselineJob`: one fit of a baseline, in a worker; `automl.baselines._fit` does it.

The search sends one a configuration while it tunes, with `BaselineJob.rows` given, and a last one
without, whose predictions of the test rows are compared with the winner's.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from automl.data.preprocess.variants import BASELINE, Variant
from automl.job import Job
from automl.space.domains import Params


@dataclass(frozen=True, slots=True)
class BaselineResult:
    """What became of a `BaselineJob`.

    Attributes
    ----------
    number, name, params
        As in the job.
    valid_score : float or None
        The metric on (at most `VALID_ROWS`) validation rows; None for a final fit or a failure.
    seconds_fit : float
        Wall clock.
    seconds_predict_1000 : float
        Wall clock for a thousand rows; extrapolated from fewer while tuning.
    seconds : float
        Wall clock of the whole job, predictions included.
    size_bytes : int or None
        Size of the fitted numbers.
    description : str
        One line; says when the fit was stopped before it converged.
    predictions : str or None
        The file that a final fit has written.
    layers : list or None
        What the file ``model`` of the job holds; see `automl.bundle.chain.Chain.to_json`. None
        where the fitted estimator could not be kept.
    has_probabilities : bool
        Whether what was kept has some.
    not_kept : str or None
        Why it could not be kept.
    error : str or None
        The reason of a failure, one line.
    """

    number: int
    name: str
    params: Params
    valid_score: float | None = None
    seconds_fit: float = 0.0
    seconds_predict_1000: float = 0.0
    seconds: float = 0.0
    size_bytes: int | None = None
    description: str = ""
    predictions: str | None = None
    layers: list[dict[str, Any]] | None = None
    has_probabilities: bool = True
    not_kept: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class BaselineMember:
    """What became of a `BaselineMemberJob`.

    Attributes
    ----------
    description : str
    layers : list or None
        As in `BaselineResult`; None after a failure.
    seconds_fit, seconds_predict_1000 : float
    error : str or None
        The reason of a failure, one line.
    """

    description: str = ""
    layers: list[dict[str, Any]] | None = None
    seconds_fit: float = 0.0
    seconds_predict_1000: float = 0.0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class BaselineMemberJob(Job):
    """Fit a baseline on the training rows of a split, for an ensemble.

    Attributes
    ----------
    name : str
    params : dict
    seed : int
    fold : int
    predictions : str
        Where its outputs for validation and test rows go, as NPZ: ``valid`` and ``test``,
        probabilities or numbers.
    model : str
        Where its numbers go, as safetensors.
    """

    runs: ClassVar[str] = "automl.baselines._fit:fit_member"
    outputs: ClassVar[tuple[str, ...]] = ("predictions", "model")
    says: ClassVar[tuple[type, ...]] = (BaselineMember,)

    name: str
    params: Params = field(hash=False)
    seed: int
    fold: int
    predictions: str
    model: str

    @property
    def variant(self) -> Variant:
        """Return the form that is the same for every baseline, of this fold."""
        return replace(BASELINE, fold=self.fold)


@dataclass(frozen=True, slots=True)
class BaselineJob(Job):
    """Fit a baseline once.

    Attributes
    ----------
    number : int
        The configuration's number.
    name : str
        Name of the baseline.
    params : dict
        One draw from its space.
    rows : int or None
        Training rows to fit, as a stratified subsample, then judged on validation; None for the
        final fit on train and validation together.
    seed : int
        Decides the subsample and the estimator's random choices. Jobs with one seed see the same
        rows, so that configurations are compared on equal terms.
    metric : str
    predictions : str or None
        Where a final fit writes its predictions of the test rows, as NPZ: ``pred``, codes of
        shape ``(rows,)`` or numbers of the targets' shape, and what the metric takes beside, by
        its name in `KEPT_AS`.
    model : str or None
        Where a final fit writes the numbers of the fitted estimator, as safetensors.
    folds : int
        Splits on which a configuration is tried; its score is the mean over them.
    fold : int
        The first of them. That behind the last fold has every row in training, and in validation.
    """

    runs: ClassVar[str] = "automl.baselines._fit:fit"
    outputs: ClassVar[tuple[str, ...]] = ("predictions", "model")
    says: ClassVar[tuple[type, ...]] = (BaselineResult,)

    number: int
    name: str
    params: Params = field(hash=False)
    rows: int | None
    seed: int
    metric: str
    predictions: str | None = None
    model: str | None = None
    folds: int = 1
    fold: int = 0

    @property
    def variant(self) -> Variant:
        """Return the form that is the same for every baseline."""
        return replace(BASELINE, folds=self.folds, fold=self.fold)
