"""MNIST as sequences: each image is read row by row, as 28 steps of 28 pixels."""

from __future__ import annotations

from automl.data.sources.mnist import Mnist


class MnistRows(Mnist):
    """The same digits and the same split as `mnist`, in the same order."""

    kind = "sequence"
    about = "MNIST row by row: 28 steps of 28 pixels; CC BY-SA 3.0, as commonly stated"


SOURCE = MnistRows()
