"""Everything that reads a file from outside. A new reader is one more line in `READERS`."""

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from made_past import SPACE as SPACE_OF_PAST
from made_past import facts, past_study
from PIL import Image

from automl.bundle.find import read_bundle
from automl.bundle.format import read_info
from automl.bundle.inputs.rows import read_rows
from automl.bundle.inputs.schema import InputSchema
from automl.data import load
from automl.data.formats.idx import read_idx
from automl.data.formats.pictures import read_picture
from automl.data.options import DataOptions
from automl.data.read.table.file import read_table
from automl.history.folder import Read, read_one
from automl.history.take import Asking, take
from automl.result import SearchResult
from automl.space.file import load_space

INPUTS = InputSchema.measure(np.arange(12.0).reshape(3, 4), "vector")
"""Of a model that takes rows of four numbers."""

SEQUENCES = InputSchema("sequence", (4, 2), "float64", 0.0, 24.0, padded=True)
"""Of a model that takes up to four steps of two numbers."""


@dataclass(frozen=True)
class Reader:
    """What reads a kind of file.

    Attributes
    ----------
    name : str
        Of the file.
    valid : callable
        Bytes that it reads without complaint.
    read : callable
    """

    name: str
    valid: Callable[[], bytes]
    read: Callable[[Path], Any]


def _npy() -> bytes:
    file = io.BytesIO()
    np.save(file, np.arange(8.0).reshape(2, 4))
    return file.getvalue()


def _npz() -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, X=np.arange(8.0).reshape(2, 4))
    return file.getvalue()


def _idx() -> bytes:
    return struct.pack(">HBBII", 0, 8, 2, 2, 4) + bytes(range(8))


def _csv() -> bytes:
    rows = (f"{i},{i * 0.5},x{i % 3},2026-01-{i % 28 + 1:02d},{i % 2}" for i in range(40))
    return "\n".join(["a,b,c,d,y", *rows]).encode()


SPACE = b"""family: mlp
model: {depth: {int: [1, 4]}, width: {int: [32, 512], log: true}, activation: relu}
optimizer: {name: {choice: [sgd, adam]}, learning_rate: {float: [1.0e-4, 1.0e-1], log: true}}
start: [{model: {depth: 1, width: 100}, optimizer: {name: adam, learning_rate: 0.001}}]
"""


def _result() -> bytes:
    fields = {
        **{"study": "a", "folder": "studies/a", "status": "finished", "dataset": "iris"},
        **{"fingerprint": "0", "task": "binary", "metric": "accuracy", "direction": "maximize"},
        **{"seed": 0, "rows": {"train": 1}, "max_epochs": 1, "seconds": 0.5, "best": None},
        **{"trials": {"complete": 1, "pruned": 0, "failed": 0}, "versions": {}, "cores": 1},
    }
    return json.dumps(fields).encode()


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("model.json", "{}")
        archive.writestr("model.safetensors", struct.pack("<Q", 2) + b"{}")
    return file.getvalue()


def _table(path: Path) -> Any:
    return load(str(path), options=DataOptions(target=("y",)))


def _rows(path: Path) -> Any:
    return read_rows(path, INPUTS)


def _npz_sequences() -> bytes:
    file = io.BytesIO()
    np.savez(file, X=np.arange(24.0).reshape(3, 4, 2), lengths=np.array([4, 1, 3]))
    return file.getvalue()


def _long_csv() -> bytes:
    lines = (f"s{i % 15},{i // 15},{i * 0.5},{i % 3},{i % 15 % 2}" for i in range(40))
    return "\n".join(["who,when,a,b,y", *lines]).encode()


def _history() -> bytes:
    return json.dumps(past_study().to_json()).encode()


def _learn(path: Path) -> Any:
    """Read it as what three studies have left, and take from them."""
    past = [replace(read_one("a", path), name=name) for name in "abc"]
    return take(Asking(SPACE_OF_PAST, "new", "sha", facts(77)), Read(tuple(past), {}))


def _sequences(path: Path) -> Any:
    return read_rows(path, SEQUENCES)


def _long_table(path: Path) -> Any:
    return load(str(path), options=DataOptions(target=("y",), sequence="who", order="when"))


def _bundle(path: Path) -> Any:
    return read_bundle(path, lambda folder: read_info(folder))


def _picture(mode: str, file_format: str) -> Callable[[], bytes]:
    def make() -> bytes:
        file = io.BytesIO()
        tag = Image.Exif()
        tag[0x0112] = 6
        pixels = np.arange(63, dtype=np.uint8).reshape(9, 7)
        Image.fromarray(pixels).convert(mode).save(file, file_format, exif=tag)
        return file.getvalue()

    return make


READERS = {
    "space": Reader("space.yaml", lambda: SPACE, lambda path: load_space(str(path))),
    "history": Reader("history.json", _history, _learn),
    "idx": Reader("rows-idx2-ubyte", _idx, read_idx),
    "packed idx": Reader("rows-idx2-ubyte.gz", lambda: gzip.compress(_idx()), read_idx),
    "npy rows": Reader("rows.npy", _npy, _rows),
    "npz rows": Reader("rows.npz", _npz, _rows),
    "csv rows": Reader("rows.csv", lambda: b"1,2,3,4\n5,6,7,8\n", _rows),
    "table": Reader("table.csv", _csv, read_table),
    "packed table": Reader("table.csv.gz", lambda: gzip.compress(_csv()), read_table),
    "data set": Reader("data.csv", _csv, _table),
    "npz data set": Reader("data.npz", _npz, _table),
    "npz sequences": Reader("walks.npz", _npz_sequences, _sequences),
    "long table": Reader("long.csv", _long_csv, _long_table),
    "png": Reader("a.png", _picture("LA", "PNG"), read_picture),
    "jpeg": Reader("a.jpg", _picture("RGB", "JPEG"), read_picture),
    "gif": Reader("a.gif", _picture("P", "GIF"), read_picture),
    "result": Reader("result.json", _result, SearchResult.read),
    "bundle": Reader("bundle.zip", _zip, _bundle),
}
