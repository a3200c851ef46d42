"""vCon: the fields that the draft's schema demands, and nothing that the bundle withholds."""

import base64
import json
from datetime import datetime
from hashlib import sha512
from typing import Any
from uuid import UUID

import jsonschema  # type: ignore[import-untyped]
import pytest

from dialer.evidence.bundle import redacted
from dialer.evidence.canonical import EvidenceFormatError
from dialer.evidence.checks import verify_bundle
from dialer.evidence.sample import SAMPLE_ATTEMPTS, SampleLog
from dialer.evidence.vcon import vcon_of_bundle

# What draft-ietf-vcon-vcon-core-04 demands of the objects that we write (sections 4.1 to 4.4).
CONTENT = {"encoding": {"const": "base64url"}, "body": {"type": "string"}, "content_hash": {"type": "string"}}
SCHEMA = {
    "type": "object",
    "required": ["uuid", "created_at", "parties"],
    "additionalProperties": False,
    "properties": {
        "vcon": {"const": "0.4.0"},
        "uuid": {"type": "string"},
        "created_at": {"type": "string"},
        "subject": {"type": "string"},
        "redacted": {"type": "object", "required": ["type"]},
        "parties": {"type": "array", "items": {"type": "object"}},
        "analysis": {"type": "array", "maxItems": 0},
        "dialog": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type", "start"],
                "properties": {
                    "type": {"enum": ["recording", "incomplete"]},
                    "disposition": {"enum": ["no-answer", "congestion", "failed", "busy", "hung-up"]},
                    **CONTENT,
                },
                "if": {"properties": {"type": {"const": "incomplete"}}},
                "then": {"required": ["disposition"], "not": {"required": ["body"]}},
                "else": {"required": ["body", "encoding", "mediatype"]},
            },
        },
        "attachments": {
            "type": "array",
            "items": {"type": "object", "required": ["start", "party", "dialog"], "properties": CONTENT},
        },
    },
}


def opened(data: bytes) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(data)
    return value


def unbase64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.mark.parametrize("attempt", SAMPLE_ATTEMPTS)
def test_a_bundle_becomes_a_vcon_that_carries_it(log: SampleLog, attempt: str) -> None:
    bundle = log.bundle(log.parts(attempt, SAMPLE_ATTEMPTS[attempt]))
    vcon = opened(vcon_of_bundle(bundle))
    jsonschema.validate(vcon, SCHEMA)
    assert UUID(vcon["uuid"]).version == 8
    assert datetime.fromisoformat(vcon["created_at"]).tzinfo is not None
    carried = unbase64url(vcon["attachments"][0]["body"])
    assert carried == bundle
    assert verify_bundle(carried, log.trust).exit_code == 0
    for part in (*vcon["attachments"], *(d for d in vcon["dialog"] if "body" in d)):
        digest = sha512(unbase64url(part["body"])).digest()
        assert unbase64url(part["content_hash"].removeprefix("sha512-")) == digest
    assert vcon["parties"][1]["tel"] == f"tel:{SAMPLE_ATTEMPTS[attempt]}"


def test_the_talk_is_a_recording_and_the_others_say_why_there_is_none(log: SampleLog) -> None:
    dialogs = {
        name: opened(vcon_of_bundle(log.bundle(log.parts(name, number))))["dialog"][0]
        for name, number in SAMPLE_ATTEMPTS.items()
    }
    assert {name: (d["type"], d.get("disposition")) for name, d in dialogs.items()} == {
        "talked": ("recording", None),
        "refused": ("incomplete", "failed"),
        "said-no": ("incomplete", "hung-up"),
        "busy": ("incomplete", "busy"),
        "lapsed": ("incomplete", "failed"),
    }
    assert unbase64url(dialogs["talked"]["body"]) == log.sounds["talked"].flac
    assert dialogs["talked"]["duration"] == 0.25


def test_a_redacted_bundle_gives_a_vcon_without_the_number(log: SampleLog) -> None:
    parts = redacted(log.parts("talked", SAMPLE_ATTEMPTS["talked"]), frozenset())
    data = vcon_of_bundle(log.bundle(parts))
    assert SAMPLE_ATTEMPTS["talked"] not in data.decode()
    assert "tel" not in opened(data)["parties"][1]
    assert opened(data)["redacted"]["type"]


def test_what_is_no_bundle_becomes_no_vcon() -> None:
    with pytest.raises(EvidenceFormatError):
        vcon_of_bundle(b"PK")
