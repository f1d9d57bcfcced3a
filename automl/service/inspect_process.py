"""The process that looks at a data set: options on standard input, JSON on standard output."""

from __future__ import annotations

import json
import sys
from typing import Any

from automl.errors import AutomlError


def main() -> None:
    """Inspect what one line of JSON names, and say in one what was found."""
    asked = json.loads(sys.stdin.readline())
    try:
        said = _inspect(asked["dataset"], asked["options"])
    except AutomlError as error:
        said = {"error": " ".join(str(error).split())}
    print(json.dumps(said), flush=True)


def _inspect(dataset: str, options: dict[str, Any]) -> dict[str, Any]:
    import automl
    from automl.json_form import to_plain

    inspected = automl.inspect(dataset, **options)
    found, data = inspected.data, inspected.data.dataset
    said = {
        "rows": found.rows,
        "shape": list(found.shape),
        "columns": [to_plain(column) | {"advice": column.advice} for column in found.columns],
        "notes": found.notes,
        "lengths": found.lengths,
        "task": None,
    }
    if data is not None:
        said |= {
            "kind": data.kind,
            "task": data.task.kind,
            "why": found.why,
            "balance": found.balance,
            "ranges": found.ranges,
            "split": found.split,
            "split_rows": {
                "train": len(data.train),
                "valid": len(data.valid),
                "test": len(data.test),
            },
            "duplicates": found.duplicates,
            "folds": inspected.folds,
        }
    plain: dict[str, Any] = to_plain(said)
    return plain


if __name__ == "__main__":
    main()
