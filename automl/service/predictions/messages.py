"""What the web process and a prediction worker say to each other: frames on a socket.

A frame is the length of a JSON head, the head, and then the bodies, whose sizes the head tells.
Nothing of it is unpickled: a worker reads what strangers send, and the web process reads a worker.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

LENGTH = struct.Struct("!I")

MAX_HEAD_BYTES = 64_000_000

Form = Literal["rows", "infer", "file"]


@dataclass(frozen=True, slots=True)
class Request:
    """One request for predictions, as it came.

    Attributes
    ----------
    form : {"rows", "infer", "file"}
        JSON rows, a request of the Open Inference Protocol, or the bytes of a file: CSV, NPY, NPZ,
        Parquet or a picture.
    body : bytes
    proba : bool
        Whether class probabilities are returned beside the predictions.
    as_csv : bool
        Whether the answer is CSV in place of JSON.
    label : str
        The model as the client called it, with its version behind a slash.
    """

    form: Form
    body: bytes
    proba: bool = True
    as_csv: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back for one request.

    Attributes
    ----------
    status : int
        200; or 400 and above, and then the body is one line of text.
    media : str
        Content type of the body.
    body : bytes
    """

    status: int
    media: str
    body: bytes


def refuse(status: int, line: str) -> Answer:
    """Return an answer that says in one line what is wrong."""
    return Answer(status, "text/plain", " ".join(line.split()).encode())


def pack_requests(model: str, requests: Sequence[Request]) -> bytes:
    """Return the frame that asks for predictions of one model, a folder."""
    parts = [_without_body(request) for request in requests]
    return _frame({"model": model, "parts": parts}, [request.body for request in requests])


def read_requests(read: Callable[[int], bytes]) -> tuple[str, list[Request]]:
    """Read a frame of `pack_requests`; `read` returns that many bytes or raises EOFError."""
    head, bodies = _read(read)
    parts = zip(head["parts"], bodies, strict=True)
    return head["model"], [Request(body=body, **_fields(part)) for part, body in parts]


def pack_answers(answers: Sequence[Answer]) -> bytes:
    """Return the frame that answers a frame of requests, in their order."""
    parts = [_without_body(answer) for answer in answers]
    return _frame({"parts": parts}, [answer.body for answer in answers])


def answers_of(head: dict[str, Any], bodies: Sequence[bytes]) -> list[Answer]:
    """Return the answers of a frame whose head and bodies were read."""
    parts = zip(head["parts"], bodies, strict=True)
    return [Answer(body=body, **_fields(part)) for part, body in parts]


def _without_body(message: Request | Answer) -> dict[str, Any]:
    return {**asdict(message), "body": len(message.body)}


def _fields(part: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name != "body"}


def _frame(head: dict[str, Any], bodies: Sequence[bytes]) -> bytes:
    text = json.dumps(head).encode()
    return b"".join([LENGTH.pack(len(text)), text, *bodies])


def _read(read: Callable[[int], bytes]) -> tuple[dict[str, Any], list[bytes]]:
    (length,) = LENGTH.unpack(read(LENGTH.size))
    head = json.loads(read(length))
    return head, [read(part["body"]) for part in head["parts"]]
