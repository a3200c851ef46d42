"""The product's time."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The product's time."""

    def now(self) -> datetime:
        """Aware UTC, with the installation's offset added (non-zero on the demo profile only)."""
        ...
