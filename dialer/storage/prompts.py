"""The register of prompts in the database: text, language, file hash, approval. Each change is a leaf.

A predictive mode leaves people alone now and then, and they must hear who called: without an approved notice in the
organisation's language the mode is unknown to the gate, and what is unknown refuses.
"""

import secrets
from dataclasses import dataclass
from typing import Final

from dialer.compliance.facts import Known, Unknown
from dialer.domain.campaign import PacingMode
from dialer.domain.ids import OrganisationId, UserId
from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.services.prompt_desk import SpokenText
from dialer.services.views.prompts import PromptLanguage, PromptPurpose, PromptVersion, name_of
from dialer.services.views.words import Declined, Sentence
from dialer.storage.consent_registers import look_again
from dialer.storage.log import Draft, LogWriter
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.tables_prompts import PromptRow
from dialer.storage.times import moment

DRAFT: Final = "draft"
APPROVED: Final = "approved"
_REJECTED: Final = "rejected"
_PREDICTIVE: Final = frozenset({PacingMode.PREDICTIVE, PacingMode.PREDICTIVE_PROVABLE})
_CONSENT: Final = frozenset(name_of(PromptPurpose.INBOUND_CONSENT, one) for one in PromptLanguage)

OWN_PROMPT: Final = Declined(
    "prompt.own",
    Sentence(
        "上传人不能批准自己的提示音，需要第二人。",
        "Who brought a prompt can't approve it: that takes a second person.",
    ),
)
STANDS_THERE: Final = Declined(
    "prompt.stands_there",
    Sentence("同样的文字和录音已在登记册中。", "That very text and sound is on the register already."),
)
OF_ANOTHER: Final = Declined(
    "prompt.of_another",
    Sentence(
        "本安装上该提示音由另一机构使用。",
        "On this installation another organisation's callees hear that prompt.",
    ),
)
NO_SUCH_CONSENT: Final = Declined(
    "prompt.no_such_consent",
    Sentence(
        "同意书录音的文字必须与已登记的同意书文本逐字相同。",
        "The words of a consent that is read out have to be those of a registered consent text, word for word.",
    ),
)


