"""A forecast, from a table to the next steps of every series."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import Ran

import automl
from automl.bundle.format import read_info
from automl.data import DataOptions, load
from automl.metrics import METRICS
from automl.result import SearchResult
from automl.service.predictions.batch import answer_all
from automl.service.predictions.engine import load_engine
from automl.service.predictions.messages import Request
from automl.service.signature import signature_of


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Two shops of unlike sizes, with a season, out of order."""
    random, frames = np.random.RandomState(0), []
    for shop, size in (("b", 1.0), ("a", 1_000.0)):
        t = np.arange(72)
        sold = size * (50 + t + 10 * np.sin(t * np.pi / 6) + random.normal(size=72))
        times = pd.date_range("2015-01-01", periods=72, freq="MS").strftime("%Y-%m-%d")
        frames.append(pd.DataFrame({"shop": shop, "month": times, "sold": sold}))
    path = tmp_path / "shops.csv"
    pd.concat(frames).sample(frac=1, random_state=0).to_csv(path, index=False)
    return path


OPTIONS = {"task": "forecast", "target": "sold", "time": "month", "sequence": "shop"}


def test_a_search_forecasts_every_series_and_is_judged_by_blocks(
    run_search: Callable[..., SearchResult], studies: Path, cli: Callable[..., Ran], table: Path
) -> None:
    result = run_search(
        str(table),
        study="shops",
        horizon=6,
        trials=2,
        max_epochs=3,
        folds=2,
        finalists=1,
        baselines=("last-value", "seasonal-naive", "ets", "logistic"),
        **OPTIONS,
    )
    assert result.metric == "mase"
    assert all(b.error is None and b.comparison for b in result.baselines.values())
    assert {b.comparison.method for b in result.baselines.values() if b.comparison} == {
        "t test over blocks"
    }
    assert result.test is not None
    data = load(
        str(table),
        options=DataOptions(
            target=("sold",), task="forecast", time="month", sequence="shop", horizon=6
        ),
    )
    model = automl.load_model("shops")
    assert data.windows is not None
    scale = data.windows.scales[:, None]
    # In own units, with what the table holds.
    found = model.predict(data.test.X * scale[:, :, None])
    score = METRICS["mase"].score(data.test.unlock(), found / scale)
    assert score == pytest.approx(result.test.score, rel=1e-4)

    card = (studies / "shops" / "best" / "MODEL_CARD.md").read_text()
    assert "- in: a table of series by shop, with month, sold; or windows of 26 steps" in card
    assert "- out: the next 6 steps of sold" in card
    assert result.forecast is not None
    assert result.forecast.scores["model"]["mase"] == pytest.approx(result.test.score)
    assert result.forecast.scores.keys() == {"model", *result.baselines}
    page = (studies / "shops" / "report.html").read_text()
    assert "The forecast and its rivals" in page

    lines = cli("predict", "shops", str(table)).out.splitlines()
    assert lines[0] == "shop,month,prediction"
    assert lines[1].startswith("a,2021-01-01,")
    assert lines[12].startswith("b,2021-06-01,")
    values = np.array([float(line.split(",")[2]) for line in lines[1:]])
    assert model.predict(pd.read_csv(table)).ravel() == pytest.approx(values)
    wide = cli("predict", "shops", str(table), "--quantiles", "0.1,0.9").out.splitlines()
    assert wide[0] == "shop,month,prediction,quantile_0.1,quantile_0.9"
    assert [line.rsplit(",", 2)[0] for line in wide[1:]] == lines[1:]
    bands = np.array([line.split(",")[3:] for line in wide[1:]], float).reshape(2, 6, 2)
    assert (bands[:, :, 0] < bands[:, :, 1]).all()
    assert model.predict_quantiles(pd.read_csv(table), (0.1, 0.9)) == pytest.approx(bands)
    refused = cli("predict", "shops", str(table), "--quantiles", "0.0001")
    assert refused.code == 2
    assert "quantiles: must be from 0.0" in refused.err
    known = result.forecast.quantiles
    assert known is not None
    covered = {(band.low, band.high): band.coverage for band in known.bands}
    found = model.predict_quantiles(data.test.X * scale[:, :, None], (0.1, 0.9))
    truth = data.test.unlock() * scale
    inside = (found[:, :, 0] <= truth) & (truth <= found[:, :, 1])
    assert covered[0.1, 0.9] == pytest.approx(inside.mean(), abs=0.01)
    assert "How sure it is" in page
    check_service(studies / "shops" / "best", table, lines, values)
    new = pd.read_csv(table).query("shop == 'a'").assign(shop="new")
    assert model.predict(new).ravel() == pytest.approx(values[:6])


def check_service(bundle: Path, table: Path, lines: list[str], values: np.ndarray) -> None:
    """A service answers a table with the same lines, and as JSON with the times of each series."""
    asked = [Request("file", table.read_bytes(), as_csv=as_csv) for as_csv in (True, False)]
    as_csv, plain = answer_all(load_engine(bundle), asked)
    told = [line.rpartition(",") for line in as_csv.body.decode().splitlines()]
    assert [place for place, _, _ in told] == [line.rpartition(",")[0] for line in lines]
    assert [float(value) for _, _, value in told[1:]] == pytest.approx(values, rel=1e-4)
    found = json.loads(plain.body)
    assert found["names"] == ["a", "b"]
    assert found["times"][1][5] == "2021-06-01"
    assert np.ravel(found["predictions"]) == pytest.approx(values, rel=1e-4)
    signature = signature_of(read_info(bundle))
    assert signature["forecast"] == {
        **{"target": "sold", "time": "month", "series": "shop"},
        **{"past": [], "known": [], "horizon": 6},
    }


def test_inspect_says_what_it_sees(cli: Callable[..., Ran], table: Path) -> None:
    words = [w for name, value in OPTIONS.items() for w in (f"--{name}", value)]
    said = cli("inspect", str(table), *words, "--horizon", "6").out
    assert "2 series of 72 steps, one month apart, with a season of 12" in said.replace("\n", " ")
    assert "task: forecast (--task forecast)" in said
    refused = cli("inspect", str(table), *words)
    assert refused.code == 2
    assert "horizon: must be given with --task forecast" in refused.err
