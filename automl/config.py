"""`SearchConfig` and `TrainConfig`: everything one search, or one training, is."""

from __future__ import annotations

import os
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from automl.errors import ConfigError
from automl.locations import check_study_name, default_name
from automl.registry import canonical_name
from automl.units import parse_duration, parse_size

SAMPLERS = ("tpe", "gp", "cmaes", "random", "qmc")
PRUNERS = ("halving", "hyperband", "median", "none")


def _as_tuple(names: object) -> object:
    """One name or a list of names as a tuple; anything else is returned as it is."""
    if isinstance(names, str):
        return (names,)
    return tuple(names) if isinstance(names, list) else names


class DataConfig(BaseModel):
    """Which data, and how it is read and split; `SearchConfig` says what each field is."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    dataset: str
    target: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = ()
    task: Literal["binary", "multiclass", "regression"] | None = None
    test_data: str | None = None
    group: str | None = None
    time: str | None = None
    drop: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = ()
    kind: Literal["image", "sequence"] | None = None
    sequence: str | None = None
    order: str | None = None

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise ConfigError(_first_line(error, type(self))) from None


# An `__init__` of its own keeps a type checker from making one of the fields' types, which what
# users type does not have yet.
class SearchConfig(DataConfig):
    """What one search is. Checked when it is made.

    Attributes
    ----------
    dataset : str
        A name that ``automl datasets`` lists, ``openml:ID``, or the path of a file or a folder.
    target : tuple of str
        The columns to predict, in a file of one's own; one name is understood as well.
    task : {"binary", "multiclass", "regression"} or None
        By default, what the target looks like.
    test_data : str or None
        A file or a folder with the test split; by default a fifth of the rows.
    group : str or None
        A column whose equal values stay together when the rows are split. It is no feature.
    time : str or None
        A column by which the latest rows become the test split, and those before them validate.
        It is no feature: every row to predict is later than those that were learned from.
    drop : tuple of str
        Columns that are left out.
    kind : {"image", "sequence"} or None
        What the rows of an array of three dimensions are; by default, what they look like.
    sequence : str or None
        A column of a long table, in which each line is one step: lines with the same value are
        one sequence.
    order : str or None
        The column that tells the order of these lines; by default they are in order.
    space : str or None
        A name that ``automl spaces`` lists, or a YAML file. By default, what fits the data.
    family : tuple of str
        The families that are searched, of those of the space; one name is understood as well. By
        default all that it has; and without a space, what fits the data.
    trials : int
        How many trials the study holds at the end, those of earlier runs included.
    time_budget : float or None
        Seconds for trials and finalists together; ``"5m"`` is understood as well.
    workers : int or None
        How many candidates train at a time; by default one a core.
    trial_timeout : float or None
        Seconds after which a trial fails; ``"5m"`` is understood as well. Without one, only a
        trial that hangs is ended.
    trial_memory : int or None
        Bytes of memory that a trial's worker may have, its libraries included; ``"2GB"`` is
        understood as well.
    deterministic : bool
        Whether the trials are the same for any number of workers: they are asked for in rounds
        of a fixed size, and judged against earlier rounds only.
    seed : int
        Every random choice comes from it and the trial's number.
    max_epochs : int or None
        The full budget of a trial. By default, what fits the number of rows.
    patience : int or None
        Epochs without progress before a trial stops early; by default an eighth of
        `max_epochs`, at least 4.
    metric : str or None
        What is optimised and judged, a key of `automl.metrics.METRICS`; by default accuracy for
        classes and rmse for numbers.
    folds : int or None
        Folds of a cross-validation that judges every trial, in place of one validation split; 0
        or 1 takes the split. By default, what fits the number of rows; see
        `automl.orchestrator.defaults.default_folds`.
    study : str or None
        Name of the study; by default the data set's.
    storage : str or None
        SQLAlchemy URL of another database than ``studies/<name>/study.db``.
    sampler, pruner, executor, device : str
    finalists : int
        Trials that are trained again, at full budget with fresh seeds, before the winner is
        chosen; 0 takes the best trial as it is.
    baselines : tuple of str
    keep : int
        Bytes for the weights of trials, best first; ``"200MB"`` is understood as well. The best
        trial and those that can become finalists always keep theirs.
    onnx : bool
        Whether the best model is also exported to ``model.onnx`` at the end, where the extra
        ``[onnx]`` is installed.
    report : bool
        Whether ``report.html`` is written at the end; ``automl report`` writes it later.
    plugins : tuple of str
        Python files with families of one's own; see `automl.models._from_file`.
    fixed : dict
        Parameters with one value, by dotted name: ``{"model.depth": 2}``.
    download : bool
        Whether a missing data set may be downloaded.

    Raises
    ------
    ConfigError
        One line with the option, the rule and the value.
    """

    space: str | None = None
    family: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = ()
    trials: Annotated[int, Field(ge=1, le=1_000_000)] = 100
    time_budget: Annotated[
        Annotated[float, Field(gt=0, allow_inf_nan=False)] | None, BeforeValidator(parse_duration)
    ] = None
    trial_timeout: Annotated[
        Annotated[float, Field(gt=0, allow_inf_nan=False)] | None, BeforeValidator(parse_duration)
    ] = None
    trial_memory: Annotated[Annotated[int, Field(gt=0)] | None, BeforeValidator(parse_size)] = None
    workers: Annotated[int, Field(ge=1, le=1024)] | None = None
    deterministic: bool = False
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    max_epochs: Annotated[int, Field(ge=1, le=100_000)] | None = None
    patience: Annotated[int, Field(ge=1, le=100_000)] | None = None
    metric: str | None = None
    folds: Annotated[int, Field(ge=0, le=100)] | None = None
    study: Annotated[str | None, BeforeValidator(check_study_name)] = None
    storage: str | None = None
    sampler: Literal["tpe", "gp", "cmaes", "random", "qmc"] = "tpe"
    pruner: Literal["halving", "hyperband", "median", "none"] = "halving"
    executor: str = "process"
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    finalists: Annotated[int, Field(ge=0, le=100)] = 3
    baselines: tuple[str, ...] = ("svm", "dummy")
    keep: Annotated[Annotated[int, Field(ge=0)], BeforeValidator(parse_size)] = 200_000_000
    onnx: bool = True
    report: bool = True
    plugins: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = ()
    fixed: dict[str, str | int | float] = {}
    download: bool = False

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self._check_together()

    def _check_together(self) -> None:
        if self.executor == "inline" and (self.trial_timeout or self.trial_memory):
            raise ConfigError(
                "--trial-timeout and --trial-memory end a worker process, and --executor inline"
                " has none"
            )
        if self.deterministic and self.time_budget is not None:
            raise ConfigError("deterministic: a --time-budget ends a search at another trial each")
        if self.deterministic and self.pruner == "hyperband":
            raise ConfigError(
                "deterministic: the pruner must be halving, median or none: hyperband judges by"
                " what other workers have reported at the time"
            )

    @property
    def study_name(self) -> str:
        """The study's name, also that of its folder."""
        name = default_name(self.dataset)
        # A data set has one name with hyphens and underscores, and so one study; a file has not.
        return self.study or (canonical_name(name) if name == self.dataset else name)

    @property
    def worker_count(self) -> int:
        """Workers, after defaults."""
        if self.executor == "inline":
            return 1
        return self.workers or available_cores()


