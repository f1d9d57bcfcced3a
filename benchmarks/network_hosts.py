"""Hosts on one machine: each a network namespace with a name and an address of its own.

    python benchmarks/network_hosts.py --dataset digits --trials 30

Needs root and `ip`. A scheduler runs on this machine and workers on two hosts. In the middle of a
deterministic search a third host comes, the first is unplugged (its link goes down, and nothing
tells anybody), and at the same moment the worker on the second is killed. Then the same search runs
over processes, and every trial must be the same. The tests run the same with few trials.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import automl
from automl.cluster.certificates import make_certificates
from automl.cluster.folder import ClusterFolder
from automl.cluster.security import security
from automl.locations import studies_folder

SMALL = {"folds": 0, "finalists": 0, "baselines": [], "onnx": False, "report": False, "seed": 1}

Facts = tuple[Any, ...]


class Lab:
    """A switch with hosts on it, and the programs that run on them.

    Parameters
    ----------
    folder : Path
        For certificates and what the programs say.

    Raises
    ------
    OSError
        When this process may not make networks.
    """

    def __init__(self, folder: Path) -> None:
        self.name = f"lab{os.getpid() % 100_000}"
        self.net = f"10.213.{os.getpid() % 250}"
        self.folder = folder
        self.hosts: list[str] = []
        self._programs: dict[str, subprocess.Popen[str]] = {}
        make_certificates(ClusterFolder(folder / "cluster"))
        _ip("link", "add", self.name, "type", "bridge")
        _ip("address", "add", f"{self.net}.254/24", "dev", self.name)
        _ip("link", "set", self.name, "up")

    def add(self) -> str:
        """Add a host; returns its name."""
        number = len(self.hosts) + 1
        host, link = f"{self.name}-{number}", f"{self.name}v{number}"
        self.hosts.append(host)
        _ip("netns", "add", host)
        _ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", host)
        _ip("link", "set", link, "master", self.name, "up")
        _ip("-n", host, "address", "add", f"{self.net}.{number}/24", "dev", "eth0")
        _ip("-n", host, "link", "set", "eth0", "up")
        _ip("-n", host, "link", "set", "lo", "up")
        return host

    def unplug(self, host: str) -> None:
        """Take its link down: what is sent is lost, and no connection is closed."""
        _ip("link", "set", f"{self.name}v{self.hosts.index(host) + 1}", "down")

    @property
    def address(self) -> str:
        """The scheduler's, which runs on this machine."""
        return f"tls://{self.net}.254:8786"

    def start_scheduler(self) -> None:
        """Start it, and wait until it listens."""
        self._start("scheduler", [], "scheduler", self.address)

    def start_worker(self, host: str, *options: str, under: Sequence[str] = ()) -> None:
        """Start a worker with one slot, and wait until it has reached the scheduler.

        Parameters
        ----------
        host : str
        *options : str
            More options of `automl cluster worker`.
        under : sequence of str
            A command to run it with.
        """
        # A name of its own, which is the host's for whoever asks there, and no studies to be seen.
        studies = studies_folder().absolute()
        studies.mkdir(parents=True, exist_ok=True)
        on_host = ["ip", "netns", "exec", host, "unshare", "--uts", "--mount", "sh", "-c"]
        hide = 'mount -t tmpfs none "$1" && shift && hostname "$0" && exec "$@"'
        on_host += [hide, host, str(studies), *under]
        self._start(host, on_host, "worker", self.address, "--slots", "1", *options)

    def wait_for_slots(self, slots: int) -> None:
        """Wait until so many slots have registered: on a busy machine each takes a minute."""
        from distributed import Client

        trusted = security("client", self.folder / "cluster")
        with Client(self.address, security=trusted, set_as_default=False) as client:
            client.wait_for_workers(slots)

    def _start(self, name: str, on_host: list[str], *words: str) -> None:
        command = [*on_host, sys.executable, "-m", "automl", "cluster", *words]
        with (self.folder / f"{name}.err").open("w") as errors:
            self._programs[name] = program = subprocess.Popen(
                [*command, "--folder", str(self.folder / "cluster")],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
                env={**os.environ, "TMPDIR": str(self.folder)},
            )
        assert program.stdout is not None
        while "at tls://" not in (said := program.stdout.readline()) and "serve" not in said:
            if not said:
                raise RuntimeError((self.folder / f"{name}.err").read_text())

    def kill(self, name: str) -> None:
        """Kill a program (a host's worker, or the scheduler) with all its children, at once."""
        for pid in _family(self._programs[name].pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 9)
        self._programs[name].wait()

    def close(self) -> None:
        """End every program, and take the network away."""
        for name, program in self._programs.items():
            self.kill(name)
            if program.stdout is not None:
                program.stdout.close()
        for host in self.hosts:
            _ip("netns", "delete", host)
        _ip("link", "delete", self.name)


