"""Which of two pictures of one thing is the later."""

import itertools
import secrets
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Taken:
    """When a picture was taken: `by` one start of the server, as its `number`th; of two by one the larger is the later."""

    by: str
    number: int


class Shutter:
    """Numbers the pictures that are taken since this start."""

    def __init__(self) -> None:
        self._by = secrets.token_hex(8)
        self._numbers = itertools.count()

    def taken(self) -> Taken:
        """Of a picture taken now."""
        return Taken(self._by, next(self._numbers))
