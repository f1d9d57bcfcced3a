"""Section 6: how to use it, and how to get it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from automl.config import SearchConfig
from automl.data.names import IN_MEMORY
from automl.errors import ConfigError
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
        *(["data, as it was read", line] for line in (*result.described, *result.notes)),
        ["data fingerprint (SHA-256)", result.fingerprint],
        ["seed", str(result.seed)],
        ["full budget of a trial", f"{result.max_epochs:,} epochs{_each_fold(result)}"],
        ["cores", str(result.cores)],
        *([f"{name} version", version] for name, version in result.versions.items()),
    ]


def _each_fold(result: SearchResult) -> str:
    folds = result.folds
    return "" if folds is None else f", in each of {folds.count * folds.repeats} folds"


def command_of(options: Mapping[str, Any]) -> str | None:
    """Return the command that runs a search again.

    None when there is none: for data that came as an array, for a study of another origin, and
    for options that this version does not take any more.
    """
    if options.get("dataset", IN_MEMORY) == IN_MEMORY:
        return None
    try:
        return SearchConfig(**options).command_line()
    except ConfigError:
        return None


SECTION = Usage()
