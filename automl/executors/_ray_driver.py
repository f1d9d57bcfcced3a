"""A process that speaks with Ray for a search, which speaks with it in our own letters.

Ray's driver belongs to a process of its own: it unpickles what it is sent, takes over signals,
logs, and ends its process when the cluster is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import signal
import sys
from importlib import import_module
from typing import Any, BinaryIO

from automl.errors import one_line
from automl.executors._ray_slots import Slots
from automl.executors.remote.frames import read_frame, write_frame
from automl.executors.remote.wire import pack, unpack
from automl.locations import package_home

STORE_BYTES = 200_000_000
"""Size of this machine's object store, through which letters above 100 kB go; more go to disk."""

FIRST_SECONDS = 20.0
"""How long the first slots are waited for."""


def main(slots: int, address: str, folder: str) -> None:
    """Serve until our standard input ends, which it does when the search ends.

    Parameters
    ----------
    slots : int
        The most slots to use.
    address : str
        Address of a cluster; empty for one of this machine, which ends with us.
    folder : str
        Folder of this search alone, which is removed in the end.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the search's to answer
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever is printed is no letter
    home = os.getcwd()
    os.chdir(folder)  # Ray lets every actor import what lies here
    try:
        asyncio.run(_serve(slots, address, folder, output))
    finally:
        os.chdir(home)
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)  # whatever still waits for a slot does not matter any more


async def _serve(slots: int, address: str, folder: str, output: BinaryIO) -> None:
    ray: Any = import_module("ray")
    try:
        _connect(ray, slots, address, folder)
        local = not address
        there = Slots(
            slots,
            str(package_home()) if local else "",
            os.path.join(folder, "data") if local else "",
        )
        there.look(FIRST_SECONDS)
    except Exception as error:  # noqa: BLE001 - of Ray, gRPC, ssl and the system
        write_frame(output, pack({"number": 0, "error": one_line(error)}))
    else:
        write_frame(output, pack({"number": 0}))
        await _answer_all(there, output)
        there.close()
    ray.shutdown()


def _connect(ray: Any, slots: int, address: str, folder: str) -> None:
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address:
        ray.init(address, **quiet)
        return
    ray.init(
        "local",  # else Ray looks for one that is there
        num_cpus=slots,
        include_dashboard=False,
        object_store_memory=STORE_BYTES,
        _temp_dir=os.path.join(folder, "ray"),  # which Ray opens to everybody; ours is closed
        **quiet,
    )


async def _answer_all(slots: Slots, output: BinaryIO) -> None:
    tasks: set[asyncio.Task[None]] = set()
    while (letter := await asyncio.to_thread(read_frame, sys.stdin.buffer)) is not None:
        tasks.add(task := asyncio.create_task(_answer(slots, letter, output)))
        task.add_done_callback(tasks.discard)
    for task in tasks:
        task.cancel()


async def _answer(slots: Slots, letter: bytes, output: BinaryIO) -> None:
    head, blobs = unpack(letter)
    said: dict[str, Any] = {"number": head["number"]}
    found: list[bytes] = []
    try:
        if head["what"] == "look":
            said["there"] = await asyncio.to_thread(slots.look)
        else:
            found = [await slots.call(head["address"], blobs[0])]
    except LookupError as error:
        said["lost"] = one_line(error)
    except Exception as error:  # noqa: BLE001 - of Ray, gRPC and the system
        said["error"] = one_line(error)
    with contextlib.suppress(OSError):  # the search has ended
        write_frame(output, pack(said, found))
