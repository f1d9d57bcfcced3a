"""Data sets: `load` one by name or path, `describe` them all.

Importing this package costs numpy and nothing else; a source imports what it needs when it
loads.
"""

from automl.data.build import build
from automl.data.dataset import Dataset, LockedSplit, Split
from automl.data.load import SourceInfo, check, describe, load, load_again
from automl.data.options import DataOptions
from automl.data.preprocess.prepared import PreparedData, PreparedStore
from automl.data.preprocess.variants import Variant
from automl.data.sources import SOURCES

__all__ = [
    "SOURCES",
    "DataOptions",
    "Dataset",
    "LockedSplit",
    "PreparedData",
    "PreparedStore",
    "SourceInfo",
    "Split",
    "Variant",
    "build",
    "check",
    "describe",
    "load",
    "load_again",
]
