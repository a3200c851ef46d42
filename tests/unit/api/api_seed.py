"""Two organisations as the database holds them: people, a campaign each, two leads each, an attempt made and one refused.

Both call the same invented number, so that a test of isolation can't pass because the data differ by chance.
"""

import json

from argon2 import PasswordHasher
from nacl.public import PrivateKey

from dialer.domain.ids import OrganisationId
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.services.views.session import Role
from dialer.storage.dnc import start_dnc_tree
from dialer.storage.log import LogWriter, start_log
from dialer.storage.moves import leaf_of_attempt, read_attempt
from dialer.storage.pause_codes import seed_pause_codes
from dialer.storage.sql import Tx
from dialer.storage.tables_calls import Attempt, Decision, Permit, RefusalCode
from dialer.storage.tables_organisation import (
    CallerId,
    Campaign,
    CampaignAgent,
    ConsentSource,
    Organisation,
    Script,
    User,
)
from dialer.storage.tables_people import Consent, Lead, Subject
from dialer.vault.keyring import FileKeyring

PASSWORD = "correct horse battery staple"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD_HASH = QUICK.hash(PASSWORD)
HOME = OrganisationId("org-home")
OTHER = OrganisationId("org-other")
NUMBER = "+8613000000007"
MASKED = "130****0007"
NASTY = "<script>alert(1)</script>“=cmd|' /C calc'!A0”"
DAY_US = 86_400_000_000


def keyring() -> FileKeyring:
    """Keys of a test installation."""
    return FileKeyring(
        master_key=b"m" * 32,
        pepper=b"p" * 32,
        vrf_seed=b"v" * 32,
        gate_public_key=bytes(PrivateKey.generate().public_key),
    )


def log_writer(keys: FileKeyring) -> LogWriter:
    """The log of a test installation."""
    return LogWriter(origin="test/api", node="node-1", boot="1", software="test", keys=keys)


def login_of(org: OrganisationId, role: Role) -> str:
    """The login name of the one user with that role in that organisation."""
    return f"{role.value}@{org}"


def user_of(org: OrganisationId, role: Role) -> str:
    """That user's id."""
    return f"{role.value}-{org}"


def seed(tx: Tx, keys: FileKeyring, now_us: int) -> None:
    """Both organisations."""
    start_log(tx)
    start_dnc_tree(tx)
    for org in (HOME, OTHER):
        _organisation(tx, org)
        _leads(tx, org, keys, now_us)


def _organisation(tx: Tx, org: OrganisationId) -> None:
    tx.insert(
        Organisation(
            id=org,
            name_zh=f"示例公司 {org}",
            name_en=f"Sample {org}",
            uscc=f"USCC-{org}",
            industry="general",
            region="cn",
            packs="cn",
            register_json="{}",
        )
    )
    seed_pause_codes(tx, org)
    for role in Role:
        tx.insert(
            User(
                id=user_of(org, role),
                org_id=org,
                login=login_of(org, role),
                name=f"{role.value} {NASTY}",
                role=role.value,
                locale="zh",
                password_hash=PASSWORD_HASH,
            )
        )
    parts = [{"key": "identity", "zh": "说明身份", "en": "Say who you are", "required": True}]
    tx.insert(
        Script(
            id=f"script-{org}",
            org_id=org,
            version=3,
            sha256="0" * 64,
            parts_json=json.dumps(parts),
            register_json="{}",
        )
    )
    tx.insert(
        CallerId(id=f"cid-{org}", org_id=org, number="02000000000", state="active", register_json="{}"),
        ConsentSource(
            id=f"source-{org}",
            org_id=org,
            kind="filed_site",
            name="官网",
            state="verified",
            register_json="{}",
        ),
        Campaign(
            id=f"campaign-{org}",
            org_id=org,
            name_zh="续费咨询",
            name_en="Renewal questions",
            purpose="info_consult",
            industry="general",
            script_id=f"script-{org}",
            mode="progressive",
            state="running",
            abandon_cap_ppm=10_000,
            register_json="{}",
        ),
    )
    tx.insert(CampaignAgent(campaign_id=f"campaign-{org}", user_id=user_of(org, Role.AGENT)))


def _leads(tx: Tx, org: OrganisationId, keys: FileKeyring, now_us: int) -> None:
    sid = f"sid-{org}"
    wrapped = keys.new_subject_key(sid)
    tx.insert(
        Subject(
            sid=sid,
            org_id=org,
            number_hmac=keys.number_hmac(org, NUMBER),
            platform_hmac=keys.platform_hmac(NUMBER),
            key_version=1,
            wrapped_key=wrapped,
            number_ct=keys.encrypt(wrapped, sid, "number", NUMBER.encode()),
            created_us=now_us - DAY_US,
        )
    )
    words = {"text": f"同意 {NASTY}", "text_version": "v1", "asked": "想了解续费价格"}
    tx.insert(
        Consent(
            id=f"consent-{org}",
            org_id=org,
            sid=sid,
            purpose="info_consult",
            source_id=f"source-{org}",
            origin="web_form",
            ownership="proven",
            given_us=now_us - DAY_US,
            expires_us=now_us + 30 * DAY_US,
            register_json="{}",
            payload_ct=keys.encrypt(wrapped, sid, "consent", json.dumps(words).encode()),
        )
    )
    asked = json.dumps({"name": f"王芳 {NASTY}", "asked": "想了解续费价格"}).encode()
    for which, state in (("made", "done"), ("refused", "queued")):
        lead = Lead(
            id=f"lead-{which}-{org}",
            org_id=org,
            campaign_id=f"campaign-{org}",
            sid=sid,
            consent_id=f"consent-{org}",
            state=state,
            due_us=now_us - 60_000_000,
            requested_us=now_us - DAY_US,
            last_decision_id=f"decision-{which}-{org}",
            payload_ct=keys.encrypt(wrapped, sid, "lead", asked),
        )
        tx.insert(lead)
        _attempt(tx, org, keys, which, now_us)


