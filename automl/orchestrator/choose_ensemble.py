"""Choose the networks that are better together, and whether they are handed over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from automl import result as r
from automl.arrays import Array
from automl.bundle.error_quantiles import ErrorQuantiles
from automl.bundle.members import average
from automl.evaluation import Ensemble, format_score, select
from automl.evaluation.formatting import format_bytes, format_seconds
from automl.metrics import METRICS, Metric
from automl.option_types import Prefer
from automl.orchestrator.calibrate import calibrate
from automl.orchestrator.ensemble_units import Trained, Unit
from automl.study.run import Run
from automl.units import duration_text, size_text

MAX_NETWORKS = 20
"""Networks of an ensemble: each costs as much disk and time as the single one, and the twentieth
changes an average by a twentieth."""

FOLD_NETWORKS = 30
"""As many in cross-validation, where the networks of all folds come together: so that six runs of
five folds can be chosen. They are small, as their tables are."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user wants to be handed over.

    Attributes
    ----------
    prefer : {"auto", "single", "ensemble"}
    max_size : int or None
        Bytes that the weights of an ensemble may take.
    max_latency : float or None
        Seconds that it may take to predict 1,000 rows.
    """

    prefer: Prefer = "auto"
    max_size: int | None = None
    max_latency: float | None = None

    def limit(self, size: int, latency: float) -> str | None:
        """Say which limit an ensemble breaks that costs this much; None where it keeps both."""
        if self.max_size is not None and size > self.max_size:
            limit = size_text(self.max_size)
            return f"the ensemble takes {format_bytes(size)}, and --max-size allows {limit}"
        if self.max_latency is not None and latency > self.max_latency:
            limit = duration_text(self.max_latency)
            return (
                f"the ensemble takes {format_seconds(latency)} to predict 1,000 rows on this"
                f" machine, and --max-latency allows {limit}"
            )
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Together:
    """Networks that were chosen to be averaged.

    Attributes
    ----------
    found : automl.result.Ensemble
        Without what only the test split tells.
    networks : tuple of Trained
    shares : tuple of float
        Weight of each in the average.
    test, uncalibrated : array
        Averaged output for the test rows, and without the temperature.
    fit, predict_1000 : float
        Seconds of all of them.
    size_bytes : int
        Bytes of all weights.
    valid : array
        Averaged output for the rows that chose, of networks that had not seen them.
    errors : ErrorQuantiles or None
        How far its forecasts are off.
    """

    found: r.Ensemble
    networks: tuple[Trained, ...]
    shares: tuple[float, ...]
    test: Array
    uncalibrated: Array
    fit: float
    predict_1000: float
    size_bytes: int
    valid: Array
    errors: ErrorQuantiles | None = None

    @property
    def temperature(self) -> float:
        """What the average is softened with."""
        found = self.found.calibration
        return 1.0 if found is None else found.temperature


def choose_ensemble(
    units: Sequence[Unit],
    y: Array,
    metric: Metric,
    wish: Wish,
    *,
    in_folds: bool = False,
    named: Sequence[Run] = (),
    winner: int | None = None,
) -> Together | None:
    """Return the networks that are best together; None where there are fewer than two.

    Where they would cost more than the user allows, fewer are chosen, down to two.

    Parameters
    ----------
    units : sequence of Unit
    y : array of shape (rows,) or (rows, targets)
        Targets of the rows that choose.
    metric : Metric
    wish : Wish
    in_folds : bool
        Whether the units are of cross-validation: what is chosen is then handed over, whatever the
        rows say of a single network; see the notes.
    named : sequence of Run
        Runs of the first start configurations, in cross-validation. Nobody has chosen them, so
        the average of their units is what any choice must be better than.
    winner : int, optional
        The trial that won, in cross-validation. Where a time budget cut its folds, it has no unit,
        and an average of other trials is not handed over in its place: on OSULeaf, in a minute,
        that had 81 % where the winner's network, trained on all rows, had 95 %.

    Notes
    -----
    In cross-validation no rows are left that could tell a network that has seen all of them from
    the average over the networks of the folds. On 14 tables of 189 to 1,319 rows (of `DEVELOPMENT`
    in benchmarks/table_sets.py), the average was better in 39 of 42 searches of 20 s.

    Units of cross-validation are chosen by their log loss, for classes: on the few rows that there
    are then, accuracy has too few steps to tell one choice from another.
    """
    if sum(len(unit.networks) for unit in units) < 2:
        return None
    size = max(len(unit.networks) for unit in units)
    by = METRICS["log_loss"] if in_folds and y.dtype.kind in "iu" else metric
    most = FOLD_NETWORKS // size if in_folds else MAX_NETWORKS
    while True:
        floor = _units_of(named, units)[: most // 3 or most // 2]
        found = select(
            [unit.valid for unit in units],
            y,
            metric,
            by=by,
            least=2,  # what one unit alone is worth says nothing about averaging
            max_members=most - len(floor),
            floor=floor,
        )
        chosen = [(units[i], weight) for i, weight in found.weights.items()]
        networks = tuple(network for unit, _ in chosen for network in unit.networks)
        latency = sum(unit.predict_1000 for unit, _ in chosen)
        size_bytes = sum(network.weights.stat().st_size for network in networks)
        limit = wish.limit(size_bytes, latency)
        if limit is None or most <= 2:
            break
        most = max(2, most // 2)  # a smaller one may keep the limits
    shares = tuple(weight / len(u.networks) for u, weight in chosen for _ in u.networks)
    valid = average([unit.valid for unit, _ in chosen], [weight for _, weight in chosen])
    calibration = calibrate(valid, y) if y.dtype.kind in "iu" else None
    temperature = 1.0 if calibration is None else calibration.temperature
    test = [output for unit, _ in chosen for output in unit.test]
    asked = wish.prefer == "ensemble"
    cut = winner is not None and winner not in {u.run.trial for u in units if u.run}
    single = "the networks of one run" if in_folds else "one network"
    if any(unit.run is None for unit in units):
        single = "the best of them alone"
    ahead = asked or (wish.prefer == "auto" and (in_folds or found.is_ahead) and not cut)
    return Together(
        r.Ensemble(
            members={unit.name: weight for unit, weight in chosen},
            networks=sum(network.baseline is None for network in networks),
            baselines=sorted({n.baseline.recipe.name for n in networks if n.baseline}),
            others=sum(network.baseline is not None for network in networks),
            valid_score=found.valid_score,
            single_valid_score=found.single_score,
            judged_scores=found.proof_scores,
            helps=found.helps,
            handed_over=ahead and limit is None,
            why=limit
            if ahead and limit is not None
            else _why(found, metric, wish.prefer, single, in_folds=in_folds, cut=cut),
            calibration=calibration,
        ),
        networks,
        shares,
        average(test, shares, temperature),
        average(test, shares),
        sum(unit.fit for unit, _ in chosen),
        latency,
        size_bytes,
        valid,
    )


def _units_of(runs: Sequence[Run], units: Sequence[Unit]) -> list[int]:
    """Return the places of these runs' units: the first partition of each run before any second."""
    places = {run: [i for i, u in enumerate(units) if u.run == run] for run in runs}
    rounds = zip_longest(*places.values())
    return [i for of_round in rounds for i in of_round if i is not None]


def _why(
    found: Ensemble, metric: Metric, prefer: Prefer, single: str, *, in_folds: bool, cut: bool
) -> str:
    """Say why the one is handed over and not the other."""
    if prefer != "auto":
        return f"--prefer {prefer} asks for it"
    if cut:
        return "the trial that won was not trained on every fold, so that it is not in the ensemble"
    if found.proof is None or found.proof_scores is None:
        if in_folds:
            return "on few rows, the average over the networks of all folds is the safer one"
        return "every validation row had a part in choosing the ensemble, so none could judge it"
    together, alone = (format_score(metric.name, score) for score in found.proof_scores)
    rows = "on validation rows that had no part in choosing it,"
    if in_folds and not found.is_ahead:
        return (
            "on few rows, the average over the networks of all folds is the safer one, though"
            f" {rows} it has {metric.label} {together}, and {single} {alone}"
        )
    if found.proof.difference:
        return f"{rows} the ensemble has {metric.label} {together}, and {single} {alone}"
    better = "lower" if found.is_ahead else "not lower"
    loss = f", and the log loss of the ensemble is {better}" if found.tie_break is not None else ""
    return f"{rows} both have {metric.label} {together}{loss}"
