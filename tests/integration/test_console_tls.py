"""A renewed certificate is served without a restart; one that is wrong never gets in the place of the right one."""

import asyncio
import datetime as dt
import os
import ssl
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dialer.domain.errors import InstallationError
from dialer.processes.console_tls import ConsoleTls, open_tls, take_certificate
from dialer.processes.order import read_order, settings_text
from dialer.settings import Settings, read_settings
from tests.integration.test_setup_users import ORDER

NAME = "calls.example"


def pair(folder: Path, name: str, *hosts: str, days: int = 90) -> tuple[Path, Path]:
    """A self-signed certificate and its key, as certbot leaves them in a folder of the renewed lineage."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=100))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False)
        .sign(key, hashes.SHA256())
    )
    lineage = folder / name
    lineage.mkdir()
    chain, secret = lineage / "fullchain.pem", lineage / "privkey.pem"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return chain, secret


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation whose console has a certificate already."""
    home = tmp_path / "home"
    (home / "keys/dialer").mkdir(parents=True)
    chain, key = pair(tmp_path, "first", NAME)
    text = ORDER.format(secret=tmp_path / "trunk").replace(
        '[console]\nhost = "127.0.0.1"',
        f'[console]\ncertificate_file = "{chain}"\nkey_file = "{key}"\nhost = "{NAME}"',
    )
    order = tmp_path / "order.toml"
    order.write_text(text, encoding="utf-8")
    for source, place in ((chain, "console.crt"), (key, "console.pem")):
        (home / "keys/dialer" / place).write_bytes(source.read_bytes())
        (home / "keys/dialer" / place).chmod(0o600)
    (home / "dialer.toml").write_text(settings_text(read_order(order), home), encoding="utf-8")
    return read_settings(home / "dialer.toml")


@pytest.fixture
async def served(settings: Settings) -> AsyncIterator[tuple[ConsoleTls, int]]:
    tls = open_tls(settings)
    assert tls is not None
    runner = web.AppRunner(web.Application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls.context).start()
    yield tls, int(runner.addresses[0][1])
    await runner.cleanup()


async def _shown(port: int) -> bytes:
    """The certificate that a browser is shown."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    found: bytes = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    return found


def _der(chain: Path) -> bytes:
    return x509.load_pem_x509_certificate(chain.read_bytes()).public_bytes(serialization.Encoding.DER)


async def test_what_certbots_hook_hands_over_is_served_without_a_restart(
    settings: Settings, served: tuple[ConsoleTls, int], tmp_path: Path
) -> None:
    tls, port = served
    assert await tls.look() is False
    chain, _ = pair(tmp_path, "renewed", NAME)
    before = await _shown(port)
    hook = (
        f'"{sys.executable}" -m dialer keys certificate "$RENEWED_LINEAGE/fullchain.pem"'
        f' "$RENEWED_LINEAGE/privkey.pem" --settings "{settings.folders.keys.parent}/dialer.toml"'
    )
    ran = await asyncio.to_thread(
        subprocess.run,
        ["sh", "-c", hook],
        env={**os.environ, "RENEWED_LINEAGE": str(chain.parent)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert await tls.look() is True
    assert before != await _shown(port) == _der(chain)
    assert settings.web.key is not None
    assert stat.S_IMODE(settings.web.key.stat().st_mode) == 0o600


async def test_what_is_no_pair_or_expired_or_for_another_name_is_not_taken(
    settings: Settings, served: tuple[ConsoleTls, int], tmp_path: Path
) -> None:
    tls, port = served
    before = await _shown(port)
    chain, _ = pair(tmp_path, "one", NAME)
    _, other = pair(tmp_path, "another", NAME)
    for wrong, word in (
        ((chain, other), "no pair"),
        (pair(tmp_path, "old", NAME, days=-1), "expired"),
        (pair(tmp_path, "foreign", "else.example"), NAME),
    ):
        with pytest.raises(InstallationError, match=word):
            take_certificate(settings, *wrong)
    assert await tls.look() is False
    assert await _shown(port) == before
    take_certificate(settings, *pair(tmp_path, "wild", "*.example"))
    assert await tls.look() is True


async def test_while_only_half_of_a_pair_is_in_place_the_former_one_is_served(
    settings: Settings, served: tuple[ConsoleTls, int], tmp_path: Path
) -> None:
    tls, port = served
    before = await _shown(port)
    chain, key = pair(tmp_path, "half", NAME)
    assert settings.web.certificate is not None
    assert settings.web.key is not None
    settings.web.key.write_bytes(key.read_bytes())
    with pytest.raises(InstallationError, match="no pair"):
        await tls.look()
    assert await _shown(port) == before
    settings.web.certificate.write_bytes(chain.read_bytes())
    assert await tls.look() is True
    assert await _shown(port) == _der(chain)
