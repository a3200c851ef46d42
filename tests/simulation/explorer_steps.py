"""The steps of a walk: each is one transaction of the product, or one message, and gives what is under way afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NoReturn

from dialer.calls.permit import Permit
from dialer.demo.sample_organisation import ORG
from dialer.domain.dnc import DncReason, DncScope
from dialer.domain.ids import AttemptId, OrganisationId, SubjectId
from dialer.ports.calls import LeadAgain, LeadDone, Refusing
from dialer.ports.gate import GateYes, LegReport
from dialer.ports.ledger import Claim
from dialer.storage.consume import consume, keep_report, longest_end
from tests.simulation.explorer_env import (
    GHOST,
    OVER,
    PERSON,
    SCRIPT,
    UP,
    YES,
    Attempted,
    Env,
    Leg,
    S,
    Slip,
    Violation,
    claims_of,
    digest,
    failed,
    leg_of,
)
from tests.simulation.explorer_world import HERE, NODES, TICK_SECONDS, Ground, Rig, now


@dataclass
class Moves:
    """Everything that can happen, on one rig. `path`: what happened so far, for a violation's text."""

    rig: Rig
    ground: Ground
    slip: Slip
    path: list[str] = field(default_factory=list)

    def fail(self, invariant: str) -> NoReturn:
        raise Violation(invariant, tuple(self.path))

    # -------------------------------------------------------------- a node

    def claim(self, env: Env, node: int) -> Env:
        found = now(self.rig.ledgers[NODES[node]].claim(HERE, 1))
        return claims_of(env, node, found[0] if found else None)

    def t1(self, env: Env, node: int, claim: Claim) -> Env:
        held = self.is_held(claim)
        answer = now(self.rig.ledgers[NODES[node]].authorise(claim))
        self.due()
        env = claims_of(env, node, None)
        if not isinstance(answer, Permit):
            return env
        if not held:
            self.fail("R2: a permit on a claim that was lost")
        tokens = (*env.tokens, (answer.token, str(answer.attempt_id)))
        return replace(env, wires=tuple(sorted((*env.wires, answer.token))), tokens=tokens)

    def t1_unknown(self, env: Env, node: int, claim: Claim) -> Env:
        """The commit was made, and its token was lost with the answer, or with the node right after it."""
        now(self.rig.ledgers[NODES[node]].authorise(claim))
        self.due()
        return failed(claims_of(env, node, None))

    def is_held(self, claim: Claim) -> bool:
        row = self.rig.tx.sole(
            "SELECT state, owner, fence, lease_until_us FROM lead WHERE id = :id", id=claim.lead_id
        )
        mine = (row.state, row.owner, row.fence) == ("claimed", claim.owner, claim.fence)
        return mine and row.lease_until_us >= self.rig.now_us

    def in_doubt(self, env: Env, node: int, claim: Claim) -> Env:
        """The link drops around the originate: it may arrive or not, and the node holds the attempt in doubt."""
        known = len(env.tokens)
        env = self.t1(env, node, claim)
        if len(env.tokens) == known:
            return failed(env)
        attempt = AttemptId(env.tokens[-1][1])
        now(self.rig.calls[NODES[node]].advance(attempt, S.UNCERTAIN, PERSON, {}, {}))
        if not self.slip.keeps_doubt:
            self.rig.tx.run("UPDATE attempt SET state = 'lapsed' WHERE id = :id", id=attempt)
            self.rig.tx.run(
                "UPDATE lead SET state = 'queued', owner = NULL WHERE id = (SELECT lead_id FROM attempt WHERE id = :id)",
                id=attempt,
            )
        return failed(env)

    def doubt(self, env: Env, node: int, row: Attempted) -> Env:
        now(self.rig.calls[NODES[node]].advance(row.id, S.UNCERTAIN, PERSON, {}, {}))
        return failed(env)

    def may_close(self, env: Env, row: Attempted) -> bool:
        """What `services.closing` waits for: the report of the leg that got the yes, or an egress without a leg."""
        view = now(self.rig.calls[row.node].view(row.id))
        if view is None or view.report is not None or not self.slip.asks_egress:
            return True
        tokens = {token for token, attempt in env.tokens if attempt == row.id}
        if any(leg.token in tokens and leg.state in (SCRIPT, YES, UP) for leg in env.legs):
            return False
        if row.id in env.forgotten and self.slip.holds_after_restart:
            end = longest_end(self.rig.tx, self.rig.unseal, row.id)
            return end is None or end.now_us >= end.ends_us
        return True

    def close(self, env: Env, node: int, row: Attempted) -> Env:
        calls = self.rig.calls[NODES[node]]
        view = now(calls.view(row.id))
        assert view is not None
        if view.report is not None:
            now(
                calls.close(row.id, S.FAILED, PERSON, {"outcome": "no_answer", "ended": True}, {}, LeadDone())
            )
            return env
        if row.state is not S.UNCERTAIN:
            now(calls.advance(row.id, S.UNCERTAIN, PERSON, {}, {}))
        after = LeadDone() if self.slip.knows_unknown else LeadAgain(0, "none")
        now(calls.close(row.id, S.ENDED_UNKNOWN, PERSON, {"outcome": "unknown", "ended": True}, {}, after))
        self.due()
        return env

    def refuse(self, env: Env, node: int) -> Env:
        lead = self.rig.tx.sole("SELECT sid FROM lead WHERE id = :id", id=self.ground.leads[0])
        refusing = Refusing(
            sid=SubjectId(lead.sid),
            org_id=OrganisationId(ORG),
            scope=DncScope.ORGANISATION,
            purpose=None,
            reason=DncReason.FORM,
            actor=PERSON,
            said_in=None,
            closing_seconds=30,
        )
        now(self.rig.calls[NODES[node]].refuse(refusing))
        return replace(env, refusals=env.refusals + 1)

    def cut(self, env: Env, node: int) -> Env:
        """Rule 12: whatever is wanted cut is hung up at the egress; a leg that is still asking goes away too."""
        wanted = {str(call.attempt_id) for call in now(self.rig.calls[NODES[node]].wanted_cuts())}
        mine = {token for token, attempt in env.tokens if attempt in wanted}
        legs = tuple(
            replace(leg, state=OVER, has_to_report=leg.is_yes)
            if leg.token in mine and leg.state in (SCRIPT, YES, UP)
            else leg
            for leg in env.legs
        )
        return replace(env, legs=legs)

    def die(self, env: Env, node: int) -> Env:
        up = (False, env.up[1]) if node == 0 else (env.up[0], False)
        return failed(replace(claims_of(env, node, None), up=up))

    def start(self, env: Env, node: int) -> Env:
        """Reconcile: what is open and issued is held in doubt; what is consumed is closed by `closes`."""
        for call in now(self.rig.calls[NODES[node]].open_calls()):
            if call.permit == "issued" and call.state is S.AUTHORISED:
                now(self.rig.calls[NODES[node]].advance(call.attempt_id, S.UNCERTAIN, PERSON, {}, {}))
        return replace(env, up=(True, env.up[1]) if node == 0 else (env.up[0], True))

    # -------------------------------------------------------------- the wire, the egress, time

    def arrive(self, env: Env, token: str) -> Env:
        wires = list(env.wires)
        wires.remove(token)
        return replace(env, wires=tuple(wires), legs=(*env.legs, Leg(token, SCRIPT)))

    def lose(self, env: Env, token: str) -> Env:
        wires = list(env.wires)
        wires.remove(token)
        return failed(replace(env, wires=tuple(wires)))

    def double(self, env: Env, token: str) -> Env:
        return failed(replace(env, legs=(*env.legs, Leg(token, SCRIPT))))

    def ask(self, env: Env, place: int, leg: Leg, *, is_heard: bool) -> Env:
        """T2. A no, and an answer that is not heard, end the leg; a leg that got none reports all the same (rule 13)."""
        permit = self.rig.tx.one(
            "SELECT expires_us, number_hmac, org_id FROM permit WHERE token_sha256 = :t", t=digest(leg.token)
        )
        try:
            answer = now(
                self.rig.store.write(
                    lambda tx: consume(tx, self.rig.gate_log, self.rig.unseal, leg.token, f"leg-{place}")
                )
            )
        except Exception:  # rolled back: the gate's answer is no
            answer = None
        if not isinstance(answer, GateYes):
            return leg_of(env, place, replace(leg, state=OVER, has_to_report=True))
        assert permit is not None
        if permit.expires_us <= self.rig.now_us:
            self.fail("S7: an expired permit was consumed")
        if self.rig.tx.one("SELECT 1 AS there FROM dnc_entry WHERE number_hmac = :h", h=permit.number_hmac):
            self.fail("S2: a permit was consumed after the refusal was committed")
        if not is_heard:
            return failed(leg_of(env, place, replace(leg, state=OVER)))
        return leg_of(env, place, replace(leg, state=YES, is_yes=True))

    def dial(self, env: Env, place: int, leg: Leg) -> Env:
        row = self.rig.tx.one(
            "SELECT a.lead_id, a.platform_hmac, p.state FROM permit p JOIN attempt a ON a.id = p.attempt_id"
            " WHERE p.token_sha256 = :t",
            t=digest(leg.token),
        )
        if row is None or row.state != "consumed":
            self.fail("S5: an INVITE without its committed permit")
        number = bytes(row.platform_hmac)
        if any(token == leg.token for token, _, _ in env.invites):
            self.fail("S1: two INVITEs on one permit")
        numbers = {token: called for token, _, called in env.invites}
        if any(other.state in (UP, GHOST) and numbers.get(other.token) == number for other in env.legs):
            self.fail("S3: two live calls to one number")
        if any(lead == row.lead_id for _, lead, _ in env.invites):
            self.fail("S4: a lead called twice")
        env = replace(env, invites=(*env.invites, (leg.token, str(row.lead_id), number)))
        return leg_of(env, place, replace(leg, state=UP))

    def report(self, env: Env, place: int, leg: Leg) -> Env:
        said = LegReport("NOANSWER", "", 100, 0)
        now(self.rig.store.write(lambda tx: keep_report(tx, leg.token, f"leg-{place}", said)))
        return leg_of(env, place, replace(leg, has_to_report=False))

    def tick(self, env: Env) -> Env:
        """Everything that has a limit reaches it; bytes on the wire have none."""
        self.rig.now_us += TICK_SECONDS * 1_000_000
        ended = tuple(
            replace(leg, state=OVER, has_to_report=leg.is_yes or leg.state == SCRIPT)
            if leg.state in (SCRIPT, YES, UP)
            else replace(leg, state=OVER)
            if leg.state == GHOST
            else leg
            for leg in env.legs
        )
        self.due()
        return replace(env, ticks=env.ticks + 1, legs=ended)

    def forget(self, env: Env) -> Env:
        legs = tuple(
            replace(leg, state=GHOST if leg.state == UP else OVER, has_to_report=False) for leg in env.legs
        )
        consumed = {row.id for row in self.attempts() if row.permit == "consumed" and row.is_open}
        return failed(replace(env, legs=legs, forgotten=env.forgotten | consumed))

    def due(self) -> None:
        # waiting is no protection: what waits is due at once
        self.rig.tx.run("UPDATE lead SET due_us = 0 WHERE state = 'queued' AND due_us > 0")

    def did(self, env: Env, work: Callable[[], object]) -> Env:
        work()
        self.due()
        return env

    # -------------------------------------------------------------- what is there

    def attempts(self) -> list[Attempted]:
        rows = self.rig.tx.all(
            "SELECT a.id, a.lead_id, a.state, a.node, a.cut_wanted_us, p.state AS permit, p.expires_us, p.consumed_uid,"
            " r.uid FROM attempt a JOIN permit p ON p.attempt_id = a.id"
            " LEFT JOIN egress_report r ON r.attempt_id = a.id ORDER BY a.rowid"
        )
        return [
            Attempted(
                id=AttemptId(row.id),
                lead=row.lead_id,
                state=S(row.state),
                node=row.node,
                cut=row.cut_wanted_us is not None,
                permit=row.permit,
                is_expired=row.expires_us <= self.rig.now_us,
                uid=row.consumed_uid,
                reported=row.uid,
            )
            for row in rows
        ]
