"""A study opened for a search: its folder, its database, and what it belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

from automl.config import SearchConfig
from automl.errors import StudyError
from automl.metrics import Direction
from automl.space.space import SearchSpace
from automl.study.folder import StudyFolder
from automl.study.recovery import remove_halves, take_over
from automl.study.title import IDENTITY
from automl.study.trial_codec import from_frozen
from automl.study.urls import public_url, storable_url, without_password
from automl.study.writer import StudyStore
from automl.trial import TrialRecord

ELSE = ", or name another study with --study NAME"
"""What to do about a study that is in use."""

FOLDS = "--folds"
"""Part of the identity: `automl.data.split.folds.Folds` as text."""

FIXED = "automl:fixed"
"""Study attribute with the space's fixed parameters, which Optuna does not know."""

START = "automl:start"
"""Study attribute with the start configurations, with which a resumed search goes on too."""

HISTORY = "automl:history"
"""Study attribute with what was taken from earlier studies; see `automl.history.take.Taken`."""

DATA = "automl:data"
"""Study attribute with facts about the data; see `automl.orchestrator.data_facts`."""

CONFIG = "automl:config"
"""Study attribute with the options of the first search."""

VERDICT = "automl:verdict"
"""Study attribute with the verdict, for the dashboard."""

TEST_READS = "automl:test_reads"
"""Study attribute that counts how often the test split's labels were read."""


@dataclass(frozen=True, slots=True)
class Study:
    """A study that this process holds.

    Attributes
    ----------
    folder : StudyFolder
    store : StudyStore
    study_id : int
    space : SearchSpace
    """

    folder: StudyFolder
    store: StudyStore
    study_id: int
    space: SearchSpace

    def records(self) -> list[TrialRecord]:
        """Return every finished trial, by number."""
        trials = self.store.trials(self.study_id)
        return [from_frozen(t, self.space.fixed) for t in trials if t.state.is_finished()]

    def attr(self, key: str, default: Any = None) -> Any:
        """Return one attribute of the study."""
        return self.store.study_attrs(self.study_id).get(key, default)

    def set_attr(self, key: str, value: Any) -> None:
        """Set one attribute of the study."""
        self.store.set_study_attr(self.study_id, key, value)

    def count_test_read(self) -> int:
        """Note that the test labels are about to be read; returns how often that makes."""
        reads = int(self.attr(TEST_READS, 0)) + 1
        self.set_attr(TEST_READS, reads)
        return reads


@dataclass(frozen=True, slots=True)
class Origin:
    """What a study is made of, and must be made of to be gone on with.

    Attributes
    ----------
    identity : mapping
        What two searches must share to be one study, by the words of the message.
    former : mapping
        The parts of it that studies of earlier versions have in another way.
    space : SearchSpace
    direction : {"maximize", "minimize"}
    data : mapping
        Facts about the data, in plain types.
    left_open : tuple of str
        The parts of the identity that nobody chose: a study that is there decides them.
    history : mapping
        What is taken from earlier studies, in plain types.
    """

    identity: Mapping[str, Any]
    former: Mapping[str, Any]
    space: SearchSpace
    direction: Direction
    data: Mapping[str, Any]
    left_open: tuple[str, ...] = ()
    history: Mapping[str, Any] = field(default_factory=dict)


@contextmanager
def open_study(config: SearchConfig, origin: Origin) -> Iterator[Study]:
    """Make a study, or take up the one of that name.

    Parameters
    ----------
    config : SearchConfig
        Names the study and its database.
    origin : Origin

    Raises
    ------
    StudyError
        When another process searches it, it cannot be written, or it belongs to another search.
    """
    folder = StudyFolder.named(config.study_name)
    is_new = folder.create()
    undo = _undo if is_new else nullcontext
    with folder.held(ELSE):
        with undo(folder):
            store = StudyStore(config.storage or folder.url)
        with closing(store):
            with undo(folder), store.readable():
                study = _take_up(folder, store, config, origin)
                if config.storage:
                    folder.record_address(storable_url(config.storage), folder.name)
            yield study


@contextmanager
def reopen_study(folder: StudyFolder, title: str, space: SearchSpace) -> Iterator[Study]:
    """Hold a study that was searched before, to add to what is known of it.

    Parameters
    ----------
    folder : StudyFolder
    title : str
        The study's name in its database.
    space : SearchSpace
        What its parameters were drawn from, with those that were fixed.

    Raises
    ------
    StudyError
        When another process holds it, its database cannot be opened, or it holds no such study.
    """
    with folder.held(), closing(StudyStore(folder.url)) as store:
        store.claim.take(title)
        study_id = store.find_study(title)
        if study_id is None:
            raise StudyError(f"{public_url(folder.url)}: holds no study {title!r}")
        yield Study(folder, store, study_id, space)


@contextmanager
def _undo(folder: StudyFolder) -> Iterator[None]:
    """Remove a new folder again when its study cannot be opened."""
    try:
        yield
    except StudyError:
        folder.remove()
        raise


def _take_up(folder: StudyFolder, store: StudyStore, config: SearchConfig, origin: Origin) -> Study:
    store.claim.take(folder.name, ELSE)
    found = store.find_own(folder, or_only=not config.storage and not folder.address.exists())
    space = origin.space
    if found is None:
        study_id = store.create_study(folder.name, origin.direction)
        store.set_study_attr(study_id, IDENTITY, dict(origin.identity))
        store.set_study_attr(study_id, CONFIG, _public(config))
        store.set_study_attr(study_id, FIXED, space.fixed)
        store.set_study_attr(study_id, START, list(space.start))
        store.set_study_attr(study_id, DATA, dict(origin.data))
        store.set_study_attr(study_id, HISTORY, dict(origin.history))
        return Study(folder, store, study_id, space)
    study_id, title = found
    store.claim.take(title, ELSE)
    attrs = store.study_attrs(study_id)
    _check_identity(folder.name, attrs.get(IDENTITY), attrs.get(DATA), origin)
    if START in attrs:
        space = replace(space, start=tuple(attrs[START]))
    if title != folder.name:  # the folder was renamed, moved or copied
        store.rename_study(title, folder.name)
    take_over(store, study_id)
    remove_halves(folder)
    return Study(folder, store, study_id, space)


def _check_identity(
    name: str, before: dict[str, Any] | None, data: Mapping[str, Any] | None, origin: Origin
) -> None:
    if before is None:
        raise StudyError(
            f"study {name!r} was not made by automl, so it can be looked at but not searched;"
            " name another one with --study NAME"
        )
    for what, value in origin.identity.items():
        # A study of before there were folds was judged without.
        was = before.get(what, "none" if what == FOLDS else None)
        if what in origin.left_open and what in before:
            continue
        if was not in (value, origin.former.get(what, value)):
            if what.startswith("data ("):
                what, was, value = _readable(data or {}, origin.data) or (what, was, value)
            raise StudyError(
                f"study {name!r} belongs to another search: its {what} is"
                f" {was!r:.40}, this one's is {value!r:.40};"
                " name another study with --study NAME"
            )


def _readable(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, Any, Any] | None:
    """Return what tells two data sets apart that a person knows; the last is more than numbers."""
    for what in ("task", "kind", "rows", "shape", "columns", "targets"):
        if what in before and before[what] != now.get(what):
            return what if what == "task" else f"data ({what})", before[what], now.get(what)
    return None


def _public(config: SearchConfig) -> dict[str, Any]:
    """Return the options, without the password of a database."""
    plain = config.model_dump(mode="json")
    if config.storage:
        plain["storage"] = without_password(config.storage)
    return plain
