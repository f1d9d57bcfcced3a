"""Events: whole lines, ids that are places, and readers of any speed."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from automl.service.event_streams import EventStreams
from automl.service.events import EventLog, append, is_event_id, read


def _written(path: Path, count: int, begin: int = 0) -> None:
    log = EventLog(path)
    for number in range(begin, begin + count):
        log.write("trial", number=number)
    log.close()


def _numbers(text: bytes) -> list[int]:
    lines = [line for line in text.decode().splitlines() if line.startswith("data: ")]
    return [json.loads(line[6:])["number"] for line in lines if "number" in line]


def test_going_on_behind_any_event_has_no_gap_and_no_double(tmp_path: Path) -> None:
    path = tmp_path / "events"
    _written(path, 5)
    found = list(read(path))
    assert [json.loads(event.data)["number"] for event in found] == [0, 1, 2, 3, 4]
    for place, event in enumerate(found):
        assert list(read(path, event.id)) == found[place + 1 :]
        assert is_event_id(path, event.id)
        assert not is_event_id(path, event.id - 1)
    assert not is_event_id(path, 2**60)


def test_half_a_line_of_a_killed_writer_is_never_read_and_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "events"
    _written(path, 2)
    before = list(read(path))
    with path.open("ab") as file:
        file.write(b'{"event": "trial", "numb')
    assert list(read(path)) == before
    _written(path, 1, begin=2)
    assert [json.loads(event.data)["number"] for event in read(path)] == [0, 1, 2]


def test_what_the_service_tells_of_an_attempt_it_tells_once(tmp_path: Path) -> None:
    path = tmp_path / "events"
    for kind, attempt in (("queued", 1), ("queued", 1), ("started", 1), ("paused", 1)) * 2:
        append(path, kind, attempt)
    kinds = [event.kind for event in read(path)]
    assert kinds == ["queued", "started", "paused"] * 2


@pytest.mark.parametrize("ends", [True, False])
def test_a_slow_reader_gets_everything_and_makes_nobody_wait(tmp_path: Path, ends: bool) -> None:
    path = tmp_path / "events"
    _written(path, 3)

    async def watch() -> tuple[bytes, bytes]:
        streams = EventStreams()
        quick, slow = streams.stream(path, 0), streams.stream(path, 0)
        taken = [await anext(slow)]  # and then nothing for a long while
        seen = [await anext(quick), await anext(quick)]
        for begin in (3, 50):
            _written(path, 40, begin)
            while _numbers(b"".join(seen))[-1] < begin + 39:
                seen.append(await anext(quick))
        if ends:
            append(path, "finished", 1)
        else:
            streams.close()
        seen += [piece async for piece in quick]
        taken += [piece async for piece in slow] if ends else []
        await slow.aclose()
        return b"".join(seen), b"".join(taken)

    quick, slow = asyncio.run(watch())
    wanted = [*range(43), *range(50, 90)]
    assert _numbers(quick) == wanted
    if ends:
        assert _numbers(slow) == wanted
        assert (
            slow.rstrip().split(b"\n")[-2] == quick.rstrip().split(b"\n")[-2] == b"event: finished"
        )
