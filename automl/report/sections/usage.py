"""Section 6: how to use it, and how to get it again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from automl.config import SearchConfig
from automl.data.names import IN_MEMORY
from automl.report.facts import Facts
from automl.report.parts import Code, Paragraph, Part, Table
from automl.report.sections import Section
from automl.result import SearchResult


class Usage(Section):
    """How to use it."""

    order = 6
    question = "How do I use it?"

    def parts(self, facts: Facts) -> list[Part]:
        result = facts.result
        found: list[Part] = []
        if result is not None and result.best is not None:
            found += [
                Code(
                    "Use the model in Python",
                    f'import automl\n\nmodel = automl.load_model("{facts.study}")\n'
                    "model.predict(X)",
                ),
                Code(
                    "On the command line",
                    f"automl predict {facts.study} FILE        # rows of a CSV, NPY or image file\n"
                    f"automl replay {facts.study} --trial {result.best.number}   # train it again,"
                    " and compare every epoch\n"
                    f"automl dashboard {facts.study}           # every trial, to look through",
                ),
                Table("Its settings", ["setting", "value"], _settings(result)),
            ]
        command = command_of(facts.config)
        if command:
            found.append(Code("Search again, to the same end", command))
            found.append(
                Paragraph(
                    "With the same versions and one worker, every score comes out the same; with"
                    " several workers the order in which trials finish may differ, and with it"
                    " what is tried next.",
                    "note",
                )
            )
        if result is not None:
            found.append(Table("What it was made with", ["", ""], _provenance(facts, result)))
        return found


def _settings(result: SearchResult) -> list[list[str]]:
    assert result.best is not None
    return [[name, _plain(value)] for name, value in result.best.params.items()]


def _plain(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _provenance(facts: Facts, result: SearchResult) -> list[list[str]]:
    rows = ", ".join(f"{count:,} {name}" for name, count in result.rows.items())
    return [
        ["data set", result.dataset],
        ["rows", rows],
        ["data fingerprint (SHA-256)", result.fingerprint],
        ["seed", str(result.seed)],
        ["full budget of a trial", f"{result.max_epochs:,} epochs{_each_fold(result)}"],
        ["cores", str(result.cores)],
        *([f"{name} version", version] for name, version in result.versions.items()),
    ]


def _each_fold(result: SearchResult) -> str:
    folds = result.folds
    return "" if folds is None else f", in each of {folds.count * folds.repeats} folds"


def command_of(config: Mapping[str, Any]) -> str | None:
    """The command line of a search, from its options; those at their default are left out."""
    if config.get("dataset", IN_MEMORY) == IN_MEMORY:
        return None
    words = ["automl", "search", "--dataset", str(config["dataset"])]
    for name, field in SearchConfig.model_fields.items():
        value = config.get(name)
        if name == "dataset" or value is None or value == _json(field.default):
            continue
        words += _words(name, value)
    return shlex.join(words)


def _words(name: str, value: Any) -> list[str]:
    """One option as it is typed."""
    flag = f"--{name.replace('_', '-')}"
    match name, value:
        case "fixed", _:
            return [word for key, v in value.items() for word in ("--set", f"{key}={v}")]
        case "target" | "drop", _:
            return [word for column in value for word in (flag, column)]
        case "baselines", _:
            return [flag, ",".join(value) or "none"]
        case "time_budget", _:
            return [flag, f"{value:g}s"]
        case "keep", _:
            return [flag, f"{value / 1e6:g}MB"]
        case _, bool():
            return [flag if value else f"--no-{flag[2:]}"]
    return [flag, str(value)]


def _json(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


SECTION = Usage()
