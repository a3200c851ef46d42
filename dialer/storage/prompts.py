"""The register of prompts in the database: text, language, file hash, approval. Each change is a leaf.

A predictive mode leaves people alone now and then, and they must hear who called: without an approved notice in the
organisation's language the mode is unknown to the gate, and what is unknown refuses.
"""

from dataclasses import dataclass
from typing import Final

from dialer.compliance.facts import Known, Unknown
from dialer.domain.campaign import PacingMode
from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor, EventType
from dialer.storage.log import Draft, LogWriter
from dialer.storage.sql import Row, Tx
from dialer.storage.tables_prompts import PromptRow

DRAFT: Final = "draft"
APPROVED: Final = "approved"
_PREDICTIVE: Final = frozenset({PacingMode.PREDICTIVE, PacingMode.PREDICTIVE_PROVABLE})


@dataclass(frozen=True, slots=True)
class SpokenText:
    """What a prompt says, and the SHA-256 (hex) of its file."""

    name: str
    language: str
    text: str
    sha256: str


def register_prompt(tx: Tx, log: LogWriter, org: str, spoken: SpokenText, actor: Actor) -> bool:
    """Put a prompt on the register, as a draft; False when it stands there with that very text and file."""
    known = _row(tx, org, spoken.name)
    if known is not None and (known.text, known.sha256) == (spoken.text, spoken.sha256):
        return False
    tx.run("DELETE FROM prompt WHERE org_id = :org AND name = :name", org=org, name=spoken.name)
    tx.insert(
        PromptRow(
            id=f"{org}/{spoken.name}",
            org_id=org,
            name=spoken.name,
            language=spoken.language,
            text=spoken.text,
            sha256=spoken.sha256,
            state=DRAFT,
            changed_by=f"{actor.kind}:{actor.id}",
            changed_us=tx.now_us(),
        )
    )
    _say(tx, log, org, spoken.name, spoken.sha256, DRAFT, actor)
    return True


def approve_prompt(tx: Tx, log: LogWriter, org: str, name: str, sha256: str, actor: Actor) -> bool:
    """Approve the file that was listened to, named by its hash; False where the register has another or none."""
    changed = tx.run(
        "UPDATE prompt SET state = :approved, approved_by = :by, approved_us = NOW_US"
        " WHERE org_id = :org AND name = :name AND sha256 = :sha256",
        approved=APPROVED,
        by=f"{actor.kind}:{actor.id}",
        org=org,
        name=name,
        sha256=sha256,
    )
    if changed == 1:
        _say(tx, log, org, name, sha256, APPROVED, actor)
    return changed == 1


def prompts_of(tx: Tx, org: str) -> list[Row]:
    """Every prompt of an organisation, by name."""
    return tx.all("SELECT * FROM prompt WHERE org_id = :org ORDER BY name", org=org)


def mode_with_notice(tx: Tx, org: str, mode: PacingMode) -> Known[PacingMode]:
    """The campaign's mode; unknown where it may abandon somebody and no approved notice would tell them who called."""
    if mode not in _PREDICTIVE:
        return mode
    row = tx.one(
        "SELECT 1 AS there FROM prompt WHERE org_id = :org AND name LIKE 'notice-%' AND state = :approved LIMIT 1",
        org=org,
        approved=APPROVED,
    )
    return mode if row is not None else Unknown("no notice for abandoned callees is approved")


def _row(tx: Tx, org: str, name: str) -> Row | None:
    return tx.one("SELECT * FROM prompt WHERE org_id = :org AND name = :name", org=org, name=name)


def _say(tx: Tx, log: LogWriter, org: str, name: str, sha256: str, state: str, actor: Actor) -> None:
    says: dict[str, Json] = {"prompt": name, "prompt.sha256": sha256, "state": state}
    log.append(tx, Draft(type=EventType.CONFIG_CHANGED, actor=actor, says=says, org=org), tx.now_us())
