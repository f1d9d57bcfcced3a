"""Judge on the test split what a search found: one network, and several together.

Called with labels that the caller has unlocked, and counted. What is handed over was chosen before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from automl import result as r
from automl.arrays import Array
from automl.evaluation import Comparison, Entry, Interval, compare, score_with_interval
from automl.metrics import Metric
from automl.orchestrator.choose_ensemble import Together
from automl.orchestrator.judge import Rival, to_score


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """The single network, before it is judged.

    Attributes
    ----------
    test, uncalibrated : array
        Its output for the test rows, and without the temperature.
    valid_score : float
    fit, predict_1000 : float
        Seconds.
    size_bytes : int
    """

    test: Array
    uncalibrated: Array
    valid_score: float
    fit: float
    predict_1000: float
    size_bytes: int


@dataclass(frozen=True, slots=True, eq=False)
class JudgedModels:
    """The single network and the ensemble, where there is one, with their test scores.

    Attributes
    ----------
    output, uncalibrated : array
        Output of what is handed over, for the test rows, with and without the temperature.
    winner : Entry
        What is handed over.
    siblings : dict of str to Rival
        The other one.
    network : Entry
    ensemble : automl.result.Ensemble or None
    why : str
        Why the one is handed over; empty where there was nothing to choose.
    """

    output: Array
    uncalibrated: Array
    winner: Entry
    siblings: dict[str, Rival]
    network: Entry
    ensemble: r.Ensemble | None
    why: str


def judge_models(
    metric: Metric,
    y: Array,
    single: Network,
    tune: float,
    together: Together | None,
    blocks: Array | None = None,
) -> JudgedModels:
    """Score both, and compare what is handed over with the other one.

    Parameters
    ----------
    metric : Metric
    y : array of shape (rows,) or (rows, targets)
        Test labels.
    single : Network
    tune : float
        Seconds of the search, which both cost.
    together : Together or None
    blocks : int64 array of shape (rows,), optional
        As in `compare`.
    """
    seconds = {"tune": tune, "fit": single.fit, "predict_1000": single.predict_1000}
    interval = score_with_interval(metric, y, metric.takes(single.test), blocks)
    network = Entry("network", interval, single.valid_score, seconds, single.size_bytes)
    if together is None:
        return JudgedModels(single.test, single.uncalibrated, network, {}, network, None, "")
    theirs = score_with_interval(metric, y, metric.takes(together.test), blocks)
    ensemble = _entry(together, tune, theirs)
    first = together.found.handed_over
    outputs = (together.test, single.test) if first else (single.test, together.test)
    winner, other = (ensemble, network) if first else (network, ensemble)
    comparison = compare(metric, y, *map(metric.takes, outputs), blocks=blocks)
    found = together.found.model_copy(
        update={
            "test": to_score(theirs),
            "seconds": r.Seconds(**ensemble.seconds),
            "size_bytes": ensemble.size_bytes,
            "comparison": r.Comparison(**comparison.to_json()),
        }
    )
    siblings = {other.name: Rival(other, comparison)}
    plain = together.uncalibrated if first else single.uncalibrated
    return JudgedModels(outputs[0], plain, winner, siblings, network, found, found.why)


def _entry(together: Together, tune: float, test: Interval) -> Entry:
    found = together.found
    seconds = {"tune": tune, "fit": together.fit, "predict_1000": together.predict_1000}
    size, said = together.size_bytes, _averaged(found)
    return Entry("ensemble", test, found.fair_score, seconds, size, said, title=_title(found))


def judged_before(result: r.SearchResult) -> tuple[Entry, dict[str, Rival], str]:
    """Return the winner, its sibling, and why the one was handed over, from a finished result."""
    assert result.best is not None
    assert result.test is not None
    best, found = result.best, result.ensemble
    # Results of before there were ensembles to hand over have one test score alone.
    network = _again("network", best.test or result.test, best.valid_score, best)
    if found is None or found.comparison is None or found.test is None:
        return network, {}, ""
    ensemble = _again("ensemble", found.test, found.fair_score, found, _averaged(found))
    ensemble = replace(ensemble, title=_title(found))
    winner, other = (ensemble, network) if found.handed_over else (network, ensemble)
    comparison = Comparison(**found.comparison.model_dump())
    return winner, {other.name: Rival(other, comparison)}, found.why


def _again(
    name: str, test: r.Score, valid: float, cost: r.Best | r.Ensemble, said: str = ""
) -> Entry:
    seconds = cost.seconds.model_dump() if cost.seconds else {}
    interval = Interval(test.score, test.low, test.high)
    return Entry(name, interval, valid, seconds, cost.size_bytes, said)


def _title(found: r.Ensemble) -> str:
    """Name an ensemble for what it is, where it is not of networks alone."""
    return "the ensemble of networks and baselines" if found.others else ""


def _averaged(found: r.Ensemble) -> str:
    return f"{found.made_of}, averaged"
