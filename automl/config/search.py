"""`SearchConfig`: the options of a search."""

from __future__ import annotations

import os
import shlex
from typing import Annotated, Any

from pydantic import Field

from automl.config.data import DataConfig
from automl.errors import ConfigError
from automl.locations import default_name
from automl.option_types import (
    CLUSTER,
    DEVICE,
    DOWNLOAD,
    EXECUTOR,
    METRIC,
    ONE_EPOCH,
    PLUGIN,
    PRUNERS,
    SAMPLERS,
    SEED,
    Baselines,
    Bytes,
    Device,
    Duration,
    EnsembleOf,
    Epochs,
    Fixed,
    Memory,
    Names,
    Prefer,
    Pruner,
    Sampler,
    Seed,
    StudyName,
)
from automl.registry import canonical_name, list_names

MOST_WORKERS = 1024

TRIALS = 100
"""Trials without a time budget, by default."""


class SearchConfig(DataConfig):
    """The options of one search, checked when it is made.

    They are those of `automl.search`, which lists and describes them.

    Raises
    ------
    ConfigError
        One line with the option, the rule and the value.
    """

    trials: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        None,
        description="Number of networks to try; those of earlier runs of the study count. By"
        f" default {TRIALS}, and with a time budget as many as fit.",
    )
    time_budget: Duration = Field(
        None,
        description="Time for all trials and finalists together: 90s, 5m, 1h; given alone, it"
        " decides how many there are, and how long they are trained.",
    )
    trial_timeout: Duration = Field(
        None,
        description="Time after which a trial fails: 90s, 5m, 1h. By default, only a trial that"
        " hangs is ended.",
    )
    trial_memory: Memory = Field(
        None,
        description="Memory that a trial's worker may use, libraries included, such as 2GB.",
    )
    space: str | None = Field(
        None,
        description="A name from `automl spaces`, or a YAML file; by default, what fits the data.",
    )
    family: Names = Field(
        (),
        description="Search this kind of network only, such as mlp or cnn; may be repeated.",
    )
    plugins: Names = Field((), description=PLUGIN)
    fixed: Fixed = Field({}, description="Fix a parameter: --set model.depth=2; may be repeated.")
    metric: str | None = Field(None, description=METRIC)
    folds: Annotated[int, Field(ge=0, le=100)] | None = Field(
        None,
        description="Cross-validate every trial with this many folds; 0 takes one validation"
        " split. By default, 5 folds below 1,000 rows, or 2,500 of a table, and one split from"
        " there on.",
    )
    study: StudyName = Field(
        None, description="Name of the study; by default, that of the data set."
    )
    storage: str | None = Field(
        None,
        description="SQLAlchemy URL of the database, in place of studies/NAME/study.db; its"
        " password is not kept.",
    )
    seed: Seed = Field(0, description=SEED)
    workers: Annotated[int, Field(ge=1, le=MOST_WORKERS)] | None = Field(
        None,
        description="Networks that are trained at the same time; by default, one for each core,"
        " and with --cluster one for each slot.",
    )
    deterministic: bool = Field(
        False, description="Get the same trials with any number of workers; slower."
    )
    max_epochs: Epochs = Field(
        None,
        description="Epochs of a full training; by default, what fits the number of rows and the"
        " time budget.",
    )
    patience: Epochs = Field(
        None,
        description="Epochs without progress before a trial stops early; by default, an eighth of"
        " the full training, at least 4.",
    )
    sampler: Sampler = Field(
        "gp",
        description=f"How candidates are drawn: {', '.join(SAMPLERS[:-1])} or {SAMPLERS[-1]}.",
    )
    pruner: Pruner = Field(
        "halving",
        description=f"How weak trials are stopped early: {', '.join(PRUNERS[:-1])} or"
        f" {PRUNERS[-1]}.",
    )
    executor: str = Field("process", description=EXECUTOR)
    cluster: str | None = Field(None, description=CLUSTER)
    device: Device = Field("auto", description=DEVICE)
    history: bool = Field(
        True,
        description="Try first what was good in earlier studies of other data, once there are"
        " three; not with --deterministic.",
    )
    finalists: Annotated[int, Field(ge=0, le=100)] = Field(
        3,
        description="How many of the best trials are trained again with fresh seeds before the"
        " winner is chosen, half of it where they are trained for longer; 0 takes the best trial as"
        " it is.",
    )
    prefer: Prefer = Field(
        "auto",
        description="What is handed over: single, one network; ensemble, several whose outputs are"
        " averaged; or auto, what is better by rows that did not choose it.",
    )
    ensemble: EnsembleOf = Field(
        "networks",
        description="What is averaged: networks, or all, the baselines too.",
    )
    max_size: Memory = Field(
        None,
        description="Disk space that the weights of the model may take, such as 5MB; a larger"
        " network is not trained, and in place of a larger ensemble one network is handed over.",
    )
    max_latency: Duration = Field(
        None,
        description="Time that an ensemble may take to predict 1,000 rows on this machine, such as"
        " 0.2s; where a smaller one takes more, too, one network is handed over.",
    )
    baselines: Baselines = Field(
        ("svm", "dummy"),
        description="Models to compare the winner with: none, or names with commas:"
        f" {', '.join([*list_names('automl.baselines'), ONE_EPOCH])}.",
    )
    keep: Bytes = Field(
        200_000_000,
        description="Disk space for the weights of the best trials, such as 200MB.",
    )
    onnx: bool = Field(True, description="Export the best model to model.onnx at the end.")
    report: bool = Field(True, description="Write report.html at the end.")
    download: bool = Field(False, description=DOWNLOAD)

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self._check_together()

    def _check_together(self) -> None:
        if self.deterministic and self.time_budget is not None:
            raise ConfigError(
                "--deterministic cannot be combined with --time-budget: the budget would end each"
                " run at a different trial"
            )
        if self.deterministic and self.pruner == "hyperband":
            raise ConfigError(
                "--deterministic needs the pruner halving, median or none: hyperband judges a"
                " trial by what other workers happen to have reported"
            )

    @property
    def study_name(self) -> str:
        """The study's name, also that of its folder."""
        name = default_name(self.dataset)
        # A data set has one name with hyphens and underscores, and so one study; a file has not.
        return self.study or (canonical_name(name) if name == self.dataset else name)

    @property
    def total_trials(self) -> int | None:
        """Trials of the study, after defaults; None for as many as fit the time budget."""
        return self.trials or (TRIALS if self.time_budget is None else None)

    @property
    def worker_count(self) -> int:
        """Workers, after defaults."""
        return self.workers or (MOST_WORKERS if self.cluster else available_cores())

    def command_line(self) -> str:
        """Return the command that runs this search; options at their default are left out."""
        return shlex.join(["automl", "search", "--dataset", self.dataset, *self.words()])


def available_cores() -> int:
    """Return the cores that this process may use, which can be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
