"""The support vector machine: the rival that a network has to beat, tuned.

Its configurations are tried on a subsample, and the best is fitted on all rows.
"""

from __future__ import annotations

from typing import Any

from automl.baselines import Baseline
from automl.space.domains import ChoiceDomain, Domain, FloatDomain, IntDomain, Params
from automl.space.space import SearchSpace
from automl.task import Inputs, Task

EXACT_ROWS = 100_000
"""Above it the RBF kernel is fitted on a subsample.

Measured on one core, in seconds. MNIST after PCA to 60 components (C=10): 1.0 for 8,000 rows,
3.4 for 16,000, 8 for 32,000, 23 for 60,000: the power 1.6. Two overlapping classes in 20 columns
(C=10, a quarter of the rows on the wrong side): 1.8 for 6,000 rows, 4.0 for 10,000, 23 for
20,000: the power 2.3. The latter makes 15 minutes for 100,000 rows and 10 hours for 500,000.

A subsample, not Nystroem, because it won at the same cost: on 120,000 of those overlapping rows,
a linear SVM on 1,000 Nystroem features took 53 s and 1 GB for 77.3 %, the exact kernel on 20,000
of them 9 s for 77.4 %; on MNIST 62 s for 98.1 % against 23 s for 98.6 % on all rows.
"""

PCA_ABOVE = 128
"""Features. The kernel's cost grows with them, and up to here it is not what the time goes to."""

PCA_OPTIONAL = 512
"""Features up to which PCA may keep them all; columns of a table need not be correlated."""

MANY = 32
"""Features. With more of them all rows are about equally far from each other, at a squared
distance of 2 after `UnitNorm`; a gamma beyond 3 then sees no neighbours, and takes three times
as long to find out."""

MIN_COMPONENTS, MAX_COMPONENTS = 48, 128
"""MNIST's best number is 50 to 80 on all rows, though 35 look as good on a subsample; images of
colour need somewhat more."""

EIGH_FEATURES = 1024
"""Up to here the covariance's eigenvectors are quicker than a randomised decomposition."""


SERIES_ROWS = 5_000
"""Rows up to which features of series are computed: a thousand numbers a row."""

MAX_CLASSES_IN_PAIRS = 30
"""Classes up to which the linear kernel has a machine for every pair of them: 435 of them. With
200 classes there would be 19,900, which took minutes to fit on 800 rows."""


