"""What `import automl` offers, and the tree of its errors."""

from __future__ import annotations

import inspect

import pytest

import automl
from automl import errors


def test_all_is_sorted_and_complete() -> None:
    assert automl.__all__ == sorted(automl.__all__)
    assert set(automl.__all__) <= set(dir(automl))


@pytest.mark.parametrize("name", automl.__all__)
def test_every_public_name_can_be_imported_and_has_a_docstring(name: str) -> None:
    assert inspect.getdoc(getattr(automl, name))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'nonsense'"):
        automl.nonsense  # noqa: B018


def _is_error(value: object) -> bool:
    return (
        inspect.isclass(value) and issubclass(value, Exception) and not issubclass(value, Warning)
    )


def test_the_drawing_of_the_errors_is_the_tree_of_the_errors() -> None:
    drawn: dict[str, str] = {}
    parents: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        words = [w for w in line.replace("│", " ").replace("├──", " ").split() if w != "└──"]
        if not words or not words[0].endswith("Error"):
            continue
        depth = line.index(words[0])
        parents = [(d, n) for d, n in parents if d < depth]
        drawn[words[0]] = parents[-1][1] if parents else "Exception"
        parents.append((depth, words[0]))
    real = {
        name: kind.__mro__[1].__name__ for name, kind in vars(errors).items() if _is_error(kind)
    }
    assert drawn == real


@pytest.mark.parametrize("kind", [e for e in vars(errors).values() if _is_error(e)])
def test_every_error_is_public(kind: type) -> None:
    assert kind.__name__ in automl.__all__


def test_an_unknown_name_lists_the_known_ones_and_the_closest() -> None:
    error = errors.UnknownNameError("sampler", "tpo", ["gp", "tpe"])
    assert str(error) == "unknown sampler 'tpo' (did you mean 'tpe'?); known: gp, tpe"
    assert str(errors.UnknownNameError("x", "zzz", ["a"])) == "unknown x 'zzz'; known: a"