def _ip(*words: str) -> None:
    try:
        subprocess.run(["ip", *words], check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        raise OSError(f"ip {' '.join(words)}: {error.stderr.strip()}") from None


def _family(pid: int) -> list[int]:
    """Return a process and all that it has started, and these."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            child, rest = path.read_text().split(" (", 1)
            parents.setdefault(int(rest.rpartition(")")[2].split()[1]), []).append(int(child))
    found = [pid]
    for known in found:  # which grows
        found += parents.get(known, [])
    return found


@contextlib.contextmanager
def laboratory(folder: Path) -> Iterator[Lab]:
    """A lab that is cleared at the end."""
    lab = Lab(folder)
    try:
        yield lab
    finally:
        lab.close()


def search_with_changes(lab: Lab, dataset: str, trials: int, **options: Any) -> list[Any]:
    """Search while hosts come and go; returns the study's trials.

    Parameters
    ----------
    lab : Lab
    dataset : str
    trials : int
    **options
        Of `automl.search`.
    """
    first, second = lab.add(), lab.add()
    lab.start_scheduler()
    lab.start_worker(first)
    lab.start_worker(second)
    lab.wait_for_slots(2)
    third = lab.add()

    def change(progress: Any, record: Any) -> None:
        if len(progress.records) == trials // 3:
            lab.start_worker(third)
            # Both at once: a trial that is lost twice fails, as it should.
            lab.unplug(first)
            lab.kill(second)

    cluster = {"executor": "dask", "cluster": lab.address, "callbacks": [change]}
    automl.search(dataset, study="hosts", trials=trials, deterministic=True, **cluster, **options)
    return automl.read_study("hosts").records


def search_here(dataset: str, trials: int, **options: Any) -> list[Any]:
    """Search the same with processes of this machine; returns the study's trials."""
    here = {"study": "here", "workers": 2, "deterministic": True, **options}
    automl.search(dataset, trials=trials, **here)
    return automl.read_study("here").records


def facts(records: list[Any]) -> list[Facts]:
    """Return what must be the same wherever trials ran."""
    return [
        (
            *(r.number, r.status, dict(r.params), r.valid_score, r.best_epoch, r.n_weights),
            *((e.train_loss, e.valid_loss, e.valid_score) for e in r.history),
        )
        for r in records
    ]


def _since(start: float) -> str:
    return f"{time.monotonic() - start:.0f} s"


def main() -> None:
    """Compare a search on hosts that come and go with one over processes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", default="digits")
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--max-epochs", type=int, default=4)
    given = parser.parse_args()
    options = {**SMALL, "max_epochs": given.max_epochs}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AUTOML_STUDIES"] = f"{folder}/studies"
        os.environ["AUTOML_CLUSTER_FOLDER"] = f"{folder}/cluster"
        with laboratory(Path(folder)) as lab:
            start = time.monotonic()
            there = search_with_changes(lab, given.dataset, given.trials, **options)
            print(f"hosts that come and go: {_since(start)}", dict(Counter(r.host for r in there)))
        start = time.monotonic()
        here = search_here(given.dataset, given.trials, **options)
        print(f"processes: {_since(start)}")
        same = sum(a == b for a, b in zip(facts(there), facts(here), strict=True))
        print(f"{same} of {len(here)} trials are the same")


if __name__ == "__main__":
    main()
