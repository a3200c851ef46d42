"""No false alarm: clean logs of every make, each different, are found clean by the audit and by both verifiers.

CLEAN_LOGS=1000 python -m pytest tests/verifier/test_clean_logs.py        the full number; a few in `make test`
"""

import os
import random

import pytest
from dossier_kit import dossier
from second_dossier import verify_dossier as by_the_second
from second_verifier import exit_code, verify

from dialer.evidence.audit import audit_log
from dialer.evidence.bundle import redacted
from dialer.evidence.check_dossier import verify_dossier
from dialer.evidence.checks import verify_bundle
from dialer.evidence.dnc_proof import PLATFORM_SCOPE, org_scope
from dialer.evidence.record import EventType, policy_of
from dialer.evidence.sample import (
    NUMBERS,
    ORG,
    PACKS,
    SampleLog,
    finish_talk,
    permit_call,
    record_consent,
)

COUNT = int(os.environ.get("CLEAN_LOGS", "4"))
T = EventType
SHOWN = ("policy.packs", "codes", "purpose", "rec.flac_sha256", "callee.number", "consent.files")


def clean_log(rng: random.Random) -> tuple[SampleLog, dict[str, str]]:
    """A log as the product could have written it, and its attempts with their numbers."""
    log = SampleLog(seed=f"{rng.random()}")
    log.append(T.CONFIG_CHANGED, {"what": "installed"})
    for number in rng.sample(range(40, 100), rng.randrange(6)):
        log.add_to_dnc(rng.choice([org_scope(ORG), PLATFORM_SCOPE]), NUMBERS[number])
    attempts = {f"a{n}": NUMBERS[n] for n in range(1, rng.randrange(2, 5))}
    for name, number in attempts.items():
        record_consent(log, f"c-{name}", number)
        if rng.random() < 0.3:
            log.append(T.EVIDENCE_ACCESSED, {"what": "sample"})
    log.seal()
    for name, number in attempts.items():
        _attempt(log, rng, name, number)
        if rng.random() < 0.3:
            log.seal()
        if rng.random() < 0.2:
            log.seal()
            log.rotate_log_key()
        if rng.random() < 0.15:
            log.rotate_vrf_key()
    log.append(T.CONFIG_CHANGED, {"what": "closed"})
    log.seal()
    return log, attempts


def _attempt(log: SampleLog, rng: random.Random, name: str, number: str) -> None:
    consent = f"c-{name}"
    if rng.random() < 0.25:
        policy = policy_of(PACKS)
        log.append(T.DECISION_REFUSED, {"codes": ["window"]}, attempt=name, consent=consent, policy=policy)
        log.append(T.ATTEMPT_REFUSED, attempt=name, consent=consent)
        return
    permit_call(log, name, consent, number)
    ending = rng.choice(["talk", "busy", "abandoned", "refused in the talk"])
    if ending == "busy":
        log.append(T.ATTEMPT_FAILED, {"sip.code": 486}, attempt=name)
        return
    if ending == "talk":
        finish_talk(log, name, None)
        return
    for state in (T.ATTEMPT_RINGING, T.ATTEMPT_ANSWERED):
        log.append(state, attempt=name)
    if ending == "abandoned":
        log.append(T.ATTEMPT_ABANDONED, {"cause": "nobody"}, attempt=name)
    else:
        log.append(T.ATTEMPT_CONNECTED, attempt=name)
        log.append(T.REFUSAL_HEARD, {"reason": "key_9"}, attempt=name)
        log.add_to_dnc(org_scope(ORG), number, attempt=name)
        log.append(T.ATTEMPT_WRAPPING, attempt=name)
        log.append(T.RECORDING_MISSING, {"why": "vault_unavailable"}, attempt=name)
    log.append(T.ATTEMPT_SEALED, attempt=name)


@pytest.mark.parametrize("number", range(COUNT))
def test_a_clean_log_is_found_clean_by_everybody(number: int) -> None:
    rng = random.Random(f"clean {number}")
    log, attempts = clean_log(rng)
    notes = [note.to_bytes() for note in log.notes]
    assert audit_log(log.bodies, notes, notes[-1], log.trust).findings == ()
    for name, callee in attempts.items():
        parts = log.parts(name, callee)
        keep = frozenset(rng.sample(SHOWN, rng.randrange(len(SHOWN))))
        for data in (log.bundle(parts), log.bundle(redacted(parts, keep))):
            report = verify_bundle(data, log.trust)
            assert report.exit_code == 0, [(c.id, c.detail) for c in report.checks if c.outcome == "fail"]
            assert exit_code(verify(data, log.trust.to_bytes()), log.trust.to_bytes()) == 0
    whole = dossier(log, attempts)
    assert verify_dossier(whole, log.trust).exit_code == 0
    assert set(by_the_second(whole, log.trust.to_bytes()).values()) == {"pass"}
