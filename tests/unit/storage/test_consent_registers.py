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
    for kind in ("organisation", "caller-number", "source", "script", "campaign", "platform"):
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
