"""Which sentences of its script a talk has ticked. They are kept on the log alone: what the desk shows is what is proven.

The leaf `attempt.connected` says which version of the script the agent had before them; each tick is a leaf of its own.
"""

import json
from dataclasses import replace
from typing import Final

from dialer.calls.attempt import AttemptState
from dialer.calls.talk import Tick, Ticked
from dialer.domain.errors import SealBroken
from dialer.evidence.canonical import EvidenceFormatError, Json
from dialer.evidence.payload import Payload
from dialer.evidence.record import Actor, EventType
from dialer.ports.keys import Keyring
from dialer.services.views.desk import ScriptPart, ScriptView
from dialer.services.views.words import Sentence
from dialer.storage.log import LogWriter, open_payload
from dialer.storage.moves import leaf_of_attempt
from dialer.storage.sql import Row, Tx
from dialer.storage.times import moment

TICKS_READ_MAX: Final = 1_000


def script_shown(tx: Tx, campaign: str) -> dict[str, Json]:
    """What the leaf of the connection says about the script: its version as the campaign has it now."""
    row = tx.sole(
        "SELECT s.id, s.version FROM script s JOIN campaign c ON c.script_id = s.id WHERE c.id = :id",
        id=campaign,
    )
    return {"script": row.id, "script_version": int(row.version)}


def ticked_script(tx: Tx, keyring: Keyring, attempt: Row) -> ScriptView | None:
    """The script of a talk, each sentence with the moment of its tick; None where the script isn't known."""
    shown = _disclosed(tx, keyring, attempt.id, EventType.ATTEMPT_CONNECTED)
    script = shown[-1][1].value("script") if shown else None
    if not isinstance(script, str):  # not connected yet, or erased since: the campaign's own
        script = tx.sole("SELECT script_id FROM campaign WHERE id = :id", id=attempt.campaign_id).script_id
    row = tx.one("SELECT id, version, parts_json FROM script WHERE id = :id", id=script)
    if row is None:
        return None
    said: dict[str, int] = {}
    for at_us, payload in _disclosed(tx, keyring, attempt.id, EventType.TALK_SCRIPT_TICKED):
        part = str(payload.value("part"))
        if payload.value("tick") == Tick.SAID:
            said[part] = at_us
        else:
            said.pop(part, None)
    return ScriptView(row.id, row.version, tuple(_with_tick(p, said) for p in _parts(row.parts_json)))


def keep_tick(
    tx: Tx, log: LogWriter, keyring: Keyring, attempt: Row, part: str, tick: Tick, actor: Actor
) -> Ticked:
    """Put a tick, or its taking back, on the log; the same one twice is one leaf."""
    if attempt.state != AttemptState.CONNECTED:
        return Ticked.NOT_IN_TALK
    script = ticked_script(tx, keyring, attempt)
    sentence = None if script is None else next((p for p in script.parts if p.key == part), None)
    if script is None or sentence is None:
        return Ticked.NO_SUCH_SENTENCE
    if (sentence.said_at is not None) != (tick is Tick.SAID):
        says: dict[str, Json] = {
            "script": script.id,
            "script_version": script.version,
            "part": part,
            "tick": str(tick),
            "required": "yes" if sentence.required else "no",
        }
        leaf_of_attempt(tx, log, attempt, EventType.TALK_SCRIPT_TICKED, actor, says)
    return Ticked.KEPT


def _parts(parts_json: str) -> tuple[ScriptPart, ...]:
    return tuple(
        ScriptPart(part["key"], Sentence(part["zh"], part["en"]), bool(part.get("required", False)))
        for part in json.loads(parts_json)
    )


def _with_tick(part: ScriptPart, said: dict[str, int]) -> ScriptPart:
    at_us = said.get(part.key)
    return part if at_us is None else replace(part, said_at=moment(at_us))


def _disclosed(tx: Tx, keyring: Keyring, attempt: str, kind: EventType) -> list[tuple[int, Payload]]:
    """When and what the attempt's leaves of a type say, oldest first; what is erased or altered says nothing here."""
    rows = tx.all(
        "SELECT seq, body FROM leaf WHERE attempt_id = :id AND type = :type ORDER BY seq LIMIT :most",
        id=attempt,
        type=str(kind),
        most=TICKS_READ_MAX,
    )
    found = []
    for row in rows:
        try:
            payload = open_payload(tx, keyring, row.seq)
        except (SealBroken, EvidenceFormatError):
            continue
        if payload is not None:
            found.append((int(json.loads(bytes(row.body))["ts"]), payload))
    return found
