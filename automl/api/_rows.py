"""What `search` and `train` share: options as a configuration, and rows that are in memory."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from automl.config import SearchConfig, TrainConfig
from automl.errors import ConfigError

if TYPE_CHECKING:
    from automl.data import Dataset

Names = str | Sequence[str]

NO_VALUES: Mapping[str, str | int | float] = MappingProxyType({})

C = TypeVar("C", SearchConfig, TrainConfig)


def take_rows(kind: type[C], options: dict[str, Any]) -> tuple[C, Dataset | None]:
    """Return the configuration, and the data set when it is in memory.

    Parameters
    ----------
    kind : type
        `SearchConfig` or `TrainConfig`.
    options : dict of str to object
        Its fields, of which `dataset` may be rows, with `y` and `lengths`.
    """
    dataset, y = options.pop("dataset"), options.pop("y")
    lengths = options.pop("lengths")
    if isinstance(dataset, str | os.PathLike):
        if lengths is not None:
            raise ConfigError(
                f"lengths: must come with sequences as an array, but the data is {dataset!r}; a"
                " file of sequences names them in a column, with sequence"
            )
        if y is not None:
            if not isinstance(y, str | list | tuple):
                raise ConfigError(
                    f"y: must name the target's column in {dataset}, but got {type(y).__name__};"
                    " targets as an array come with rows as an array"
                )
            options["target"] = y
        return kind(dataset=dataset, **options), None
    from automl.data import DataOptions
    from automl.data.names import IN_MEMORY
    from automl.data.read.memory import from_memory

    options["test_data"], test = None, options["test_data"]
    config = kind(dataset=IN_MEMORY, **options)
    data = from_memory(dataset, y, DataOptions.of(config), test, lengths)
    if config.study is None:
        # Two tables in memory have no names to tell them apart.
        name = config.study_name.replace(IN_MEMORY, f"{IN_MEMORY}-{data.fingerprint[:8]}", 1)
        config = config.model_copy(update={"study": name})
    return config, data