def register_prompt(tx: Tx, log: LogWriter, org: str, spoken: SpokenText, actor: Actor) -> Declined | None:
    """Put a prompt on the register, as a draft beside what is in force; an older draft of that name is replaced."""
    if tx.one(
        "SELECT 1 AS there FROM prompt WHERE org_id = :org AND name = :name AND text = :text AND sha256 = :sha256",
        org=org,
        name=spoken.name,
        text=spoken.text,
        sha256=spoken.sha256,
    ):
        return STANDS_THERE
    if tx.one(
        "SELECT 1 AS there FROM prompt WHERE org_id <> :org AND name = :name", org=org, name=spoken.name
    ):
        return OF_ANOTHER
    tx.run(
        "DELETE FROM prompt WHERE org_id = :org AND name = :name AND state = :draft",
        org=org,
        name=spoken.name,
        draft=DRAFT,
    )
    tx.insert(
        PromptRow(
            id=secrets.token_hex(8),
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
    return None


def approve_prompt(
    tx: Tx, log: LogWriter, org: str, name: str, sha256: str, actor: Actor
) -> SpokenText | Declined | None:
    """Approve the file that was listened to, named by its hash; what was in force is no more. None: no such draft."""
    row = tx.one(
        "SELECT * FROM prompt WHERE org_id = :org AND name = :name AND sha256 = :sha256 AND state = :draft",
        org=org,
        name=name,
        sha256=sha256,
        draft=DRAFT,
    )
    if row is None:
        return None
    if row.changed_by == f"{actor.kind}:{actor.id}":
        return OWN_PROMPT
    tx.run(
        "DELETE FROM prompt WHERE org_id = :org AND name = :name AND state = :approved",
        org=org,
        name=name,
        approved=APPROVED,
    )
    tx.run(
        "UPDATE prompt SET state = :approved, approved_by = :by, approved_us = NOW_US WHERE id = :id",
        approved=APPROVED,
        by=f"{actor.kind}:{actor.id}",
        id=row.id,
    )
    _say(tx, log, org, name, sha256, APPROVED, actor)
    look_again(tx, org)
    return SpokenText(row.name, row.language, row.text, row.sha256)


def reject_prompt(tx: Tx, log: LogWriter, org: str, version: str, actor: Actor) -> bool:
    """Take a draft off the register; False where there is none of that id."""
    row = tx.one(
        "SELECT * FROM prompt WHERE org_id = :org AND id = :id AND state = :draft",
        org=org,
        id=version,
        draft=DRAFT,
    )
    if row is None:
        return False
    tx.run("DELETE FROM prompt WHERE id = :id", id=version)
    _say(tx, log, org, row.name, row.sha256, _REJECTED, actor)
    return True


def prompts_of(tx: Tx, org: str) -> list[Row]:
    """Every prompt of an organisation by name, what is approved before what waits."""
    return tx.all("SELECT * FROM prompt WHERE org_id = :org ORDER BY name, state", org=org)


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


@dataclass(frozen=True, slots=True)
class StoredPrompts:
    """`PromptRegister`."""

    store: Store
    log: LogWriter

    async def versions(self, org: OrganisationId, user: UserId) -> tuple[PromptVersion, ...]:
        """Every version, as that person sees it."""
        return await self.store.read(lambda tx: tuple(_version(tx, row, user) for row in prompts_of(tx, org)))

    async def add(self, org: OrganisationId, user: UserId, spoken: SpokenText) -> Declined | None:
        """A draft; the words of a consent that is read out are those that were registered."""

        def work(tx: Tx) -> Declined | None:
            if spoken.name in _CONSENT and not tx.one(
                "SELECT 1 AS there FROM consent_text WHERE org_id = :org AND text = :text",
                org=org,
                text=spoken.text,
            ):
                return NO_SUCH_CONSENT
            return register_prompt(tx, self.log, org, spoken, Actor(ActorKind.USER, user))

        return await self.store.write(work)

    async def approve(self, org: OrganisationId, user: UserId, version: str) -> SpokenText | Declined | None:
        """Put a draft in force."""

        def work(tx: Tx) -> SpokenText | Declined | None:
            row = tx.one(
                "SELECT name, sha256 FROM prompt WHERE org_id = :org AND id = :id", org=org, id=version
            )
            if row is None:
                return None
            return approve_prompt(tx, self.log, org, row.name, row.sha256, Actor(ActorKind.USER, user))

        return await self.store.write(work)

    async def reject(self, org: OrganisationId, user: UserId, version: str) -> bool:
        """Take a draft off."""
        return await self.store.write(
            lambda tx: reject_prompt(tx, self.log, org, version, Actor(ActorKind.USER, user))
        )

    async def in_force(self) -> tuple[SpokenText, ...]:
        """What is approved."""

        def work(tx: Tx) -> tuple[SpokenText, ...]:
            rows = tx.all("SELECT * FROM prompt WHERE state = :approved ORDER BY name", approved=APPROVED)
            return tuple(SpokenText(row.name, row.language, row.text, row.sha256) for row in rows)

        return await self.store.read(work)


def _version(tx: Tx, row: Row, user: str) -> PromptVersion:
    return PromptVersion(
        id=row.id,
        name=row.name,
        language=PromptLanguage(row.language),
        text=row.text,
        sha256=row.sha256,
        is_approved=row.state == APPROVED,
        brought_by=_name_of(tx, row.changed_by),
        brought_at=moment(row.changed_us),
        approved_by=None if row.approved_by is None else _name_of(tx, row.approved_by),
        approved_at=None if row.approved_us is None else moment(row.approved_us),
        own=row.changed_by == f"{ActorKind.USER}:{user}",
    )


def _name_of(tx: Tx, actor: str) -> str:
    kind, _, which = actor.partition(":")
    if kind != str(ActorKind.USER):
        return which
    row = tx.one("SELECT name FROM user_account WHERE id = :id", id=which)
    return which if row is None else str(row.name)


def _say(tx: Tx, log: LogWriter, org: str, name: str, sha256: str, state: str, actor: Actor) -> None:
    says: dict[str, Json] = {"prompt": name, "prompt.sha256": sha256, "state": state}
    log.append(tx, Draft(type=EventType.CONFIG_CHANGED, actor=actor, says=says, org=org), tx.now_us())
