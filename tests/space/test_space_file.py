"""Space files: every mistake is one line with file, place, rule and value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from spaces import SPACES

from automl.errors import SpaceError, UnknownNameError
from automl.space.domains import ChoiceDomain, FloatDomain, IntDomain
from automl.space.file import load_space, parse_space, space_names
from automl.space.space import SearchSpace

GOOD = """
family: mlp
model:
  depth: {int: [1, 4]}
  width: {int: [32, 512], log: true}
  activation: {choice: [relu, tanh]}
  taper: 1
optimizer:
  learning_rate: {float: [1.0e-4, 1], log: true}
start:
  - {model: {depth: 1, width: 100, taper: 1}, optimizer: {learning_rate: 1}}
  - {}
"""


def test_a_file_has_the_shape_of_the_parameters_it_yields() -> None:
    space = parse_space(GOOD, "good.yaml")
    assert space == SearchSpace(
        "good.yaml",
        {
            "model.depth": IntDomain(1, 4),
            "model.width": IntDomain(32, 512, log=True),
            "model.activation": ChoiceDomain(("relu", "tanh")),
            "optimizer.learning_rate": FloatDomain(1e-4, 1.0, log=True),
        },
        {"family": "mlp", "model.taper": 1},
        ({"model.depth": 1, "model.width": 100, "optimizer.learning_rate": 1.0}, {}),
    )


MISTAKES = {
    "reversed bounds": ("a: {int: [3, 1]}", "a.int", "`low <= high` must hold", "[3, 1]"),
    "three bounds": ("a: {int: [1, 2, 3]}", "a.int", "must be [low, high]", "[1, 2, 3]"),
    "one bound": ("a: {float: 3}", "a.float", "must be [low, high]", "3"),
    "text as a number": ("a: {float: [1e-4, 1.0]}", "a.float", "write 1.0e-4", "'1e-4'"),
    "text as a fixed number": ("a: {b: 1e-4}", "a.b", "write 1.0e-4", "'1e-4'"),
    "text as a choice": ("a: {choice: [1e-4, 2]}", "a.choice", "write 1.0e-4", "'1e-4'"),
    "text as a whole number": ("a: {int: [one, 4]}", "a.int", "must be whole numbers", "'one'"),
    "a number that is not whole": ("a: {int: [1, 4.5]}", "a.int", "must be whole", "4.5"),
    "bare no": ("a: {choice: [no, yes]}", "a.choice", "put them in quotes", "False"),
    "bare off, fixed": ("a: off", "a", "put them in quotes", "False"),
    "a boolean bound": ("a: {int: [no, yes]}", "a.int", "must be whole numbers", "False"),
    "a boolean key": ("on: 1", ":1", "put them in quotes", "True"),
    "a number as a key": ("1: 1", ":1", "a key must be a name", "1"),
    "a key of two lines": ('"a\\nb": 1', ":1", "must be a printable name", "'a\\nb'"),
    "nothing": ("a:", "a", "must be a number or a name", "no value"),
    "a number in quotes": ('a: "16"', "a", "take the quotes away", "'16'"),
    "an empty choice": ("a: {choice: []}", "a.choice", "must be a list of values", "[]"),
    "a choice that is no list": ("a: {choice: x}", "a.choice", "must be a list", "'x'"),
    "a choice twice": ("a: {choice: [x, x]}", "a.choice", "must not repeat", "['x', 'x']"),
    "an equal choice": ("a: {choice: [1, 1.0]}", "a.choice", "must not repeat", "[1, 1.0]"),
    "a nested choice": ("a: {choice: [[x]]}", "a.choice", "a number or a name", "['x']"),
    "a key twice": ("a:\n  b: 1\n  b: 2", ":3", "given twice", "'b'"),
    "a key twice, once with a dot": ("a.b: 1\na: {b: 2}", "a.b", "must be given once", "twice"),
    "an alias": ("a: &x 1\nb: *x", ":2", "aliases (*name) are not supported", ""),
    "a tag": ("a: !!int x", ":1", "tags (!name) are not supported", ""),
    "a tag of Python": ("a: !!python/name:os.system", ":1", "tags", ""),
    "a merge": ("a: {<<: {b: 1}}", ":1", "merge", ""),
    "log from 0": ("a: {int: [0, 4], log: true}", "a.int", "`low > 0` must hold with log", "0"),
    "log from -1": ("a: {float: [-1, 4], log: true}", "a.float", "must hold with log", "-1"),
    "log as text": ("a: {int: [1, 4], log: 'yes'}", "a.log", "must be true or false", "'yes'"),
    "log of a choice": ("a: {choice: [x], log: true}", "a", "must be", "'log': True"),
    "log alone": ("a: {log: true}", "a", "needs one of int, float, choice", "'log'"),
    "a misspelt key": ("a: {int: [1, 4], lgo: true}", "a", "optional `log: true`", "'lgo'"),
    "two kinds": ("a: {int: [1, 4], float: [1, 4]}", "a", "must be", "'float'"),
    "an empty section": ("a: {}", "a", "needs one of int, float, choice", "{}"),
    "a list": ("a: [1, 2]", "a", "must be a number or a name", "[1, 2]"),
    "a date": ("a: 2020-01-01", "a", "must be a number or a name", "2020"),
    "NaN": ("a: .nan", "a", "must be finite", "nan"),
    "infinity": ("a: {float: [0, .inf]}", "a.float", "must be finite numbers", "inf"),
    "a huge number": (f"a: 1{'0' * 400}", "a", "must be finite", "1000"),
    "a huge bound": (f"a: {{int: [1, 1{'0' * 400}]}}", "a.int", "must be finite", "1000"),
    "a number without end": (f"a: {'9' * 5000}", ":1", "at most 1000 characters", ""),
    "a list for a space": ("- a", "", "must be a mapping of sections", "['a']"),
    "an empty file": ("", "", "must be a mapping of sections", "is empty"),
    "two documents": ("a: 1\n---\nb: 1", ":2", "must end, but has another document", ""),
    "no YAML": ("a: {int: [1", ":1", "expected", ""),
    "a tab": ("a:\n\tb: 1", ":2", "cannot start any token", ""),
    "a control character": ("a: \x07", "", "is not valid YAML", "#x0007"),
    "no end of nesting": ("a: " + "[" * 5000, "", "is not valid YAML", "recursion"),
    "a start that is no list": ("a: 1\nstart: {a: 1}", "start", "must be a list", "{'a': 1}"),
    "a start outside": (
        "a: {int: [1, 4]}\nstart: [{a: 5}]",
        "start[0].a",
        "must lie in IntDomain(low=1, high=4",
        "5",
    ),
    "a start of another type": (
        "a: {int: [1, 4]}\nstart: [{a: 2.0}]",
        "start[0].a",
        "must lie in",
        "2.0",
    ),
    "a start with an unknown key": (
        "a: {b: {int: [1, 4]}}\nstart: [{}, {a: {c: 1}}]",
        "start[1].a.c",
        "unknown parameter",
        "known: a.b",
    ),
    "a start against a fixed value": ("a: 1\nstart: [{a: 2}]", "start[0].a", "is fixed to 1", "2"),
    "a start that is sampled": (
        "a: {int: [1, 4]}\nstart: [{a: {int: [1, 2]}}]",
        "start[0].a",
        "must be a number or a name",
        "{'int': [1, 2]}",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_with_file_place_rule_and_value(mistake: str) -> None:
    text, place, rule, value = MISTAKES[mistake]
    with pytest.raises(SpaceError) as error:
        parse_space(text, "my.yaml")
    said = str(error.value)
    assert said.startswith(f"my.yaml{place if place.startswith(':') else f': {place}'}")
    assert rule in said
    assert value in said
    assert "\n" not in said
    assert len(said) < 500


YAML = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["int", "float", "choice", "log", "start", "family", "a", "b"])
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def _parses_or_is_one_line(text: str) -> None:
    space, said = None, ""
    try:
        space = parse_space(text, "x.yaml")
    except SpaceError as error:
        said = str(error)
    assert isinstance(space, SearchSpace) or len(said.splitlines()) == 1


@given(YAML)
def test_any_yaml_is_a_space_or_a_space_error(value: Any) -> None:
    _parses_or_is_one_line(yaml.safe_dump(value, allow_unicode=True))


@given(st.text() | st.text(alphabet="ab:{}[],-*&!?|>'\"%@`#<=~ \n\t0.e+_x"))
def test_any_text_is_a_space_or_a_space_error(text: str) -> None:
    _parses_or_is_one_line(text)


def _nested(space: SearchSpace) -> dict[str, Any]:
    whole: dict[str, Any] = {}

    def put(name: str, value: Any) -> None:
        section, last = name.split(".")
        whole.setdefault(section, {})[last] = value

    for name, value in space.fixed.items():
        put(name, value)
    for name, domain in space.domains.items():
        if isinstance(domain, ChoiceDomain):
            put(name, {"choice": list(domain.choices)})
        else:
            kind = "int" if isinstance(domain, IntDomain) else "float"
            put(name, {kind: [domain.low, domain.high], "log": domain.log})
    return whole


@given(SPACES)
def test_a_space_that_is_written_down_is_read_back_the_same(space: SearchSpace) -> None:
    read = parse_space(yaml.safe_dump(_nested(space), sort_keys=False), space.source)
    assert read == space
    assert read.fingerprint() == space.fingerprint()


@given(SPACES, st.data())
def test_a_point_of_the_space_can_be_a_start_configuration(
    space: SearchSpace, data: st.DataObject
) -> None:
    corners = {n: data.draw(st.sampled_from(d.corners())) for n, d in space.domains.items()}
    start = _nested(SearchSpace("", {}, corners))
    text = yaml.safe_dump({**_nested(space), "start": [start]}, sort_keys=False)
    assert parse_space(text, "x.yaml").start == (corners,)


def test_an_unknown_space_lists_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match=rf"'mpl' .*known: .*{space_names()[0]}"):
        load_space("mpl")


@pytest.mark.parametrize("name", ["x" * 300, "", "a\0b", "..", "/"])
def test_a_strange_name_is_an_unknown_space(name: str) -> None:
    with pytest.raises(UnknownNameError, match="unknown search space"):
        load_space(name)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("missing.yaml", None, "there is no such file"),
        ("folder.yaml", "folder", "cannot be read"),
        ("a\0b.yaml", None, "cannot be read"),
        ("x" * 300 + ".yaml", None, "cannot be read"),
        ("binary.yaml", b"\xff\xfe\x00", "cannot be read as UTF-8"),
        ("large.yaml", b"#" * 1_000_001, "must be smaller than 1 MB"),
    ],
)
def test_a_file_that_cannot_be_read_is_said(
    tmp_path: Path, name: str, content: bytes | str | None, said: str
) -> None:
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content == "folder":
        path.mkdir()
    with pytest.raises(SpaceError, match=said):
        load_space(str(path))


def test_a_file_without_the_usual_ending_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "space.txt"
    path.write_text(GOOD)
    assert load_space(str(path)).source == str(path)
