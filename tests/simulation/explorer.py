"""Walks every order of the steps of one call with small bounds, and checks the protocol's invariants after each.

A state is the rows of lead, attempt, permit, refusal and report, and what is under way outside the database (`Env`). A step
is one transaction or one message. Depth first; each step is undone by a savepoint; a state that was seen is not walked
again. `Bounds.failures` is shared by all kinds of failure: lost, doubled and late messages, unknown commits, crashes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256

from dialer.storage.facts_callee import contact_facts
from tests.simulation.explorer_env import (
    OVER,
    SCRIPT,
    UP,
    YES,
    Attempted,
    Bounds,
    Env,
    Leg,
    S,
    Slip,
    Violation,
    failed,
    leg_of,
)
from tests.simulation.explorer_steps import Moves
from tests.simulation.explorer_world import NODES, Edit, Ground, Rig, now

Step = tuple[str, Callable[[], Env]]


@dataclass
class Explorer:
    """One walk."""

    ground: Ground
    bounds: Bounds
    slip: Slip = field(default_factory=Slip)
    edits: tuple[Edit, ...] = ()
    drops_index: bool = False
    seen: set[bytes] = field(default_factory=set)
    steps: int = 0
    drained: int = 0

    def run(self) -> None:
        """Walk everything.

        Raises:
            Violation: an invariant doesn't hold.
        """
        self.moves = Moves(Rig(self.ground, self.edits, self.drops_index), self.ground, self.slip)
        sys.setrecursionlimit(10_000)
        try:
            self._walk(Env(), 0)
            self.hits = set(self.moves.rig.tx.hits)
        except Violation:
            self.hits = set(self.moves.rig.tx.hits)
            raise
        finally:
            self.moves.rig.close()

    def _walk(self, env: Env, depth: int) -> None:
        key = self._key(env)
        if key in self.seen:
            return
        self.seen.add(key)
        assert len(self.seen) <= self.bounds.states_max, "the bounds are too wide for a test"
        self._check_rows(env)
        for name, step in self._steps(env):
            with self.moves.rig.tried(depth):
                self.moves.path.append(name)
                before = self.moves.rig.now_us
                try:
                    self.steps += 1
                    after = self._try(step)
                    if after is not None:
                        self._walk(after, depth + 1)
                finally:
                    self.moves.rig.now_us = before
                    self.moves.path.pop()
        if key[0] < 16:  # one state in sixteen: from there everything must come to an end
            self._check_ends(env, depth)

    def _try(self, step: Callable[[], Env]) -> Env | None:
        """A step; None where a rule is left out and the product's own machine already refuses what follows from that."""
        try:
            return step()
        except ValueError:
            if self.slip == Slip() and not self.edits:
                raise
            return None

    # -------------------------------------------------------------- the steps

    def _steps(self, env: Env) -> Iterator[Step]:
        rows = self.moves.attempts()
        for node, name in enumerate(NODES):
            if not env.up[node]:
                yield f"{name} starts again", partial(self.moves.start, env, node)
                continue
            yield from self._steps_of_node(env, node, name, rows)
        for token in sorted(set(env.wires)):
            yield "originate arrives", partial(self.moves.arrive, env, token)
            if self._may_fail(env):
                yield "originate is lost", partial(self.moves.lose, env, token)
                yield "originate arrives twice", partial(self.moves.double, env, token)
        for place, leg in enumerate(env.legs):
            yield from self._steps_of_leg(env, place, leg)
        if env.ticks < self.bounds.ticks:
            yield "time passes", lambda: self.moves.tick(env)
        if self._may_fail(env) and any(leg.state in (SCRIPT, YES, UP) for leg in env.legs):
            yield "egress starts again", lambda: self.moves.forget(env)

    def _steps_of_node(self, env: Env, node: int, name: str, rows: list[Attempted]) -> Iterator[Step]:
        claim = env.claims[node]
        if claim is None and len(rows) < self.bounds.attempts:
            yield f"{name} claims", lambda: self.moves.claim(env, node)
        if claim is not None and len(rows) < self.bounds.attempts:
            yield f"{name} T1, originates", lambda: self.moves.t1(env, node, claim)
            if self._may_fail(env):
                yield f"{name} T1 unknown", lambda: self.moves.t1_unknown(env, node, claim)
                yield f"{name} T1, originates in doubt", lambda: self.moves.in_doubt(env, node, claim)
        for row in rows:
            if row.node == name and row.is_open:
                yield from self._steps_of_attempt(env, node, name, row)
        if any(row.permit == "issued" and row.is_expired for row in rows):
            yield (
                f"{name} lapses",
                lambda: self.moves.did(env, lambda: now(self.moves.rig.calls[name].lapse_expired())),
            )
        if env.refusals < self.bounds.refusals:
            yield f"{name} T3", lambda: self.moves.refuse(env, node)
        if any(row.cut and row.is_open for row in rows):
            yield f"{name} cuts", lambda: self.moves.cut(env, node)
        if self._may_fail(env):
            yield f"{name} dies", lambda: self.moves.die(env, node)

    def _steps_of_attempt(self, env: Env, node: int, name: str, row: Attempted) -> Iterator[Step]:
        calls = self.moves.rig.calls[name]
        # asked for also when the permit was consumed since it was looked at: the swap itself has to say no
        yield f"{name} voids", lambda: self.moves.did(env, lambda: now(calls.void(row.id, "no channel")))
        if row.permit == "issued":
            if row.state in (S.AUTHORISED, S.PLACED) and self._may_fail(env):
                yield f"{name} doubts", lambda: self.moves.doubt(env, node, row)
        elif row.permit == "consumed":
            if row.state is S.PLACED and self._may_fail(env):
                yield f"{name} doubts", lambda: self.moves.doubt(env, node, row)
            if self.moves.may_close(env, row):
                yield f"{name} closes", lambda: self.moves.close(env, node, row)

    def _steps_of_leg(self, env: Env, place: int, leg: Leg) -> Iterator[Step]:
        match leg.state:
            case "script":
                yield f"leg {place} asks", lambda: self.moves.ask(env, place, leg, is_heard=True)
                if self._may_fail(env):
                    yield f"leg {place} asks in vain", lambda: self.moves.ask(env, place, leg, is_heard=False)
            case "yes":
                yield f"leg {place} dials", lambda: self.moves.dial(env, place, leg)
            case "up":
                yield (
                    f"leg {place} ends",
                    lambda: leg_of(env, place, replace(leg, state=OVER, has_to_report=True)),
                )
            case _:
                pass
        if leg.has_to_report:
            yield f"leg {place} reports", lambda: self.moves.report(env, place, leg)
            if self._may_fail(env):
                yield (
                    f"leg {place}'s report is lost",
                    lambda: failed(leg_of(env, place, replace(leg, has_to_report=False))),
                )

    def _may_fail(self, env: Env) -> bool:
        return env.failures < self.bounds.failures

    # -------------------------------------------------------------- what must hold

    def _check_rows(self, env: Env) -> None:
        rows = self.moves.attempts()
        if env.refusals:
            self._check_refused(env, rows)
        for row in rows:
            sent = any(
                token == known for token, _, _ in env.invites for known, a in env.tokens if a == row.id
            )
            if sent and row.state is S.LAPSED:
                self.moves.fail("S6: a call that was dialled counts as not dialled")
        for number in {called for _, _, called in env.invites}:
            subject = self.moves.rig.tx.sole("SELECT * FROM subject WHERE platform_hmac = :h", h=number)
            counted = contact_facts(self.moves.rig.tx, subject, self.moves.rig.moment()).attempts_at
            assert isinstance(counted, tuple)
            if len(counted) < sum(called == number for _, _, called in env.invites):
                self.moves.fail("S6: fewer attempts count than were dialled")

    def _check_refused(self, env: Env, rows: list[Attempted]) -> None:
        """Rule 11 in every later state, and L2: one node's cutting leaves no live call to the number."""
        number = self.ground.numbers[self.ground.leads[0]]
        lead = self.moves.rig.tx.one(
            "SELECT 1 AS there FROM lead l JOIN subject s ON s.sid = l.sid"
            " WHERE s.platform_hmac = :h AND l.state IN ('queued', 'claimed', 'dialing')",
            h=number,
        )
        if lead is not None:
            self.moves.fail("R11: a lead of the refused number is still on the list")
        if self.moves.rig.tx.one(
            "SELECT 1 AS there FROM permit WHERE state = 'issued' AND platform_hmac = :h", h=number
        ):
            self.moves.fail("R11: a permit for the refused number is still issued")
        live = {
            token
            for token, _, called in env.invites
            if called == number and any(leg.token == token and leg.state == UP for leg in env.legs)
        }
        if not live:
            return
        for node in range(len(NODES)):
            if env.up[node]:
                after = self.moves.cut(env, node)
                if any(leg.token in live and leg.state == UP for leg in after.legs):
                    self.moves.fail("L2: a live call to the refused number is not cut")

    def _check_ends(self, env: Env, depth: int) -> None:
        """L1: when failures stop, every attempt comes to a final state and no lead stays in the air."""
        self.drained += 1
        with self.moves.rig.tried(depth):
            before, self.moves.rig.now_us = self.moves.rig.now_us, self.moves.rig.now_us
            try:
                self._drain(env)
            finally:
                self.moves.rig.now_us = before

    def _drain(self, env: Env) -> None:
        for node in range(len(NODES)):
            if not env.up[node]:
                env = self.moves.start(env, node)
        env = replace(env, wires=())
        for _ in range(2):
            for place in range(len(env.legs)):
                while (step := self._next_of_leg(env, place)) is not None:
                    env = step
            env = self.moves.tick(env)
            for node, name in enumerate(NODES):
                self._settle(env, node, name)
        for row in self.moves.attempts():
            if row.is_open:
                self.moves.fail(f"L1: an attempt stays {row.state}")
        stuck = self.moves.rig.tx.one("SELECT state FROM lead WHERE state = 'dialing'")
        if stuck is not None:
            self.moves.fail("L1: a lead stays in the air")

    def _settle(self, env: Env, node: int, name: str) -> None:
        """What a node's timers and lanes do once nothing fails any more."""
        calls = self.moves.rig.calls[name]
        self._try(lambda: self.moves.did(env, lambda: now(calls.lapse_expired())))
        for row in self.moves.attempts():
            mine = row.node == name and row.is_open and row.permit == "consumed"
            if mine and self.moves.may_close(env, row):
                self.moves.close(env, node, row)

    def _next_of_leg(self, env: Env, place: int) -> Env | None:
        leg = env.legs[place]
        match leg.state:
            case "script":
                return self.moves.ask(env, place, leg, is_heard=True)
            case "yes":
                return self.moves.dial(env, place, leg)
            case "up":
                return leg_of(env, place, replace(leg, state=OVER, has_to_report=True))
            case _:
                return self.moves.report(env, place, leg) if leg.has_to_report else None

    # -------------------------------------------------------------- states

    def _key(self, env: Env) -> bytes:
        """A state without the names that are drawn anew each time."""
        rows = self.moves.attempts()
        order = {str(row.id): place for place, row in enumerate(rows)}
        places = {token: order[attempt] for token, attempt in env.tokens}
        leads = self.moves.rig.tx.all("SELECT id, state, owner, fence, lease_until_us FROM lead ORDER BY id")
        fences = {row.id: row.fence for row in leads}
        legs = sorted(
            (
                places[leg.token],
                leg.state,
                leg.is_yes,
                leg.has_to_report,
                self._role(rows, places, place, leg),
            )
            for place, leg in enumerate(env.legs)
            if leg.state != OVER or leg.has_to_report
        )
        rest = (
            [places[token] for token in env.wires],
            legs,
            sorted(order[attempt] for attempt in env.forgotten),
            sorted(places[token] for token, _, _ in env.invites),
            (env.ticks, env.failures, env.refusals),
        )
        claims = [c and (c.lead_id, fences[c.lead_id] == c.fence) for c in env.claims]

        def named(first: int) -> str:
            """The state with that node called first: two that differ by the nodes' names alone are one."""
            names = {NODES[first]: 0, NODES[1 - first]: 1, None: None}
            return repr(
                (
                    [
                        (r.id, r.state, names[r.owner], r.lease_until_us > self.moves.rig.now_us)
                        for r in leads
                    ],
                    [
                        (
                            r.lead,
                            r.state,
                            names[r.node],
                            r.cut,
                            r.permit,
                            r.is_expired,
                            r.reported is not None,
                        )
                        for r in rows
                    ],
                    (env.up[first], env.up[1 - first]),
                    (claims[first], claims[1 - first]),
                    rest,
                )
            )

        return sha256(min(named(0), named(1)).encode()).digest()

    @staticmethod
    def _role(rows: list[Attempted], places: dict[str, int], place: int, leg: Leg) -> bool:
        return rows[places[leg.token]].uid == f"leg-{place}"
