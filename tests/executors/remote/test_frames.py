"""Letters come out of a pipe as they went in, and none comes out in part."""

from __future__ import annotations

import io

import pytest

from automl.executors.remote.frames import read_frame, write_frame


def test_letters_come_in_order_and_whole() -> None:
    file = io.BytesIO()
    letters = [b"", b"one", bytes(100_000)]
    for letter in letters:
        write_frame(file, letter)
    file.seek(0)
    assert [read_frame(file) for _ in range(4)] == [*letters, None]


@pytest.mark.parametrize("size", [3, 8, 10])
def test_a_pipe_that_breaks_in_a_letter_ends(size: int) -> None:
    file = io.BytesIO()
    write_frame(file, b"letter")
    assert read_frame(io.BytesIO(file.getvalue()[:size])) is None
