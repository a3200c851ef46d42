"""The installation's own certificate authority for the link between egress and gate.

The egress trusts this CA and nothing else, so whoever grabs the gate's port while it is down can't say yes
(decision 8). Certificates are made once; the CA's key is then only needed to renew them.
"""

import datetime as dt
import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from dialer.signing.keys import write_secret

VALID_DAYS: Final = 825


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """Where the certificates lie: CA, the gate's server pair, the egress's client pair."""

    root: Path

    @property
    def ca(self) -> Path:
        return self.root / "public" / "ca.crt"

    @property
    def ca_key(self) -> Path:
        return self.root / "ca" / "ca.key"

    def certificate(self, name: str) -> Path:
        return self.root / name / f"{name}.crt"

    def key(self, name: str) -> Path:
        return self.root / name / f"{name}.pem"


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def make_certificates(files: CertificateFiles, now: dt.datetime) -> None:
    """CA, gate and egress certificates, those that are not there yet. `now` is real time, not the shifted clock."""
    if files.ca.exists():
        return
    authority = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder(_name("dialer permit CA"), _name("dialer permit CA"), authority.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority, hashes.SHA256())
    )
    write_secret(files.ca_key, _pem(authority))
    files.ca.parent.mkdir(parents=True, exist_ok=True)
    for name, usage in (
        ("gate", ExtendedKeyUsageOID.SERVER_AUTH),
        ("egress", ExtendedKeyUsageOID.CLIENT_AUTH),
    ):
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = (
            _builder(_name(name), certificate.subject, key.public_key(), now)
            .add_extension(
                x509.SubjectAlternativeName(
                    [
                        x509.DNSName(name),
                        x509.DNSName("localhost"),
                        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
                    ]
                ),
                critical=False,
            )
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .sign(authority, hashes.SHA256())
        )
        write_secret(files.key(name), _pem(key))
        files.certificate(name).write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
    files.ca.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: dt.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=VALID_DAYS))
    )


def expires_at(certificate: Path) -> dt.datetime | None:
    """When the first certificate of a PEM file expires, aware UTC; None: missing, not readable, or no certificate."""
    try:
        return x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
    except (OSError, ValueError):
        return None
