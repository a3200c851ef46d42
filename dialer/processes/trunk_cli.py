"""`dialer trunk add | list | test`: the carrier's profile, and one real call under a permit. Thin."""

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import Annotated, Final

import typer

from dialer.domain.errors import InstallationError
from dialer.domain.phone import PhoneNumber, parse_phone
from dialer.processes.core import open_keyring
from dialer.processes.opening import open_store
from dialer.settings import ENVIRONMENT, Settings, read_settings
from dialer.storage.sql import Tx
from dialer.telephony.trunk_profile import read_trunk_profile

TEST_SECONDS_MAX: Final = 120.0
FINAL: Final = ("sealed", "refused", "failed", "cancelled", "lapsed", "ended_unknown")
trunk = typer.Typer(no_args_is_help=True, help="The carrier's trunk: its profile, and a test call to oneself")
SettingsFile = Annotated[Path | None, typer.Option("--settings", help="the settings file")]


def _settings(named: Path | None) -> Settings:
    return read_settings(named or Path(os.environ.get(ENVIRONMENT, "dialer.toml")))


def _say(line: str) -> None:
    print(line, flush=True)


@trunk.command("add")
def add(
    profile: Annotated[Path, typer.Argument(help="the trunk's profile: a TOML file (docs/trunks.md)")],
    home: Annotated[Path, typer.Option(help="the installation's home")],
) -> None:
    """Check a profile and put it where egress, gate and dialer read it; the secret stays in keys/egress."""
    checked = read_trunk_profile(profile)
    if not (home / "dialer.toml").exists() or not (home / "egress.toml").exists():
        raise InstallationError(f"{home} holds no installation")
    target = home / "trunk.toml"
    target.write_bytes(profile.read_bytes())
    target.chmod(0o644)
    for egress in (home / "egress.toml", *sorted(home.glob("egress-[1-9]*.toml"))):
        _refer(egress, "trunk_profile", target, "")
    _refer(home / "dialer.toml", "profile", target, "[trunk]")
    _say(f"trunk: {checked.login} over {checked.transport}, numbers as {checked.number_form}")
    _say("restart egress, gate and dialer")


def _refer(file: Path, key: str, target: Path, table: str) -> None:
    """Name the profile in a settings file, once."""
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if str(target) not in line]
    line = f'{key} = "{target}"'
    if not table:
        lines.append(line)
    elif table in lines:
        lines.insert(lines.index(table) + 1, line)
    else:
        lines += ["", table, line]
    draft = file.with_suffix(".new")
    draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
    draft.chmod(file.stat().st_mode & 0o777)
    draft.replace(file)


@trunk.command("list")
def show(settings: SettingsFile = None) -> None:
    """The trunk's profile as egress, gate and dialer read it."""
    said = _settings(settings).trunk
    if said.profile is None:
        _say("no profile: the defaults hold (digest over UDP, numbers in E.164, no limits)")
        return
    for name, value in read_trunk_profile(said.profile).model_dump(mode="json").items():
        _say(f"{name:<22} {', '.join(value) if isinstance(value, list) else value}")


@trunk.command("test")
def call_myself(
    campaign: Annotated[str, typer.Option(help="the campaign under which your own number has a consent")],
    number: Annotated[str, typer.Option(help="`-`: read it from standard input, the only way")] = "-",
    settings: SettingsFile = None,
) -> None:
    """Let the running dialer call your own consented number, and say what the carrier answered.

    The call is the product's own: gate, permit, second gate. Without a queued lead whose consent is yours nothing is called.
    """
    if number != "-":
        raise InstallationError("a number on a command line is seen by others: use --number - and type it in")
    said = sys.stdin.readline(100).strip()
    raise typer.Exit(asyncio.run(_call_myself(_settings(settings), campaign, said)))


async def _call_myself(settings: Settings, campaign: str, text: str) -> int:
    store, keyring = open_store(settings), open_keyring(settings)
    try:
        org = store.read_now(lambda tx: tx.one("SELECT org_id FROM campaign WHERE id = :id", id=campaign))
        number = parse_phone(text, "CN")
        if org is None or not isinstance(number, PhoneNumber):
            raise InstallationError("there is no such campaign, or that is no number of a person")
        hmac = keyring.number_hmac(org.org_id, number.e164)
        began_us = store.read_now(lambda tx: tx.now_us())
        lead = store.write_now(lambda tx: _due_now(tx, campaign, hmac))
        if lead is None:
            raise InstallationError(
                "your number has no queued lead with a consent there: ask for a call first"
            )
        _say("your lead is due: the running dialer calls you when an agent is ready")
        deadline = time.monotonic() + TEST_SECONDS_MAX
        while time.monotonic() < deadline:
            told = store.read_now(lambda tx: _answer(tx, lead, began_us))
            if told is not None:
                _say(told[1])
                return told[0]
            await asyncio.sleep(0.5)
    finally:
        store.close()
    _say("nothing was called in time: `dialer explain` gives the reasons")
    return 1


def _due_now(tx: Tx, campaign: str, hmac: bytes) -> str | None:
    """The oldest queued lead with a consent of that number, made due; a time that was promised stays as it is."""
    row = tx.one(
        "SELECT l.id FROM lead l JOIN subject s ON s.sid = l.sid WHERE l.campaign_id = :campaign AND"
        " s.number_hmac = :hmac AND l.state = 'queued' AND l.consent_id IS NOT NULL ORDER BY l.due_us LIMIT 1",
        campaign=campaign,
        hmac=hmac,
    )
    if row is None:
        return None
    tx.run(
        "UPDATE lead SET due_us = NOW_US WHERE id = :id AND due_us > NOW_US AND promised_from_us IS NULL",
        id=row.id,
    )
    return str(row.id)


def _answer(tx: Tx, lead: str, since_us: int) -> tuple[int, str] | None:
    """Exit code and sentence, once the lead's newest attempt is over."""
    row = tx.one(
        "SELECT a.state, a.outcome, d.codes, r.dial_status, r.sip_text, r.rang_ms, r.talk_seconds FROM attempt a"
        " LEFT JOIN decision d ON d.attempt_id = a.id LEFT JOIN egress_report r ON r.attempt_id = a.id"
        " WHERE a.lead_id = :lead AND a.authorised_us >= :since ORDER BY a.authorised_us DESC LIMIT 1",
        lead=lead,
        since=since_us,
    )
    if row is None or row.state not in FINAL:
        return None
    if row.state == "refused":
        return 1, f"not called: {row.codes}"
    if row.dial_status is None:
        return 1, f"no answer of the carrier: {row.state} {row.outcome or ''}"
    rang = "never rang" if row.rang_ms is None else f"rang after {row.rang_ms} ms"
    said = f"the carrier said {row.sip_text or 'nothing'}: {row.dial_status}, {rang}, talked {row.talk_seconds} s"
    return (0 if row.dial_status == "ANSWER" else 1), said
