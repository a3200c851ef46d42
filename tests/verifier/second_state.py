"""What the second verifier has established so far about one bundle."""

from typing import Any


class State:
    """What has been established so far."""

    def __init__(self, data: bytes, pinned: bytes | None) -> None:
        self.data, self.pinned = data, pinned
        self.files: dict[str, bytes] = {}
        self.leaves: dict[int, dict[str, Any]] = {}
        self.hash: dict[int, bytes] = {}
        self.opened: dict[int, dict[str, Any]] = {}
        self.hidden: set[tuple[int, str]] = set()
        self.earlier: dict[int, dict[str, Any]] = {}
        self.places: dict[tuple[str, str], bytes] = {}
        self.consuming: int | None = None
        self.manifest: dict[str, Any] = {}
        self.envelope: dict[str, Any] = {}
        self.keys: dict[str, Any] = {}
        self.note: dict[str, Any] = {}
        self.proofs: dict[str, Any] = {}

    def lacks(self, what: str) -> bool:
        return any(part["what"] == what for part in self.manifest["missing"])

    def own(self) -> list[int]:
        wanted = self.manifest["attempt_id"]
        return sorted(s for s, leaf in self.leaves.items() if leaf.get("attempt_id") == wanted)

    def says(self, seq: int, name: str) -> Any:
        return self.opened.get(seq, {}).get(name)
