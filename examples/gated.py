"""A family of one's own: a hidden layer with gates (Dauphin et al. 2017)."""

from dataclasses import dataclass

from automl.models import Cost, Family
from automl.settings import option


@dataclass(frozen=True)
class GatedSettings:
    width: int = option(64, low=1, high=4096)


class Gated(Family):
    Settings = GatedSettings

    def build(self, settings, inputs, n_outputs):
        from torch import nn  # only here: the process that searches never loads torch

        hidden = [nn.Linear(inputs.n_features, 2 * settings.width), nn.GLU()]
        return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(settings.width, n_outputs))

    def cost(self, settings, inputs, n_outputs):
        products = inputs.n_features * 2 * settings.width + settings.width * n_outputs
        return Cost(products + 2 * settings.width + n_outputs, 2 * products)


FAMILY = Gated()
