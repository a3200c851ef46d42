"""Key files: made once at installation, each readable by the one process that uses it."""

import base64
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nacl.public import PrivateKey
from nacl.signing import SigningKey

from dialer.domain.errors import InstallationError
from dialer.evidence.canonical import EvidenceFormatError
from dialer.evidence.trust import KeyUse, Trust, TrustedKey, parse_trust
from dialer.evidence.vrf import vrf_key

SECRET_MODE: Final = 0o600


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """Where the keys of one installation lie. Each folder belongs to one process's user."""

    root: Path

    @property
    def master_key(self) -> Path:
        return self.root / "dialer" / "master.key"

    @property
    def pepper(self) -> Path:
        return self.root / "dialer" / "pepper.key"

    @property
    def dnc_vrf(self) -> Path:
        return self.root / "dialer" / "dnc-vrf.key"

    def dnc_vrf_past(self, public: bytes) -> Path:
        """A VRF key that handed over: it goes on answering for the places that it gave."""
        return self.root / "dialer" / f"dnc-vrf-{public.hex()[:16]}.key"

    @property
    def gate_private(self) -> Path:
        return self.root / "gate" / "permit.key"

    @property
    def gate_public(self) -> Path:
        return self.root / "public" / "gate.pub"

    @property
    def log_private(self) -> Path:
        return self.root / "signer" / "log.key"

    @property
    def log_public(self) -> Path:
        return self.root / "public" / "log.pub"

    @property
    def bundle_private(self) -> Path:
        return self.root / "signer" / "bundle.key"

    @property
    def bundle_public(self) -> Path:
        return self.root / "public" / "bundle.pub"

    @property
    def dnc_public(self) -> Path:
        return self.root / "public" / "dnc.pub"

    @property
    def witness_private(self) -> Path:
        return self.root / "witness" / "witness.key"

    @property
    def witness_public(self) -> Path:
        return self.root / "public" / "witness.pub"

    # after a rotation, the keys with their ranges; before the first there is none
    @property
    def trust(self) -> Path:
        return self.root / "public" / "trust.json"


def write_secret(path: Path, content: bytes) -> None:
    """Create `path` with `content`, readable by its owner alone; never overwrites."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, SECRET_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def read_secret(path: Path) -> bytes:
    """The content of a key file.

    Raises:
        InstallationError: missing, or readable by others.
    """
    return base64.b64decode(_read_private(path))


def read_secret_text(path: Path) -> str:
    """A secret that somebody else made, such as a store's access key, without the end of its line.

    Raises:
        InstallationError: missing, or readable by others.
    """
    return _read_private(path).decode("utf-8", "replace").strip()


def _read_private(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
    except OSError as missing:
        raise InstallationError(f"key file {path.name} is missing or not readable by this user") from missing
    if stat.S_IMODE(mode) & 0o077:
        raise InstallationError(
            f"key file {path.name} is readable by others: chmod 600 it and consider the key lost"
        )
    return path.read_bytes()


def read_public(path: Path) -> bytes:
    """The content of a public key file."""
    try:
        return base64.b64decode(path.read_bytes())
    except OSError as missing:
        raise InstallationError(f"public key {path.name} is missing") from missing


def make_keys(files: KeyFiles) -> None:
    """Make every key that is not there yet. Safe to repeat."""
    for path in (files.master_key, files.pepper, files.dnc_vrf):
        if not path.exists():
            write_secret(path, base64.b64encode(secrets.token_bytes(32)))
    public = files.root / "public"
    public.mkdir(parents=True, exist_ok=True)
    if not files.gate_private.exists():
        gate = PrivateKey.generate()
        write_secret(files.gate_private, base64.b64encode(bytes(gate)))
        files.gate_public.write_bytes(base64.b64encode(bytes(gate.public_key)))
    if not files.dnc_public.exists():
        files.dnc_public.write_bytes(base64.b64encode(vrf_key(read_secret(files.dnc_vrf)).public))
    for private, published in (
        (files.log_private, files.log_public),
        (files.bundle_private, files.bundle_public),
        (files.witness_private, files.witness_public),
    ):
        if not private.exists():
            signing = SigningKey.generate()
            write_secret(private, base64.b64encode(bytes(signing)))
            published.write_bytes(base64.b64encode(bytes(signing.verify_key)))


def trust_of(files: KeyFiles, origin: str) -> Trust:
    """The installation's own keys, as `trust.json` states them to an auditor.

    Raises:
        InstallationError: its file is malformed or another log's.
    """
    if files.trust.exists():
        try:
            trust = parse_trust(files.trust.read_bytes())
        except (OSError, EvidenceFormatError) as wrong:
            raise InstallationError("the installation's trust.json can't be read") from wrong
        if trust.log != origin:
            raise InstallationError("the installation's trust.json is of another log")
        return trust
    return Trust(
        origin,
        (
            TrustedKey(KeyUse.LOG, origin, read_public(files.log_public), 0, None),
            TrustedKey(KeyUse.WITNESS, f"{origin}/witness", read_public(files.witness_public), 0, None),
            TrustedKey(KeyUse.BUNDLE, f"{origin}/bundle", read_public(files.bundle_public), 0, None),
            TrustedKey(KeyUse.VRF, f"{origin}/dnc", read_public(files.dnc_public), 0, None),
        ),
    )
