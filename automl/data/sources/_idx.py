"""What MNIST and its drop-in replacements share: four gzipped IDX files of 28 x 28 images."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np

from automl.arrays import Array
from automl.data.cache.download import Checksum, RemoteFile, fetch
from automl.data.cache.folders import download_folder, search_folders
from automl.data.formats.idx import read_idx
from automl.data.raw import Raw
from automl.data.sources import Source
from automl.errors import DataError
from automl.task import InputKind, Label, TaskKind

FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


class IdxSource(Source):
    """A data set in four files: images and labels for training, images and labels for the test.

    Attributes
    ----------
    name : str
        As in ``--dataset``; also its folder.
    classes : tuple of bool, int, float, str or bytes
    mirrors : tuple of str
        Addresses of the folders that the files are published in, best first; each ends in ``/``.
    packed : tuple of str
        SHA-256 of each of `FILES` as it is published, gzipped.
    unpacked : tuple of str
        SHA-256 of the uncompressed content of each of `FILES`, or nothing where it is not known.
        Where it is, anybody may have packed the files; else they must be the published ones.
    """

    rows: ClassVar[int] = 70_000
    shape: ClassVar[tuple[int, ...]] = (28, 28)
    kind: ClassVar[InputKind] = "image"
    task: ClassVar[TaskKind] = "multiclass"
    name: ClassVar[str]
    classes: ClassVar[tuple[Label, ...]]
    mirrors: ClassVar[tuple[str, ...]]
    packed: ClassVar[tuple[str, ...]]
    unpacked: ClassVar[tuple[str, ...]] = ()

    def load(self, *, download: bool = False) -> Raw:
        folder = self._folder()
        if folder is None:
            folder = download_folder(self.name)
            if not download:
                raise DataError(
                    f"data set {self.name!r} is not on this machine: put {', '.join(FILES)} in"
                    f" {folder}, or let `automl inspect {self.name} --download` fetch them (in"
                    " Python download=True)"
                )
            fetch(self._remote_files(), folder)
        X, y, test_X, test_y = (self._read(folder / file) for file in FILES)
        return Raw(X, y.astype(np.int64), self.classes, test_X, test_y.astype(np.int64))

    def on_disk(self) -> bool:
        return self._folder() is not None

    def _folder(self) -> Path | None:
        """Return the first folder that has all four files."""
        for folder in search_folders(self.name):
            if all((folder / file).is_file() for file in FILES):
                return folder
        return None

    def _remote_files(self) -> list[RemoteFile]:
        return [
            RemoteFile(file, tuple(mirror + file for mirror in self.mirrors), checksum)
            for file, checksum in self._checksums().items()
        ]

    def _checksums(self) -> dict[str, Checksum]:
        digests = zip(FILES, self.packed, strict=True)
        return {file: Checksum("sha256", digest) for file, digest in digests}

    def _read(self, path: Path) -> Array:
        """Read one file, having seen that it is the published one."""
        if self.unpacked:
            return read_idx(path, sha256=self.unpacked[FILES.index(path.name)])
        self._checksums()[path.name].check(path)
        return read_idx(path)
