"""`dialer keys show|rotate|replace`: while everything is stopped, so that no head is signed between two keys."""

import socket
from collections.abc import Callable
from contextlib import closing
from enum import StrEnum
from typing import TypeVar

from dialer.domain.errors import InstallationError
from dialer.evidence.canonical import Json
from dialer.evidence.payload import parse_payload
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.evidence.trust import KeyUse, Rotation, Trust, rotation_holds, rotation_of
from dialer.processes.commands import Say
from dialer.processes.opening import key_place, open_log, open_store
from dialer.settings import Settings
from dialer.signing.keys import KeyFiles, trust_of
from dialer.signing.places import FileKeyPlace, KeyPlace
from dialer.signing.rotation import ended, finish, hand_over, in_use, put_in_force
from dialer.storage.dnc import count_new_key
from dialer.storage.log import Draft
from dialer.storage.sql import Tx
from dialer.vault.keyring import NoSubjectKeys

T = TypeVar("T")
_ACTOR = Actor(ActorKind.PROCESS, "keys")


class Why(StrEnum):
    """Why a key is ended without its own word."""

    LOST = "lost"
    STOLEN = "stolen"


def show(settings: Settings, say: Say) -> int:
    """Every key with its use, id and range of tree sizes."""
    for key in trust_of(KeyFiles(settings.folders.keys), settings.origin).keys:
        until = "in use" if key.to_size is None else f"to {key.to_size}"
        say(f"{key.use:<8} {key.id():<60} from {key.from_size}, {until}  {key.public.hex()}")
    return 0


def rotate(settings: Settings, use: KeyUse, say: Say) -> int:
    """Hand over to a new key, signed by both, with its leaf; then the old private key is gone.

    The key of the DNC tree stays beside the new one: it answers for the places that it gave.
    """
    files, place = KeyFiles(settings.folders.keys), _place_of(settings, use)
    require_stopped(settings)
    if _finished(settings, files, place, use):
        say("a rotation that was interrupted is finished")
        return show(settings, say)
    trust = trust_of(files, settings.origin)

    def work(seq: int) -> tuple[Rotation, dict[str, Json]]:
        rotation = hand_over(place, trust, use, seq + 1)
        if not rotation_holds(rotation, trust, seq):
            raise InstallationError("the key on disk is not the one in trust.json: nothing was rotated")
        return rotation, rotation.disclosures()

    rotation = _logged(settings, use, work)
    put_in_force(files, place, use, trust.rotated(rotation))
    say(
        "hand the new trust.json to your auditors; those who pinned the old one follow the leaf in each bundle"
    )
    return show(settings, say)


def end_key(settings: Settings, use: KeyUse, why: Why, at_size: int | None, say: Say) -> int:
    """End a key that was lost or stolen: believed up to `at_size` (the log as it stands), a new one from there on.

    A bundle can't tell it: the new trust.json has to reach every auditor by another way.
    """
    files, place = KeyFiles(settings.folders.keys), _place_of(settings, use)
    require_stopped(settings)
    if use is KeyUse.VRF and at_size is not None:
        raise InstallationError(
            "the key of the DNC tree ends where the log stands: what it placed stays there"
        )
    if _finished(settings, files, place, use):
        say("a change that was interrupted is finished")
        return show(settings, say)
    trust = trust_of(files, settings.origin)
    fresh = place.make_next(use)

    def work(seq: int) -> tuple[int, dict[str, Json]]:
        size = seq + 1 if at_size is None else at_size
        if not in_use(trust, use).from_size <= size <= seq + 1:
            raise InstallationError(f"a key can be ended between its beginning and {seq + 1}")
        old = in_use(trust, use).public.hex()
        says: dict[str, Json] = {
            "key.use": str(use),
            "key.old": old,
            "key.new": fresh.public.hex(),
            "key.ended": size,
            "why": str(why),
        }
        return size, says

    size = _logged(settings, use, work, EventType.CONFIG_CHANGED)
    put_in_force(files, place, use, ended(trust, use, fresh.public, size))
    said = "places refusals" if use is KeyUse.VRF else "is believed"
    say(f"the key {said} below {size} only; give the new trust.json to every auditor by a way of its own")
    return show(settings, say)


def _place_of(settings: Settings, use: KeyUse) -> KeyPlace:
    """Where the key of a use lives: that of the DNC tree in its file always, no token makes its proofs."""
    return FileKeyPlace(KeyFiles(settings.folders.keys)) if use is KeyUse.VRF else key_place(settings)


def _finished(settings: Settings, files: KeyFiles, place: KeyPlace, use: KeyUse) -> bool:
    """Finish what a crash interrupted: after its leaf, or after the trust file. False: nothing was begun that counts."""
    trust = trust_of(files, settings.origin)
    if finish(files, place, use, trust):
        return True
    fresh = place.next(use)
    if fresh is None:
        return False

    def said(tx: Tx) -> Trust | None:
        rows = tx.all(
            "SELECT p.ct FROM leaf l JOIN payload p ON p.seq = l.seq"
            " WHERE l.type IN (:rotated, :changed) AND p.sid IS NULL AND p.ct IS NOT NULL ORDER BY l.seq DESC",
            rotated=EventType.KEY_ROTATED,
            changed=EventType.CONFIG_CHANGED,
        )
        for row in rows:
            says = parse_payload(bytes(row.ct))
            if (says.value("key.use"), says.value("key.new")) == (str(use), fresh.public.hex()):
                size = says.value("key.ended")
                if isinstance(size, int):
                    return ended(trust, use, fresh.public, size)
                return trust.rotated(rotation_of(says))
        return None

    with closing(open_store(settings, "keys")) as store:
        begun = store.read_now(said)
    if begun is None:
        return False
    put_in_force(files, place, use, begun)
    return True


def _logged(
    settings: Settings,
    use: KeyUse,
    work: Callable[[int], tuple[T, dict[str, Json]]],
    kind: EventType = EventType.KEY_ROTATED,
) -> T:
    """Append the leaf that `work` words, knowing its place, in the transaction that gives the place."""
    log = open_log(settings, NoSubjectKeys(), "keys")

    def append(tx: Tx) -> T:
        seq = int(tx.sole("SELECT size FROM log_head WHERE id = 1").size)
        value, says = work(seq)
        log.append(tx, Draft(type=kind, actor=_ACTOR, says=says), tx.now_us())
        if use is KeyUse.VRF:
            count_new_key(tx)
        return value

    with closing(open_store(settings, "keys")) as store:
        return store.write_now(append)


def require_stopped(settings: Settings) -> None:
    """Refuse while a process is up: a head signed by the old key after the hand-over would be nobody's."""
    for name in ("signer", "witness", "gate"):
        with closing(socket.socket(socket.AF_UNIX)) as door:
            door.settimeout(1.0)
            try:
                door.connect(str(settings.socket(name)))
            except OSError:
                continue
        raise InstallationError(f"the {name} is running: stop everything, then rotate")
    try:
        socket.create_connection((settings.web.host, settings.web.port), timeout=1.0).close()
    except OSError:
        return
    raise InstallationError("the dialer is running: stop everything, then rotate")