def _attempt(tx: Tx, org: OrganisationId, keys: FileKeyring, which: str, now_us: int) -> None:
    made = which == "made"
    attempt_id = f"attempt-{which}-{org}"
    at_us = now_us - 3_600_000_000
    number_hmac, platform_hmac = keys.number_hmac(org, NUMBER), keys.platform_hmac(NUMBER)
    tx.insert(
        Attempt(
            id=attempt_id,
            org_id=org,
            campaign_id=f"campaign-{org}",
            lead_id=f"lead-{which}-{org}",
            sid=f"sid-{org}",
            consent_id=f"consent-{org}",
            caller_id=f"cid-{org}" if made else None,
            state="sealed" if made else "refused",
            node="node-1",
            outcome="talked" if made else "not_dialled",
            authorised_us=at_us,
            placed_us=at_us + 1_000_000 if made else None,
            answered_us=at_us + 5_000_000 if made else None,
            connected_us=at_us + 5_100_000 if made else None,
            ended_us=at_us + 65_100_000 if made else None,
            sealed_us=at_us + 90_000_000 if made else None,
            agent_id=user_of(org, Role.AGENT) if made else None,
            disposition="handled" if made else None,
            answer_class="human" if made else None,
            number_hmac=number_hmac,
            platform_hmac=platform_hmac,
        )
    )
    actor = Actor(ActorKind.PROCESS, "dialer")
    writer = log_writer(keys)
    row = read_attempt(tx, attempt_id)  # type: ignore[arg-type]
    kind = EventType.DECISION_PERMITTED if made else EventType.DECISION_REFUSED
    seq = leaf_of_attempt(tx, writer, row, kind, actor, {"number": NUMBER})
    leaf_of_attempt(tx, writer, row, EventType(f"attempt.{row.state}"), actor, {"outcome": row.outcome})
    tx.insert(
        Decision(
            id=f"decision-{which}-{org}",
            org_id=org,
            campaign_id=f"campaign-{org}",
            lead_id=f"lead-{which}-{org}",
            attempt_id=attempt_id,
            at_us=at_us,
            outcome="allowed" if made else "refused",
            codes="" if made else "frequency.day",
            rules_json=json.dumps(_decision(refused=not made)),
            policy_json=json.dumps([{"id": "cn", "sha256": "0" * 64}]),
            lawful_from_us=None if made else now_us + DAY_US,
            leaf_seq=seq,
        )
    )
    if not made:
        tx.insert(RefusalCode(org_id=org, code="frequency.day", at_us=at_us, attempt_id=attempt_id))
    if made:
        tx.insert(
            Permit(
                id=f"permit-{org}",
                attempt_id=attempt_id,
                token_sha256=org.encode().ljust(32, b"0"),
                state="consumed",
                org_id=org,
                campaign_id=f"campaign-{org}",
                lead_id=f"lead-made-{org}",
                consent_id=f"consent-{org}",
                purpose="info_consult",
                caller_id=f"cid-{org}",
                issued_us=at_us,
                expires_us=at_us + 10_000_000,
                dial_before_us=at_us + DAY_US,
                sealed=b"sealed",
                consumed_us=at_us + 1_000_000,
                number_hmac=number_hmac,
                platform_hmac=platform_hmac,
            )
        )


def _decision(*, refused: bool) -> dict[str, object]:
    law = {
        "pack": "cn",
        "rule": "frequency",
        "title": "通知",
        "article": "三",
        "dated": "2020-06-01",
        "quote": "合理频次",
        "nature": "seed",
    }
    rule = {
        "check": "frequency",
        "result": "objected" if refused else "passed",
        "codes": ["frequency.day"] if refused else [],
        "inputs": [["attempts_24h", "3"]],
        "law": ["cn/frequency@2020-06-01"],
    }
    objection = {
        "code": "frequency.day",
        "requirements": ["B12"],
        "law": [law],
        "inputs": [["attempts_24h", "3"]],
        "zh": "今天已拨打 3 次。",
        "en": "Called 3 times today.",
        "cure_zh": "明天再联系。",
        "cure_en": "Try again tomorrow.",
    }
    return {"rules": [rule], "objections": [objection] if refused else []}
