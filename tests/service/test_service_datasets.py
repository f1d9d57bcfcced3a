"""Data sets: uploaded whole or not at all, kept once, looked at, and deleted."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import stat
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx2
import numpy as np
import pytest
from PIL import Image
from service_people import ADDRESS, People

from automl.service.app import create_app
from automl.service.settings import ServiceSettings

TABLE = b"size,colour,price\n" + b"".join(
    f"{i},{'red' if i % 3 else 'blue'},{i * 2.5}\n".encode() for i in range(60)
)


def _files(people: People) -> list[Path]:
    settings = people.app.state.service.settings
    return [*settings.data.iterdir(), *settings.uploads.iterdir()]


def _picture(shade: int) -> bytes:
    file = io.BytesIO()
    Image.new("L", (8, 8), shade).save(file, "PNG")
    return file.getvalue()


def _zip(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def _npz() -> bytes:
    file = io.BytesIO()
    np.savez(file, X=np.zeros((40, 3)), y=np.arange(40) % 2)
    return file.getvalue()


PETS = {
    f"pets/{kind}/{i}.png": _picture(i * 9 + shade)
    for shade, kind in enumerate(("cat", "dog"))
    for i in range(9)
}


def test_an_upload_is_what_was_sent_and_the_same_again_is_the_same(people: People) -> None:
    client = people.add("bea")
    before = len(_files(people))
    made = client.put("/v1/datasets/homes", content=TABLE)
    assert made.status_code == 201, made.text
    assert made.json()["sha256"] == hashlib.sha256(TABLE).hexdigest()
    assert (made.json()["kind"], made.json()["bytes"]) == ("table", len(TABLE))
    again = client.put("/v1/datasets/homes", content=TABLE)
    assert (again.status_code, again.json()) == (200, made.json())
    other = client.put("/v1/datasets/homes", content=TABLE + b"1,red,2\n")
    assert other.status_code == 409
    assert client.put("/v1/datasets/houses", content=TABLE).status_code == 201
    assert len(_files(people)) == before + 1  # the same bytes are kept once
    assert client.delete("/v1/datasets/homes").status_code == 204
    assert len(_files(people)) == before + 1
    assert client.delete("/v1/datasets/houses").status_code == 204
    assert len(_files(people)) == before


def test_the_program_looks_at_it_in_a_process_of_its_own(people: People) -> None:
    client = people.admin
    client.put("/v1/datasets/homes", content=TABLE)
    seen = client.get("/v1/datasets/homes/inspect")
    assert seen.status_code == 200, seen.text
    assert [c["name"] for c in seen.json()["columns"]] == ["size", "colour", "price"]
    assert seen.json()["task"] is None
    told = client.get("/v1/datasets/homes/inspect", params={"target": "price"})
    assert told.json()["task"] == "regression"
    wrong = client.get("/v1/datasets/homes/inspect", params={"target": "prize"})
    assert wrong.status_code == 422
    assert "prize" in wrong.json()["detail"]
    assert str(people.app.state.service.settings.root) not in wrong.text


@pytest.mark.parametrize("option", ["test_data=/etc/passwd", "plugins=x.py", "dataset=/etc"])
def test_no_path_of_a_client_is_opened(people: People, option: str) -> None:
    answer = people.admin.get(f"/v1/datasets/homes/inspect?{option}")
    assert answer.status_code in (404, 422)
    people.admin.put("/v1/datasets/homes", content=TABLE)
    answer = people.admin.get(f"/v1/datasets/homes/inspect?{option}")
    assert answer.status_code == 422
    assert "unknown option" in answer.json()["detail"]


def test_arrays_and_pictures_are_taken(people: People) -> None:
    client = people.add("cleo")
    assert client.put("/v1/datasets/numbers", content=_npz()).json()["kind"] == "arrays"
    made = client.put("/v1/datasets/pets", content=_zip(PETS))
    assert made.json()["kind"] == "pictures", made.text
    folder = people.app.state.service.datasets.path(made.json()["sha256"])
    assert sorted(path.name for path in folder.iterdir()) == ["cat", "dog"]
    seen = client.get("/v1/datasets/pets/inspect").json()
    assert (seen["rows"], seen["task"]) == (18, "binary")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"%PDF-1.7", "PDF"),
        (b"\x80\x04\x95", "pickle"),
        (_picture(1), "one picture"),
        (_zip({"../../evil.png": _picture(1)}), "leaves its folder"),
        (_zip({"/etc/evil.png": _picture(1)}), "leaves its folder"),
        (_zip({"a\\..\\evil.png": _picture(1)}), "leaves its folder"),
        (_zip({"a/" * 20 + "x.png": _picture(1)}), "too many parts"),
        (_zip({f"a/{i}.png": b"\0" * 10**7 for i in range(9)}), "at most"),
        (_zip(PETS)[:-30], ""),
    ],
)
def test_what_is_no_data_set_is_refused_in_one_line_and_leaves_nothing(
    people: People, content: bytes, why: str
) -> None:
    before = _files(people)
    answer = people.admin.put("/v1/datasets/bad", content=content)
    assert answer.status_code == 422, answer.text
    assert why in answer.json()["detail"]
    assert "\n" not in answer.json()["detail"]
    assert str(people.app.state.service.settings.root) not in answer.text
    assert _files(people) == before


def test_a_link_in_a_zip_is_refused(people: People) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        link = zipfile.ZipInfo("cat/1.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    answer = people.admin.put("/v1/datasets/links", content=file.getvalue())
    assert answer.status_code == 422
    assert "not a regular file" in answer.json()["detail"]


def test_an_array_of_objects_is_never_unpickled(people: People) -> None:
    file = io.BytesIO()
    np.savez(file, X=np.array([{}], dtype=object), y=np.zeros(1))
    people.admin.put("/v1/datasets/objects", content=file.getvalue())
    answer = people.admin.get("/v1/datasets/objects/inspect")
    assert answer.status_code == 422
    assert "object" in answer.json()["detail"]


def test_an_upload_has_a_limit_whatever_its_header_says(
    make_people: Callable[..., People],
) -> None:
    people = make_people(max_upload=1000)

    def pieces() -> Iterator[bytes]:  # no Content-Length
        for _ in range(20):
            yield b"1,2,3\n" * 20

    assert people.admin.put("/v1/datasets/large", content=pieces()).status_code == 413
    assert people.admin.put("/v1/datasets/large", content=b"1\n" * 600).status_code == 413
    assert _files(people) == []
    users = {"limits": {"bytes": 300}}
    bob = people.add("bob")
    assert people.admin.patch("/v1/users/bob", json=users).status_code == 204
    assert bob.put("/v1/datasets/one", content=b"a,b\n" + b"1,2\n" * 50).status_code == 201
    more = bob.put("/v1/datasets/two", content=b"a,b\n" + b"3,4\n" * 50)
    assert more.status_code == 413
    assert "300 bytes of bob" in more.json()["detail"]


def test_half_an_upload_leaves_nothing(people: People) -> None:
    before = _files(people)

    def broken() -> Iterator[bytes]:
        yield b"a,b\n1,2\n"
        raise ConnectionResetError

    assert people.admin.put("/v1/datasets/half", content=broken()).status_code == 500
    assert _files(people) == before
    assert people.admin.get("/v1/datasets/half").status_code == 404


def test_what_a_kill_has_left_is_swept_at_the_next_start(
    make_people: Callable[..., People],
) -> None:
    people = make_people()
    people.admin.put("/v1/datasets/kept", content=TABLE)
    settings = people.app.state.service.settings
    (settings.uploads / "half").write_bytes(b"a,b\n")
    (settings.data / ("0" * 64)).write_bytes(b"no row knows it")
    (settings.searches / "0123456789abcdef").mkdir()
    people.restart()
    assert [path.name for path in _files(people)] == [hashlib.sha256(TABLE).hexdigest()]
    assert list(settings.searches.iterdir()) == []


def test_nothing_is_swept_beside_a_database_that_nobody_has_used(tmp_path: Path) -> None:
    settings = ServiceSettings(root=tmp_path)
    for folder in (settings.data, settings.searches):
        (folder / "0123456789abcdef").mkdir(parents=True)
    create_app(settings)
    assert [path.name for path in settings.data.iterdir()] == ["0123456789abcdef"]
    assert [path.name for path in settings.searches.iterdir()] == ["0123456789abcdef"]


def test_a_digest_that_does_not_fit_is_refused(people: People) -> None:
    right = base64.b64encode(hashlib.sha256(TABLE).digest()).decode()
    wrong = base64.b64encode(bytes(32)).decode()
    for text, status in ((right, 201), (wrong, 422)):
        name = f"digest{status}"
        headers = {"Content-Digest": f"sha-256=:{text}:"}
        answer = people.admin.put(f"/v1/datasets/{name}", content=TABLE, headers=headers)
        assert answer.status_code == status


def test_uploads_that_come_together_keep_to_the_limit_together(
    make_people: Callable[..., People],
) -> None:
    people = make_people()
    user = people.add("eve")
    table = b"a,b\n" + b"1,2\n" * 100
    limits = {"limits": {"bytes": len(table) + 10}}
    assert people.admin.patch("/v1/users/eve", json=limits).status_code == 204
    cookies = "; ".join(f"{name}={value}" for name, value in user.cookies.items())

    async def upload() -> list[int]:
        both_have_begun = asyncio.Barrier(2)

        async def pieces() -> AsyncIterator[bytes]:
            yield table[:8]
            await both_have_begun.wait()
            yield table[8:]

        transport = httpx2.ASGITransport(people.app)
        async with httpx2.AsyncClient(transport=transport, base_url=ADDRESS) as client:
            headers = {"Cookie": cookies}
            puts = [
                client.put(f"/v1/datasets/{name}", content=pieces(), headers=headers)
                for name in ("one", "two")
            ]
            return [answer.status_code for answer in await asyncio.gather(*puts)]

    assert sorted(asyncio.run(upload())) in ([201, 413], [413, 413])
    kept = user.get("/v1/datasets").json()
    assert sum(one["bytes"] for one in kept) <= len(table) + 10
    assert len(_files(people)) == len(kept)
    # What was counted while it came is counted no more.
    if not kept:
        assert user.put("/v1/datasets/three", content=table).status_code == 201


def test_pictures_count_as_they_are_unpacked(make_people: Callable[..., People]) -> None:
    people = make_people()
    user = people.add("eve")
    pets = _zip({f"pets/{kind}/{i}.bmp": _flat() for kind in ("cat", "dog") for i in range(9)})
    limits = {"limits": {"bytes": len(pets) + 1000}}
    assert people.admin.patch("/v1/users/eve", json=limits).status_code == 204
    assert user.put("/v1/datasets/pets", content=pets).status_code == 413
    assert _files(people) == []


def _flat() -> bytes:
    """A picture that a ZIP makes much smaller."""
    file = io.BytesIO()
    Image.new("RGB", (32, 32), (200, 0, 0)).save(file, "BMP")
    return file.getvalue()
