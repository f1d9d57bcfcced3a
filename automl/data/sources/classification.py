"""Classification: many features, of which few matter."""

from __future__ import annotations

from typing import ClassVar

from automl.data.sources._generated import GeneratedSource


class Classification(GeneratedSource):
    """Clouds at the corners of a cube, among redundant and useless features."""

    rows = 2000
    shape = (20,)
    task = "multiclass"
    about = "4 classes, 20 features of which 8 matter, 2,000 points; generated, no licence needed"
    make = "make_classification"
    options: ClassVar = {
        "n_samples": 2000,
        "n_features": 20,
        "n_informative": 8,
        "n_redundant": 4,
        "n_classes": 4,
        "flip_y": 0.02,
    }
    classes = (0, 1, 2, 3)


SOURCE = Classification()
