"""New entries of registers: caller numbers, which a second person lets be shown, and versions of scripts.

A script's words never change: another wording is another version, filed anew. A version that no filing names is
refused by the gate until its hash is filed.
"""

import json
from hashlib import sha256
from typing import Final

from dialer.domain.caller_id import CallerIdNumber, CallerIdState
from dialer.domain.campaign import ScriptStep
from dialer.domain.purpose import Purpose
from dialer.services.views.register_words import choices_of
from dialer.services.views.registers import NewScript, RegisterKind, ScriptList, ScriptPart, ScriptVersionView
from dialer.services.views.words import Declined, Sentence
from dialer.storage.consent_registers import (
    NOT_THERE,
    OWN_ACT,
    TAKEN,
    Editor,
    changed,
    read_register,
    void_permits,
    write_register,
)
from dialer.storage.facts_caller import script_text
from dialer.storage.log import LogWriter
from dialer.storage.sql import Row, Tx
from dialer.storage.tables_organisation import CallerId, Script

_NUMBER: Final = RegisterKind.CALLER_NUMBER
NOT_A_NUMBER: Final = Declined(
    "caller_number.malformed",
    Sentence(
        "主叫号码应为 3 至 15 位数字，可带 +。", "A caller number is 3 to 15 digits, with or without +."
    ),
)
NOT_FROM_HERE: Final = Declined(
    "caller_number.not_from_here",
    Sentence("号码当前状态不能这样操作。", "The number's state doesn't allow that now."),
)


def add_number(tx: Tx, log: LogWriter, editor: Editor, entry: str, number: str) -> Declined | None:
    """Register a number: nobody is called with it before another person has let it be shown."""
    try:
        known = CallerIdNumber(number)
    except ValueError:
        return NOT_A_NUMBER
    if tx.one("SELECT id FROM caller_id WHERE id = :id OR number = :number", id=entry, number=known.digits):
        return TAKEN
    tx.insert(
        CallerId(
            id=entry,
            org_id=editor.org_id,
            number=known.digits,
            state=str(CallerIdState.REGISTERED),
            register_json=json.dumps({"registered_by": editor.user_id}),
        )
    )
    changed(tx, log, editor, {"register": str(_NUMBER), "entry": entry, "added": known.digits})
    return None


def activate_number(tx: Tx, log: LogWriter, editor: Editor, entry: str) -> Declined | None:
    """Let a number be shown; not by who registered it, nor by who suspended it."""
    register = read_register(tx, editor.org_id, _NUMBER, entry)
    if register is None:
        return NOT_THERE
    if editor.user_id in (register.get("registered_by"), register.get("suspended_by")):
        return OWN_ACT
    done = tx.run(
        "UPDATE caller_id SET state = :active WHERE id = :id AND state IN (:registered, :suspended)",
        id=entry,
        active=str(CallerIdState.ACTIVE),
        registered=str(CallerIdState.REGISTERED),
        suspended=str(CallerIdState.SUSPENDED),
    )
    if done != 1:
        return NOT_FROM_HERE
    register.pop("suspended_by", None)
    write_register(tx, _NUMBER, entry, register)
    changed(tx, log, editor, {"register": str(_NUMBER), "entry": entry, "to": str(CallerIdState.ACTIVE)})
    return None


def suspend_number(tx: Tx, log: LogWriter, editor: Editor, entry: str, why: str) -> Declined | None:
    """Show a number no more; its issued permits are void at once."""
    register = read_register(tx, editor.org_id, _NUMBER, entry)
    if register is None:
        return NOT_THERE
    done = tx.run(
        "UPDATE caller_id SET state = :suspended WHERE id = :id AND state = :active",
        id=entry,
        active=str(CallerIdState.ACTIVE),
        suspended=str(CallerIdState.SUSPENDED),
    )
    if done != 1:
        return NOT_FROM_HERE
    write_register(tx, _NUMBER, entry, register | {"suspended_by": editor.user_id})
    changed(
        tx,
        log,
        editor,
        {"register": str(_NUMBER), "entry": entry, "to": str(CallerIdState.SUSPENDED), "why": why},
    )
    void_permits(tx, log, editor, _NUMBER, entry)
    return None


def add_script(tx: Tx, log: LogWriter, editor: Editor, new: NewScript) -> str | Declined:
    """A new version of a script, not filed yet; its id."""
    known = [r for r in _scripts(tx, editor.org_id) if family_of(r.id) == new.family]
    version = max((int(r.version) for r in known), default=0) + 1
    entry = f"{new.family}-{version}"
    if tx.one("SELECT id FROM script WHERE id = :id", id=entry) is not None:
        return TAKEN
    parts = json.dumps(
        [{"key": p.key, "zh": p.zh, "en": p.en, "required": p.required} for p in new.parts],
        ensure_ascii=False,
    )
    digest = sha256(script_text(parts).encode()).hexdigest()
    register = {
        "purpose": str(new.purpose),
        "steps": sorted(str(step) for step in new.steps),
        "registered_by": editor.user_id,
    }
    tx.insert(
        Script(
            id=entry,
            org_id=editor.org_id,
            version=version,
            sha256=digest,
            parts_json=parts,
            register_json=json.dumps(register),
        )
    )
    changed(tx, log, editor, {"register": str(RegisterKind.SCRIPT), "entry": entry, "added": digest})
    return entry


def script_list(tx: Tx, org: str) -> ScriptList:
    """Every version with its words, whether they are filed, and which campaigns speak them."""
    used: dict[str, list[Sentence]] = {}
    for row in tx.all(
        "SELECT script_id, name_zh, name_en FROM campaign WHERE org_id = :org ORDER BY name_zh", org=org
    ):
        used.setdefault(row.script_id, []).append(Sentence(row.name_zh, row.name_en))
    rows = sorted(_scripts(tx, org), key=lambda r: (family_of(r.id), -int(r.version)))
    return ScriptList(
        tuple(_version(row, used.get(row.id, [])) for row in rows),
        choices_of(ScriptStep),
        choices_of(Purpose),
    )


def family_of(script: str) -> str:
    """What the versions of a script have in common: its id without the number at its end."""
    family, _, number = script.rpartition("-")
    return family if number.isdigit() and family else script


def _scripts(tx: Tx, org: str) -> list[Row]:
    return list(tx.all("SELECT * FROM script WHERE org_id = :org", org=org))


def _version(row: Row, campaigns: list[Sentence]) -> ScriptVersionView:
    register = json.loads(row.register_json)
    digest = sha256(script_text(row.parts_json).encode()).hexdigest()
    purpose = register.get("purpose")
    return ScriptVersionView(
        id=row.id,
        family=family_of(row.id),
        version=int(row.version),
        sha256=digest,
        filed=register.get("filed_sha256") == digest,
        purpose=purpose if isinstance(purpose, str) else None,
        steps=tuple(register.get("steps", ())),
        parts=tuple(
            ScriptPart(p["key"], p["zh"], p["en"], bool(p.get("required", False)))
            for p in json.loads(row.parts_json)
        ),
        campaigns=tuple(campaigns),
    )
