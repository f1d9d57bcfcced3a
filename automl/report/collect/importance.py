"""Which parameters mattered, by Optuna's PED-ANOVA (Watanabe et al. 2023, arXiv 2304.10255)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import create_trial

from automl.metrics import Metric
from automl.objective import Objective
from automl.space.domains import ChoiceDomain, Domain, IntDomain
from automl.study.memory_study import memory_study
from automl.trial import TrialRecord, TrialStatus
from automl.warning_filters import warnings_as

MIN_TRIALS = 15
"""Below, the best trials are too few to differ from the others by more than chance."""

MIN_BEST = 5
"""Optuna's documentation asks for at least 5 trials above the quantile."""

BEST_SHARE = 0.1
"""Optuna's default quantile."""

TOO_ALIKE = 1e-9
"""Shares that differ by less come from trials among which there are no best ones."""

MAX_TRIALS = 2_000
"""More, and the densities change little while the time grows."""


def importance(
    records: Sequence[TrialRecord], domains: Mapping[str, Domain], metric: Metric
) -> dict[str, float]:
    """Return every sampled parameter's share of the importance, the largest first.

    PED-ANOVA asks how the values among the best trials differ from those among all. With a
    pruner only a few trials are complete, and those are not all: a pruned trial therefore counts
    with the best score that it had reached, and a failed one as the worst.

    Returns
    -------
    dict of str to float
        Shares that add up to 1; empty when there are too few trials or nothing differs.
    """
    usable = [r for r in records if all(name in r.params for name in domains)]
    scores = [r.valid_score for r in usable if r.valid_score is not None]
    finite = [s for s in scores if np.isfinite(s)]
    if len(finite) < MIN_TRIALS or len(domains) < 2:
        return {}
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    worst = max(finite, key=Objective(metric).cost)
    distributions = {name: _distribution(domain) for name, domain in domains.items()}
    study = memory_study(direction=metric.direction)
    study.add_trials(
        create_trial(
            params={name: r.params[name] for name in domains},
            distributions=distributions,
            value=_value(r, worst),
        )
        for r in usable[-MAX_TRIALS:]
    )
    count = min(len(usable), MAX_TRIALS)
    share = min(0.5, max(BEST_SHARE, MIN_BEST / count))
    evaluator = PedAnovaImportanceEvaluator(target_quantile=share)
    with warnings_as("ignore"):  # that the best are all, which is seen by equal shares
        found = get_param_importances(study, evaluator=evaluator)
    shares = found.values()
    if max(shares) - min(shares) < TOO_ALIKE:
        return {}
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _value(record: TrialRecord, worst: float) -> float:
    score = record.valid_score
    if record.status is TrialStatus.FAILED or score is None or not np.isfinite(score):
        return worst
    return score


def _distribution(domain: Domain) -> BaseDistribution:
    if isinstance(domain, ChoiceDomain):
        return CategoricalDistribution(domain.choices)
    if isinstance(domain, IntDomain):
        return IntDistribution(domain.low, domain.high, log=domain.log)
    return FloatDistribution(domain.low, domain.high, log=domain.log)
