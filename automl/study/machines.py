"""The machines of a study, and whether they compute alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

MACHINES = "automl:machines"
"""Study attribute with what is known of each machine, by the name of its host."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine that jobs of a study ran on.

    Attributes
    ----------
    host : str
    processors : tuple of str
        Models of its processor; several where machines share a name, as containers may.
    trained_on : tuple of str
        Models of what networks were trained on there: processors or GPUs.
    """

    host: str
    processors: tuple[str, ...] = field(default=())
    trained_on: tuple[str, ...] = field(default=())

    def with_one(self, processor: str, trained_on: str) -> Machine:
        """Return it with what another job tells of it; empty text tells nothing."""
        return replace(
            self,
            processors=_joined(self.processors, processor),
            trained_on=_joined(self.trained_on, trained_on),
        )

    @property
    def kinds(self) -> str:
        """What networks were trained on there, or else its processor, in words."""
        return " and ".join(self.trained_on or self.processors) or "unknown processor"


def _joined(known: tuple[str, ...], new: str) -> tuple[str, ...]:
    return known if not new or new in known else (*known, new)


def machines_to_attr(machines: Iterable[Machine]) -> dict[str, Any]:
    """Return the value of the study attribute `MACHINES`."""
    return {
        machine.host: {
            "processors": list(machine.processors),
            "trained_on": list(machine.trained_on),
        }
        for machine in machines
    }


def machines_from_attr(value: Mapping[str, Any]) -> list[Machine]:
    """Read what `machines_to_attr` has written."""
    return [
        Machine(host, tuple(facts["processors"]), tuple(facts["trained_on"]))
        for host, facts in value.items()
    ]


def difference(machines: Sequence[Machine]) -> str | None:
    """Return in words that machines do not compute alike; None when they do, or nobody knows.

    Other processors and GPUs round otherwise, so that one seed gives other last digits.

    Parameters
    ----------
    machines : sequence of Machine
    """
    processors = {name for machine in machines for name in machine.processors}
    trained_on = {name for machine in machines for name in machine.trained_on}
    if len(processors) < 2 and len(trained_on) < 2:
        return None
    what = "processors or GPUs" if trained_on - processors else "processors"
    each = "; ".join(f"{machine.host}: {machine.kinds}" for machine in machines)
    return (
        f"jobs of this study ran on different {what} ({each}): one seed gives other last digits on"
        " each"
    )
