"""Both verifiers give the same outcome of every check on every honest and tampered dossier."""

import random

import pytest
from dossier_kit import DOSSIER_ATTACKS, DossierAttack, dossier
from second_dossier import DOSSIER_CHECKS
from second_dossier import verify_dossier as by_the_second

from dialer.evidence.check_dossier import DOSSIER_STEPS, verify_dossier
from dialer.evidence.sample import SampleLog
from dialer.evidence.trust import Trust


def both(data: bytes, trust: Trust | None) -> tuple[dict[str, str], dict[str, str]]:
    first = {c.id: str(c.outcome) for c in verify_dossier(data, trust).checks}
    return first, by_the_second(data, trust.to_bytes() if trust is not None else None)


def test_both_run_the_same_checks_in_the_same_order() -> None:
    assert [(step.id, step.needs) for step in DOSSIER_STEPS] == [(n, needs) for n, needs, _ in DOSSIER_CHECKS]


def test_both_accept_an_honest_dossier(log: SampleLog) -> None:
    for trust in (log.trust, None):
        first, second = both(dossier(log), trust)
        assert first == second
        assert set(first.values()) == {"pass"}


@pytest.mark.parametrize("attack", DOSSIER_ATTACKS, ids=lambda attack: attack.name)
def test_both_find_the_same_faults_in_every_attack(log: SampleLog, attack: DossierAttack) -> None:
    data = attack.make(log)
    for trust in (log.trust, None):
        first, second = both(data, trust)
        assert first == second
        assert "fail" in first.values() or trust is None


def test_both_refuse_every_flipped_bit(log: SampleLog) -> None:
    honest, rng = dossier(log), random.Random("dossier")
    for _ in range(60):
        data = bytearray(honest)
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        first, second = both(bytes(data), log.trust)
        assert first == second
        assert "fail" in first.values()
