"""`TrainConfig`: the options of a training."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from automl.config.data import DataConfig
from automl.locations import default_name
from automl.option_types import (
    CLUSTER,
    DEVICE,
    DOWNLOAD,
    EXECUTOR,
    METRIC,
    PLUGIN,
    SEED,
    Device,
    Epochs,
    Fixed,
    Names,
    Seed,
    StudyName,
)


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
    cluster: str | None = Field(None, description=CLUSTER)
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
