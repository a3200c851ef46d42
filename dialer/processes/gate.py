"""The permit gate: the only process that can open what T1 sealed, and the only one that says yes to the egress."""

import asyncio
import re
import ssl
from hashlib import sha256
from pathlib import Path
from typing import Final

from nacl.public import PrivateKey, SealedBox

from dialer.api.gate.app import build_control_app, build_permit_app
from dialer.domain.errors import EgressUnavailable
from dialer.domain.ids import AttemptId, InboundId
from dialer.ports.exchange import EgressLeg
from dialer.ports.gate import GateNo, GateYes, LegReport
from dialer.ports.inbound import InboundNo, InboundYes
from dialer.processes.egress_accounts import EgressAccounts
from dialer.processes.opening import open_log, open_store
from dialer.processes.serving import main, serve_on_port, serve_on_socket, until_told
from dialer.settings import Settings
from dialer.signing.certificates import CertificateFiles
from dialer.signing.keys import KeyFiles, read_secret
from dialer.storage.consume import Unseal, consume, keep_report, longest_end
from dialer.storage.inbound import sealed_caller, take
from dialer.storage.store import Store
from dialer.telephony import legs as egress_legs
from dialer.telephony.control import ControlUnavailable, command
from dialer.vault.keyring import NoSubjectKeys

UNSEEN: Final = "unseen"
"""The state of a leg that the egress no longer knows and the carrier may still have."""
_UPTIME: Final = re.compile(r"System uptime: (\d+)")


class EgressLegs:
    """`ports.EgressControl` on the egress's own control socket, which is `control`."""

    def __init__(self, store: Store, control: Path, unseal: Unseal) -> None:
        self._store = store
        self._control = control
        self._unseal = unseal

    async def legs(self, attempt_id: AttemptId) -> tuple[EgressLeg, ...]:
        mine = await self._mine(attempt_id)
        if not mine and await self._may_be_up_unseen(attempt_id):
            return (EgressLeg(attempt_id, "", UNSEEN),)
        return tuple(EgressLeg(attempt_id, leg.uniqueid, leg.state.value) for leg in mine)

    async def _may_be_up_unseen(self, attempt_id: AttemptId) -> bool:
        """Whether an egress that started after the yes may have left a carrier leg behind (rule 10).

        A start is known to the second, so one that may lie after the yes counts as after it.
        """
        end = await self._store.read(lambda tx: longest_end(tx, self._unseal, attempt_id))
        if end is None or end.now_us >= end.ends_us:
            return False
        try:
            said = await command(self._control, "core show uptime seconds")
        except ControlUnavailable as away:
            raise EgressUnavailable("the egress does not answer") from away
        found = _UPTIME.search(said)
        if found is None:
            raise EgressUnavailable("the egress does not say since when it runs")
        return end.now_us - int(found[1]) * 1_000_000 > end.consumed_us

    async def hang_up(self, attempt_id: AttemptId) -> None:
        for token in {leg.token for leg in await self._mine(attempt_id)}:
            try:
                await egress_legs.hangup(self._control, token)
            except ControlUnavailable as away:
                raise EgressUnavailable("the egress does not answer") from away

    async def _mine(self, attempt_id: AttemptId) -> list[egress_legs.Leg]:
        try:
            everything = await egress_legs.legs(self._control)
        except ControlUnavailable as away:
            raise EgressUnavailable("the egress does not answer") from away
        if not everything:
            return []
        row = await self._store.read(
            lambda tx: tx.one("SELECT token_sha256 FROM permit WHERE attempt_id = :id", id=attempt_id)
        )
        if row is None:
            return []
        wanted = bytes(row.token_sha256)
        return [leg for leg in everything if sha256(leg.token.encode()).digest() == wanted]


class Callers:
    """`ports.InboundCaller`: who calls, for the dialer, while the call is open."""

    def __init__(self, store: Store, unseal: Unseal) -> None:
        self._store = store
        self._unseal = unseal

    async def caller(self, inbound_id: InboundId) -> str | None:
        sealed = await self._store.read(lambda tx: sealed_caller(tx, inbound_id))
        return self._unseal(sealed).decode() if sealed else None


def tls_of(settings: Settings) -> ssl.SSLContext:
    """Mutual TLS: the egress must show the certificate that our own authority gave it."""
    files = CertificateFiles(settings.folders.keys)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(files.certificate("gate"), files.key("gate"))
    context.load_verify_locations(files.ca)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


async def run(settings: Settings) -> None:
    """Serve until told to stop."""
    private = PrivateKey(read_secret(KeyFiles(settings.folders.keys).gate_private))
    box, sealed_to_us = SealedBox(private), SealedBox(private.public_key)
    store = open_store(settings, "gate")
    log = open_log(settings, NoSubjectKeys(), "gate")

    async def ask(token: str, uid: str) -> GateYes | GateNo:
        return await store.write(lambda tx: consume(tx, log, lambda sealed: box.decrypt(sealed), token, uid))

    async def keep(token: str, uid: str, report: LegReport) -> bool:
        return await store.write(lambda tx: keep_report(tx, token, uid, report))

    async def take_inbound(uid: str, called: str, caller: str) -> InboundYes | InboundNo:
        return await store.write(lambda tx: take(tx, log, sealed_to_us.encrypt, uid, called, caller))

    accounts = EgressAccounts(store, log, settings)
    await accounts.look()
    matching = asyncio.create_task(accounts.keep_looking())
    permits = await serve_on_port(
        build_permit_app(ask, keep, take_inbound), settings.gate.host, settings.gate.port, tls_of(settings)
    )
    legs = EgressLegs(store, settings.gate.egress_control, lambda sealed: box.decrypt(sealed))
    control = await serve_on_socket(
        build_control_app(legs, Callers(store, lambda sealed: box.decrypt(sealed))), settings.socket("gate")
    )
    try:
        await until_told()
    finally:
        matching.cancel()
        await asyncio.gather(matching, return_exceptions=True)
        await permits.cleanup()
        await control.cleanup()
        store.close()


if __name__ == "__main__":
    main("gate", run)
