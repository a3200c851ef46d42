"""How far a file on its way in has come: written by whoever reads it, looked at by whoever asks."""

from dataclasses import dataclass


@dataclass(slots=True)
class Progress:
    """Plain counters, so that one thread may write them while another reads. `done` of `whole` in
    one unit (bytes, lines); `whole` 0: not known yet."""

    rows: int = 0
    done: int = 0
    whole: int = 0

    @property
    def percent(self) -> int:
        """0 to 100; 100 only when all was read."""
        if self.whole == 0:
            return 0
        return min(100, 100 * self.done // self.whole)
