"""ECVRF-EDWARDS25519-SHA512-TAI (RFC 9381 section 5.5, suite 0x03), checked with integers alone.

A verifiable random function gives each number a place in the DNC tree that nobody can compute without the secret key
(so nobody can enumerate the list) and that the holder of the key can't choose (so an entry can't be hidden elsewhere).
This side only checks proofs, of public data, so it need not run in constant time and needs no library; the side that
makes them is `vrf.py`.
"""

from collections.abc import Iterator
from hashlib import sha512

from dialer.evidence.canonical import EvidenceFormatError

PROOF_BYTES = 80
OUTPUT_BYTES = 64

SUITE = b"\x03"
FIELD = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, FIELD) % FIELD
_SQRT_MINUS_ONE = pow(2, (FIELD - 1) // 4, FIELD)

Point = tuple[int, int, int, int]
"""Extended coordinates (X, Y, Z, T): x = X/Z, y = Y/Z, x·y = T/Z."""

_NEUTRAL: Point = (0, 1, 1, 0)


def vrf_output(public: bytes, alpha: bytes, proof: bytes) -> bytes | None:
    """The 64 bytes that the key's owner can't choose, or None if `proof` is not one for `alpha` under `public`.

    RFC 9381 section 5.3 with key validation (5.4.5), so that keys of small order are refused.
    """
    if len(proof) != PROOF_BYTES:
        return None
    key, gamma = _decode(public), _decode(proof[:32])
    if key is None or gamma is None or _is_neutral(_times_eight(key)):
        return None
    challenge = int.from_bytes(proof[32:48], "little")
    scalar = int.from_bytes(proof[48:], "little")
    if scalar >= ORDER:
        return None
    hashed = encode_to_curve(public, alpha)
    point = _decode(hashed)
    if point is None:
        return None
    u = _add(_times(scalar, _BASE), _times(challenge, _negate(key)))
    v = _add(_times(scalar, point), _times(challenge, _negate(gamma)))
    if challenge_of(public, hashed, proof[:32], _encode(u), _encode(v)) != proof[32:48]:
        return None
    return sha512(SUITE + b"\x03" + _encode(_times_eight(gamma)) + b"\x00").digest()


def encode_to_curve(public: bytes, alpha: bytes) -> bytes:
    """Try and increment (RFC 9381 section 5.4.1.1): the encoded point in the prime subgroup that `alpha` hashes to.

    Raises:
        EvidenceFormatError: 256 tries gave no point; happens once in 2^256.
    """
    for candidate in curve_candidates(public, alpha):
        point = _decode(candidate)
        if point is not None and not _is_neutral(cleared := _times_eight(point)):
            return _encode(cleared)
    raise EvidenceFormatError("alpha hashes to no point")


def curve_candidates(public: bytes, alpha: bytes) -> Iterator[bytes]:
    """The encodings to try in order; about two are needed."""
    start = sha512(SUITE + b"\x01" + public + alpha)
    for counter in range(256):
        attempt = start.copy()
        attempt.update(bytes((counter, 0)))
        yield attempt.digest()[:32]


def challenge_of(*points: bytes) -> bytes:
    """The 16 bytes of RFC 9381 section 5.4.3 over public key, H, Gamma, U, V."""
    return sha512(SUITE + b"\x02" + b"".join(points) + b"\x00").digest()[:16]


def _decode(data: bytes) -> Point | None:
    """RFC 8032 section 5.1.3; None for what is no canonical point."""
    if len(data) != 32:
        return None
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= FIELD:
        return None
    x = _x_of(y, sign)
    return None if x is None else (x, y, 1, x * y % FIELD)


def _x_of(y: int, sign: int) -> int | None:
    above, below = (y * y - 1) % FIELD, (_D * y * y + 1) % FIELD
    x = above * pow(below, 3, FIELD) * pow(above * pow(below, 7, FIELD), (FIELD - 5) // 8, FIELD) % FIELD
    if below * x * x % FIELD == -above % FIELD:
        x = x * _SQRT_MINUS_ONE % FIELD
    if below * x * x % FIELD != above or (x == 0 and sign):
        return None
    return FIELD - x if x & 1 != sign else x


def _encode(point: Point) -> bytes:
    inverse = pow(point[2], -1, FIELD)
    x, y = point[0] * inverse % FIELD, point[1] * inverse % FIELD
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _add(left: Point, right: Point) -> Point:
    """RFC 8032 section 5.1.4; complete, so it doubles too."""
    a = (left[1] - left[0]) * (right[1] - right[0]) % FIELD
    b = (left[1] + left[0]) * (right[1] + right[0]) % FIELD
    c = 2 * left[3] * right[3] * _D % FIELD
    d = 2 * left[2] * right[2] % FIELD
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % FIELD, g * h % FIELD, f * g % FIELD, e * h % FIELD)


def _times(scalar: int, point: Point) -> Point:
    result = _NEUTRAL
    for bit in bin(scalar)[2:]:
        result = _add(result, result)
        if bit == "1":
            result = _add(result, point)
    return result


def _times_eight(point: Point) -> Point:
    return _times(8, point)


def _negate(point: Point) -> Point:
    return (-point[0] % FIELD, point[1], point[2], -point[3] % FIELD)


def _is_neutral(point: Point) -> bool:
    return point[0] % FIELD == 0 and (point[1] - point[2]) % FIELD == 0


def _base_point() -> Point:
    y = 4 * pow(5, -1, FIELD) % FIELD
    x = _x_of(y, 0)
    if x is None:
        raise ArithmeticError("the base point of RFC 8032 is not on the curve: wrong constants")
    return (x, y, 1, x * y % FIELD)


_BASE = _base_point()
