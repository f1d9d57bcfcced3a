"""`SearchConfig` and `TrainConfig`: the options of a search and of a training.

A field is the one home of its option: its name, type, default and description. The command line
is made from the fields, as is the command that a report prints; `automl.api` writes them out, so
that an editor completes them, and a test holds it to them.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from automl.errors import ConfigError, UnknownNameError
from automl.locations import default_name
from automl.option_types import (
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
    Delimiter,
    Device,
    Duration,
    Encoding,
    Epochs,
    Fixed,
    Memory,
    Names,
    Prefer,
    Pruner,
    Sampler,
    Seed,
    StudyName,
    Thousands,
    flag_of,
    option_text,
)
from automl.registry import canonical_name, list_names


class DataConfig(BaseModel):
    """Which data, and how it is read and split."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    dataset: str = Field(
        description="A name from `automl datasets`, openml:ID, a file, or a folder."
    )
    target: Names = Field(
        (), description="Column to predict, in a table; several with commas or repeated."
    )
    task: Literal["binary", "multiclass", "regression"] | None = Field(
        None,
        description="binary, multiclass or regression; by default, what the target looks like.",
    )
    test_data: str | None = Field(
        None,
        description="File or folder with the test split; by default, a fifth of the rows.",
    )
    group: str | None = Field(
        None,
        description="Column whose equal values stay on one side of the split. It is not used as a"
        " feature.",
    )
    time: str | None = Field(
        None,
        description="Column of time: the latest rows are the test split, and those before them"
        " validate. It is not used as a feature.",
    )
    drop: Names = Field((), description="Column to leave out; several with commas or repeated.")
    kind: Literal["image", "sequence"] | None = Field(
        None,
        description="image or sequence: what the rows of an array (rows, a, b) are; by default,"
        " what they look like.",
    )
    sequence: str | None = Field(
        None,
        description="Column that names the sequence of each line, in a table with one line a step.",
    )
    order: str | None = Field(
        None,
        description="Column by which the lines of a sequence are ordered; by default, the order of"
        " the file.",
    )
    header: bool | None = Field(
        None,
        description="Whether the first line of a text file names the columns; where none does,"
        " they are called x0, x1, and so on. By default, what the first line looks like.",
    )
    delimiter: Delimiter = Field(
        None,
        description="What stands between the fields of a text file: one character, or tab; by"
        " default, the one of comma, semicolon, tab and | that fits.",
    )
    encoding: Encoding = Field(
        None,
        description="How a text file is encoded, such as latin-1; by default UTF-8 or UTF-16, or"
        " Windows-1252 where it is none of these.",
    )
    decimal: Literal[".", ","] | None = Field(
        None, description="Decimal sign of a table's numbers; by default, what fits the column."
    )
    thousands: Thousands = Field(
        None,
        description="Sign between the thousands of a table's numbers: a comma, a point, an"
        " apostrophe, or space; by default, what fits the column.",
    )
    missing: Names = Field(
        (),
        description="Text that stands for a missing value in a table, beside an empty cell; may be"
        " repeated. By default NA, NaN, null and ?.",
    )
    date_format: str | None = Field(
        None,
        description="How the dates of a table are written, such as %d/%m/%Y; by default, what all"
        " of a column agree with.",
    )

    # Without this, a type checker derives an `__init__` from the types of the fields, and rejects
    # the strings that users pass (`time_budget="10m"`).
    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise _first_error(error, type(self)) from None

    def words(self) -> Iterator[str]:
        """Yield the options that differ from their default, as they are typed."""
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if field.is_required() or value == field.default:
                continue
            flag = flag_of(name)
            match value:
                case bool():
                    yield flag if value else f"--no-{flag[2:]}"
                case dict():
                    yield from (w for key, v in value.items() for w in (flag, f"{key}={v}"))
                case tuple() if name == "baselines":
                    yield from (flag, ",".join(value) or "none")
                case tuple():
                    yield from (word for item in value for word in (flag, item))
                case _:
                    yield from (flag, option_text(name, value))


