"""The storage core as it runs: sample organisation, real facts, real gate with the shipped packs, real keys of a test.

Every lead comes in through the product's own intake with a consent that its source signed, so that the gate's yes is earned.
Time is the database's, shifted to the sample's instant; `World.wind` moves it for every process that has the database.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

from nacl.public import PrivateKey, SealedBox
from nacl.signing import SigningKey

from dialer.calls.permit import Permit
from dialer.compliance.facts import ContactFacts, Facts, Unknown, VaultState
from dialer.compliance.gate import decide
from dialer.compliance.outcome import Allowed, Refusal
from dialer.demo.sample_leads import FILED_SITE, TEXT_VERSION
from dialer.demo.sample_organisation import CAMPAIGN, DEMO_INSTANT, ORG, SUPERVISOR, write_sample
from dialer.domain.consent import Origin
from dialer.domain.dnc import DncReason, DncScope
from dialer.domain.ids import AttemptId, CampaignId, LeadId, OrganisationId, SubjectId, UserId
from dialer.domain.lead import Age, Person, Relation
from dialer.domain.phone import PhoneNumber, parse_phone
from dialer.domain.purpose import Purpose
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.calls import RefusalHeard, Refusing
from dialer.ports.gate import GateNo, GateYes, LegReport
from dialer.ports.ledger import Claim
from dialer.rules.shipped import shipped_packs
from dialer.services.lead_rows import ConsentRow, LeadRow
from dialer.storage.calls import StoredCalls
from dialer.storage.clock import InstallationClock
from dialer.storage.consume import consume, keep_report
from dialer.storage.dnc import start_dnc_tree
from dialer.storage.facts import FactsReader, Probes
from dialer.storage.intake import StoredIntake
from dialer.storage.intake_rows import signed_record
from dialer.storage.ledger import Ledger, ReadFacts
from dialer.storage.log import LogWriter, start_log
from dialer.storage.migrate import migrate
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.vault.keyring import FileKeyring, NoSubjectKeys

ORIGIN: Final = "demo/storage-tests"
GATE_KEY: Final = PrivateKey(b"g" * 32)
RECORD_KEY: Final = SigningKey(b"r" * 32)
CALLER_ID_ROW: Final = "number-400"
MACHINE: Final = Actor(ActorKind.PROCESS, "dialer")
AGENT: Final = Actor(ActorKind.USER, "user-agent")
SECOND_US: Final = 1_000_000
ASKED_AT: Final = DEMO_INSTANT - timedelta(minutes=20)


def keyring(kind: type[FileKeyring] = FileKeyring) -> FileKeyring:
    """The dialer's keys; the same in every process of a test."""
    return kind(
        master_key=b"m" * 32,
        pepper=b"p" * 32,
        gate_public_key=bytes(GATE_KEY.public_key),
        vrf_seed=b"v" * 32,
    )


def number_of(ending: int) -> str:
    """A plainly invented number, ending 0 … 99."""
    if not 0 <= ending <= 99:
        raise ValueError("sample numbers end in 00 to 99")
    return f"+861300000{ending:04d}"


def judge(facts: Facts, now: datetime) -> Allowed | Refusal:
    """The gate with what ships."""
    return decide(facts, shipped_packs(), now)


def fill(url: str) -> None:
    """Migrate an empty database and write the sample organisation into it, at the sample's instant."""
    migrate(url)
    store = Store(url)
    offset_us = int((DEMO_INSTANT - datetime.now(UTC)) / timedelta(microseconds=1))

    def work(tx: Tx) -> None:
        start_log(tx)
        start_dnc_tree(tx)
        tx.run("INSERT INTO clock_offset (id, offset_us) VALUES (1, :us)", us=offset_us)
        tx.run("INSERT INTO setting (name, value) VALUES ('profile', 'demo')")
        write_sample(tx, DEMO_INSTANT, RECORD_KEY.verify_key.encode().hex(), headless=2)

    try:
        store.write_now(work)
    finally:
        store.close()


@cache
def _sqlite_template() -> Path:
    path = Path(tempfile.mkdtemp(prefix="store-sqlite-")) / "filled.db"
    fill(f"sqlite:///{path}")
    return path


def fresh_sqlite(folder: Path) -> str:
    """The URL of a new SQLite database with the product's tables and the sample organisation."""
    path = folder / "dialer.db"
    shutil.copy(_sqlite_template(), path)
    return f"sqlite:///{path}"


