"""Who signs the log's heads and who watches them."""

from typing import Protocol


class Signer(Protocol):
    """The process that holds the log's key."""

    async def sign(self, body: bytes, proof: tuple[bytes, ...]) -> bytes | int:
        """The signed note over a checkpoint's body; an int: the last size that the signer knows, nothing was signed.

        Raises:
            SignerUnavailable: no note was made; the log goes on.
        """
        ...

    async def sign_bundle(self, message: bytes) -> bytes:
        """An Ed25519 signature of the bundle key.

        Raises:
            SignerUnavailable: there is none.
        """
        ...


class WitnessDoor(Protocol):
    """The process, under another user and on another host where there is one, that cosigns heads."""

    async def add(self, old_size: int, note: bytes, proof: tuple[bytes, ...]) -> str | int:
        """The cosignature's line; an int: the last size that the witness knows, nothing was cosigned.

        Raises:
            SignerUnavailable: no cosignature; what is signed stands, its exposure grows.
        """
        ...


class Heads(Protocol):
    """The log's heads in the database."""

    async def checkpoint_body(self) -> tuple[int, bytes]:
        """Size and body of the checkpoint of this moment (root, DNC root)."""
        ...

    async def consistency(self, old_size: int, new_size: int) -> tuple[bytes, ...]:
        """The proof that the log of `new_size` extends the one of `old_size`."""
        ...

    async def keep_note(self, size: int, note: bytes) -> None:
        """Keep a signed note."""
        ...

    async def keep_cosignature(self, size: int, line: str) -> None:
        """Add a witness's line to a kept note."""
        ...

    async def sizes(self) -> tuple[int, int]:
        """Sizes of the newest signed and of the newest cosigned checkpoint."""
        ...

    async def note(self, size: int) -> bytes:
        """A kept note."""
        ...
