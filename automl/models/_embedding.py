"""Learned embeddings: from codes at the end of a row to vectors beside its numbers."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from automl.models._layers import embedded_width, embedding_width
from automl.task import Inputs


class Embedded(nn.Module):
    """Rows with codes, as rows of numbers alone.

    Code 0, a missing or unseen category, begins as the vector 0. It is trained on the rows that
    miss the category; where no training row does, it has no gradient and stays 0, which neither
    decay nor a penalty moves.

    Parameters
    ----------
    inputs : Inputs
        With `categories`.

    Attributes
    ----------
    width : int
        Numbers of a row that comes out.
    """

    def __init__(self, inputs: Inputs) -> None:
        super().__init__()
        self._numbers = inputs.n_features - len(inputs.categories)
        self.tables = nn.ModuleList(_table(codes) for codes in inputs.categories)
        self.width = embedded_width(inputs)

    def forward(self, rows: Tensor) -> Tensor:
        """From ``(rows, features)``, codes last, to ``(rows, width)``."""
        codes = rows[:, self._numbers :].long()
        vectors = [table(codes[:, i]) for i, table in enumerate(self.tables)]
        return torch.cat([rows[:, : self._numbers], *vectors], dim=1)


def _table(codes: int) -> nn.Embedding:
    width = embedding_width(codes)
    # A normal distribution, as torch draws it by itself, would import torch's compiler when a
    # bundle is measured without memory.
    table = nn.Embedding(codes, width, _weight=torch.empty(codes, width))
    # The squares of a vector sum up to 1 on average, as those of a one-hot category and of a
    # standardised number do.
    nn.init.uniform_(table.weight, -((3 / width) ** 0.5), (3 / width) ** 0.5)
    with torch.no_grad():
        table.weight[0].zero_()
    return table
