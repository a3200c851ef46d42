"""Objects in an S3-compatible store: create-only, with Object Lock where it is set, read back after every write.

boto3 and not obstore: a lock is set and read back per object, and obstore's HEAD doesn't show one. What the store answers
is believed only where it names length, checksum and lock of the very object.
"""

import base64
import hashlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from dialer.compliance.facts import VaultState
from dialer.domain.errors import VaultUnavailable
from dialer.vault.objects import PIECE_BYTES, Fault

CONNECT_SECONDS_MAX: Final = 5
READ_SECONDS_MAX: Final = 60
TRIES_MAX: Final = 2
PROBE_BYTES: Final = b"probe"
LOCK_SLACK: Final = timedelta(minutes=5)
_GONE: Final = frozenset({"404", "NoSuchKey", "NotFound"})


@dataclass(frozen=True, slots=True)
class S3Place:
    """One bucket. `lock_days`: for how long nobody can delete an object (compliance mode); None: no lock."""

    endpoint: str
    bucket: str
    signing_region: str
    access_key: str
    secret_key: str
    lock_days: int | None
    ca_file: str | None


def _now() -> datetime:
    return datetime.now(UTC)


class S3Objects:
    """`Objects` in one bucket."""

    def __init__(self, place: S3Place, now: Callable[[], datetime] = _now) -> None:
        self._place = place
        self._now = now
        self._wrote_last = True
        self._client: Any = boto3.client(
            "s3",
            endpoint_url=place.endpoint,
            region_name=place.signing_region,
            aws_access_key_id=place.access_key,
            aws_secret_access_key=place.secret_key,
            verify=place.ca_file,
            config=Config(
                connect_timeout=CONNECT_SECONDS_MAX,
                read_timeout=READ_SECONDS_MAX,
                retries={"total_max_attempts": TRIES_MAX},
                s3={"addressing_style": "path"},
            ),
        )

    def state(self, region: str) -> VaultState:
        """Asks for the bucket and its lock; after a failed write also writes and removes a small object."""
        try:
            self._client.head_bucket(Bucket=self._place.bucket)
            if self._place.lock_days is not None and not self._locks():
                return VaultState.UNREACHABLE
            if not self._wrote_last:
                self._probe()
        except (ClientError, BotoCoreError):
            return VaultState.UNREACHABLE
        return VaultState.WRITABLE

    def put(self, region: str, name: str, content: bytes) -> str:
        path = f"{name[:2]}/{name}"
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        until = self._until()
        lock: dict[str, Any] = {}
        if until is not None:
            # stores demand this header beside a lock, whatever other checksum is there
            md5 = base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
            lock = {
                "ObjectLockMode": "COMPLIANCE",
                "ObjectLockRetainUntilDate": until,
                "ContentMD5": md5,
            }
        try:
            self._client.put_object(
                Bucket=self._place.bucket,
                Key=path,
                Body=content,
                ChecksumSHA256=digest,
                IfNoneMatch="*",
                **lock,
            )
            kept = self._head(path)
        except (ClientError, BotoCoreError) as failure:
            self._wrote_last = False
            raise VaultUnavailable("an object can't be written") from failure
        self._wrote_last = True
        if kept is None or kept.get("ContentLength") != len(content):
            raise VaultUnavailable("an object that was written is not there as it was written")
        if kept.get("ChecksumSHA256", digest) != digest:
            raise VaultUnavailable("an object that was written has another checksum")
        if until is not None and not _is_locked(kept, until - LOCK_SLACK):
            raise VaultUnavailable("an object that was written is not locked as it has to be")
        return path

    def pieces(self, path: str) -> Iterator[bytes]:
        try:
            body = self._client.get_object(Bucket=self._place.bucket, Key=path)["Body"]
            rest = b""
            for part in body.iter_chunks(PIECE_BYTES):
                rest += part
                while len(rest) >= PIECE_BYTES:
                    yield rest[:PIECE_BYTES]
                    rest = rest[PIECE_BYTES:]
            if rest:
                yield rest
        except (ClientError, BotoCoreError) as failure:
            raise VaultUnavailable("an object can't be read") from failure

    def remove(self, path: str) -> None:
        """Every version of it: a delete marker alone would leave the ciphertext there."""
        try:
            listed = self._client.list_object_versions(Bucket=self._place.bucket, Prefix=path)
            versions = [
                *(v for v in listed.get("Versions", []) if v["Key"] == path),
                *(v for v in listed.get("DeleteMarkers", []) if v["Key"] == path),
            ]
            for version in versions:
                self._client.delete_object(
                    Bucket=self._place.bucket, Key=path, VersionId=version["VersionId"]
                )
        except (ClientError, BotoCoreError) as failure:
            raise VaultUnavailable("an object can't be deleted, or not yet") from failure

    def is_there(self, path: str) -> bool:
        try:
            return self._head(path) is not None
        except (ClientError, BotoCoreError):
            return False

    def fault(self, path: str, size_bytes: int) -> Fault | None:
        try:
            kept = self._head(path)
        except (ClientError, BotoCoreError) as failure:
            raise VaultUnavailable("an object can't be looked at") from failure
        if kept is None:
            return Fault.MISSING
        if kept.get("ContentLength") != size_bytes:
            return Fault.ALTERED
        if self._place.lock_days is None:
            return None
        due = kept["LastModified"] + timedelta(days=self._place.lock_days) - LOCK_SLACK
        return None if due <= self._now() or _is_locked(kept, due) else Fault.UNLOCKED

    def _until(self) -> datetime | None:
        days = self._place.lock_days
        return None if days is None else self._now() + timedelta(days=days)

    def _locks(self) -> bool:
        said = self._client.get_object_lock_configuration(Bucket=self._place.bucket)
        return bool(said.get("ObjectLockConfiguration", {}).get("ObjectLockEnabled") == "Enabled")

    def _probe(self) -> None:
        key = f"probe/{secrets.token_hex(8)}"
        self._client.put_object(Bucket=self._place.bucket, Key=key, Body=PROBE_BYTES)
        self._client.delete_object(Bucket=self._place.bucket, Key=key)
        self._wrote_last = True

    def _head(self, path: str) -> dict[str, Any] | None:
        try:
            found = self._client.head_object(Bucket=self._place.bucket, Key=path, ChecksumMode="ENABLED")
        except ClientError as failure:
            if failure.response["Error"]["Code"] in _GONE:
                return None
            raise
        return dict(found)


def _is_locked(kept: dict[str, Any], until: datetime) -> bool:
    held: datetime | None = kept.get("ObjectLockRetainUntilDate")
    return kept.get("ObjectLockMode") == "COMPLIANCE" and held is not None and held >= until
