"""What options are made of: the types that several have, and how each is typed in a shell."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field

from automl.errors import UnknownNameError
from automl.locations import check_study_name
from automl.registry import list_names
from automl.units import duration_text, parse_duration, parse_size, size_text

Sampler = Literal["gp", "forest", "tpe", "cmaes", "random", "qmc"]
Pruner = Literal["halving", "hyperband", "median", "none"]
Prefer = Literal["auto", "single", "ensemble"]
EnsembleOf = Literal["networks", "all"]

SAMPLERS: tuple[str, ...] = get_args(Sampler)
PRUNERS: tuple[str, ...] = get_args(Pruner)
DEVICES = ("auto", "cpu", "cuda", "cuda:0", "mps")
"""Of several GPUs `cuda` takes all, a worker each in turn, and ``cuda:1`` the second."""

ONE_EPOCH = "one-epoch"
"""The control among the baselines: the best trial after one epoch."""

FLAGS = {"plugins": "--plugin", "fixed": "--set"}
"""Options whose spelling on the command line is not that of their field."""

TWO_SIDED = {"header", "history", "onnx", "report"}
"""Options that are written ``--x`` or ``--no-x``."""


def flag_of(name: str) -> str:
    """Return an option as it is typed: ``--max-epochs`` for ``max_epochs``."""
    return FLAGS.get(name, f"--{name.replace('_', '-')}")


def plain_value(value: Any) -> Any:
    """Return a value of an option in Python's own types: scalars of NumPy, and paths as text."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if type(value).__module__ == "numpy" and getattr(value, "ndim", 1) == 0:
        return value.item()
    if isinstance(value, Mapping):
        return {name: plain_value(item) for name, item in value.items()}
    return [plain_value(item) for item in value] if isinstance(value, list | tuple) else value


def _as_tuple(names: object) -> object:
    """Return one name, several of any collection, or None for none, as a tuple."""
    if names is None:
        return ()
    if isinstance(names, str):
        return (names,)
    if isinstance(names, bytes | Mapping) or not isinstance(names, Iterable):
        return names
    return tuple(names)


def _as_baselines(names: object) -> object:
    """Return ``"svm,logistic"``, ``"none"``, None or a list as a tuple."""
    found = _as_tuple(names)
    if isinstance(names, str):
        found = tuple(name.strip() for name in names.split(",") if name.strip())
        if not found:
            raise ValueError("must be names separated by commas, or none")
    if not isinstance(found, tuple):
        raise ValueError("must be names separated by commas, a list of names, or none")
    return () if found == ("none",) else found


def _as_dict(values: object) -> object:
    """Return any mapping as a dictionary."""
    return dict(values) if isinstance(values, Mapping) else values


def _as_seconds(text: object) -> object:
    """Return ``"5m"`` as seconds.

    Raises
    ------
    ValueError
        With the rule, for a text that is no time.
    """
    seconds = parse_duration(text)
    if isinstance(seconds, str):
        raise ValueError("must be a time such as 90s, 5m or 1h")
    return seconds


def _as_bytes(text: object) -> object:
    """Return ``"200MB"`` as bytes.

    Raises
    ------
    ValueError
        With the rule, for a text that is no size.
    """
    size = parse_size(text)
    if isinstance(size, str):
        raise ValueError("must be a size such as 500kB, 200MB or 2GB")
    return size


def _as_sign(text: object) -> object:
    """Return ``"space"`` and ``"tab"`` as what they name."""
    return (
        {"space": " ", "tab": "\t", "\\t": "\t"}.get(text, text) if isinstance(text, str) else text
    )


def _known_device(name: str) -> str:
    """Return the name of a device, which need not be there.

    Raises
    ------
    UnknownNameError
        For a name that no machine has.
    """
    if name not in DEVICES and not re.fullmatch(r"cuda:\d{1,3}", name):
        raise UnknownNameError("device", name, DEVICES)
    return name


def _known_encoding(name: str | None) -> str | None:
    """Return the name of an encoding.

    Raises
    ------
    ValueError
        When Python has none of that name for text.
    """
    if name is not None:
        try:
            "".encode(name)
        except (LookupError, ValueError):
            raise ValueError("must be an encoding such as utf-8, latin-1 or cp1252") from None
    return name


Delimiter = Annotated[
    Annotated[str, Field(min_length=1, max_length=1)] | None, BeforeValidator(_as_sign)
]
Thousands = Annotated[Literal[",", ".", " ", "'"] | None, BeforeValidator(_as_sign)]
Device = Annotated[str, AfterValidator(_known_device)]
Encoding = Annotated[str | None, AfterValidator(_known_encoding)]
Names = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]
Duration = Annotated[
    Annotated[float, Field(gt=0, allow_inf_nan=False)] | None, BeforeValidator(_as_seconds)
]
Baselines = Annotated[tuple[str, ...], BeforeValidator(_as_baselines)]
Bytes = Annotated[Annotated[int, Field(ge=0)], BeforeValidator(_as_bytes)]
Memory = Annotated[Annotated[int, Field(gt=0)] | None, BeforeValidator(_as_bytes)]
Seed = Annotated[int, Field(ge=0, lt=2**63)]
Epochs = Annotated[int, Field(ge=1, le=100_000)] | None
StudyName = Annotated[str | None, BeforeValidator(check_study_name)]
Fixed = Annotated[dict[str, str | int | float], BeforeValidator(_as_dict)]

METRIC = (
    "Score to optimise and to report: accuracy, balanced_accuracy, f1_macro, roc_auc or log_loss;"
    " rmse, mae or r2; mase, smape or rmsse. By default accuracy for classes, rmse for numbers, and"
    " mase for a forecast."
)
PLUGIN = (
    "Python file that defines a family of networks of your own, which is named after the file;"
    " may be repeated."
)
DOWNLOAD = "Download the data set if it is missing."
SEED = "Every random choice follows from this number."
DEVICE = (
    "Where networks are trained: auto, cpu, cuda or mps. Of several GPUs cuda takes all, and cuda:1"
    " the second."
)
*_OTHERS, _LAST = sorted(list_names("automl.executors"), reverse=True)
EXECUTOR = (
    f"Where workers run: {', '.join(_OTHERS)} or {_LAST}; inline is for debugging, dask and ray for"
    " several machines."
)
CLUSTER = (
    "Address of a cluster: tls://HOST:8786 with --executor dask, ray://HOST:10001 with --executor"
    " ray; by default, a cluster of this machine alone."
)


def option_text(name: str, value: Any) -> str:
    """Return a value as it is typed after its option: ``200MB``, ``90s``, ``svm,dummy``."""
    if name in {"keep", "trial_memory", "max_size"}:
        return size_text(value)
    if name in {"time_budget", "trial_timeout", "max_latency"}:
        return duration_text(value)
    if name in {"delimiter", "thousands"} and value in (" ", "\t"):
        return {" ": "space", "\t": "tab"}[value]
    return ",".join(value) if isinstance(value, tuple) else str(value)
