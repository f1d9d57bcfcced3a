"""`Recipe`: a candidate's parameters, checked and typed, section by section."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from automl.data.preprocess.standardise import PreprocessingSettings
from automl.errors import ConfigError, SpaceError, UnknownNameError
from automl.models import FAMILIES, Family
from automl.settings import check, check_value, option
from automl.space.space import SearchSpace
from automl.training.optimizers import LBFGS, OptimizerSettings


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """What the ``training`` section of a space may name.

    Attributes
    ----------
    batch_size : int
        Rows a step; ``lbfgs`` takes the full batch, or large parts of it.
    steps_per_batch : int
        Steps in a row on the same batch, as early textbooks have it.
    clip_norm : float
        The longest that the gradient of all weights may be; a longer one is shortened to it
        (Pascanu et al. 2013, algorithm 1), which keeps recurrent networks from exploding. 0 for
        no limit; ignored by ``lbfgs``.
    averaging : float
        Share of the steps so far over which weights are averaged, for judging and keeping; see
        `automl.training.averaging`. 0 for none; ignored by ``lbfgs``.
    loss : {"squared", "huber"}
        Loss of regression; ignored for classes. Huber's (1964, Annals of Mathematical Statistics
        35, 73-101) grows with the square of a small error and with the size of a large one, so that
        outliers pull less.
    huber_delta : float
        Where an error begins to be large, in standard deviations of the target: networks learn a
        target of mean 0 and deviation 1.
    class_weights : {"none", "balanced"}
        Whether the loss of a row counts by how rare its class is: ``rows / (classes * rows of its
        class)`` of the training rows, scikit-learn's formula (King and Zeng 2001). The weights
        are 1 on average. Ignored in regression.
    """

    batch_size: int = option(128, low=1, high=1_000_000)
    steps_per_batch: int = option(1, low=1, high=10_000)
    clip_norm: float = option(0.0, low=0.0, high=1e6)
    averaging: float = option(0.0, low=0.0, high=1.0)
    loss: str = option("squared", choices=("squared", "huber"))
    huber_delta: float = option(1.0, low=1e-3, high=1e3)
    class_weights: str = option("none", choices=("none", "balanced"))


@dataclass(frozen=True, slots=True)
class RegularisationSettings:
    """What the ``regularisation`` section of a space may name.

    Attributes
    ----------
    l1 : float
        Penalty on the sum of absolute weights of the matrices.
    weight_decay : float
        L2 penalty, or decoupled decay with ``adamw``.
    label_smoothing : float
        Share of the target spread over all classes (Szegedy et al. 2016, section 7);
        ignored in regression.
    """

    l1: float = option(0.0, low=0.0, high=1.0)
    weight_decay: float = option(0.0, low=0.0, high=10.0)
    label_smoothing: float = option(0.0, low=0.0, below=1.0)


@dataclass(frozen=True, slots=True)
class AugmentationSettings:
    """What the ``augmentation`` section of a space may name: for images, and for training alone.

    Every batch is changed anew; see `automl.training.augmentation`. All is off by default.

    Attributes
    ----------
    shift : float
        An image moves by up to this share of its height, and of its width.
    rotation : float
        Degrees that it turns by at most, to either side.
    scaling : float
        Share by which the image grows or shrinks at most: with 0.1, by a factor from 1/1.1 to 1.1.
    flip : {"none", "horizontal"}
        Whether half of the images are mirrored. Not for digits or text.
    cutout : float
        Share of the shorter side that a square has which is covered with background.
    colour : float
        How much brightness, contrast and, of several channels, saturation change: with 0.2, the
        former by up to 0.2 standard deviations, and the others by a factor from 1/1.2 to 1.2.
    """

    shift: float = option(0.0, low=0.0, high=0.5)
    rotation: float = option(0.0, low=0.0, high=180.0)
    scaling: float = option(0.0, low=0.0, high=1.0)
    flip: str = option("none", choices=("none", "horizontal"))
    cutout: float = option(0.0, low=0.0, below=1.0)
    colour: float = option(0.0, low=0.0, high=2.0)


SECTIONS: dict[str, type] = {
    "preprocessing": PreprocessingSettings,
    "augmentation": AugmentationSettings,
    "optimizer": OptimizerSettings,
    "training": TrainingSettings,
    "regularisation": RegularisationSettings,
}
"""Sections beside ``model``, whose settings depend on the family."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides how a network looks and how it is trained."""

    family: str
    model: Any
    preprocessing: PreprocessingSettings
    augmentation: AugmentationSettings
    optimizer: OptimizerSettings
    training: TrainingSettings
    regularisation: RegularisationSettings

    @classmethod
    def parse(cls, params: Mapping[str, Any]) -> Recipe:
        """Check a candidate's flat parameters.

        Raises
        ------
        ConfigError
            Naming the parameter, the rule and the value.
        """
        sections: dict[str, dict[str, Any]] = {name: {} for name in ("model", *SECTIONS)}
        for name, value in params.items():
            if name == "family":
                continue
            section, setting = _split(name)
            sections[section][setting] = value
        family = _family_name(params.get("family"))
        return cls(
            family,
            check(FAMILIES.get(family).Settings, sections["model"], "model"),
            **{name: check(kind, sections[name], name) for name, kind in SECTIONS.items()},
        )

    def canonical(self) -> Recipe:
        """Return the recipe with every setting that changes nothing set to its default."""
        optimizer, training = self.optimizer, self.training
        if optimizer.name != "sgd":
            optimizer = replace(optimizer, momentum=OptimizerSettings().momentum)
        if optimizer.name == LBFGS:
            optimizer = replace(optimizer, schedule="constant")
            default = TrainingSettings()
            training = replace(
                training,
                batch_size=default.batch_size,
                clip_norm=default.clip_norm,
                averaging=default.averaging,
            )
        if training.loss != "huber":
            training = replace(training, huber_delta=TrainingSettings().huber_delta)
        return replace(
            self,
            model=FAMILIES.get(self.family).canonical(self.model),
            optimizer=optimizer,
            training=training,
        )

    def to_json(self) -> dict[str, Any]:
        """Nested plain types for JSON."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Recipe:
        """Read what `to_json` wrote."""
        flat: dict[str, Any] = {"family": values["family"]}
        # Bundles of before there was a choice do not have these sections.
        values = {"preprocessing": {}, "augmentation": {}, **values}
        for section in ("model", *SECTIONS):
            flat |= {f"{section}.{name}": value for name, value in values[section].items()}
        return cls.parse(flat)


def check_space(space: SearchSpace) -> None:
    """Check every value that a space could yield, before anything is trained.

    Raises
    ------
    SpaceError
        With the file, the path in it, the rule and the value.
    """
    if space.families:
        for name in space.families:
            check_space(space.of_family(name))
        return
    family = space.fixed.get("family")
    try:
        kind = FAMILIES.get(_family_name(family)).Settings
        for name, value in space.fixed.items():
            if name != "family":
                _check_one(name, value, kind)
        for name, domain in space.domains.items():
            for value in domain.corners():
                _check_one(name, value, kind)
    except ConfigError as error:
        raise SpaceError(f"{space.source}: {error}") from None


def _check_one(name: str, value: Any, model_settings: type) -> None:
    section, setting = _split(name)
    check_value(SECTIONS.get(section, model_settings), setting, value, section)


def _split(name: str) -> tuple[str, str]:
    section, _, setting = name.partition(".")
    if name in ("model", *SECTIONS):
        raise ConfigError(f"{name}: must be a mapping of settings, but got one value")
    if section not in ("model", *SECTIONS) or not setting:
        raise UnknownNameError("section", name, ["family", "model", *SECTIONS, "start"])
    return section, setting


def _family_name(name: Any) -> str:
    if not isinstance(name, str):
        raise ConfigError(
            f"family: must be one name, but got {name!r}; known: {', '.join(FAMILIES.names())}"
        )
    FAMILIES.get(name)
    return name


def family_of(recipe: Recipe) -> Family:
    """Return the family that builds this recipe's network."""
    return FAMILIES.get(recipe.family)