class SVM(Baseline):
    """Support vector machine with an RBF or a linear kernel, after PCA where it pays."""

    # Tuned on 6,000 rows, MNIST got too few components and too large a C: 98.45 % on test. On
    # 10,000 rows it gets 98.58 % with each of three seeds: 31 to 40 s to tune, 23 s to fit all
    # 60,000 digits, 8 s to predict the 10,000 test digits, on one core.
    tuning_trials = 14
    tuning_rows = 10_000

    def space(self, task: Task, n_features: int) -> SearchSpace:
        """Kernel, C and gamma relative to rows of unit norm (see `UnitNorm`), PCA, epsilon."""
        domains: dict[str, Domain] = {
            "kernel": ChoiceDomain(("rbf", "linear")),
            # Beyond 100 the fit of overlapping classes takes ten times as long, and was never
            # the best.
            "C": FloatDomain(0.1, 100.0, log=True),
            "gamma": FloatDomain(0.1, 3.0 if n_features > MANY else 30.0, log=True),
        }
        if n_features > PCA_ABOVE:
            most = n_features if n_features <= PCA_OPTIONAL else MAX_COMPONENTS
            domains["components"] = IntDomain(MIN_COMPONENTS, most, log=True)
        if not task.is_classification:
            domains["epsilon"] = FloatDomain(0.01, 0.5, log=True)
        if task.is_forecast:
            domains["centre"] = ChoiceDomain(
                ("last", "mean", "season")[: 3 if task.season > 1 else 2]
            )
        return SearchSpace("svm", domains, {}, _starts(domains, task))

    def transformer(self, params: Params, inputs: Inputs, n_rows: int, seed: int) -> Any:
        if inputs.kind != "sequence" or inputs.window or n_rows > SERIES_ROWS:
            return None
        from automl.baselines._series_features import WithConvolutions

        steps = inputs.shape[0]
        return WithConvolutions((steps, inputs.n_features // steps), seed)

    def row_limit(self, params: Params) -> int | None:
        return EXACT_ROWS if params["kernel"] == "rbf" else None

    def build(self, params: Params, task: Task, n_rows: int, n_features: int, seed: int) -> Any:
        from sklearn.decomposition import PCA
        from sklearn.pipeline import make_pipeline

        from automl.baselines._scaling import UnitNorm, double, one_a_target, with_scaled_target

        steps = [double(), UnitNorm(), _machine(params, task, n_rows, seed)]
        components = _components(params, n_rows, n_features)
        if components is not None:
            solver = "covariance_eigh" if n_features <= EIGH_FEATURES else "randomized"
            steps.insert(1, PCA(components, svd_solver=solver, random_state=seed))
        pipeline = make_pipeline(*steps)
        if task.is_classification:
            return pipeline
        return with_scaled_target(one_a_target(pipeline, task))

    def describe(self, params: Params, task: Task, n_rows: int, n_features: int) -> str:
        limit = self.row_limit(params)
        parts = ["RBF kernel" if params["kernel"] == "rbf" else "linear kernel"]
        parts.append(f"C={float(params['C']):.3g}")
        if params["kernel"] == "rbf":
            parts.append(f"gamma={float(params['gamma']):.3g}")
        if not task.is_classification:
            parts.append(f"epsilon={float(params['epsilon']):.3g}")
        if task.is_forecast:
            parts.append(f"on lags relative to the {_RELATIVE[str(params['centre'])]}")
        components = _components(params, min(n_rows, limit or n_rows), n_features)
        if components is not None:
            parts.append(f"PCA to {components} components")
        if limit is not None and n_rows > limit:
            parts.append(
                f"fitted on a subsample of {limit:,} of {n_rows:,} rows, because the time of the"
                " exact kernel grows with their square"
            )
        return ", ".join(parts)


_RELATIVE = {"last": "last value", "mean": "window's mean", "season": "last season"}


def _starts(domains: dict[str, Domain], task: Task) -> tuple[Params, ...]:
    """Return configurations known to be good: on MNIST, on small tables, on many noisy rows."""
    good: tuple[Params, ...] = (
        {"kernel": "rbf", "C": 10.0, "gamma": 1.2, "components": 60, "epsilon": 0.1},
        {"kernel": "rbf", "C": 1.0, "gamma": 1.0, "components": 60, "epsilon": 0.1},
        {"kernel": "linear", "C": 1.0, "gamma": 1.0, "components": 100, "epsilon": 0.1},
    )
    centre = "season" if task.season > 1 else "last"
    return tuple({name: ({"centre": centre} | start)[name] for name in domains} for start in good)


def _components(params: Params, n_rows: int, n_features: int) -> int | None:
    """Return how many components PCA keeps, or None without PCA."""
    if "components" not in params:
        return None
    return min(int(params["components"]), n_rows, n_features)


def _machine(params: Params, task: Task, n_rows: int, seed: int) -> Any:
    from sklearn.multiclass import OneVsOneClassifier
    from sklearn.svm import SVC, SVR, LinearSVC, LinearSVR

    C = float(params["C"])
    if params["kernel"] == "rbf":
        rbf: dict[str, Any] = {
            "kernel": "rbf",
            "C": C,
            "gamma": float(params["gamma"]),
            "cache_size": 500,  # MB; the default of 200 holds few columns of 60,000 rows
            "max_iter": _max_iter(n_rows),
        }
        # Of classes with as many votes, the surest and not the first: one argmax for all uses.
        return (
            SVC(**rbf, break_ties=True)
            if task.is_classification
            else SVR(**rbf, epsilon=params["epsilon"])
        )
    # SVC(kernel="linear") needs n² time as well; this one takes 2.4 s for 60,000 digits.
    if task.is_classification:
        machine = LinearSVC(C=C, dual="auto", random_state=seed)
        # One against one, as SVC does it: 94.0 % on MNIST, against 91 % for one against the rest.
        # That is a machine for every pair of classes; by itself it is one for every class.
        return (
            OneVsOneClassifier(machine)
            if 2 < len(task.classes) <= MAX_CLASSES_IN_PAIRS
            else machine
        )
    return LinearSVR(
        C=C,
        epsilon=float(params["epsilon"]),
        loss="squared_epsilon_insensitive",
        dual="auto",
        random_state=seed,
    )


def _max_iter(n_rows: int) -> int:
    """Bounds the fits that never converge.

    Useful fits of 10,000 to 40,000 overlapping rows took up to 6 iterations a row; those that
    took more (C=1000: 100 and more a row, for minutes) scored worse. On few rows an iteration
    costs next to nothing.
    """
    return max(10 * n_rows, 200_000_000 // n_rows)


BASELINE = SVM()
