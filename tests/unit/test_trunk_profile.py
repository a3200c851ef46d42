"""Trunk profiles: what fits, what is rendered, how numbers are written, and the limits of new calls."""

from __future__ import annotations

import os
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from dialer.domain.errors import ExchangeUnavailable
from dialer.processes.trunk_cli import trunk as command
from dialer.storage.consume import too_fast
from dialer.telephony.exchange import Exchange
from dialer.telephony.pair import PairSettings
from dialer.telephony.render import render
from dialer.telephony.trunk_profile import (
    NumberForm,
    TrunkLogin,
    TrunkMedia,
    TrunkProfile,
    TrunkTransport,
    dialled_as,
    read_trunk_profile,
)
from dialer.testing.ami_server import AmiServer
from dialer.testing.callees import OpenDesk
from dialer.testing.exchange import SimulatedExchange, hurried
from tests.unit.storage.storage_world import World, fresh_sqlite
from tests.unit.telephony.telephony_stage import (
    SECRET,
    USER,
    RealClock,
    half,
    link_settings,
    permit_of,
    token_of,
)
from tests.unit.test_render import GOLDEN, egress

CHINESE, AMERICAN = "+8613000000015", "+12025550123"


def _sections(profile: TrunkProfile) -> str:
    return render(replace(egress(), trunk=profile))["pjsip.conf"]


def _golden_files(folder: Path) -> dict[str, str]:
    """What a profile comes to: the egress's own files, and two numbers as the carrier is asked to call them."""
    profile = read_trunk_profile(folder / "trunk.toml")
    files = render(replace(egress(), trunk=profile))
    numbers = (dialled_as(number, profile.number_form, profile.country) for number in (CHINESE, AMERICAN))
    return {
        "pjsip.conf": files["pjsip.conf"],
        "extensions.conf": files["extensions.conf"],
        "numbers.txt": "".join(f"{number}\n" for number in numbers),
    }


@pytest.mark.parametrize("name", ["digest", "register", "address", "tls-srtp", "from-and-pai"])
def test_each_kind_of_trunk_is_rendered_as_the_golden_one(name: str) -> None:
    folder = GOLDEN / "trunks" / name
    files = _golden_files(folder)
    if os.environ.get("DIALER_GOLDEN") == "write":
        for file, text in files.items():
            (folder / file).write_text(text, encoding="utf-8")
    kept = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert sorted(kept) == sorted((*files, "trunk.toml"))
    for file, text in files.items():
        assert text == kept[file], f"{file}: render anew with DIALER_GOLDEN=write and read the diff"


def test_a_registered_tls_trunk_has_its_own_transport_registration_identity_and_encrypted_audio() -> None:
    text = _sections(
        TrunkProfile(
            login=TrunkLogin.REGISTER,
            transport=TrunkTransport.TLS,
            ca=Path("/srv/dialer/keys/egress/carrier-ca.pem"),
            media=TrunkMedia.SRTP,
            codecs=("alaw",),
            from_domain="calls.example",
            asserted_identity=True,
        )
    )
    for line in (
        "protocol = tls",
        "verify_server = yes",
        "ca_list_file = /srv/dialer/keys/egress/carrier-ca.pem",
        "transport = trunk\ncontext = from-carrier",
        "media_encryption = sdes",
        "send_pai = yes",
        "from_domain = calls.example",
        "contact = sip:127.0.0.1:21005;transport=tls",
        "type = registration",
        "client_uri = sip:trunk@127.0.0.1:21005",
    ):
        assert line in text, line


def test_a_trunk_known_by_its_address_holds_no_secret_of_the_carrier() -> None:
    plain, by_address = _sections(TrunkProfile()), _sections(TrunkProfile(login=TrunkLogin.ADDRESS))
    assert "username = trunk" in plain, "the control"
    assert "username = trunk" not in by_address
    assert "type = registration" not in by_address


