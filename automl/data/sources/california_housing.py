"""California housing: prices of houses in the census of 1990; downloaded on request."""

from __future__ import annotations

import tarfile
from pathlib import Path

import numpy as np

from automl.data.cache.download import Checksum, RemoteFile, fetch
from automl.data.cache.folders import download_folder, search_folders
from automl.data.raw import Raw
from automl.data.sources import Source
from automl.errors import DataError

NAME = "california-housing"
FILE = "cal_housing.tgz"
MEMBER = "CaliforniaHousing/cal_housing.data"


class CaliforniaHousing(Source):
    """Median value of the houses in a block, in 100,000 dollars, from where and what they are."""

    rows = 20_640
    shape = (8,)
    kind = "vector"
    task = "regression"
    about = "house values, census of 1990; Pace and Barry, 1997, from StatLib; no licence stated"
    # scikit-learn's copy and its SHA-256: sklearn/datasets/_california_housing.py. Its own cache
    # is a pickle, which could run code, so it is not used.
    mirrors = ("https://ndownloader.figshare.com/files/5976036",)
    packed = "aaa5c9a6afe2225cc2aed2723682ae403280c4a3695a2ddda4ffb5d8215ea681"

    def load(self, *, download: bool = False) -> Raw:
        checksum = Checksum("sha256", self.packed)
        path = self._path()
        if path is None:
            path = download_folder(NAME) / FILE
            if not download:
                raise DataError(
                    f"data set {NAME!r} is not on this machine: put {FILE} in {path.parent}, or"
                    f" let `automl inspect {NAME} --download` fetch it (in Python download=True)"
                )
            fetch([RemoteFile(FILE, self.mirrors, checksum)], path.parent)
        checksum.check(path)
        with tarfile.open(path, "r:gz") as archive:
            member = archive.extractfile(MEMBER)
            if member is None:
                raise DataError(f"{path}: must hold {MEMBER}; delete it and fetch it again")
            table = np.loadtxt(member, delimiter=",", encoding="utf-8")
        longitude, latitude, age, rooms, bedrooms, population, households, income, value = table.T
        # As in scikit-learn: counts a household, which the authors used, too.
        features = [
            *(income, age, rooms / households, bedrooms / households),
            *(population, population / households, latitude, longitude),
        ]
        return Raw(np.stack(features, axis=1), value / 100_000)

    def on_disk(self) -> bool:
        return self._path() is not None

    def _path(self) -> Path | None:
        for folder in search_folders(NAME):
            if (folder / FILE).is_file():
                return folder / FILE
        return None


SOURCE = CaliforniaHousing()
