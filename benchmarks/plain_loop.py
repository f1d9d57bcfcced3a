"""The other side: an Optuna search with PyTorch as its users write it by hand.

After Optuna's own PyTorch example: a `DataLoader`, `torch.optim`, `MedianPruner`, a study in
SQLite, TPE, one trial after the other with torch's default number of threads. It samples the same
space, trains the same networks on the same split, and keeps the best weights in memory. Images are
augmented batch by batch with our operations, which are quicker than transforms of single images.

python benchmarks/plain_loop.py --dataset digits --trials 100 --seed 0
"""

from __future__ import annotations

import argparse
import copy
import json
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import optuna
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from automl.data import PreparedData, load
from automl.orchestrator.defaults import default_max_epochs, default_space, fit_space
from automl.space.space import SearchSpace
from automl.task import Task
from automl.training.augmentation import make_augmentation
from automl.training.recipe import Recipe, family_of


@dataclass(slots=True)
class Loop:
    """One run of the plain loop.

    Attributes
    ----------
    curve : list of (seconds, best validation accuracy)
        After every epoch, from the start of the process's work.
    """

    space: SearchSpace
    data: PreparedData
    max_epochs: int
    seconds: float
    started: float
    epochs: int = 0
    best: float = 0.0
    weights: nn.Module | None = None
    curve: list[tuple[float, float]] = field(default_factory=list)

    def objective(self, trial: optuna.Trial) -> float:
        """Train one candidate; its best validation accuracy."""
        recipe = Recipe.parse(self.space.sample(trial))
        inputs, task = self.data.preprocessing.inputs, self.data.task
        network = family_of(recipe).build(recipe.model, inputs, task.n_outputs)
        optimizer = _optimizer(recipe, network)
        smoothing = recipe.regularisation.label_smoothing
        loss = nn.CrossEntropyLoss(label_smoothing=smoothing)
        train = DataLoader(
            TensorDataset(torch.as_tensor(self.data.train_X), torch.as_tensor(self.data.train_y)),
            batch_size=min(recipe.training.batch_size, len(self.data.train_X)),
            shuffle=True,
        )
        augment = make_augmentation(
            recipe.augmentation, inputs, torch.as_tensor(self.data.train_X), trial.number
        )
        best = 0.0
        for epoch in range(self.max_epochs):
            network.train()
            for X, y in train:
                if augment is not None:
                    X = augment(X)

                def closure(X: torch.Tensor = X, y: torch.Tensor = y) -> torch.Tensor:
                    optimizer.zero_grad()
                    value: torch.Tensor = loss(network(X), y)
                    value.backward()
                    return value

                optimizer.step(closure)
            score = accuracy(network, self.data.valid_X, self.data.valid_y)
            best = max(best, score)
            self._note(score, network)
            trial.report(score, epoch)
            if trial.should_prune():
                raise optuna.TrialPruned
            if time.perf_counter() - self.started > self.seconds:
                trial.study.stop()
                break
        return best

    def _note(self, score: float, network: nn.Module) -> None:
        self.epochs += 1
        if score > self.best:
            self.best, self.weights = score, copy.deepcopy(network)
        self.curve.append((time.perf_counter() - self.started, self.best))


def _optimizer(recipe: Recipe, network: nn.Module) -> torch.optim.Optimizer:
    o, decay = recipe.optimizer, recipe.regularisation.weight_decay
    weights = network.parameters()
    if o.name == "lbfgs":
        return torch.optim.LBFGS(weights, lr=o.learning_rate, line_search_fn="strong_wolfe")
    if o.name == "sgd":
        return torch.optim.SGD(weights, o.learning_rate, momentum=o.momentum, weight_decay=decay)
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "rmsprop": torch.optim.RMSprop}
    return kind[o.name](weights, lr=o.learning_rate, weight_decay=decay)


@torch.inference_mode()
def accuracy(network: nn.Module, X: object, y: object) -> float:
    """Share of rows whose class is right."""
    network.eval()
    found = network(torch.as_tensor(X)).argmax(1)
    return float((found == torch.as_tensor(y)).float().mean())


def run(
    dataset: str, trials: int | None, seconds: float, seed: int, *, starts: bool = False
) -> dict[str, object]:
    """Search until the trials or the seconds are used up.

    Parameters
    ----------
    dataset : str
        One with three classes or more.
    trials : int or None
    seconds : float
    seed : int
    starts : bool
        Whether the space's start configurations are tried first, as the other side does.
    """
    started = time.perf_counter()
    whole = load(dataset)
    assert isinstance(whole.task, Task)
    assert whole.task.kind == "multiclass"
    data = PreparedData.fit(whole)
    rows = len(data.train_X)
    space = fit_space(default_space(whole, ["mlp"]), whole)
    torch.manual_seed(seed)
    loop = Loop(space, data, default_max_epochs(rows), seconds, started)
    with tempfile.TemporaryDirectory() as folder:
        study = optuna.create_study(
            storage=f"sqlite:///{Path(folder) / 'plain.db'}",
            direction="maximize",
            sampler=optuna.samplers.TPESampler(seed=seed),
            pruner=optuna.pruners.MedianPruner(),
        )
        for start in space.start if starts else []:
            study.enqueue_trial(start)
        study.optimize(loop.objective, n_trials=trials, catch=(ValueError,))
        done = len(study.trials)
    searched = time.perf_counter() - started
    assert loop.weights is not None
    return {
        "trials": done,
        "epochs": loop.epochs,
        "seconds": searched,
        "valid": loop.best,
        "test": accuracy(loop.weights, data.test_X, whole.test.unlock()),
        "curve": loop.curve,
    }


def main() -> None:
    """Print the result as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", default="digits")
    parser.add_argument("--trials", type=int)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--starts", action="store_true")
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    found = run(
        options.dataset, options.trials, options.seconds, options.seed, starts=options.starts
    )
    print(json.dumps(found))


if __name__ == "__main__":
    main()
