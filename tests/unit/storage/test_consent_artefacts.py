"""A list with artefact files: the file's hash is sealed with the consent, and without proof nobody is dialled."""

import io
import json
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from dialer.calls.permit import Permit
from dialer.demo.sample_leads import FILED_SITE, TEXT_VERSION
from dialer.demo.sample_organisation import CAMPAIGN, ORG, SUPERVISOR
from dialer.domain.ids import CampaignId, LeadId, OrganisationId, UserId
from dialer.evidence.steps import Outcome, Report
from dialer.evidence.verify import verify_file
from dialer.ports.ledger import Refused
from dialer.services.changes import Changes
from dialer.services.lead_intake import LeadIntake
from dialer.services.views.floor import ImportView
from dialer.storage.clock import InstallationClock
from dialer.storage.intake import StoredIntake
from dialer.storage.log import open_payload
from dialer.storage.shred import shred_subject
from tests.unit.storage.proof_world import ProofWorld, trust
from tests.unit.storage.storage_world import ASKED_AT, World

SCAN = b"%PDF-1.7\nthe signed form, scanned\n"
HEADER = "number,requested_at,purpose,source,origin,given_at,text_version,act,address,ownership,artefact\n"


@pytest.fixture
def proof(tmp_path: Path) -> Iterator[ProofWorld]:
    made = ProofWorld(tmp_path)
    yield made
    made.close()


def line(ending: int, artefact: str, ownership: str = "unproven") -> str:
    at = ASKED_AT.isoformat()
    return (
        f"+86130000000{ending:02d},{at},callback,{FILED_SITE},web_form,{at},{TEXT_VERSION},"
        f"pressed,https://www.example.com/callback,{ownership},{artefact}\n"
    )


def archive(*lines: str, **files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("list.csv", HEADER + "".join(lines))
        for name, content in files.items():
            made.writestr(name.replace("_", "."), content)
    return out.getvalue()


async def taken(world: World, content: bytes) -> list[LeadId]:
    stored = StoredIntake(world.store, world.log, world.keys, InstallationClock(world.store))
    view = await LeadIntake(stored, Changes()).take(
        OrganisationId(ORG), UserId(SUPERVISOR), CampaignId(CAMPAIGN), content
    )
    assert isinstance(view, ImportView), view
    assert not view.rejected
    return [
        LeadId(r.id) for r in world.all("SELECT id FROM lead WHERE import_id = :i ORDER BY row", i=view.id)
    ]


async def test_a_consent_with_its_file_is_dialled_and_one_without_is_seen_and_refused(
    proof: ProofWorld,
) -> None:
    world = proof.core
    with_file, bare = await taken(world, archive(line(1, "scan.pdf"), line(2, ""), scan_pdf=SCAN))
    refused = await world.ledger.authorise(await world.claim(bare))
    assert isinstance(refused, Refused)
    assert "CONSENT_NO_PROOF" in refused.refusal.codes
    assert isinstance(await world.ledger.authorise(await world.claim(with_file)), Permit)


async def test_the_files_hash_is_sealed_with_the_consent_and_the_bundle_brings_the_file(
    proof: ProofWorld, tmp_path: Path
) -> None:
    world = proof.core
    (lead,) = await taken(world, archive(line(1, "scan.pdf"), scan_pdf=SCAN))
    consent = world.one(
        "SELECT c.* FROM consent c JOIN lead l ON l.consent_id = c.id WHERE l.id = :id", id=lead
    )
    assert consent.artefact_sha256 == sha256(SCAN).hexdigest()
    payload = world.store.read_now(lambda tx: open_payload(tx, world.keys, int(consent.leaf_seq)))
    assert payload is not None
    stated = {f["name"]: f["sha256"] for f in payload.value("consent.files")}  # type: ignore[index,union-attr,call-overload]
    assert stated["artefact.pdf"] == sha256(SCAN).hexdigest()
    attempt = await proof.talked_to(lead, 1)
    await proof.sign()
    bundle = await proof.bundle(attempt, ORG)
    with zipfile.ZipFile(io.BytesIO(bundle)) as opened:
        assert opened.read("consent/artefact.pdf") == SCAN
    (tmp_path / "bundle.zip").write_bytes(bundle)
    report = verify_file(tmp_path / "bundle.zip", trust(), None)
    assert isinstance(report, Report)
    assert report.exit_code == 0, [c for c in report.checks if c.outcome is Outcome.FAILED]


@pytest.mark.rule("D9")
async def test_the_file_lies_encrypted_and_goes_with_the_person(proof: ProofWorld) -> None:
    world = proof.core
    (lead,) = await taken(world, archive(line(1, "scan.pdf"), scan_pdf=SCAN))
    row = world.one("SELECT * FROM consent_artefact")
    assert SCAN not in bytes(row.ct)
    assert row.size_bytes == len(SCAN)
    world.store.write_now(lambda tx: shred_subject(tx, world.lead_row(lead).sid))
    assert world.one("SELECT * FROM consent_artefact").ct is None


async def test_a_list_can_not_claim_whose_phone_it_is(proof: ProofWorld) -> None:
    world = proof.core
    await taken(world, archive(line(1, "scan.pdf", ownership="proven"), scan_pdf=SCAN))
    consent = world.one("SELECT ownership, register_json FROM consent")
    assert consent.ownership == "unproven"
    assert json.loads(consent.register_json)["artefact"] == "file"
