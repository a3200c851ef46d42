"""Time tokens of RFC 3161: what was stamped, when, and whether a pinned authority signed it.

A strict reader of the few DER structures that a TimeStampResp needs. The authority's certificate is pinned by the
reader (`trust.json`), so no chain is built; it must be meant for time stamping and valid at the token's time.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from dialer.evidence.canonical import EvidenceFormatError

TOKEN_BYTES_MAX = 256 * 1024

_SEQUENCE, _SET, _INTEGER, _OCTETS, _OID, _TIME = 0x30, 0x31, 0x02, 0x04, 0x06, 0x18
_FIRST_EXPLICIT = 0xA0
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_TST_INFO = bytes.fromhex("2a864886f70d0109100104")
_CONTENT_TYPE = bytes.fromhex("2a864886f70d010903")
_MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")
_HASHES: dict[bytes, type[hashes.HashAlgorithm]] = {
    bytes.fromhex("608648016503040201"): hashes.SHA256,
    bytes.fromhex("608648016503040202"): hashes.SHA384,
    bytes.fromhex("608648016503040203"): hashes.SHA512,
}
_SHA256 = bytes.fromhex("608648016503040201")


@dataclass(frozen=True, slots=True)
class TimeToken:
    """A parsed token: the SHA-256 that was stamped, the authority's time, and what its signature is over.

    The signature is over the attributes, which state type and digest of the content.
    """

    imprint: bytes
    at: datetime
    content: bytes
    signed_attributes: bytes
    stated_type: bytes
    stated_digest: bytes
    digest_algorithm: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class _Tlv:
    tag: int
    value: bytes
    whole: bytes


def parse_time_token(data: bytes) -> TimeToken:
    """The token in a TimeStampResp as the authority sent it.

    Raises:
        EvidenceFormatError: not granted, not of that form, or not over a SHA-256.
    """
    if len(data) > TOKEN_BYTES_MAX:
        raise EvidenceFormatError(f"time token over {TOKEN_BYTES_MAX} bytes")
    status, *token = _children(_only(data, _SEQUENCE))
    granted = _children(status)[0]
    if granted.tag != _INTEGER or granted.value not in (b"\x00", b"\x01") or not token:
        raise EvidenceFormatError("the time authority did not grant a token")
    kind, wrapped = _exactly(token[0], 2)
    if kind.value != _SIGNED_DATA:
        raise EvidenceFormatError("a time token holds no signed data")
    parts = _children(_only(wrapped.value, _SEQUENCE))
    if len(parts) < 4:
        raise EvidenceFormatError("a time token's signed data is cut off")
    content_kind, content_wrapped = _exactly(parts[2], 2)
    if content_kind.value != _TST_INFO:
        raise EvidenceFormatError("a time token holds no TSTInfo")
    content = _only(content_wrapped.value, _OCTETS).value
    imprint, at = _parse_info(content)
    signers = _children(parts[-1])
    if parts[-1].tag != _SET or len(signers) != 1:
        raise EvidenceFormatError("a time token has exactly one signer")
    attributes, digest_algorithm, signature = _parse_signer(signers[0])
    stated = _stated(attributes)
    if not {_CONTENT_TYPE, _MESSAGE_DIGEST} <= set(stated):
        raise EvidenceFormatError("a time token's signed attributes state no type or digest")
    return TimeToken(
        imprint=imprint,
        at=at,
        content=content,
        signed_attributes=attributes,
        stated_type=stated[_CONTENT_TYPE],
        stated_digest=stated[_MESSAGE_DIGEST],
        digest_algorithm=digest_algorithm,
        signature=signature,
    )


def token_signed_by(token: TimeToken, certificate_der: bytes) -> bool:
    """Whether the holder of that certificate signed the token, while it was valid, for time stamping."""
    try:
        certificate = x509.load_der_x509_certificate(certificate_der)
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        key = certificate.public_key()
    except (ValueError, x509.ExtensionNotFound, UnsupportedAlgorithm):
        return False
    if ExtendedKeyUsageOID.TIME_STAMPING not in usage:
        return False
    if not certificate.not_valid_before_utc <= token.at <= certificate.not_valid_after_utc:
        return False
    algorithm = _HASHES[token.digest_algorithm]()
    digest = hashes.Hash(algorithm)
    digest.update(token.content)
    if token.stated_type != _TST_INFO or token.stated_digest != digest.finalize():
        return False
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(token.signature, token.signed_attributes, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(token.signature, token.signed_attributes, ec.ECDSA(algorithm))
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _parse_info(content: bytes) -> tuple[bytes, datetime]:
    parts = _children(_only(content, _SEQUENCE))
    if len(parts) < 5 or parts[4].tag != _TIME:
        raise EvidenceFormatError("a TSTInfo is cut off")
    algorithm, imprint = _exactly(parts[2], 2)
    if _children(algorithm)[0].value != _SHA256 or imprint.tag != _OCTETS or len(imprint.value) != 32:
        raise EvidenceFormatError("a time token is not over a SHA-256")
    text = parts[4].value.decode("ascii", "replace")
    for form in ("%Y%m%d%H%M%SZ", "%Y%m%d%H%M%S.%fZ"):
        try:
            return imprint.value, datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise EvidenceFormatError("a time token's time is not of its form")


def _parse_signer(signer: _Tlv) -> tuple[bytes, bytes, bytes]:
    """Signed attributes as they are signed (a SET), digest algorithm, signature."""
    parts = _children(signer)
    if len(parts) < 6 or parts[3].tag != _FIRST_EXPLICIT or parts[5].tag != _OCTETS:
        raise EvidenceFormatError("a time token's signer is not of its form")
    algorithm = _children(parts[2])[0].value
    if algorithm not in _HASHES:
        raise EvidenceFormatError("a time token's digest algorithm is not SHA-256, SHA-384 or SHA-512")
    return bytes((_SET,)) + parts[3].whole[1:], algorithm, parts[5].value


def _stated(attributes: bytes) -> dict[bytes, bytes]:
    """The signed attributes by their type: the content of the first value of each."""
    stated = {}
    for attribute in _children(_only(attributes, _SET)):
        kind, values = _exactly(attribute, 2)
        stated[kind.value] = _children(values)[0].value
    return stated


def _children(outer: _Tlv) -> list[_Tlv]:
    children = []
    rest = outer.value
    while rest:
        child = _first(rest)
        children.append(child)
        rest = rest[len(child.whole) :]
    if not children:
        raise EvidenceFormatError("a time token holds an empty structure")
    return children


def _exactly(outer: _Tlv, count: int) -> list[_Tlv]:
    children = _children(outer)
    if len(children) != count:
        raise EvidenceFormatError("a time token's structure has another number of parts")
    return children


def _only(data: bytes, tag: int) -> _Tlv:
    found = _first(data)
    if found.tag != tag or len(found.whole) != len(data):
        raise EvidenceFormatError("a time token's structure is not of its form")
    return found


def _first(data: bytes) -> _Tlv:
    """The first element; definite lengths in their shortest form, one-byte tags."""
    if len(data) < 2:
        raise EvidenceFormatError("a time token is cut off")
    length, header = data[1], 2
    if length & 0x80:
        count = length & 0x7F
        header += count
        length = int.from_bytes(data[2:header], "big")
        if not 1 <= count <= 4 or len(data) < header or length < 0x80 or data[2] == 0:
            raise EvidenceFormatError("a time token's length is not of its form")
    if header + length > len(data):
        raise EvidenceFormatError("a time token is cut off")
    return _Tlv(data[0], data[header : header + length], data[: header + length])
