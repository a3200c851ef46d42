"""The leaf of a consent that a person gives here: on the form, on the inbound line, in a talk."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor, EventType
from dialer.storage.log import Draft, LogWriter, Subject
from dialer.storage.sql import Row, Tx


@dataclass(frozen=True, slots=True)
class ConsentLeaf:
    """What a consent's leaf says. `says`: disclosures without the files. `subject`: row with `sid`, `wrapped_key`."""

    org_id: str
    consent_id: str
    subject: Row
    actor: Actor
    says: dict[str, Json]
    files: Mapping[str, bytes]


def consent_files(files: Mapping[str, bytes]) -> list[Json]:
    """Each file of a consent by name, size in bytes and hash, in the order of names (`consent.files`)."""
    return [
        {"bytes": len(files[name]), "name": name, "sha256": sha256(files[name]).hexdigest()}
        for name in sorted(files)
    ]


def append_consent(tx: Tx, log: LogWriter, leaf: ConsentLeaf, now_us: int) -> int:
    """Write `consent.recorded`; its place on the log."""
    draft = Draft(
        type=EventType.CONSENT_RECORDED,
        actor=leaf.actor,
        says={**leaf.says, "consent.files": consent_files(leaf.files)},
        org=leaf.org_id,
        consent_id=leaf.consent_id,
        subject=Subject(leaf.subject.sid, bytes(leaf.subject.wrapped_key)),
    )
    return log.append(tx, draft, now_us)
