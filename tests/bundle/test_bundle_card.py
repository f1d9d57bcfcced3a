"""The card can be published as it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from automl.bundle.card import card_head, model_card
from automl.bundle.format import read_info

MakeBundle = Callable[..., Path]
JUDGED = {"score": 0.9, "low": 0.85, "high": 0.93}


def judged(bundle: Path, **scores: Any) -> dict[str, Any]:
    info = read_info(bundle)
    info["scores"] = {"valid": 0.91, "test": JUDGED, **scores}
    return info


def front(card: str) -> dict[str, Any]:
    return dict(yaml.safe_load(card.split("---\n")[1]))


@pytest.mark.parametrize(
    ("task", "kind", "pipeline"),
    [
        ("multiclass", "image", "image-classification"),
        ("binary", "vector", "tabular-classification"),
        ("regression", "vector", "tabular-regression"),
        ("regression", "image", None),
    ],
)
def test_the_front_is_yaml_with_hugging_faces_fields(
    make_bundle: MakeBundle, task: str, kind: str, pipeline: str | None
) -> None:
    info = judged(make_bundle(task, kind=kind))
    info["dataset"] = 'my "own": data'
    fields = front(model_card(info))
    assert fields.get("pipeline_tag") == pipeline
    assert fields["datasets"] == ['my "own": data']
    assert fields["library_name"] == "automl"
    if pipeline:
        result = fields["model-index"][0]["results"][0]
        assert result["metrics"][0]["value"] == 0.9


def test_the_head_has_the_test_score_with_its_interval_and_the_verdict(
    make_bundle: MakeBundle,
) -> None:
    head = card_head(judged(make_bundle(), verdict="No better than the SVM."))
    assert "0.9000 (95 % interval 0.8500 to 0.9300)" in head
    assert "No better than the SVM." in head
    assert "one of 3 classes: 3, 5, 8" in head


def test_before_the_end_it_says_that_the_test_split_is_closed(make_bundle: MakeBundle) -> None:
    card = (make_bundle() / "MODEL_CARD.md").read_text()
    assert "not measured" in card
    assert "model-index" not in front(card)


def test_limits_and_settings_are_there(make_bundle: MakeBundle) -> None:
    card = (make_bundle() / "MODEL_CARD.md").read_text()
    for part in ("## Use", "## How it was chosen", "## Settings", "## Limits", "model.onnx"):
        assert part in card
