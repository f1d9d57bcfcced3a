"""Note which machines a search runs on, and tell when they do not compute alike."""

from __future__ import annotations

from automl.executors import Message, WorkerInfo
from automl.orchestrator.observer import Observer
from automl.study.machines import (
    MACHINES,
    Machine,
    difference,
    machines_from_attr,
    machines_to_attr,
)
from automl.study.study import Study
from automl.trial import TrialResult


class Machines:
    """Hears every message of a search's jobs.

    Parameters
    ----------
    study : Study
        Keeps what is known of each machine, also from earlier searches.
    observer : Observer
        Is told where each worker is, and once when machines differ.
    deterministic : bool
        Whether the search promised the same trials for any number of workers.
    """

    def __init__(self, study: Study, observer: Observer, *, deterministic: bool) -> None:
        self._study, self._observer, self._deterministic = study, observer, deterministic
        self._known = {m.host: m for m in machines_from_attr(study.attr(MACHINES, {}))}
        self._hosts: dict[int, str] = {}
        self._told: str | None = None

    def hear(self, message: Message) -> None:
        """Take in what a message says of its worker's machine."""
        host = message.info.host if message.info else message.host
        if host and self._hosts.get(message.worker) != host:
            self._hosts[message.worker] = host
            self._observer.worker_host(message.worker, host)
        if message.info is not None:
            self._note(message.info, message.payload)

    def _note(self, info: WorkerInfo, payload: object) -> None:
        trained_on = ""
        if isinstance(payload, TrialResult) and payload.device:
            trained_on = info.processor if payload.device == "cpu" else info.accelerator
        before = self._known.get(info.host, Machine(info.host))
        now = before.with_one(info.processor, trained_on)
        if now == self._known.get(info.host):
            return
        self._known[info.host] = now
        self._study.set_attr(MACHINES, machines_to_attr(self._known.values()))
        why = difference(list(self._known.values()))
        if why is not None and why != self._told:
            self._told = why
            cannot = "--deterministic cannot hold: " if self._deterministic else ""
            self._observer.note(cannot + why)
