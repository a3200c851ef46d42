"""Each organisation's objects in its own region's store (D10, D21); a region without a store keeps nothing.

A path begins with `@` and its region; what has none lies in the local folder, also what was written before stores were set.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from dialer.compliance.facts import VaultState
from dialer.domain.errors import VaultUnavailable
from dialer.vault.objects import Fault, Objects

MARK: Final = "@"


@dataclass(frozen=True, slots=True)
class RegionalObjects:
    """`Objects` over the stores of several regions. `local`: what was kept on this machine; it takes nothing new."""

    stores: Mapping[str, Objects]
    local: Objects

    def state(self, region: str) -> VaultState:
        store = self.stores.get(region)
        return VaultState.UNREACHABLE if store is None else store.state(region)

    def put(self, region: str, name: str, content: bytes) -> str:
        store = self.stores.get(region)
        if store is None:
            raise VaultUnavailable(
                "there is no store in the organisation's region: nothing is kept elsewhere"
            )
        return f"{MARK}{region}/{store.put(region, name, content)}"

    def pieces(self, path: str) -> Iterator[bytes]:
        store, inside = self._of(path)
        return store.pieces(inside)

    def remove(self, path: str) -> None:
        store, inside = self._of(path)
        store.remove(inside)

    def is_there(self, path: str) -> bool:
        store, inside = self._of(path)
        return store.is_there(inside)

    def fault(self, path: str, size_bytes: int) -> Fault | None:
        store, inside = self._of(path)
        return store.fault(inside, size_bytes)

    def _of(self, path: str) -> tuple[Objects, str]:
        if not path.startswith(MARK):
            return self.local, path
        region, _, inside = path.removeprefix(MARK).partition("/")
        store = self.stores.get(region)
        if store is None:
            raise VaultUnavailable("the store of an object's region is not set")
        return store, inside
