"""The permit gate: the only process that can open what T1 sealed, and the only one that says yes to the egress."""

import asyncio
import re
import ssl
from collections.abc import Sequence
from dataclasses import replace
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
from dialer.settings import Egress, Settings
from dialer.signing.certificates import CertificateFiles
from dialer.signing.keys import KeyFiles, read_secret
from dialer.storage.consume import Unseal, consume, keep_report, longest_end, too_fast
from dialer.storage.inbound import sealed_caller, take
from dialer.storage.store import Store
from dialer.telephony import legs as egress_legs
from dialer.telephony.control import ControlUnavailable, command
from dialer.telephony.trunk_profile import TrunkProfile, dialled_as, read_trunk_profile
from dialer.vault.keyring import NoSubjectKeys

UNSEEN: Final = "unseen"
"""The state of a leg that the egress no longer knows and the carrier may still have."""
_UPTIME: Final = re.compile(r"System uptime: (\d+)")


class EgressLegs:
    """`ports.EgressControl` on the control sockets of the egresses that ask this gate.

    An attempt's legs are where its yes went: a channel's id begins with the name of its egress. Only that one has to
    answer; an egress that is away keeps nobody from asking another about its own.
    """

    def __init__(self, store: Store, egresses: Sequence[Egress], unseal: Unseal) -> None:
        self._store = store
        self._egresses = tuple(egresses)
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
        egress = next((e for e in self._egresses if _is_of(end.consumed_uid, e)), self._egresses[0])
        try:
            said = await command(egress.control, "core show uptime seconds")
        except ControlUnavailable as away:
            raise EgressUnavailable("the egress does not answer") from away
        found = _UPTIME.search(said)
        if found is None:
            raise EgressUnavailable("the egress does not say since when it runs")
        return end.now_us - int(found[1]) * 1_000_000 > end.consumed_us

    async def hang_up(self, attempt_id: AttemptId) -> None:
        for control, leg in await self._found(attempt_id):
            try:
                await egress_legs.hangup(control, leg.token)
            except ControlUnavailable as away:
                raise EgressUnavailable("the egress does not answer") from away

    async def _mine(self, attempt_id: AttemptId) -> list[egress_legs.Leg]:
        return [leg for _, leg in await self._found(attempt_id)]

    async def _found(self, attempt_id: AttemptId) -> list[tuple[Path, egress_legs.Leg]]:
        row = await self._store.read(
            lambda tx: tx.one(
                "SELECT token_sha256, consumed_uid FROM permit WHERE attempt_id = :id", id=attempt_id
            )
        )
        its_own = [e for e in self._egresses if row is not None and _is_of(row.consumed_uid or "", e)]
        everything, silent = [], 0
        for egress in its_own or self._egresses:
            try:
                everything += [(egress.control, leg) for leg in await egress_legs.legs(egress.control)]
            except ControlUnavailable:
                silent += 1
        if silent == len(its_own or self._egresses):
            raise EgressUnavailable("the egress does not answer")
        if row is None:
            return []
        wanted = bytes(row.token_sha256)
        return [
            (control, leg) for control, leg in everything if sha256(leg.token.encode()).digest() == wanted
        ]


def _is_of(uid: str, egress: Egress) -> bool:
    return uid.rpartition("-")[0] == egress.name


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

    trunk = read_trunk_profile(settings.trunk.profile) if settings.trunk.profile else TrunkProfile()

    async def ask(token: str, uid: str) -> GateYes | GateNo:
        answer = await store.write(
            lambda tx: (
                GateNo("too_fast")
                if too_fast(tx, trunk.calls_per_second_max)
                else consume(tx, log, lambda sealed: box.decrypt(sealed), token, uid)
            )
        )
        if isinstance(answer, GateNo):
            return answer
        return replace(answer, number=dialled_as(answer.number, trunk.number_form, trunk.country))

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
    legs = EgressLegs(store, settings.gate.egresses, lambda sealed: box.decrypt(sealed))
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
