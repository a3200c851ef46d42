"""Attacks by way of the VRF key's rotation: a key kept quiet is a list on which nobody looks."""

from collections.abc import Callable
from dataclasses import replace

from attack_kit import Attack, T
from bundle_forging import operator_log

from dialer.evidence.bundle import Parts
from dialer.evidence.dnc_proof import org_scope
from dialer.evidence.sample import NUMBERS, ORG, SampleLog, permit_call, record_consent
from dialer.evidence.trust import KeyUse, sign_rotation
from dialer.evidence.vrf import prove


def rotated_log(*, listed: bool, delay: int = 0) -> tuple[SampleLog, int]:
    """A log whose VRF key handed over before attempt "a" to NUMBERS[1] was made, and the hand-over's leaf."""
    own = operator_log()
    own.add_to_dnc(org_scope(ORG), NUMBERS[30])
    record_consent(own, "c", NUMBERS[1])
    own.seal()
    seq = own.rotate_vrf_key(delay)
    own.add_to_dnc(org_scope(ORG), NUMBERS[1 if listed else 31])
    own.seal()
    permit_call(own, "a", "c", NUMBERS[1])
    own.append(T.ATTEMPT_FAILED, attempt="a", consent="c")
    own.seal()
    return own, seq


def rotated_bundle(
    change: Callable[[SampleLog, Parts], Parts] = lambda own, parts: parts, *, listed: bool = False
) -> bytes:
    """The bundle of that attempt, with the hand-over in it and places under both keys."""
    own, seq = rotated_log(listed=listed)
    return own.bundle(change(own, own.parts("a", NUMBERS[1], also=[seq])))


def under(own: SampleLog, parts: Parts, nth: int) -> Parts:
    """Places under one of the two keys only."""
    assert parts.dnc is not None
    key = own.trust.of(KeyUse.VRF)[nth].id()
    kept = tuple(place for place in parts.dnc.places if place.key == key)
    return replace(parts, dnc=replace(parts.dnc, places=kept))


def kept_quiet(log: SampleLog) -> bytes:
    """The number refused under the new key; the bundle shows neither the hand-over nor the new key's places."""
    own, _ = rotated_log(listed=True)
    first = own.trust.of(KeyUse.VRF)[0]
    own.trust = replace(
        own.trust,
        keys=tuple(
            replace(key, to_size=None) if key == first else key
            for key in own.trust.keys
            if key.use is not KeyUse.VRF or key == first
        ),
    )
    return own.bundle(own.parts("a", NUMBERS[1]))


def put_off(log: SampleLog) -> bytes:
    """The new key places refusals at once, but is said to count from far behind the call on only."""
    own, seq = rotated_log(listed=True, delay=1000)
    return own.bundle(under(own, own.parts("a", NUMBERS[1], also=[seq]), 0))


def of_another_key(log: SampleLog) -> bytes:
    """The hand-over carries a proof that the old key did not make."""
    own = operator_log()
    record_consent(own, "c", NUMBERS[1])
    own.seal()
    old, stranger = own.trust.of(KeyUse.VRF)[0], SampleLog(seed="stranger").vrf
    seq = len(own.bodies)

    def by_stranger(statement: bytes) -> bytes:
        return prove(stranger, statement).proof

    forged = sign_rotation(own.origin, old, stranger.public, seq + 1, by_stranger, by_stranger)
    own.append(T.KEY_ROTATED, forged.disclosures())
    permit_call(own, "a", "c", NUMBERS[1])
    own.append(T.ATTEMPT_FAILED, attempt="a", consent="c")
    own.seal()
    return own.bundle(own.parts("a", NUMBERS[1], also=[seq]))


KEYS = [
    Attack("a new VRF key kept quiet", kept_quiet, "dnc.places"),
    Attack("a VRF key's hand-over put off", put_off, "keys.rotation"),
    Attack("a VRF key handed over by a stranger", of_another_key, "keys.rotation"),
    Attack(
        "places under the new VRF key left out",
        lambda log: rotated_bundle(lambda own, parts: under(own, parts, 0)),
        "dnc.places",
    ),
    Attack(
        "places under the old VRF key left out",
        lambda log: rotated_bundle(lambda own, parts: under(own, parts, 1)),
        "dnc.places",
    ),
    Attack(
        "dialled though listed under the new VRF key",
        lambda log: rotated_bundle(listed=True),
        "dnc.absence",
    ),
]
