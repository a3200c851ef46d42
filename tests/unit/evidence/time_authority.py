"""A time-stamping authority for tests: RFC 3161 tokens from a fixed key, encoded here by hand."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from dialer.evidence.trust import TimeAuthority

AT = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)

SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
TST_INFO = bytes.fromhex("060b2a864886f70d0109100104")
CONTENT_TYPE = bytes.fromhex("06092a864886f70d010903")
MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")
SHA256 = bytes.fromhex("0609608648016503040201")
ECDSA_SHA256 = bytes.fromhex("06082a8648ce3d040302")
SOME_POLICY = bytes.fromhex("06032a0304")


def tlv(tag: int, *parts: bytes) -> bytes:
    """One DER element."""
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes((tag, len(body))) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def sequence(*parts: bytes) -> bytes:
    """A SEQUENCE."""
    return tlv(0x30, *parts)


@dataclass(frozen=True)
class Authority:
    """A key and its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def trusted(self) -> TimeAuthority:
        """As trust.json names it."""
        return TimeAuthority("sample-tsa", self.certificate.public_bytes(serialization.Encoding.DER))

    def token(self, message: bytes, at: datetime = AT, status: int = 0) -> bytes:
        """The TimeStampResp over SHA-256 of a message."""
        imprint = sequence(sequence(SHA256), tlv(0x04, sha256(message).digest()))
        when = tlv(0x18, f"{at:%Y%m%d%H%M%S}Z".encode())
        info = sequence(tlv(0x02, b"\x01"), SOME_POLICY, imprint, tlv(0x02, b"\x07"), when)
        attributes = b"".join(
            (
                sequence(CONTENT_TYPE, tlv(0x31, TST_INFO)),
                sequence(MESSAGE_DIGEST, tlv(0x31, tlv(0x04, sha256(info).digest()))),
            )
        )
        algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
        signature = self.key.sign(tlv(0x31, attributes), algorithm)
        issuer = sequence(self.certificate.issuer.public_bytes(), tlv(0x02, b"\x01"))
        signer = sequence(
            *(tlv(0x02, b"\x01"), issuer, sequence(SHA256), tlv(0xA0, attributes)),
            *(sequence(ECDSA_SHA256), tlv(0x04, signature)),
        )
        content = sequence(TST_INFO, tlv(0xA0, tlv(0x04, info)))
        signed = sequence(tlv(0x02, b"\x03"), tlv(0x31, sequence(SHA256)), content, tlv(0x31, signer))
        return sequence(sequence(tlv(0x02, bytes((status,)))), sequence(SIGNED_DATA, tlv(0xA0, signed)))


def authority(
    seed: str = "sample-tsa", usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.TIME_STAMPING
) -> Authority:
    """An authority from a seed, its certificate valid for the year around AT."""
    key = ec.derive_private_key(int.from_bytes(sha256(seed.encode()).digest(), "big") >> 1, ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, seed)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(AT - timedelta(days=100))
        .not_valid_after(AT + timedelta(days=265))
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
        .sign(key, hashes.SHA256(), ecdsa_deterministic=True)
    )
    return Authority(key, certificate)