class TrainConfig(DataConfig):
    """What one training of a configuration is. Checked when it is made.

    Attributes
    ----------
    configuration : str
        A name that ``automl spaces`` lists as a configuration, or a YAML file in which every
        value is fixed.
    dataset, target, task, test_data, group, time, drop, kind, sequence, order
        As in `SearchConfig`.
    epochs : int or None
        By default the configuration's own, or what fits the number of rows.
    metric : str or None
        What judges the epochs and the test rows; as in `SearchConfig`.
    rows : {"train", "all"} or None
        Train on the training split, or on the validation rows as well; see
        `automl.space.space.Budget`. By default the configuration's own.
    seed : int
        Decides every random choice.
    study : str or None
        Name of the folder in ``studies/`` that holds the model; by default made of the names of
        data set and configuration.
    executor, device : str
    plugins : tuple of str
        As in `SearchConfig`.
    fixed : dict
        Parameters with another value than the configuration's, by dotted name.
    onnx : bool
        Whether the model is also exported to ``model.onnx``.
    download : bool
        Whether a missing data set may be downloaded.

    Raises
    ------
    ConfigError
        One line with the option, the rule and the value.
    """

    configuration: str
    epochs: Annotated[int, Field(ge=1, le=100_000)] | None = None
    metric: str | None = None
    rows: Literal["train", "all"] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    study: Annotated[str | None, BeforeValidator(check_study_name)] = None
    executor: str = "process"
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    plugins: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = ()
    fixed: dict[str, str | int | float] = {}
    onnx: bool = False
    download: bool = False

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)

    @property
    def study_name(self) -> str:
        """Name of the folder that holds the model."""
        names = (default_name(self.dataset), default_name(self.configuration))
        return self.study or "-".join(names)[:100]


def available_cores() -> int:
    """Cores that this process may use, which in a container can be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _first_line(error: ValidationError, config: type[BaseModel]) -> str:
    """Pydantic's first complaint in our form: the option, the rule, the value."""
    first = error.errors(include_url=False)[0]
    name = ".".join(str(part) for part in first["loc"][:1])
    if first["type"] == "extra_forbidden":
        known = ", ".join(config.model_fields)
        return f"unknown option {name!r}; known: {known}"
    rule = first["msg"].removeprefix("Value error, ")
    rule = rule[0].lower() + rule[1:]
    return f"{name}: {rule}, but got {first['input']!r}"
