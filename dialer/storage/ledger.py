"""Claim, T1 and lapse: how a lead becomes a permit, and how a permit that wasn't used goes back (rules 1-4, 7, 8).

T1 is one transaction: the lead's claim is checked, the facts are read, the gate decides, and decision, attempt, permit
and leaves are written. Only when its commit is known does `authorise` mint the permit.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from dialer.calls.attempt import AttemptState
from dialer.calls.permit import TOKEN_HEX_DIGITS, TOKEN_PREFIX, mint
from dialer.compliance.facts import Facts, Unknown
from dialer.compliance.outcome import Allowed, Refusal
from dialer.domain.campaign import AmdUse
from dialer.domain.ids import AttemptId, CampaignId, LeadId
from dialer.evidence.canonical import Json, encode
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.ports.keys import Keyring
from dialer.ports.ledger import Authorisation, Claim, NotMine, NumberBusy, Refused, Skipped
from dialer.rules.kinds.words import RecordingNotice
from dialer.storage.decisions import decision_row, facts_text, policy_of_decision, says_of_decision
from dialer.storage.lead_features import features_of
from dialer.storage.lead_queue import FREE, next_leads
from dialer.storage.log import Draft, LogWriter, Sealed, Subject
from dialer.storage.personal import NUMBER
from dialer.storage.skips import tell_skip
from dialer.storage.sql import Row, Tx
from dialer.storage.store import IntegrityViolation, Store
from dialer.storage.tables_calls import Attempt, Decision, RefusalCode
from dialer.storage.tables_calls import Permit as PermitRow
from dialer.storage.times import micros, moment

LEASE_SECONDS: Final = 30
RETRY_BUSY_SECONDS: Final = 60
RECHECK_SECONDS: Final = 3600
INSTALLATION_RECHECK_SECONDS: Final = 5
"""When only the installation stood in the way: nothing of the lead has to change."""
"""A lead that only a cure can free is looked at again after this long, and at once when a register changes."""
_PROCESS: Final = Actor(ActorKind.PROCESS, "dialer")


ReadFacts = Callable[[Tx, LeadId, datetime], Facts]
Decide = Callable[[Facts, datetime], Allowed | Refusal]


@dataclass(frozen=True, slots=True)
class _Issued:
    attempt_id: AttemptId
    token: str
    expires_us: int
    allowed: Allowed
    language: str
    amd: AmdUse


class Ledger:
    """The only source of permits."""

    def __init__(
        self, store: Store, log: LogWriter, keyring: Keyring, *, read_facts: ReadFacts, decide: Decide
    ) -> None:
        self._store = store
        self._log = log
        self._keyring = keyring
        self._read_facts = read_facts
        self._decide = decide

    async def claim(
        self, campaign_id: CampaignId, count: int, languages: frozenset[str] | None = None
    ) -> list[Claim]:
        """Claim up to `count` due leads in the order of `compliance/queue.py` (rule 1): who was promised this very
        time, earliest promise first, then the oldest request. A promise for another time gives no precedence.
        `languages`: only leads of these.
        """
        node = self._log.node
        spoken = {f"language_{n}": language for n, language in enumerate(sorted(languages or ()))}
        of_these = "" if languages is None else f" AND language IN ({', '.join(f':{n}' for n in spoken)})"

        def work(tx: Tx) -> list[Claim]:
            rows = tx.all(
                f"""
                UPDATE lead SET state = 'claimed', owner = :node, fence = fence + 1, lease_until_us = NOW_US + :lease
                WHERE id IN ({next_leads(FREE + of_these)}) AND {FREE}
                RETURNING id, fence, language, requested_us, promised_from_us AS opens_us, promised_until_us AS closes_us, NOW_US AS now_us
                """,
                node=node,
                lease=LEASE_SECONDS * 1_000_000,
                campaign=campaign_id,
                count=count,
                **spoken,
            )
            known = features_of(tx, [r.id for r in rows])
            return [
                Claim(LeadId(r.id), campaign_id, node, r.fence, r.language, known[r.id])
                for r in sorted(rows, key=_rank)
            ]

        return await self._store.write(work)

    async def authorise(self, claim: Claim) -> Authorisation:
        """T1. A permit only when the commit is known.

        Raises:
            StoreUnavailable: the commit is not known: there is no permit, and nothing is dialled.
        """
        try:
            result = await self._store.write(lambda tx: self._authorise(tx, claim))
        except IntegrityViolation:
            await self._store.write(lambda tx: _requeue(tx, claim, RETRY_BUSY_SECONDS))
            return NumberBusy()
        if not isinstance(result, _Issued):
            return result
        terms = result.allowed.terms
        return mint(
            attempt_id=result.attempt_id,
            token=result.token,
            expires=moment(result.expires_us),
            patience_ms=terms.patience_ms,
            notice_prompt=f"notice-{result.language}",
            recording_prompt=(
                "" if terms.recording_notice is RecordingNotice.NONE else f"recording-{result.language}"
            ),
            recording_notice=terms.recording_notice,
            amd=result.amd,
        )

    async def put_back(self, claim: Claim, wait_seconds: int, skipped: Skipped | None) -> None:
        """The lead is queued again, if it is still this claim's; a skip is kept with it and on the log."""

        def work(tx: Tx) -> None:
            if _requeue(tx, claim, wait_seconds) and skipped is not None:
                tell_skip(tx, self._log, claim.lead_id, skipped, wait_seconds)

        await self._store.write(work)

    def _authorise(self, tx: Tx, claim: Claim) -> _Issued | Refused | NotMine:
        mine = tx.run(
            "UPDATE lead SET state = 'dialing' WHERE id = :lead AND state = 'claimed' AND owner = :owner"
            " AND fence = :fence AND lease_until_us >= NOW_US",
            lead=claim.lead_id,
            owner=claim.owner,
            fence=claim.fence,
        )
        if mine != 1:
            return NotMine()
        now_us = tx.now_us()
        now = moment(now_us)
        facts = self._read_facts(tx, claim.lead_id, now)
        decision = self._decide(facts, now)
        lead = tx.sole(
            "SELECT l.*, s.number_hmac, s.platform_hmac, s.wrapped_key, s.number_ct FROM lead l"
            " JOIN subject s ON s.sid = l.sid WHERE l.id = :lead",
            lead=claim.lead_id,
        )
        attempt_id = AttemptId(secrets.token_hex(16))
        if isinstance(decision, Refusal):
            return self._refuse(tx, lead, attempt_id, facts, decision, now_us)
        return self._issue(tx, lead, attempt_id, facts, decision, now_us)

    # ---------------------------------------------------------------- the gate said no

    def _refuse(
        self, tx: Tx, lead: Row, attempt_id: AttemptId, facts: Facts, refusal: Refusal, now_us: int
    ) -> Refused:
        known = tx.one(
            "SELECT d.attempt_id, d.codes FROM decision d WHERE d.id = :last AND d.outcome = 'refused'",
            last=lead.last_decision_id,
        )
        due_us = now_us + RECHECK_SECONDS * 1_000_000
        if refusal.is_of_installation:
            due_us = now_us + INSTALLATION_RECHECK_SECONDS * 1_000_000
        elif refusal.lawful_from is not None:
            due_us = max(micros(refusal.lawful_from), now_us + 1_000_000)
        if known is not None and known.codes == ",".join(refusal.codes):
            # the same no as last time: the lead waits again, the log needn't say it twice
            tx.run(
                "UPDATE lead SET state = 'queued', owner = NULL, due_us = :due WHERE id = :id",
                due=due_us,
                id=lead.id,
            )
            return Refused(AttemptId(known.attempt_id), refusal)
        decision_id = secrets.token_hex(16)
        tx.put(
            Attempt,
            **self._attempt(
                lead, attempt_id, AttemptState.REFUSED, now_us, caller_id=None, outcome="not_dialled"
            ),
        )
        number = self._number(lead) if lead.wrapped_key is not None and lead.number_ct is not None else None
        seq, _ = self._log.append_all(
            tx,
            [
                self._sealed(
                    lead, attempt_id, EventType.DECISION_REFUSED, _says(number, facts, refusal), refusal
                ),
                self._sealed(
                    lead, attempt_id, EventType.ATTEMPT_REFUSED, {"codes": list(refusal.codes)}, None
                ),
            ],
            now_us,
        )
        tx.put(Decision, **decision_row(decision_id, lead, attempt_id, refusal, now_us, seq))
        for code in dict.fromkeys(refusal.codes):
            tx.put(RefusalCode, org_id=lead.org_id, code=code, at_us=now_us, attempt_id=attempt_id)
        tx.run(
            "UPDATE lead SET state = 'queued', owner = NULL, due_us = :due, last_decision_id = :decision WHERE id = :id",
            due=due_us,
            decision=decision_id,
            id=lead.id,
        )
        return Refused(attempt_id, refusal)

    # ---------------------------------------------------------------- the gate said yes

    def _issue(
        self, tx: Tx, lead: Row, attempt_id: AttemptId, facts: Facts, allowed: Allowed, now_us: int
    ) -> _Issued:
        terms = allowed.terms
        shown = tx.sole("SELECT number FROM caller_id WHERE id = :id", id=terms.caller_id_id)
        organisation = tx.sole("SELECT name_zh FROM organisation WHERE id = :id", id=lead.org_id)
        number = self._number(lead)
        token = TOKEN_PREFIX + secrets.token_hex(TOKEN_HEX_DIGITS // 2)
        expires_us = now_us + terms.permit_seconds_max * 1_000_000
        sealed = self._keyring.seal_to_gate(
            encode(
                {
                    "attempt": attempt_id,
                    "num": number,
                    "cid": shown.number,
                    "cname": organisation.name_zh,
                    "ring": terms.ring_seconds_max,
                    "max": terms.call_seconds_max,
                }
            )
        )
        tx.put(
            Attempt,
            **self._attempt(
                lead, attempt_id, AttemptState.AUTHORISED, now_us, caller_id=terms.caller_id_id, outcome=None
            ),
        )
        tx.put(
            PermitRow,
            id=secrets.token_hex(16),
            attempt_id=attempt_id,
            token_sha256=sha256(token.encode()).digest(),
            state="issued",
            org_id=lead.org_id,
            campaign_id=lead.campaign_id,
            lead_id=lead.id,
            consent_id=terms.consent_id,
            caller_id=terms.caller_id_id,
            purpose=str(terms.purpose),
            number_hmac=bytes(lead.number_hmac),
            platform_hmac=bytes(lead.platform_hmac),
            issued_us=now_us,
            expires_us=expires_us,
            dial_before_us=micros(terms.dial_before),
            sealed=sealed,
        )
        decision_id = secrets.token_hex(16)
        says: dict[str, Json] = {
            "caller_id": shown.number,
            "expires": expires_us,
            "dial_before": micros(terms.dial_before),
        }
        decided = _says(number, facts, allowed)
        seq, _ = self._log.append_all(
            tx,
            [
                self._sealed(lead, attempt_id, EventType.DECISION_PERMITTED, decided, allowed),
                self._sealed(lead, attempt_id, EventType.ATTEMPT_AUTHORISED, says, None),
            ],
            now_us,
        )
        tx.put(Decision, **decision_row(decision_id, lead, attempt_id, allowed, now_us, seq))
        tx.run(
            "UPDATE lead SET last_decision_id = :decision WHERE id = :id", decision=decision_id, id=lead.id
        )
        language = "zh" if number.startswith("+86") else "en"
        # what isn't known isn't listened for; where the packs forbid it, the gate has said no already
        said = None if isinstance(facts.campaign, Unknown) else facts.campaign.amd
        amd = AmdUse.ON if said is AmdUse.ON else AmdUse.OFF
        return _Issued(attempt_id, token, expires_us, allowed, language, amd)

    def _number(self, lead: Row) -> str:
        return self._keyring.decrypt(
            bytes(lead.wrapped_key), lead.sid, NUMBER, bytes(lead.number_ct)
        ).decode()

    def _attempt(
        self,
        lead: Row,
        attempt_id: AttemptId,
        state: AttemptState,
        now_us: int,
        *,
        caller_id: str | None,
        outcome: str | None,
    ) -> dict[str, object]:
        return {
            "id": attempt_id,
            "org_id": lead.org_id,
            "campaign_id": lead.campaign_id,
            "lead_id": lead.id,
            "sid": lead.sid,
            "consent_id": lead.consent_id,
            "caller_id": caller_id,
            "platform_hmac": bytes(lead.platform_hmac),
            "number_hmac": bytes(lead.number_hmac),
            "state": str(state),
            "node": self._log.node,
            "outcome": outcome,
            "authorised_us": now_us,
        }

    def _sealed(
        self,
        lead: Row,
        attempt_id: AttemptId,
        kind: EventType,
        says: dict[str, Json],
        decision: Allowed | Refusal | None,
    ) -> Sealed:
        return self._log.seal(
            Draft(
                type=kind,
                actor=_PROCESS,
                says=says,
                org=lead.org_id,
                attempt_id=attempt_id,
                consent_id=lead.consent_id,
                subject=Subject(lead.sid, bytes(lead.wrapped_key)) if lead.wrapped_key is not None else None,
                sid=lead.sid,
                policy=policy_of_decision(decision) if decision is not None else None,
            )
        )


def _says(number: str | None, facts: Facts, decision: Allowed | Refusal) -> dict[str, Json]:
    """What a decision says, from which facts, and about which number: none where the person was erased."""
    if number is None:
        return {}
    return {"callee.number": number, "facts": facts_text(facts)} | says_of_decision(decision)


def _rank(row: Row) -> tuple[int, int, int, str]:
    """The order of service; rows that an UPDATE returns have none."""
    closes_us = row.closes_us if row.closes_us is not None else row.now_us + 1
    if row.opens_us is not None and row.opens_us <= row.now_us < closes_us:
        return (0, row.opens_us, row.requested_us, row.id)
    return (1, 0, row.requested_us, row.id)


def _requeue(tx: Tx, claim: Claim, wait_seconds: int) -> bool:
    """Whether the lead was still this claim's."""
    changed = tx.run(
        "UPDATE lead SET state = 'queued', owner = NULL, due_us = NOW_US + :wait"
        " WHERE id = :lead AND state = 'claimed' AND owner = :owner AND fence = :fence",
        wait=wait_seconds * 1_000_000,
        lead=claim.lead_id,
        owner=claim.owner,
        fence=claim.fence,
    )
    return changed == 1
