"""A space of several families: a section for each, and names that keep them apart."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spaces import SPACES

from automl.errors import SpaceError, UnknownNameError
from automl.space.domains import ChoiceDomain, FloatDomain, IntDomain
from automl.space.file import load_space, parse_space
from automl.space.space import SearchSpace, join
from automl.training.recipe import check_space

TEXT = """
family: {choice: [mlp, lstm]}
optimizer:
  learning_rate: {float: [1.0e-4, 1.0e-2], log: true}
mlp:
  model: {depth: {int: [1, 3]}, width: 16}
  start:
    - {model: {depth: 2}, optimizer: {learning_rate: 0.001}}
lstm:
  model: {layers: 1, width: {int: [4, 8]}}
  optimizer: {name: adamw}
"""


@pytest.fixture
def space() -> SearchSpace:
    return parse_space(TEXT, "my.yaml")


def test_every_parameter_is_named_after_its_family(space: SearchSpace) -> None:
    assert space.families == ("mlp", "lstm")
    assert space.domains == {
        "family": ChoiceDomain(("mlp", "lstm")),
        "mlp.optimizer.learning_rate": FloatDomain(1e-4, 1e-2, log=True),
        "mlp.model.depth": IntDomain(1, 3),
        "lstm.optimizer.learning_rate": FloatDomain(1e-4, 1e-2, log=True),
        "lstm.model.width": IntDomain(4, 8),
    }
    assert space.fixed == {
        "mlp.model.width": 16,
        "lstm.model.layers": 1,
        "lstm.optimizer.name": "adamw",
    }


def test_a_family_on_its_own_has_plain_names(space: SearchSpace) -> None:
    mlp = space.of_family("mlp")
    assert mlp.families == ()
    assert mlp.fixed == {"family": "mlp", "model.width": 16}
    assert list(mlp.domains) == ["optimizer.learning_rate", "model.depth"]
    assert mlp.start == ({"model.depth": 2, "optimizer.learning_rate": 0.001},)
    assert space.of_family("lstm").start == ()
    check_space(space)


def test_a_section_may_be_the_name_of_a_space(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("{family: lstm, model: {width: {int: [4, 8]}}}")
    space = parse_space(f"family: {{choice: [mlp, lstm]}}\nmlp: mlp\nlstm: {mine}", "my.yaml")
    assert space.of_family("mlp").domains == load_space("mlp").domains
    assert space.of_family("mlp").start == load_space("mlp").start
    assert space.of_family("lstm").domains == {"model.width": IntDomain(4, 8)}


@given(st.lists(SPACES, min_size=2, max_size=3))
def test_joined_spaces_come_apart_again(spaces: list[SearchSpace]) -> None:
    named = [
        SearchSpace(s.source, s.domains, {"family": f"family{i}", **s.fixed})
        for i, s in enumerate(spaces)
    ]
    joined = join("joined", named)
    for i, space in enumerate(named):
        own = joined.of_family(f"family{i}")
        assert (own.domains, own.fixed) == (space.domains, space.fixed)
    assert joined.fingerprint() == join("elsewhere", named).fingerprint()


def test_a_plain_name_fixes_every_family_and_a_prefixed_one_its_own(space: SearchSpace) -> None:
    fixed = space.fix({"optimizer.learning_rate": 0.01, "lstm.model.width": 4})
    assert list(fixed.domains) == ["family", "mlp.model.depth"]
    assert fixed.fixed["mlp.optimizer.learning_rate"] == 0.01
    assert fixed.fixed["lstm.optimizer.learning_rate"] == 0.01
    assert fixed.fixed["lstm.model.width"] == 4
    assert fixed.fixed["mlp.model.width"] == 16


@pytest.mark.parametrize("how", ["fix", "narrow"])
def test_one_family_of_several_is_a_space_of_that_family(space: SearchSpace, how: str) -> None:
    one = space.fix({"family": "lstm"}) if how == "fix" else space.narrow(["lstm"])
    assert one.families == ()
    assert one.fixed["family"] == "lstm"
    assert list(one.domains) == ["optimizer.learning_rate", "model.width"]


def test_a_name_that_no_family_has_is_refused(space: SearchSpace) -> None:
    with pytest.raises(SpaceError, match=r"my.yaml: unknown parameter 'model.kernel'"):
        space.fix({"model.kernel": 3})
    with pytest.raises(UnknownNameError, match=r"unknown family of this space 'cnn'.*known: "):
        space.narrow(["cnn"])


MISTAKES = {
    "no section": ("{family: {choice: [mlp, cnn]}, mlp: mlp}", "cnn: needs a section"),
    "a number": ("{family: {choice: [mlp, 3]}, mlp: mlp}", "family: must be a choice of names"),
    "no choice": ("{family: {int: [1, 2]}}", "family: must be a choice of names"),
    "another family's": (
        "{family: {choice: [mlp, cnn]}, mlp: mlp, cnn: mlp}",
        "cnn: must be a space of this family, but 'mlp' is one of 'mlp'",
    ),
    "common ones beside a file": (
        "{family: {choice: [mlp]}, mlp: mlp, training: {batch_size: 3}}",
        "which no section for all families changes, but there is 'training'",
    ),
    "twice": (
        "{family: {choice: [mlp]}, mlp: {training: {batch_size: 2}}, training: {batch_size: 3}}",
        "batch_size: must be given once, for all families or for one",
    ),
    "the family again": (
        "{family: {choice: [mlp]}, mlp: {family: mlp}}",
        "mlp: must not name a family once more",
    ),
    "a mistake inside": (
        "{family: {choice: [mlp]}, mlp: {model: {depth: {int: [3, 1]}}}}",
        "mlp: model.depth.int: `low <= high` must hold",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_with_its_family(mistake: str) -> None:
    text, said = MISTAKES[mistake]
    with pytest.raises(SpaceError) as error:
        parse_space(text, "my.yaml")
    assert str(error.value).startswith("my.yaml: ")
    assert said in str(error.value)


def test_a_space_that_names_itself_is_refused(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(f"family: {{choice: [mlp, cnn]}}\nmlp: {mine}\ncnn: cnn")
    with pytest.raises(SpaceError, match="family: must be one name here"):
        load_space(str(mine))
