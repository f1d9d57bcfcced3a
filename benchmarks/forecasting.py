"""Forecasts of series that come with packages, beside the usual rivals.

python benchmarks/forecasting.py [--data airline ...] [--trials 12] [--seeds 1] [--aeon FOLDER]
    [--quantiles]

Every search has the same number of trials and no clock, so that other programs on the machine do
not change a score. `DEVELOPMENT` is what the space and the ensemble were developed on, by their
scores on the test split: these figures flatter it. `REPORTED` was looked at once. Sunspots and the
sets of development come with statsmodels, the others with aeon, whose folder ``datasets/data``
``--aeon`` names where it is not installed beside automl. The test split is automl's: the last fifth
of a series, or two horizons of it, and of M1's 181 series a fifth or a horizon. With
``--quantiles`` the table is of what bands cover and of the weighted interval score; no rival is
trained.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from math import nan
from pathlib import Path
from statistics import fmean
from typing import Any

import pandas as pd

import automl

RIVALS = ("last-value", "seasonal-naive", "ets", "svm")

BANDS = ("windows", "50%", "80%", "95%", "interval score, model", "interval score, seasonal-naive")


def _of_statsmodels(name: str) -> pd.DataFrame:
    from importlib import import_module

    found: pd.DataFrame = import_module(f"statsmodels.datasets.{name}").load_pandas().data
    return found


def co2(aeon: Path) -> dict[str, Any]:
    """Weekly carbon dioxide on Mauna Loa, as means of months."""
    table = _of_statsmodels("co2").resample("MS").mean().reset_index()
    return {"dataset": table.set_axis(["time", "value"], axis=1), "horizon": 12}


def nile(aeon: Path) -> dict[str, Any]:
    """Yearly flow of the Nile."""
    return {"dataset": _of_statsmodels("nile").set_axis(["time", "value"], axis=1), "horizon": 6}


def elnino(aeon: Path) -> dict[str, Any]:
    """Sea temperatures of months, from a table of one row a year."""
    long = _of_statsmodels("elnino").melt(id_vars="YEAR")
    months = long.groupby("YEAR").cumcount() + 1
    time = long["YEAR"].astype(int).astype(str) + "-" + months.astype(str).str.zfill(2) + "-01"
    return {"dataset": pd.DataFrame({"time": time, "value": long["value"]}), "horizon": 12}


def macro(aeon: Path) -> dict[str, Any]:
    """Ten quarterly series of the economy of the United States."""
    data = _of_statsmodels("macrodata")
    month = (data["quarter"] * 3 - 2).astype(int).astype(str).str.zfill(2)
    data["time"] = data["year"].astype(int).astype(str) + "-" + month + "-01"
    names = ["realgdp", "realcons", "realinv", "realgovt", "realdpi"]
    names += ["cpi", "m1", "tbilrate", "unemp", "pop"]
    long = data.melt(id_vars="time", value_vars=names, var_name="series")
    return {"dataset": long, "sequence": "series", "horizon": 8}


def airline(aeon: Path) -> dict[str, Any]:
    """Monthly passengers of Box and Jenkins."""
    table = pd.read_csv(aeon / "Airline" / "Airline.csv").set_axis(["time", "value"], axis=1)
    return {"dataset": table.assign(time=table["time"] + "-01"), "horizon": 12}


def sunspots(aeon: Path) -> dict[str, Any]:
    """Yearly sunspots, without a season in the calendar; they come about every 11 years."""
    table = _of_statsmodels("sunspots").set_axis(["time", "value"], axis=1)
    return {"dataset": table, "horizon": 11, "season": 11}


def solar(aeon: Path) -> dict[str, Any]:
    """Solar power of Great Britain, six days in half hours."""
    table = pd.read_csv(aeon / "solar" / "solar.csv").set_axis(["time", "value"], axis=1)
    return {"dataset": table, "horizon": 24}


def m1_yearly(aeon: Path) -> dict[str, Any]:
    """The 181 yearly series of the M1 competition, with its horizon."""
    lines = (aeon / "m1_yearly_dataset" / "m1_yearly_dataset.tsf").read_text("latin-1").splitlines()
    frames = []
    for line in lines[lines.index("@data") + 1 :]:
        name, _, values = line.split(":")
        numbers = [float(value) for value in values.split(",")]
        frames.append(pd.DataFrame({"series": name, "time": range(len(numbers)), "value": numbers}))
    return {"dataset": pd.concat(frames), "sequence": "series", "horizon": 6}


Read = Callable[[Path], dict[str, Any]]

DEVELOPMENT: dict[str, Read] = {"co2": co2, "nile": nile, "elnino": elnino, "macro": macro}
REPORTED: dict[str, Read] = {
    "airline": airline,
    "sunspots": sunspots,
    "solar": solar,
    "m1-yearly": m1_yearly,
}


def run(options: dict[str, Any], rivals: Sequence[str], trials: int, seed: int) -> dict[str, float]:
    """Search once, and return the MASE of what is handed over and of every rival, and the bands."""
    result = automl.search(
        **options,
        task="forecast",
        target="value",
        time="time",
        trials=trials,
        seed=seed,
        workers=1,
        baselines=tuple(rivals),
        executor="inline",
        study="forecast",
        report=False,
        onnx=False,
        history=False,
    )
    assert result.test is not None
    assert result.best is not None
    assert result.best.test is not None
    scores = {"ours": result.test.score, "one network": result.best.test.score}
    for name, baseline in result.baselines.items():
        scores[name] = float("nan") if baseline.test is None else baseline.test.score
    found = None if result.forecast is None else result.forecast.quantiles
    if found is not None:
        scores |= {f"{band.high - band.low:.0%}": band.coverage for band in found.bands}
        scores |= {f"interval score, {name}": score for name, score in found.scores.items()}
        scores["windows"] = found.windows
    return scores


def main() -> None:
    """Print a row of the table for every data set as it is done."""
    known = {**DEVELOPMENT, **REPORTED}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", nargs="+", choices=known, default=list(REPORTED))
    parser.add_argument("--trials", type=int, default=12)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--rivals", nargs="+", choices=RIVALS, default=list(RIVALS))
    parser.add_argument("--aeon", type=Path)
    parser.add_argument("--quantiles", action="store_true")
    asked = parser.parse_args()
    spec = find_spec("aeon")
    folder = asked.aeon or Path((spec.origin if spec else None) or ".").parent / "datasets" / "data"
    rivals = [] if asked.quantiles else asked.rivals
    names = ["ours", *(BANDS if asked.quantiles else ["one network", *rivals])]
    print(f"| data set | {' | '.join(names)} |")
    print(f"| --- |{' ---: |' * len(names)}", flush=True)
    for name in asked.data:
        found = []
        for seed in range(asked.seeds):
            with tempfile.TemporaryDirectory() as studies:
                os.environ["AUTOML_STUDIES"] = studies
                found.append(run(known[name](folder), rivals, asked.trials, seed))
        means = [f"{fmean(scores.get(column, nan) for scores in found):.3f}" for column in names]
        print(f"| {name} | {' | '.join(means)} |", flush=True)


if __name__ == "__main__":
    main()