class SearchConfig(DataConfig):
    """The options of one search, checked when it is made.

    They are those of `automl.search`, which lists and describes them.

    Raises
    ------
    ConfigError
        One line with the option, the rule and the value.
    """

    trials: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        100,
        description="Number of networks to try; those of earlier runs of the study count.",
    )
    time_budget: Duration = Field(
        None, description="Time for all trials and finalists together: 90s, 5m, 1h."
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
        " split. By default, 5 folds below 1,000 rows, and one split from there on.",
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
    workers: Annotated[int, Field(ge=1, le=1024)] | None = Field(
        None,
        description="Networks that are trained at the same time; by default, one for each core.",
    )
    deterministic: bool = Field(
        False, description="Get the same trials with any number of workers; slower."
    )
    max_epochs: Epochs = Field(
        None, description="Epochs of a full training; by default, what fits the number of rows."
    )
    patience: Epochs = Field(
        None,
        description="Epochs without progress before a trial stops early; by default, an eighth of"
        " the full training, at least 4.",
    )
    sampler: Sampler = Field(
        "tpe",
        description=f"How candidates are drawn: {', '.join(SAMPLERS[:-1])} or {SAMPLERS[-1]}; gp"
        " needs more memory, as it loads torch in the main process.",
    )
    pruner: Pruner = Field(
        "halving",
        description=f"How weak trials are stopped early: {', '.join(PRUNERS[:-1])} or"
        f" {PRUNERS[-1]}.",
    )
    executor: str = Field("process", description=EXECUTOR)
    device: Device = Field("auto", description=DEVICE)
    finalists: Annotated[int, Field(ge=0, le=100)] = Field(
        3,
        description="How many of the best trials are trained again with fresh seeds before the"
        " winner is chosen; 0 takes the best trial as it is.",
    )
    prefer: Prefer = Field(
        "auto",
        description="What is handed over: single, one network; ensemble, several whose outputs are"
        " averaged; or auto, what is better by rows that did not choose it.",
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
    def worker_count(self) -> int:
        """Workers, after defaults."""
        return self.workers or available_cores()

    def command_line(self) -> str:
        """Return the command that runs this search; options at their default are left out."""
        return shlex.join(["automl", "search", "--dataset", self.dataset, *self.words()])


class TrainConfig(DataConfig):
    """The options of one training without a search, checked when it is made.

    They are those of `automl.train`, which lists and describes them.

    Raises
    ------
    ConfigError
        One line with the option, the rule and the value.
    """

    configuration: str = Field(
        description="A configuration from `automl spaces`, or a YAML file in which every value is"
        " fixed."
    )
    epochs: Epochs = Field(
        None, description="Passes over the rows; by default, what the configuration says."
    )
    rows: Literal["train", "all"] | None = Field(
        None,
        description="train: keep the epoch that is best on the validation rows; all: train on those"
        " too, and keep the last. By default, what the configuration says.",
    )
    metric: str | None = Field(None, description=METRIC)
    plugins: Names = Field((), description=PLUGIN)
    fixed: Fixed = Field({}, description="Replace a value: --set model.width=50; may be repeated.")
    seed: Seed = Field(0, description=SEED)
    study: StudyName = Field(
        None, description="Name of the model; by default, DATASET-CONFIGURATION."
    )
    executor: str = Field("process", description=EXECUTOR)
    device: Device = Field("auto", description=DEVICE)
    onnx: bool = Field(False, description="Export the model to model.onnx too.")
    download: bool = Field(False, description=DOWNLOAD)

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)

    @property
    def study_name(self) -> str:
        """Name of the folder that holds the model."""
        names = (default_name(self.dataset), default_name(self.configuration))
        return self.study or "-".join(names)[:100]


def available_cores() -> int:
    """Return the cores that this process may use, which can be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _first_error(error: ValidationError, config: type[BaseModel]) -> ConfigError:
    """Return pydantic's first complaint in our form: the option, the rule, the value."""
    first = error.errors(include_url=False)[0]
    name, value = str(first["loc"][0]), first["input"]
    if first["type"] == "extra_forbidden":
        return UnknownNameError("option", name, config.model_fields)
    if first["type"] == "literal_error":
        return UnknownNameError(name, value, _choices(config.model_fields[name].annotation))
    rule = first["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    return ConfigError(f"{name}: {rule[0].lower()}{rule[1:]}, but got {value!r}")


def _choices(annotation: Any) -> list[str]:
    """Return the names that a field takes: those of its `Literal`, also beside None."""
    return [
        name
        for part in get_args(annotation)
        for name in ([part] if isinstance(part, str) else get_args(part))
    ]
