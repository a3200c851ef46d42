"""`dialer declare-loss`: an operator answers for what a restore could not bring back; only then the witness follows again."""

import json
from contextlib import closing
from datetime import UTC, datetime

from dialer.domain.errors import InstallationError
from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.processes.commands import Say
from dialer.processes.keys import require_stopped
from dialer.processes.opening import open_log, open_store
from dialer.settings import Settings
from dialer.signing.checkpointing import LastHead
from dialer.storage.backup import STOP, lift_restored
from dialer.storage.log import Draft
from dialer.storage.sql import Tx
from dialer.vault.keyring import NoSubjectKeys

STATES = ("signer", "witness")


def declare_loss(settings: Settings, login: str, reason: str, say: Say) -> int:
    """Put on the log what is lost and who says so, lift the stop, and let signer and witness follow from here.

    What the witness saw before is kept in a file beside its state, for ever: the declaration hides nothing.
    """
    require_stopped(settings)
    heads = {name: LastHead(settings.folders.run / f"{name}.state") for name in STATES}
    before = {name: head.read(settings.origin) for name, head in heads.items()}
    log = open_log(settings, NoSubjectKeys(), "restore")

    def work(tx: Tx) -> tuple[int, bytes]:
        user = tx.one(
            "SELECT id FROM user_account WHERE login = :login AND role = 'administrator' AND disabled_us IS NULL",
            login=login,
        )
        if user is None:
            raise InstallationError(f"{login} is no administrator")
        if (
            tx.one("SELECT 1 AS there FROM dialling_stop WHERE code = :code AND lifted_us IS NULL", code=STOP)
            is None
        ):
            raise InstallationError("nothing was restored that waits for a declaration")
        head = tx.sole("SELECT size, root FROM log_head WHERE id = 1")
        says: dict[str, Json] = {
            "restored": int(head.size),
            "witness_size": before["witness"][0],
            "witness_root": before["witness"][1].hex(),
            "why": reason,
        }
        draft = Draft(EventType.CONFIG_CHANGED, Actor(ActorKind.USER, str(user.id)), says)
        log.append(tx, draft, tx.now_us())
        lift_restored(tx)
        return int(head.size), bytes(head.root)

    with closing(open_store(settings, "restore")) as store:
        size, root = store.write_now(work)
    for name, head in heads.items():
        seen_size, seen_root = before[name]
        said = {
            "at": datetime.now(UTC).isoformat(),
            "by": login,
            "size": seen_size,
            "root": seen_root.hex(),
            "goes_on_from": size,
        }
        with (settings.folders.run / f"{name}.declared").open("a", encoding="utf-8") as file:
            file.write(json.dumps(said) + "\n")
        head.write(settings.origin, size, root)
    lost = max(0, before["witness"][0] - size)
    say(f"{lost} leaves that the witness saw are declared lost; it goes on from {size}")
    return 0
