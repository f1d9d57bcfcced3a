"""The parts of an `automl.result.SearchResult`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

Scalar = str | int | float | bool


CONFIG = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="strings")
"""Nothing unknown is read, and nothing is changed."""


class _Part(BaseModel):
    model_config = CONFIG


class Score(_Part):
    """A score on the test split with its 95 % interval."""

    score: float
    low: float
    high: float


class Seconds(_Part):
    """What a model cost, in seconds; `tune` is the search, `fit` the final training."""

    tune: float
    fit: float
    predict_1000: float


class Band(_Part):
    """A central band of forecasts between two quantiles, and the share of test steps in it."""

    low: float
    high: float
    coverage: float


class Quantiles(_Part):
    """How good the quantiles of a forecast are on the test split.

    They are of the errors on `windows` windows that validated. `unknown` test windows never change,
    and have none. `scores` are weighted interval scores over `levels` quantiles, in units of the
    seasonal naive error: of ``model``, and of the seasonal naive forecast with quantiles of its own
    errors, as ``seasonal-naive``.
    """

    windows: int
    levels: int
    unknown: int
    bands: list[Band]
    scores: dict[str, float]


class Forecast(_Part):
    """What a forecast was judged by.

    `scores` holds for what is handed over, as ``model``, and for every baseline the metrics of
    forecasts, and ``rmse`` in the target's own units, over all series and steps at once.
    `quantiles` is null where there were too few windows to tell them.
    """

    horizon: int
    season: int
    blocks: int
    scores: dict[str, dict[str, float]]
    quantiles: Quantiles | None = None


class TrialCounts(_Part):
    """How the trials ended."""

    complete: int
    pruned: int
    failed: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.complete + self.pruned + self.failed


class Calibration(_Part):
    """The temperature that a model's probabilities were softened with.

    The log losses are on validation rows that had no part in choosing a temperature.
    """

    temperature: float
    log_loss_before: float
    log_loss_after: float


class Best(_Part):
    """The winner.

    `valid_score` is the mean over its finalist runs, or the trial's own score where it had none.
    `trial_score` is what the trial reached in the search, which selection makes look better.
    `test` is the score of this one network, also where an ensemble was handed over.
    """

    number: int
    params: dict[str, Scalar]
    valid_score: float
    trial_score: float
    n_weights: int
    epochs: int
    test: Score | None = None
    seconds: Seconds | None = None
    size_bytes: int | None = None
    calibration: Calibration | None = None


class Folds(_Part):
    """How every trial was cross-validated: `count` folds, drawn `repeats` times."""

    count: int
    repeats: int


class Finalist(_Part):
    """A top trial that was trained again with fresh seeds."""

    number: int
    valid_scores: list[float]
    mean: float


class Comparison(_Part):
    """The winner against another model on the same test rows.

    `difference` is positive when the winner is better.
    """

    difference: float
    low: float
    high: float
    p_value: float
    method: str
    a_only: int | None = None
    b_only: int | None = None


class Baseline(_Part):
    """A model that is not searched by the network worker."""

    description: str
    test: Score | None = None
    valid_score: float | None = None
    seconds: Seconds | None = None
    size_bytes: int | None = None
    params: dict[str, Scalar] = {}
    comparison: Comparison | None = None
    error: str | None = None


class Ensemble(_Part):
    """Several of the networks together; `members` maps a run to its weight.

    In cross-validation a member is every fold's network of a run, so `networks` is their number.
    With `--ensemble all`, `baselines` names those that are in it, too, and `others` counts their
    fits. `judged_scores` are those of the ensemble and of one model on validation rows that had
    no part in choosing them; they decide what is handed over, and `why` says so. `helps` is whether
    the difference is significant. `comparison` is that of the two on the test split; its
    `difference` is positive when what was handed over is better.
    """

    members: dict[str, float]
    networks: int = 0
    baselines: list[str] = []
    others: int = 0
    valid_score: float
    single_valid_score: float
    judged_scores: tuple[float, float] | None = None
    helps: bool
    handed_over: bool = False
    why: str = ""
    test: Score | None = None
    seconds: Seconds | None = None
    size_bytes: int | None = None
    comparison: Comparison | None = None
    calibration: Calibration | None = None

    @property
    def made_of(self) -> str:
        """What is averaged, in words."""
        networks = f"{self.networks} network{'s' if self.networks != 1 else ''}"
        if not self.others:
            return networks
        fits = f"{self.others} fit{'s' if self.others != 1 else ''} of {', '.join(self.baselines)}"
        return f"{networks} and {fits}" if self.networks else fits

    @property
    def fair_score(self) -> float:
        """Its validation score on rows that did not choose it, where there are such."""
        return self.valid_score if self.judged_scores is None else self.judged_scores[0]


class ClassScore(_Part):
    """One class on the test split."""

    label: str
    precision: float
    recall: float
    f1: float
    rows: int


class FromStart(_Part):
    """The best start configuration, and the winner against it.

    `valid_score` is the mean over its finalist runs, or the trial's own score. `comparison` is on
    the test rows, or in cross-validation over the folds; its `difference` is positive when the
    winner is better. It is null when the winner is a start configuration, and where the weights
    of the other one were not kept.
    """

    number: int
    valid_score: float
    comparison: Comparison | None = None


class FromModel(_Part):
    """The candidates that a model proposed against those drawn at random, at equal seconds.

    `proposed` and `random` count them. `best_proposed` and `best_random` are the best validation
    scores that are expected of as many `seconds` of each; `difference` is positive when the
    model's are better, with a 95 % interval.
    """

    proposed: int
    random: int
    seconds: float
    best_proposed: float
    best_random: float
    difference: float
    low: float
    high: float


class Rung(_Part):
    """What was dropped after an epoch, or a fold; 0 is in the middle of the first epoch.

    `promising` is how many of the dropped promised more than the best trial; see
    `automl.evaluation.rungs.Rung`.
    """

    epoch: int
    reached: int
    dropped: int
    promising: int | None = None


class FromHistory(_Part):
    """The configurations of earlier studies that were tried first.

    `configurations` counts them, and `studies` names where they come from. `number` is the best of
    these trials, from trial `their_trial` of study `their_study`; `valid_score` is its own score.
    They are null when none was trained in full. `won` is whether it is the winner.
    """

    configurations: int
    studies: list[str]
    number: int | None = None
    valid_score: float | None = None
    their_study: str | None = None
    their_trial: int | None = None
    won: bool = False


class Added(_Part):
    """What the search added to its start configurations and to chance; `said` is all in words."""

    from_start: FromStart | None = None
    from_history: FromHistory | None = None
    from_model: FromModel | None = None
    rungs: list[Rung] = []
    said: list[str] = []
