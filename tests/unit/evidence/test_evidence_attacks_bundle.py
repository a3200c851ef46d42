"""Attacks on bundles: each is detected, by the check that names it, and the honest bundle beside it verifies."""

import random

import pytest
from attacks_on_keys import rotated_bundle, rotated_log
from bundle_attacks import ATTACKS, Attack, bundle
from bundle_forging import as_exporter, open_files, operator_bundle
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.evidence.bundle import redacted
from dialer.evidence.case import Outcome
from dialer.evidence.checks import verify_bundle
from dialer.evidence.container import write_zip
from dialer.evidence.parts import Says
from dialer.evidence.sample import NUMBERS, SAMPLE_ATTEMPTS, SampleLog, finish_talk, permit_call
from dialer.evidence.sound import sound_decoder
from dialer.evidence.steps import Report


def failing(report: Report) -> list[str]:
    return [check.id for check in report.checks if check.outcome is Outcome.FAILED]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_on_a_bundle_is_detected_and_named(log: SampleLog, attack: Attack) -> None:
    data = attack.make(log)
    report = verify_bundle(data, log.trust, sound_decoder())
    assert failing(report)[:1] == [attack.fails], report.checks
    assert report.exit_code == 1


def test_the_attackers_tools_leave_an_unchanged_bundle_valid(log: SampleLog) -> None:
    # Controls: listing and signing anew, and a log that an operator runs from the start, are not what is detected.
    same = as_exporter(log, bundle(log), lambda files: None)
    assert verify_bundle(same, log.trust).exit_code == 0
    own = operator_bundle(lambda o: None, lambda o: permit_call(o, "a", "c", NUMBERS[1]))
    assert verify_bundle(own, log.trust).exit_code == 0

    def talked(own_log: SampleLog) -> None:
        permit_call(own_log, "a", "c", NUMBERS[1])
        finish_talk(own_log, "a", None)

    assert verify_bundle(operator_bundle(lambda o: None, talked, ends=False), log.trust).exit_code == 0


def test_a_bundle_across_a_hand_over_of_the_vrf_key_holds_for_whoever_pinned_the_first_one(
    log: SampleLog,
) -> None:
    assert verify_bundle(rotated_bundle(), log.trust).exit_code == 0
    own, _ = rotated_log(listed=False)
    assert verify_bundle(own.bundle(own.parts("a", NUMBERS[1])), own.trust).exit_code == 0


def test_a_stranger_who_signs_with_a_key_of_his_own_gets_no_further_than_consistent(log: SampleLog) -> None:
    attack = next(attack for attack in ATTACKS if attack.name == "resigned by a stranger")
    assert verify_bundle(attack.make(log), None).exit_code == 3
    assert verify_bundle(attack.make(log), log.trust).exit_code == 1


@pytest.mark.parametrize("attempt", SAMPLE_ATTEMPTS)
def test_each_of_a_thousand_flipped_bits_is_detected_and_placed(log: SampleLog, attempt: str) -> None:
    data = bundle(log, attempt)
    rng = random.Random(f"flips {attempt}")
    assert verify_bundle(data, log.trust).exit_code == 0
    for _ in range(200):
        bit = rng.randrange(len(data) * 8)
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        report = verify_bundle(bytes(flipped), log.trust)
        assert report.exit_code == 1, bit
        first = next(check for check in report.checks if check.outcome is Outcome.FAILED)
        assert first.id == "zip.container", "the check sum or the header names the place first"
        assert first.where.start is not None


def test_each_flipped_bit_is_detected_when_the_check_sums_are_made_to_fit(log: SampleLog) -> None:
    # A ZIP's check sums are no protection: the attacker repairs them, and the signed list has to find it.
    # (Without DNC proof, whose points take most of a verification's time; its bits are flipped in the tests beside.)
    keep = frozenset({Says.FLAC_SHA256, Says.CONSENT_FILES})
    whole = redacted(log.parts("talked", SAMPLE_ATTEMPTS["talked"]), keep)
    files = open_files(log.bundle(whole))
    assert verify_bundle(write_zip(files), log.trust).exit_code == 0
    rng = random.Random("repaired")
    for _ in range(1000):
        name = rng.choice(sorted(files))
        flipped = bytearray(files[name])
        bit = rng.randrange(len(flipped) * 8)
        flipped[bit // 8] ^= 1 << bit % 8
        report = verify_bundle(write_zip({**files, name: bytes(flipped)}), log.trust)
        assert report.exit_code == 1
        assert failing(report)[0] in ("manifest.form", "manifest.files", "manifest.signature", "trust.form")
        assert name in {check.where.file for check in report.checks if check.outcome is Outcome.FAILED}


def test_each_flipped_bit_is_detected_even_when_the_exporter_signs_it(log: SampleLog) -> None:
    # The holder of the export key lists whatever he likes: now log, commitments and witness have to find it. What he
    # may choose alone is the text of VERIFY.md and, to readers who don't pin keys, trust.json.
    data = bundle(log)
    names = sorted(set(open_files(data)) - {"VERIFY.md", "trust.json", "manifest.json"})
    rng = random.Random("signed")
    found = set()
    for number in range(300):
        name = names[number % len(names)]

        def flip(files: dict[str, bytes], name: str = name) -> None:
            flipped = bytearray(files[name])
            bit = rng.randrange(len(flipped) * 8)
            flipped[bit // 8] ^= 1 << bit % 8
            files[name] = bytes(flipped)

        report = verify_bundle(as_exporter(log, data, flip), log.trust, sound_decoder())
        assert report.exit_code == 1, name
        found.add(failing(report)[0])
    assert len(found) >= 8, found


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_garbage_is_never_valid_and_never_crashes(data: bytes) -> None:
    assert verify_bundle(data, None).exit_code == 1


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_garbage_in_any_file_of_a_signed_bundle_never_crashes(log: SampleLog, data: st.DataObject) -> None:
    whole = bundle(log, data.draw(st.sampled_from(sorted(SAMPLE_ATTEMPTS))))

    def spoil(files: dict[str, bytes]) -> None:
        name = data.draw(st.sampled_from(sorted(set(files) - {"manifest.json", "VERIFY.md", "trust.json"})))
        start = data.draw(st.integers(0, len(files[name])))
        end = data.draw(st.integers(start, min(len(files[name]), start + 40)))
        fresh = data.draw(st.binary(max_size=40))
        files[name] = files[name][:start] + fresh + files[name][end:]

    spoiled = as_exporter(log, whole, spoil)
    report = verify_bundle(spoiled, log.trust, sound_decoder())
    assert report.exit_code == (0 if spoiled == whole else 1)