def test_the_channel_limit_stands_before_the_question_to_the_gate() -> None:
    full = render(replace(egress(), trunk=TrunkProfile(channels_max=7)))["extensions.conf"]
    assert full.index("GROUP_COUNT(trunk)} > 7") < full.index("/permit?token=")
    assert "GROUP_COUNT" not in render(egress())["extensions.conf"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"transport": "tls"},
        {"ca": "/srv/ca.pem"},
        {"media": "srtp"},
        {"codecs": []},
        {"codecs": ["g729"]},
        {"from_domain": "a b"},
        {"channels_max": -1},
        {"colour": "blue"},
        {"transport": "tls", "ca": "/srv/ca.pem\n[x]"},
    ],
)
def test_a_profile_that_does_not_fit_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        TrunkProfile.model_validate(wrong)
    TrunkProfile.model_validate({"transport": "tls", "ca": "/srv/ca.pem", "media": "srtp"})


@pytest.mark.parametrize(
    ("form", "chinese", "american"),
    [
        (NumberForm.E164, CHINESE, AMERICAN),
        (NumberForm.DIGITS, "8613000000015", "12025550123"),
        (NumberForm.NATIONAL, "13000000015", "0012025550123"),
    ],
)
def test_numbers_are_written_in_the_carriers_form(form: NumberForm, chinese: str, american: str) -> None:
    assert (dialled_as(CHINESE, form, "CN"), dialled_as(AMERICAN, form, "CN")) == (chinese, american)


async def test_the_gate_counts_the_permits_consumed_in_the_last_second(tmp_path: Path) -> None:
    world = World(fresh_sqlite(tmp_path))
    try:
        for ending in (1, 2):
            await world.placed(await world.lead(ending), f"egress-{ending}")
        assert world.store.read_now(lambda tx: [too_fast(tx, limit) for limit in (0, 2, 3)]) == [
            False,
            True,
            False,
        ]
        world.wind(2)
        assert not world.store.read_now(lambda tx: too_fast(tx, 2))
    finally:
        world.close()


async def test_no_permit_is_wasted_on_a_trunk_that_had_its_calls_of_this_second() -> None:
    sim = SimulatedExchange(OpenDesk({token_of(n): "+8613000000031" for n in range(9)}), hurried(20))
    async with AmiServer(sim, USER, SECRET) as server:
        pair = PairSettings("a", link_settings(server.port), calls_per_second_max=2)
        exchange = Exchange([pair], RealClock(), half)
        await exchange.start()
        for n in range(2):
            await exchange.originate(permit_of(f"a-{n}", token_of(n)))
        with pytest.raises(ExchangeUnavailable, match="nothing was sent"):
            await exchange.originate(permit_of("a-2", token_of(2)))
        assert len(sim.originates) == 2
        await exchange.stop()
        await sim.stop()


def test_the_command_names_the_profile_once_in_the_settings_of_egress_and_gate(tmp_path: Path) -> None:
    (tmp_path / "egress.toml").write_text('kind = "egress"\n')
    (tmp_path / "dialer.toml").write_text('profile = "production"\n[trunk]\ntruthful_603 = true\n')
    given = tmp_path / "mine.toml"
    given.write_text('login = "register"\nchannels_max = 30\n')
    for _ in range(2):
        done = CliRunner().invoke(command, ["add", str(given), "--home", str(tmp_path)])
        assert done.exit_code == 0, done.output
    trunk = tomllib.loads((tmp_path / "dialer.toml").read_text())["trunk"]
    assert trunk == {"profile": str(tmp_path / "trunk.toml"), "truthful_603": True}
    assert tomllib.loads((tmp_path / "egress.toml").read_text())["trunk_profile"] == str(
        tmp_path / "trunk.toml"
    )


def test_a_number_is_never_taken_from_the_command_line() -> None:
    done = CliRunner().invoke(command, ["test", "--campaign", "c", "--number", CHINESE])
    assert "seen by others" in str(done.exception)
