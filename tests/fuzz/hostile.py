"""Makes hostile files and reads each; run as a process of its own, with little memory.

Prints a line a file: its name, and the error that it was refused with.
"""

from __future__ import annotations

import gzip
import io
import json
import pickle
import resource
import struct
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from readers import READERS

from automl.bundle.model import load_model
from automl.errors import AutomlError

MB = 2**20


class RunsCode:
    """Leaves a mark when it is unpickled."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, str]]:
        return (open, ("ran", "w"))


def zeros(megabytes: int) -> bytes:
    """A gzip file that unpacks to so much."""
    return repeated(bytes(MB), megabytes)


def repeated(piece: bytes, times: int) -> bytes:
    """A gzip file of many members, each of which unpacks to the piece."""
    return gzip.compress(piece) * times


def npy(shape: str) -> bytes:
    """The header of an array of any size, and nothing behind it."""
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()


def zipped(**files: bytes) -> bytes:
    """A zip with these members."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "."), data)
    return made.getvalue()


def pickled() -> bytes:
    """An array of objects."""
    file = io.BytesIO()
    np.save(file, np.array([RunsCode()], dtype=object), allow_pickle=True)
    return file.getvalue()


def files() -> Iterator[tuple[str, str, bytes]]:
    """Name of the reader, what it is, and the bytes."""
    laughs = "a0: &a0 [x, x]\n" + "".join(
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30)
    )
    yield "space", "alias bomb", laughs.encode()
    yield "space", "deep", b"[" * 100_000
    yield "space", "deep mapping", b"{a: " * 50_000
    yield "space", "object", b"!!python/object/apply:os.system ['touch ran']"
    yield "idx", "2^31 rows", struct.pack(">HBBIII", 0, 8, 3, 2**31, 28, 28)
    yield "idx", "2^31 rows with something", struct.pack(">HBBI", 0, 8, 1, 2**31) + bytes(MB)
    yield "packed idx", "bomb", zeros(512)
    promise = struct.pack(">HBBI", 0, 8, 1, 2**30)
    yield "packed idx", "bomb that promises", gzip.compress(promise) + zeros(64)
    yield "npy rows", "huge", npy("(1000000000000, 4)")
    yield "npy rows", "objects", pickled()
    yield "npz rows", "objects", zipped(X__npy=pickled())
    yield "npz rows", "huge", zipped(X__npy=npy("(1000000000000, 4)"))
    yield "npz rows", "pickle", pickle.dumps(RunsCode())
    yield "npz data set", "objects", zipped(X__npy=pickled(), y__npy=pickled())
    yield "npz data set", "huge", zipped(X__npy=npy("(10000000000, 4)"), y__npy=npy("(4,)"))
    yield "csv rows", "one endless field", b'"' + b"x" * (64 * MB)
    yield "table", "one endless field", b'a,b\n"' + b"x" * (64 * MB)
    yield "table", "a million columns", b",".join(b"%d" % i for i in range(1_000_000)) + b"\n1\n"
    yield "packed table", "bomb", gzip.compress(b"a,b\n") + repeated(b"1,2\n" * 2**18, 8192)
    yield "result", "deep", b'{"study": ' + b"[" * 100_000
    yield "result", "large number", b'{"seed": ' + b"9" * 10_000 + b"}"
    yield "bundle", "leaves its folder", zipped(**{"../model__json": b"{}", "model__json": b"{}"})
    yield "bundle", "bomb", zipped(model__json=b"{}", model__safetensors=bytes(256 * MB))
    yield "bundle", "deep", zipped(model__json=b"[" * 100_000, model__safetensors=b"")


def safetensors(folder: Path) -> Path:
    """A bundle whose weights claim a header of 1 GB."""
    import hashlib

    weights = struct.pack("<Q", 10**9) + b"{" + b" " * 1000
    (folder / "model.safetensors").write_bytes(weights)
    info = json.loads((folder / "model.json").read_text())
    info["files"] = {"model.safetensors": hashlib.sha256(weights).hexdigest()}
    (folder / "model.json").write_text(json.dumps(info))
    return folder


def main() -> None:
    """Read everything below a limit of memory."""
    import torch  # noqa: F401 - with what it takes itself, before the limit

    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 1536 * MB, used + 1536 * MB))
    for reader, what, data in files():
        path = Path(READERS[reader].name)
        path.write_bytes(data)
        started = time.monotonic()
        try:
            READERS[reader].read(path)
            said = "READ"
        except AutomlError as error:
            said = " ".join(str(error).split())[:300]
        except MemoryError:
            said = "NO MEMORY"
        print(f"{reader}: {what}: {time.monotonic() - started:.1f} s: {said}", flush=True)
    try:
        load_model(safetensors(Path(sys.argv[1])))
        said = "READ"
    except AutomlError as error:
        said = str(error)[:300]
    print(f"safetensors: header of 1 GB: 0 s: {said}")
    print("CODE RAN" if Path("ran").exists() else "no code ran")


if __name__ == "__main__":
    main()
