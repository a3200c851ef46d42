"""The messages of `/api/events`: always a whole view, so that one that was missed is made good by the next."""

from dataclasses import dataclass
from typing import Literal

from dialer.services.views.desk import DeskView
from dialer.services.views.floor import FloorView
from dialer.services.views.session import StatusView


@dataclass(frozen=True, slots=True)
class DeskEvent:
    """The agent's desk. `seq` counts up within one connection."""

    seq: int
    type: Literal["desk"]
    data: DeskView


@dataclass(frozen=True, slots=True)
class FloorEvent:
    """The supervisor's floor."""

    seq: int
    type: Literal["floor"]
    data: FloorView


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """The line at the top of every page."""

    seq: int
    type: Literal["status"]
    data: StatusView