def open_decision(read_facts: ReadFacts) -> ReadFacts:
    """Facts of a node that read “no open attempt” before another node committed one (rule 2, left out: S3)."""

    def read(tx: Tx, lead_id: LeadId, now: datetime) -> Facts:
        facts = read_facts(tx, lead_id, now)
        assert isinstance(facts.contact, ContactFacts)
        return replace(
            facts, contact=replace(facts.contact, open_attempts=0, attempts_at=(), last_ended_at=None)
        )

    return read


@dataclass
class World:
    """One process's view of the database: a dialer's and a gate's."""

    url: str
    node: str = "node-1"
    store_kind: type[Store] = Store
    vault_state: Callable[[str], VaultState | Unknown] = lambda region: VaultState.WRITABLE
    clock_error_ms: Callable[[], int | Unknown] = lambda: 0
    store: Store = field(init=False)
    keys: FileKeyring = field(default_factory=keyring)
    log: LogWriter = field(init=False)
    gate_log: LogWriter = field(init=False)
    facts: FactsReader = field(init=False)
    ledger: Ledger = field(init=False)
    calls: StoredCalls = field(init=False)
    box: SealedBox[PrivateKey] = field(init=False, default_factory=lambda: SealedBox(GATE_KEY))

    def __post_init__(self) -> None:
        self.store = self.store_kind(self.url)
        self.log = LogWriter(ORIGIN, self.node, "boot", "test", self.keys)
        self.gate_log = LogWriter(ORIGIN, f"{self.node}.gate", "boot", "test", NoSubjectKeys())
        probes = Probes(clock_error_ms=self.clock_error_ms, vault_state=self.vault_state)
        self.facts = FactsReader(self.keys, probes)
        self.ledger = Ledger(self.store, self.log, self.keys, read_facts=self.facts, decide=judge)
        self.calls = StoredCalls(self.store, self.log, self.keys)

    def close(self) -> None:
        self.store.close()

    def second_node(self) -> World:
        """Another process's connections to the same database."""
        return World(self.url, node="node-2")

    def hasty_ledger(self) -> Ledger:
        """A ledger whose facts were read before another node's commit: only the unique index is left to stop it."""
        return Ledger(self.store, self.log, self.keys, read_facts=open_decision(self.facts), decide=judge)

    # -------------------------------------------------------------- time

    def now_us(self) -> int:
        """The database's clock."""
        return self.store.read_now(lambda tx: tx.now_us())

    def wind(self, seconds: float) -> None:
        """Move the database's clock for everybody."""
        self.run("UPDATE clock_offset SET offset_us = offset_us + :us", us=int(seconds * SECOND_US))

    # -------------------------------------------------------------- rows

    def run(self, sql: str, **params: object) -> int:
        """One statement of a test's own."""
        return self.store.write_now(lambda tx: tx.run(sql, **params))

    def one(self, sql: str, **params: object) -> Row:
        """The row that must be there."""
        return self.store.read_now(lambda tx: tx.sole(sql, **params))

    def all(self, sql: str, **params: object) -> list[Row]:
        """Rows."""
        return self.store.read_now(lambda tx: tx.all(sql, **params))

    def lead_row(self, lead: LeadId) -> Row:
        return self.one("SELECT * FROM lead WHERE id = :id", id=lead)

    def attempt(self, attempt: AttemptId) -> Row:
        return self.one("SELECT * FROM attempt WHERE id = :id", id=attempt)

    def permit_row(self, attempt: AttemptId) -> Row:
        return self.one("SELECT * FROM permit WHERE attempt_id = :id", id=attempt)

    def copy_attempt(self, attempt: AttemptId, copy: str, **changes: str) -> None:
        """One more attempt like that one, but for its id and `changes`: an earlier call, say."""
        row = self.attempt(attempt)._asdict() | changes | {"id": copy}
        columns = ", ".join(row)
        self.run(f"INSERT INTO attempt ({columns}) VALUES ({', '.join(f':{name}' for name in row)})", **row)

    def leaves(self, attempt: str) -> list[str]:
        """Types of an attempt's leaves, oldest first."""
        return [
            r.type for r in self.all("SELECT type FROM leaf WHERE attempt_id = :id ORDER BY seq", id=attempt)
        ]

    def size(self) -> int:
        """Leaves on the log."""
        return int(self.one("SELECT size FROM log_head").size)

    # -------------------------------------------------------------- verbs

    async def lead(self, ending: int) -> LeadId:
        """A lead that the gate allows, through the product's own intake."""
        return await self.lead_of(ORG, CAMPAIGN, ending)

    async def lead_of(self, org: str, campaign: str, ending: int) -> LeadId:
        """A lead of some organisation."""
        return (await self.leads(range(ending, ending + 1), org, campaign))[0]

    async def leads(
        self, endings: range, org: str = ORG, campaign: str = CAMPAIGN, asked_at: datetime = ASKED_AT
    ) -> list[LeadId]:
        """Leads of one file, in its order."""
        intake = StoredIntake(self.store, self.log, self.keys, InstallationClock(self.store))
        rows = [replace(lead_row(number_of(n), asked_at), line=2 + n) for n in endings]
        view = await intake.take(
            OrganisationId(org), UserId(SUPERVISOR), CampaignId(campaign), rows, [], len(rows)
        )
        found = await self.store.read(
            lambda tx: tx.all("SELECT id FROM lead WHERE import_id = :id ORDER BY row", id=view.id)
        )
        return [LeadId(row.id) for row in found]

    def make_due(self, lead: LeadId) -> None:
        """The lead needn't wait any longer."""
        self.run("UPDATE lead SET due_us = 0 WHERE id = :id", id=lead)

    async def claim(self, lead: LeadId) -> Claim:
        """Claim that very lead, which is due; the others wait on."""
        claims = {claim.lead_id: claim for claim in await self.ledger.claim(CampaignId(CAMPAIGN), 100)}
        wanted = claims.pop(lead)
        for other in claims:
            self.run("UPDATE lead SET state = 'queued', owner = NULL WHERE id = :id", id=other)
        return wanted

    async def permit(self, lead: LeadId) -> Permit:
        """Claim and T1; the gate must say yes."""
        answer = await self.ledger.authorise(await self.claim(lead))
        assert isinstance(answer, Permit), answer
        return answer

    def unseal(self, sealed: bytes) -> bytes:
        """What only the gate's key opens."""
        return self.box.decrypt(sealed)

    async def gate(self, token: str, uid: str = "egress-1") -> GateYes | GateNo:
        """T2."""
        return await self.store.write(lambda tx: consume(tx, self.gate_log, self.unseal, token, uid))

    async def placed(self, lead: LeadId, uid: str = "egress-1") -> Permit:
        """Claim, T1 and T2."""
        permit = await self.permit(lead)
        answer = await self.gate(permit.token, uid)
        assert isinstance(answer, GateYes), answer
        return permit

    async def report(self, token: str, uid: str, status: str = "NOANSWER", sip: str = "") -> bool:
        """What the egress says at the end of a leg."""
        said = LegReport(dial_status=status, sip_text=sip, rang_ms=900, talk_seconds=0)
        return await self.store.write(lambda tx: keep_report(tx, token, uid, said))

    async def refuse(
        self,
        lead: LeadId,
        scope: DncScope = DncScope.ORGANISATION,
        said_in: AttemptId | None = None,
        purpose: str | None = None,
    ) -> RefusalHeard:
        """T3."""
        return await self.calls.refuse(self.refusing(lead, scope, said_in, purpose))

    def refusing(
        self,
        lead: LeadId,
        scope: DncScope = DncScope.ORGANISATION,
        said_in: AttemptId | None = None,
        purpose: str | None = None,
    ) -> Refusing:
        """What T3 is told."""
        row = self.lead_row(lead)
        return Refusing(
            sid=SubjectId(row.sid),
            org_id=OrganisationId(row.org_id),
            scope=scope,
            purpose=purpose,
            reason=DncReason.SAID,
            actor=AGENT,
            said_in=said_in,
            closing_seconds=30,
        )


def phone(number: str) -> PhoneNumber:
    """A parsed sample number."""
    parsed = parse_phone(number, "CN")
    assert isinstance(parsed, PhoneNumber), parsed
    return parsed


def lead_row(number: str, at: datetime = ASKED_AT) -> LeadRow:
    """A good row of a list, its consent signed by the filed site's key."""
    consent = ConsentRow(
        purpose=Purpose.CALLBACK,
        source=FILED_SITE,
        origin=Origin.WEB_FORM,
        given_at=at,
        expires_at=None,
        withdrawn_at=None,
        text_version=TEXT_VERSION,
        act="pressed 同意并请回电",
        address="https://www.example.com/callback",
        ownership="proven",
        signature="",
    )
    signature = RECORD_KEY.sign(signed_record(number, consent)).signature.hex()
    return LeadRow(
        line=2,
        number=phone(number),
        name="测试人",
        asked="想了解续费价格",
        requested_at=at,
        promised_from=None,
        promised_until=None,
        age=Age.ADULT,
        relation=Relation.OWN_CUSTOMER,
        person=Person.NATURAL,
        consent=replace(consent, signature=signature),
    )
