"""Swiss roll: where a point lies along a rolled-up sheet."""

from __future__ import annotations

from typing import ClassVar

from automl.data.sources._generated import GeneratedSource


class SwissRoll(GeneratedSource):
    """Points in space on a rolled-up sheet; the target is the way along it."""

    rows = 1000
    shape = (3,)
    task = "regression"
    about = "position on a rolled-up sheet, 1,000 points; generated, no licence needed"
    make = "make_swiss_roll"
    options: ClassVar = {"n_samples": 1000, "noise": 0.5}


SOURCE = SwissRoll()
