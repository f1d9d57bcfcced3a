from __future__ import annotations

import contextlib
import gzip
import hashlib
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from automl.data.formats import idx
from automl.data.formats.idx import read_idx
from automl.errors import DataError

ToIdx = Callable[[Any], bytes]

DTYPES = st.sampled_from([np.uint8, np.int8, np.int16, np.int32, np.float32, np.float64])
SHAPES = hnp.array_shapes(min_dims=1, max_dims=4, max_side=5)
IMAGES = np.arange(2 * 28 * 28, dtype=np.int64).reshape(2, 28, 28).astype(np.uint8)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("idx") / "values"


def refused(file: Path, content: bytes, match: str) -> None:
    file.write_bytes(content)
    with pytest.raises(DataError, match=match) as caught:
        read_idx(file)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


@given(array=DTYPES.flatmap(lambda dtype: hnp.arrays(dtype, SHAPES)), packed=st.booleans())
def test_what_was_written_is_read(file: Path, to_idx: ToIdx, array: Any, packed: bool) -> None:
    content = to_idx(array)
    file.write_bytes(gzip.compress(content) if packed else content)
    read = read_idx(file, sha256=hashlib.sha256(content).hexdigest())
    assert read.dtype == array.dtype
    assert read.dtype.isnative
    assert read.flags.writeable
    np.testing.assert_array_equal(read, array)


@given(data=st.data(), packed=st.booleans())
def test_a_damaged_file_is_refused_or_read_exactly(
    file: Path, to_idx: ToIdx, data: st.DataObject, packed: bool
) -> None:
    plain = to_idx(IMAGES)
    content = bytearray(gzip.compress(plain, mtime=0) if packed else plain)
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=3)):
        content[at] = data.draw(st.integers(0, 255))
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(content))] * 2)))
    cut = data.draw(st.sampled_from([content, content[:end], content[start:], content + content]))
    file.write_bytes(cut)
    with contextlib.suppress(DataError):
        read = read_idx(file, sha256=hashlib.sha256(plain).hexdigest())
        np.testing.assert_array_equal(read, IMAGES)


@given(content=st.binary(max_size=200), packed=st.booleans(), start=st.sampled_from([0, 2, 3, 4]))
def test_any_bytes_give_an_array_or_a_data_error(
    file: Path, content: bytes, packed: bool, start: int
) -> None:
    content = b"\0\0\x08\x01"[:start] + content
    file.write_bytes(gzip.compress(content) if packed else content)
    with contextlib.suppress(DataError):
        read = read_idx(file)
        assert content.endswith(read.astype(read.dtype.newbyteorder(">")).tobytes())


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "two zero bytes.*got nothing"),
        (b"\0\0\x08", "two zero bytes.*got 00 00 08"),
        (b"\x01\0\x08\x01", "two zero bytes.*got 01 00 08 01"),
        (b"\0\0\x07\x01", "type.*must be one of 0x08.*got 0x07"),
        (b"\0\0\x08\0", "between 1 and 64 dimensions, but got 0"),
        (b"\0\0\x08\x41", "between 1 and 64 dimensions, but got 65"),
        (b"\0\0\x08\x02" + bytes(7), "2 dimensions must follow, but got 7 bytes"),
        (b"\0\0\x08\x01" + bytes(4), r"at least 1, but got \(0,\)"),
        (b"\0\0\x08\x01\0\0\0\x03ab", "promises 3 bytes of values, but got room for 2"),
        (b"\0\0\x08\x01\0\0\0\x03abcd", "promises 3 bytes of values, but got more"),
    ],
)
def test_a_broken_rule_is_named_with_its_value(file: Path, content: bytes, match: str) -> None:
    refused(file, content, match)


def test_a_truncated_gzip_file_is_refused(file: Path, to_idx: ToIdx) -> None:
    refused(file, gzip.compress(to_idx(IMAGES))[:-9], "readable to its end")


def test_a_gzip_file_with_a_wrong_checksum_of_its_own_is_refused(file: Path, to_idx: ToIdx) -> None:
    content = bytearray(gzip.compress(to_idx(IMAGES)))
    content[-5] ^= 1
    refused(file, bytes(content), "CRC check failed")


def test_a_gzip_file_with_a_shorter_content_than_promised_is_refused(
    file: Path, to_idx: ToIdx
) -> None:
    refused(file, gzip.compress(to_idx(IMAGES)[:-1]), "promises 1568 bytes of values, but got 1567")


@pytest.mark.parametrize("packed", [False, True])
def test_a_surplus_is_seen_wherever_the_pieces_end(
    file: Path, to_idx: ToIdx, packed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idx, "_PIECE", 4)
    content = to_idx(IMAGES) + b"x"
    refused(file, gzip.compress(content) if packed else content, "1568 bytes.*but got more")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        read_idx(tmp_path / "nothing")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="directory"):
        read_idx(tmp_path)


def test_another_checksum_is_refused_with_both(file: Path, to_idx: ToIdx) -> None:
    content = to_idx(IMAGES)
    file.write_bytes(content)
    with pytest.raises(DataError, match=r"must be 0{64}, but got") as caught:
        read_idx(file, sha256="0" * 64)
    assert hashlib.sha256(content).hexdigest() in str(caught.value)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("code", "shape"),
    [(0x08, (2**31, 28, 28)), (0x08, (2**30,)), (0x0E, (2**32 - 1,) * 64), (0x0E, (100_000,))],
)
def test_a_header_that_claims_much_allocates_nothing(
    file: Path, code: int, shape: tuple[int, ...], packed: bool
) -> None:
    content = struct.pack(f">2xBB{len(shape)}I", code, len(shape), *shape) + b"value"
    tracemalloc.start()
    refused(file, gzip.compress(content) if packed else content, "IDX file may hold|room for")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 500_000


@pytest.mark.parametrize("promised", [10, 1000])
def test_a_gzip_bomb_is_unpacked_no_further_than_promised(file: Path, promised: int) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = packer.compress(struct.pack(">2xBBI", 0x08, 1, promised))
    bomb += b"".join(packer.compress(bytes(2**20)) for _ in range(200)) + packer.flush()
    tracemalloc.start()
    refused(file, bomb, f"promises {promised} bytes of values, but got more")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2_000_000


def test_a_file_over_the_limit_is_refused(
    file: Path, to_idx: ToIdx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idx, "MAX_BYTES", 1567)
    refused(file, to_idx(IMAGES), "may hold 1567 bytes, but got one of 1568")
