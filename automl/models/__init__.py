"""The contract of a model family: one file here is one kind of architecture.

Search calls `Family.Settings` in the parent, to check a space by name; training calls
`Family.build` in a worker, and so does whoever loads a saved model. A family's file therefore
imports torch inside `build` only: a misspelt setting is answered without waiting for torch, and
the parent never loads it.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from automl.errors import ConfigError
from automl.registry import Registry
from automl.settings import check
from automl.task import Inputs

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, slots=True)
class Cost:
    """What a network costs.

    Attributes
    ----------
    weights : int
        Trainable numbers.
    operations : int
        Floating-point operations that a row takes forward, in matrix products and convolutions:
        two for each multiplication with its addition. A training step takes about three times as
        many.
    """

    weights: int
    operations: int

    @property
    def size(self) -> int:
        """Bytes of the weights, in single precision."""
        return 4 * self.weights

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.weights + other.weights, self.operations + other.operations)


class Family(ABC):
    """One kind of architecture. A file assigns an instance to ``FAMILY``.

    Attributes
    ----------
    Settings : type
        A frozen dataclass of `automl.settings.option` fields: what the ``model`` section of a
        space may name. Where it has a list ``widths`` of its layers' units, or channels, the
        report draws them.
    gains_by_bfloat16 : bool
        Whether a large network trains faster with products in bfloat16 on a CPU with AMX.
    trains_output_alone : bool
        Whether all but the output is fitted and computed once a training, and not in every epoch;
        see `automl.models._frozen`.
    """

    Settings: ClassVar[type]
    gains_by_bfloat16: ClassVar[bool] = True
    trains_output_alone: ClassVar[bool] = False

    @abstractmethod
    def build(self, settings: Any, inputs: Inputs, n_outputs: int) -> nn.Module:
        """Build a network with freshly drawn weights.

        Parameters
        ----------
        settings : Settings
        inputs : Inputs
            Shape of one row. A family for vectors takes its `categories` with
            `automl.models._embedding.Embedded`.
        n_outputs : int
            Width of the last layer, which has no activation.

        Returns
        -------
        torch.nn.Module
            Maps float32 ``(rows, *inputs.shape)``, the mask of `Inputs.masked` included, to
            ``(rows, n_outputs)``. Every random draw comes from torch's global generator, which
            the caller has seeded.
        """

    @abstractmethod
    def cost(self, settings: Any, inputs: Inputs, n_outputs: int) -> Cost:
        """Count what `build` with the same arguments costs, without torch."""

    def canonical(self, settings: Any) -> Any:
        """Return the settings with those that change nothing set to one value.

        Two candidates with equal canonical settings describe the same network.
        """
        return settings


def _broken(found: object) -> str | None:
    """Return what breaks the contract, as far as it can be seen without torch."""
    if not isinstance(found, Family):
        return f"must be an instance of automl.models.Family, but is {type(found).__name__}"
    kind = getattr(found, "Settings", None)
    if not isinstance(kind, type) or not dataclasses.is_dataclass(kind):
        return "must have Settings, a dataclass"
    for field in dataclasses.fields(kind):
        if "choices" not in field.metadata:
            return f"has a setting {field.name!r} that is not made by automl.settings.option"
    try:
        check(kind, {f.name: f.default for f in dataclasses.fields(kind)}, "model")
        hash(kind())
    except ConfigError as error:
        return f"has a default that breaks its own rule: {error}"
    except TypeError:
        return "must have Settings with frozen=True"
    return None


FAMILIES: Registry[Family] = Registry(
    "automl.models",
    "FAMILY",
    "family",
    _broken,
    "; a family of your own comes with --plugin FILE.py",
)
