"""The registers that the gate reads: typed, on the log, verified by somebody else, held at once."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from dialer.calls.permit import Permit
from dialer.demo.sample_leads import FILED_SITE, UNVERIFIED_SITE
from dialer.demo.sample_organisation import CAMPAIGN, ORG
from dialer.domain.consent import SourceKind
from dialer.ports.ledger import Refused
from dialer.services.views.words import Declined
from dialer.storage import consent_registers as registers
from dialer.storage.consent_registers import Editor
from dialer.storage.register_changes import NEVER_LAPSES, NO_CHANGE, OWN_PROPOSAL, Proposed
from tests.unit.storage.storage_world import CALLER_ID_ROW, World, fresh_sqlite

ADMIN = Editor("user-admin", ORG)
AUDITOR = Editor("user-auditor", ORG)
STRANGER = Editor("user-stranger", "org-other")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    opened = World(fresh_sqlite(tmp_path))
    yield opened
    opened.close()


def _set(world: World, kind: str, entry: str, name: str, value: str, by: Editor = ADMIN) -> Declined | None:
    return world.store.write_now(lambda tx: registers.set_field(tx, world.log, by, kind, entry, name, value))


def _config_leaves(world: World) -> int:
    return int(world.one("SELECT COUNT(*) AS n FROM leaf WHERE type = 'config.changed'").n)


@pytest.mark.rule("A13")
async def test_a_new_source_is_dialable_only_once_another_person_verified_it(world: World) -> None:
    def verify(by: Editor) -> Declined | None:
        return world.store.write_now(
            lambda tx: registers.verify_source(
                tx, world.log, by, "source-new", "示例ICP备1号", date(2026, 11, 17), None
            )
        )

    def add() -> Declined | None:
        return world.store.write_now(
            lambda tx: registers.add_source(
                tx, world.log, ADMIN, "source-new", SourceKind.FILED_SITE, "new.example.com"
            )
        )

    assert add() is None
    assert add() == registers.TAKEN
    lead = await world.lead(1)
    world.run("UPDATE consent SET source_id = 'source-new'")
    refused = await world.ledger.authorise(await world.claim(lead))
    assert isinstance(refused, Refused)
    assert "SOURCE_UNVERIFIED" in refused.refusal.codes
    assert verify(ADMIN) == registers.OWN_ACT
    assert verify(STRANGER) == registers.NOT_THERE
    assert verify(AUDITOR) is None
    # the lead needn't wait for its next look: the register's change made it due
    assert isinstance(await world.ledger.authorise(await world.claim(lead)), Permit)
    assert _config_leaves(world) == 2


async def test_holding_a_source_voids_its_permits_in_the_same_transaction(world: World) -> None:
    permit = await world.permit(await world.lead(2))
    voided = world.store.write_now(
        lambda tx: registers.stop_source(tx, world.log, AUDITOR, FILED_SITE, "blind calls")
    )
    assert voided == 1
    assert world.permit_row(permit.attempt_id).state == "void"
    other = world.store.write_now(
        lambda tx: registers.stop_source(tx, world.log, AUDITOR, UNVERIFIED_SITE, "blind calls")
    )
    assert other == 0


def test_a_field_takes_values_of_its_type_only(world: World) -> None:
    before = world.size()
    for value in ('"perhaps"', "{", '{"unknown": "x"}', "3"):
        assert _set(world, "caller-number", CALLER_ID_ROW, "tenure", value) == registers.BAD_VALUE
    assert _set(world, "caller-number", CALLER_ID_ROW, "state", '"active"') == registers.NO_FIELD
    assert _set(world, "caller-number", CALLER_ID_ROW, "colour", '"red"') == registers.NO_FIELD
    assert _set(world, "caller-number", "number-none", "tenure", '"own"') == registers.NOT_THERE
    assert _set(world, "caller-number", CALLER_ID_ROW, "tenure", '"own"', STRANGER) == registers.NOT_THERE
    assert world.size() == before
    assert _set(world, "caller-number", CALLER_ID_ROW, "risk_score", '"0.25"') is None
    assert world.size() == before + 1


async def test_a_changed_register_changes_the_gate_s_answer(world: World) -> None:
    lead = await world.lead(3)
    assert _set(world, "campaign", CAMPAIGN, "owner", '""') is None
    refused = await world.ledger.authorise(await world.claim(lead))
    assert isinstance(refused, Refused), refused
    assert _set(world, "campaign", CAMPAIGN, "owner", '"campaign lead"') is None
    assert isinstance(await world.ledger.authorise(await world.claim(lead)), Permit)


def test_each_register_shows_its_fields_and_what_is_not_filed_is_unknown(world: World) -> None:
    for kind in ("organisation", "caller-number", "source", "script", "campaign", "agent", "platform"):
        [*ids] = world.store.read_now(lambda tx, kind=kind: registers.entries(tx, ORG, kind))
        assert ids, kind
        found = world.store.read_now(
            lambda tx, kind=kind, entry=ids[0]: registers.shown(tx, ORG, kind, entry)
        )
        assert isinstance(found, dict)
        assert tuple(found) == registers.field_names(kind)
    world.run("UPDATE script SET register_json = '{}'")
    found = world.store.read_now(lambda tx: registers.shown(tx, ORG, "script", "script-callback-1"))
    assert isinstance(found, dict)
    assert json.dumps(found["filed_at"]) == '{"unknown": "not in the register"}'


# ---------------------------------------------------------------- the second person

SECOND = Editor("user-supervisor", ORG)


def _approve(world: World, change: str, by: Editor) -> Declined | None:
    return world.store.write_now(lambda tx: registers.approve(tx, world.log, by, change))


def _propose(world: World, kind: str, entry: str, name: str, value: str) -> str:
    done = world.store.write_now(
        lambda tx: registers.set_field(tx, world.log, ADMIN, kind, entry, name, value)
    )
    assert isinstance(done, Proposed), done
    return done.change_id


@pytest.mark.rule("A5")
async def test_a_grave_violation_stops_at_once_and_a_relaunch_takes_a_second_person(world: World) -> None:
    lead = await world.lead(4)
    issued = await world.permit(await world.lead(5))
    assert _set(world, "organisation", ORG, "standing", '"offline_grave"') is None
    assert world.permit_row(issued.attempt_id).state == "void", (
        "what was issued is void in the same transaction"
    )
    refused = await world.ledger.authorise(await world.claim(lead))
    assert isinstance(refused, Refused)
    change = _propose(world, "organisation", ORG, "standing", '"good"')
    world.make_due(lead)
    still = await world.ledger.authorise(await world.claim(lead))
    assert isinstance(still, Refused), "a proposal changes nothing"
    assert _approve(world, change, ADMIN) == OWN_PROPOSAL
    assert _approve(world, change, STRANGER) == NO_CHANGE
    assert _approve(world, change, SECOND) is None
    assert _approve(world, change, SECOND) == NO_CHANGE
    world.make_due(lead)
    assert isinstance(await world.ledger.authorise(await world.claim(lead)), Permit)


@pytest.mark.parametrize(
    ("kind", "entry", "name", "stricter", "laxer"),
    [
        ("caller-number", CALLER_ID_ROW, "risk_score", '"0.80"', '"0.20"'),
        ("caller-number", CALLER_ID_ROW, "alarms", '["regulator"]', "[]"),
        ("caller-number", CALLER_ID_ROW, "linked_suspension", '"s-1"', '""'),
        ("caller-number", CALLER_ID_ROW, "appeal", '"open"', '"none"'),
        ("organisation", ORG, "channel_complainants", "3", "0"),
        ("organisation", ORG, "channel", '"permissions_off"', '"active"'),
        ("campaign", CAMPAIGN, "refiling", '"required"', '"not_needed"'),
        ("agent", "user-agent", "conduct", '"suspended"', '"clear"'),
    ],
)
async def test_what_holds_back_is_filed_by_one_and_lifted_by_two(
    world: World, kind: str, entry: str, name: str, stricter: str, laxer: str
) -> None:
    assert _set(world, kind, entry, name, stricter) is None
    refused = await world.ledger.authorise(await world.claim(await world.lead(6)))
    assert isinstance(refused, Refused)
    change = _propose(world, kind, entry, name, laxer)
    newer = _propose(world, kind, entry, name, laxer)
    assert _approve(world, change, SECOND) == NO_CHANGE, "the newer proposal replaced it"
    assert _approve(world, newer, SECOND) is None
    assert isinstance(await world.ledger.authorise(await world.claim(await world.lead(7))), Permit)


@pytest.mark.rule("E6")
def test_a_record_of_a_violation_is_added_to_and_never_taken_off(world: World) -> None:
    first, second = "2026-10-01T02:00:00Z", "2026-11-01T02:00:00Z"
    assert _set(world, "organisation", ORG, "serious_strikes_at", json.dumps([first])) is None
    assert _set(world, "organisation", ORG, "serious_strikes_at", json.dumps([first, second])) is None
    for less in ([], [second], ["2026-10-02T02:00:00Z", second]):
        assert _set(world, "organisation", ORG, "serious_strikes_at", json.dumps(less)) == NEVER_LAPSES


@pytest.mark.rule("B17")
async def test_an_agent_s_quiz_is_filed_and_the_gate_reads_it(world: World) -> None:
    lead = await world.lead(8)
    world.run("UPDATE user_account SET register_json = '{}' WHERE id = 'user-agent'")
    refused = await world.ledger.authorise(await world.claim(lead))
    assert isinstance(refused, Refused)
    assert any("QUIZ" in code or "TRAIN" in code for code in refused.refusal.codes), refused.refusal.codes
    assert _set(world, "agent", "user-agent", "quiz_passed_at", '"2026-10-01T02:00:00Z"') is None
    assert (
        _set(world, "agent", "user-supervisor", "quiz_passed_at", '"2026-10-01T02:00:00Z"')
        == registers.NOT_THERE
    )
    assert isinstance(await world.ledger.authorise(await world.claim(lead)), Permit)
