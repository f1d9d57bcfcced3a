"""Every form of request gives what `load_model` gives; a bad one is told its row and column."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_bundles import write_bundle
from made_rows import make_rows
from made_tables import COLUMNS, by_name
from PIL import Image

from automl.bundle.model import Model, load_model
from automl.service.predictions.batch import answer_all
from automl.service.predictions.engine import Engine, Engines, load_engine
from automl.service.predictions.messages import Form, Request


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    home = tmp_path_factory.mktemp("bundles")
    kinds = ("vector", "image", "table", "sequence")
    return {k: write_bundle(home, "multiclass", kind=k, link=home / k, width=4) for k in kinds}


@pytest.fixture(scope="module")
def engines(folders: dict[str, Path]) -> dict[str, Engine]:
    return {kind: load_engine(folder) for kind, folder in folders.items()}


def ask(engine: Engine, form: Form, body: Any, **options: Any) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    (answer,) = answer_all(engine, [Request(form, data, label="m/1", **options)])
    assert answer.status == 200, answer.body
    return json.loads(answer.body) if "json" in answer.media else answer.body.decode()


def refusal(engine: Engine, form: Form, body: Any) -> str:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    (answer,) = answer_all(engine, [Request(form, data)])
    assert answer.status == 422
    return answer.body.decode()


def expected(folder: Path, rows: Any) -> tuple[list[Any], np.ndarray]:
    model: Model = load_model(folder)
    return model.predict(rows).tolist(), model.predict_proba(rows)


def check(answer: dict[str, Any], folder: Path, rows: Any) -> None:
    labels, probabilities = expected(folder, rows)
    assert answer["predictions"] == labels
    np.testing.assert_allclose(answer["probabilities"], probabilities, atol=1e-6)


def test_rows_of_a_table_by_the_names_of_its_columns(
    engines: dict[str, Engine], folders: dict[str, Path]
) -> None:
    records = by_name(make_rows("table")[:5])
    for body in (records, {"rows": records}):
        check(ask(engines["table"], "rows", body), folders["table"], records)
    check(ask(engines["table"], "rows", records[0]), folders["table"], records[:1])


def test_a_table_as_csv_answered_in_csv(
    engines: dict[str, Engine], folders: dict[str, Path]
) -> None:
    records = by_name(make_rows("table")[:3])
    lines = [",".join(c.name for c in COLUMNS)]
    lines += [",".join("" if v is None else str(v) for v in row.values()) for row in records]
    answer = ask(engines["table"], "file", "\n".join(lines).encode(), as_csv=True)
    header, *rows = answer.splitlines()
    assert header == "prediction,3,5,8"
    labels, _ = expected(folders["table"], records)
    assert [int(row.split(",")[0]) for row in rows] == labels


def test_arrays_as_lists_of_numbers_and_as_a_file(
    engines: dict[str, Engine], folders: dict[str, Path]
) -> None:
    for kind in ("vector", "image"):
        rows = make_rows(kind)[:4]
        check(ask(engines[kind], "rows", {"rows": rows.tolist()}), folders[kind], rows)
        file = io.BytesIO()
        np.save(file, rows)
        check(ask(engines[kind], "file", file.getvalue()), folders[kind], rows)


def test_sequences_that_differ_in_length(
    engines: dict[str, Engine], folders: dict[str, Path]
) -> None:
    rows = [[[1.0, 2.0]], [[1.0, 2.0], [3.0, 4.0]]]
    check(
        ask(engines["sequence"], "rows", rows),
        folders["sequence"],
        [np.asarray(row) for row in rows],
    )


def test_a_picture(engines: dict[str, Engine], folders: dict[str, Path], tmp_path: Path) -> None:
    pixels = make_rows("image")[0]
    grey = pixels if pixels.ndim == 2 else np.moveaxis(pixels, 0, 2).squeeze()
    Image.fromarray(grey.astype(np.uint8)).save(path := tmp_path / "a.png")
    check(ask(engines["image"], "file", path.read_bytes()), folders["image"], path)


def test_the_open_inference_protocol_of_a_table(
    engines: dict[str, Engine], folders: dict[str, Path]
) -> None:
    records = by_name(make_rows("table")[:2])
    kinds = {"number": "FP64", "category": "BYTES", "boolean": "BOOL", "date": "BYTES"}
    inputs = [
        {
            "name": c.name,
            "shape": [2],
            "datatype": kinds[c.kind],
            "data": [row[c.name] for row in records],
        }
        for c in COLUMNS
    ]
    answer = ask(engines["table"], "infer", {"id": "7", "inputs": inputs})
    assert (answer["id"], answer["model_name"], answer["model_version"]) == ("7", "m", "1")
    labels, probabilities = expected(folders["table"], records)
    first, second = answer["outputs"]
    assert first == {"name": "prediction", "datatype": "INT64", "shape": [2], "data": labels}
    assert second["shape"] == [2, 3]
    np.testing.assert_allclose(second["data"], probabilities.ravel(), atol=1e-6)


def test_the_open_inference_protocol_of_an_array(
    engines: dict[str, Engine], folders: dict[str, Path]
) -> None:
    rows = make_rows("image")[:3]
    tensor = {"name": "rows", "shape": list(rows.shape), "datatype": "FP32"}
    answer = ask(engines["image"], "infer", {"inputs": [{**tensor, "data": rows.ravel().tolist()}]})
    assert answer["outputs"][0]["data"] == expected(folders["image"], rows)[0]


BAD_TABLE = [
    ("rows", {"age": "old"}, "column 'age' must hold a number", "row 2"),
    ("rows", {"age": [1, 2]}, "row 2: column 'age'", "one value"),
    ("rows", {"shoe": 1}, "'shoe'", "take them out"),
]


@pytest.mark.parametrize(("form", "change", "says", "also"), BAD_TABLE)
def test_a_bad_row_is_told_with_its_number_and_column(
    engines: dict[str, Engine], form: Form, change: dict[str, Any], says: str, also: str
) -> None:
    records = by_name(make_rows("table")[:3])
    records[1] = records[1] | change
    line = refusal(engines["table"], form, records)
    assert says in line
    assert also in line
    assert "\n" not in line


def test_a_column_that_is_not_there(engines: dict[str, Engine]) -> None:
    records = by_name(make_rows("table")[:3])
    del records[2]["town"]
    assert "row 3" in (line := refusal(engines["table"], "rows", records))
    assert "'town'" in line


BAD = [
    ("vector", "rows", [[1, 2, 3]], "must have the shape"),
    ("vector", "rows", [["a", 2, 3, 4]], "row 1, column 1: must be numbers, but got 'a'"),
    ("vector", "rows", [], "one row or more"),
    ("vector", "rows", b"{", "must be JSON"),
    ("vector", "rows", b"[[NaN]]", "null"),
    ("vector", "rows", [{"a": 1}], "are for tables"),
    ("vector", "rows", {"rows": [[1]], "model": "/etc"}, "'model'"),
    ("image", "rows", ["/etc/passwd"], "must be numbers"),
    ("image", "file", b"", "is empty"),
    ("image", "file", b"\x89PNG\r\n\x1a\n", "damaged"),
    ("vector", "infer", {"inputs": []}, "one tensor or more"),
    ("vector", "infer", {"inputs": [{"name": "rows", "shape": [9, 9]}]}, "datatype"),
    (
        "vector",
        "infer",
        {"inputs": [{"name": "rows", "shape": [9, 9], "datatype": "FP32", "data": [1]}]},
        "there are 1 numbers",
    ),
]


@pytest.mark.parametrize(("kind", "form", "body", "says"), BAD)
def test_what_is_no_request_is_refused_in_one_line(
    engines: dict[str, Engine], kind: str, form: Form, body: Any, says: str
) -> None:
    line = refusal(engines[kind], form, body)
    assert says in line
    assert "\n" not in line
    assert "automl-rows" not in line


def test_one_bad_request_among_others_is_refused_alone(
    engines: dict[str, Engine], folders: dict[str, Path]
) -> None:
    rows = make_rows("vector")[:3]
    bodies = [json.dumps([row.tolist()]).encode() for row in rows]
    requests = [Request("rows", body) for body in bodies]
    bad = [[float(i) for i in range(rows.shape[1])]]
    bad[0][0] = 1e300
    requests.insert(1, Request("rows", json.dumps(bad).encode()))
    first, refused, *others = answer_all(engines["vector"], requests)
    assert refused.status == 422
    assert b"row 1" in refused.body
    found = [json.loads(answer.body)["predictions"][0] for answer in (first, *others)]
    assert found == expected(folders["vector"], rows)[0]


def test_what_the_model_does_not_know_is_said_to_whom_it_concerns(
    engines: dict[str, Engine],
) -> None:
    plain, odd = by_name(make_rows("table")[:2])
    plain, odd = plain | {"town": "Ayr"}, odd | {"town": "Utopia"}
    bodies = [json.dumps([row]).encode() for row in (plain, odd)]
    first, second = answer_all(engines["table"], [Request("rows", body) for body in bodies])
    assert "warnings" not in json.loads(first.body)
    assert "Utopia" in json.loads(second.body)["warnings"][0]


def test_what_is_said_of_a_file_is_in_the_answer(engines: dict[str, Engine]) -> None:
    names = ",".join(column.name for column in COLUMNS)
    table = f"{names}\n40,Utopia,yes,2026-01-01,street 01,Earth,1\n"
    assert "Utopia" in ask(engines["table"], "file", table.encode())["warnings"][0]
    image = io.BytesIO()
    Image.new("RGB", (99, 50), "red").save(image, "PNG")
    assert "size" in " ".join(ask(engines["image"], "file", image.getvalue())["warnings"])


def test_the_model_used_least_recently_is_dropped(folders: dict[str, Path]) -> None:
    engines = Engines(memory=1)
    vector = engines.get(folders["vector"])
    assert engines.get(folders["vector"]) is vector
    engines.get(folders["image"])
    assert len(engines) == 1
    assert engines.get(folders["vector"]) is not vector
