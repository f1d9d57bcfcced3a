"""`SearchConfig` and `TrainConfig`: the options of a search and of a training.

A field is the one home of its option: its name, type, default and description. The command line
is made from the fields, as is the command that a report prints; `automl.api` writes them out, so
that an editor completes them, and a test holds it to them.
"""

from automl.config.data import DataConfig
from automl.config.search import TRIALS, SearchConfig, available_cores
from automl.config.train import TrainConfig

__all__ = ["TRIALS", "DataConfig", "SearchConfig", "TrainConfig", "available_cores"]
