"""A machine without data sets of its own, IDX bytes, and a mirror on 127.0.0.1."""

from __future__ import annotations

import math
import struct
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

# On a busy machine an example may take long for no fault of its own.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

_CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No test reads or writes the data sets of whoever runs it."""
    monkeypatch.delenv("AUTOML_DATASETS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "automl" / "datasets"


@pytest.fixture(scope="session")
def to_idx() -> Callable[[Any], bytes]:
    """An array as the bytes of an IDX file."""

    def pack(array: Any) -> bytes:
        code = _CODES[array.dtype.str[1:]]
        header = struct.pack(f">2xBB{array.ndim}I", code, array.ndim, *array.shape)
        return header + bytes(array.astype(array.dtype.newbyteorder(">")).tobytes())

    return pack


@pytest.fixture
def small_images(to_idx: Callable[[Any], bytes]) -> dict[str, bytes]:
    """The four files of an image data set of 60 and 20 rows, not yet gzipped."""
    files = {}
    for prefix, rows in (("train", 60), ("t10k", 20)):
        pixels = np.arange(rows * 28 * 28, dtype=np.int64).reshape(rows, 28, 28) * 7 % 256
        files[f"{prefix}-images-idx3-ubyte.gz"] = to_idx(pixels.astype(np.uint8))
        files[f"{prefix}-labels-idx1-ubyte.gz"] = to_idx(np.arange(rows, dtype=np.uint8) % 10)
    return files


class Mirror:
    """Files behind an address, and what goes wrong with them.

    Attributes
    ----------
    files : dict of str to bytes
        By path, such as ``"/a/iris.gz"``.
    cuts : dict of str to list of int
        How many bytes go out before each of the next connections for a path is cut.
    ranges : bool
        Whether a Range header is answered with status 206.
    requests : list of (path, Range header or "")
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.cuts: dict[str, list[int]] = {}
        self.ranges = True
        self.requests: list[tuple[str, str]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def _handler(mirror) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                wanted = self.headers.get("Range", "")
                mirror.requests.append((self.path, wanted))
                body = mirror.files.get(self.path)
                if body is None:
                    self.send_error(404)
                    return
                start = 0
                if wanted and mirror.ranges:
                    start = int(wanted.removeprefix("bytes=").removesuffix("-"))
                    if start >= len(body):
                        self.send_error(416)
                        return
                    self.send_response(206)
                    end = len(body) - 1
                    self.send_header("Content-Range", f"bytes {start}-{end}/{len(body)}")
                else:
                    self.send_response(200)
                self.send_header("Content-Length", str(len(body) - start))
                self.end_headers()
                cuts = mirror.cuts.get(self.path)
                most = cuts.pop(0) if cuts else math.inf
                self.wfile.write(body[start : start + int(min(most, len(body)))])

            def log_message(self, *args: object) -> None:
                pass

        return Handler


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    mirror = Mirror()
    # The default of half a second between two looks is what shutdown would wait for.
    thread = threading.Thread(target=mirror.server.serve_forever, args=(0.01,))
    thread.start()
    yield mirror
    mirror.server.shutdown()
    mirror.server.server_close()
    thread.join()
