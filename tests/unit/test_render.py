"""Rendering: the same settings give the same files, and no value can become configuration of its own."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from dialer.telephony import render as rendering
from dialer.telephony.ami_events import WANTED_EVENTS
from dialer.telephony.carrier_behaviour import CarrierSettings, parse_step, read_behaviours
from dialer.telephony.install import ASTERISK_CONF
from dialer.telephony.instance_settings import (
    EgressSettings,
    Ground,
    HeadlessPhones,
    PbxSettings,
    RtpPorts,
    SettingsError,
)
from dialer.telephony.render import AMI_EVENTS, InstanceSettings, render, write

GOLDEN = ASTERISK_CONF / "golden"
SECRET = "sample-secret-of-no-use"


def ground(name: str) -> Ground:
    """An instance's place, invented."""
    return Ground(name, Path("/srv/dialer") / name, Path("/opt/asterisk/modules"), Path("/opt/asterisk/data"))


def pbx() -> PbxSettings:
    """An exchange in the demo profile."""
    return PbxSettings(
        ground=ground("pbx"),
        ami_port=21001,
        ami_secret=SECRET,
        http_port=21002,
        sip_port=21003,
        rtp=RtpPorts(22000, 22299),
        egress_port=21004,
        egress_secret=SECRET,
        seats=2,
        prompts=Path("/srv/dialer/prompts"),
        recordings=Path("/srv/dialer/spool"),
        headless=HeadlessPhones(1, 21005, SECRET),
    )


def egress() -> EgressSettings:
    """An egress whose gate has a group of its own."""
    return EgressSettings(
        ground=replace(ground("egress"), control_mode="0660", control_group="gate"),
        sip_port=21004,
        rtp=RtpPorts(22300, 22599),
        pbx_secret=SECRET,
        gate_url="https://127.0.0.1:21006",
        gate_ca=Path("/srv/dialer/keys/ca.pem"),
        gate_cert=Path("/srv/dialer/keys/egress.pem"),
        gate_key=Path("/srv/dialer/keys/egress.key"),
        carrier_host="127.0.0.1",
        carrier_port=21005,
        trunk_user="trunk",
        trunk_secret=SECRET,
        prompts=Path("/srv/dialer/prompts"),
        pbx_port=21003,
    )


def carrier() -> CarrierSettings:
    """The demo's outside world."""
    return CarrierSettings(
        ground=ground("carrier"),
        sip_port=21005,
        rtp=RtpPorts(22600, 22999),
        trunk_user="trunk",
        trunk_secret=SECRET,
        phones_secret=SECRET,
        headless_seats=1,
        prompts=Path("/srv/dialer/prompts"),
        customer_port=21004,
        behaviours=read_behaviours(ASTERISK_CONF / "profiles/carrier-demo.toml"),
    )


ALL: dict[str, InstanceSettings] = {"pbx": pbx(), "egress": egress(), "carrier": carrier()}


@pytest.mark.parametrize("name", sorted(ALL))
def test_the_rendered_files_are_the_golden_ones(name: str) -> None:
    files, folder = render(ALL[name]), GOLDEN / name
    if os.environ.get("DIALER_GOLDEN") == "write":
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            path.unlink()
        for file, text in files.items():
            (folder / file).write_text(text, encoding="utf-8")
    golden = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert sorted(files) == sorted(golden), "render anew with DIALER_GOLDEN=write and read the diff"
    for file, text in files.items():
        assert text == golden[file], f"{file}: render anew with DIALER_GOLDEN=write and read the diff"


def test_only_the_egress_knows_the_trunk_and_only_the_exchange_has_a_manager() -> None:
    trunk, ami = "trunk-secret-of-the-egress", "ami-secret-of-the-exchange"
    files = {
        "pbx": render(replace(pbx(), ami_secret=ami)),
        "egress": render(replace(egress(), trunk_secret=trunk)),
    }
    assert any(trunk in text for text in files["egress"].values())
    assert not any(trunk in text for text in files["pbx"].values())
    assert "manager.conf" in files["pbx"]
    assert "http.conf" in files["pbx"]
    for name in ("manager.conf", "http.conf", "ari.conf"):
        assert name not in files["egress"]
    for module in ("app_dial", "func_curl", "res_curl", "app_system", "func_shell", "res_agi", "pbx_spool"):
        assert f"load = {module}.so" not in files["pbx"]["modules.conf"]
    for module in (
        "app_system",
        "func_shell",
        "res_agi",
        "pbx_spool",
        "res_ari",
        "res_http_websocket",
        "cdr_csv",
    ):
        assert f"load = {module}.so" not in files["egress"]["modules.conf"]
    assert "load = func_curl.so" in files["egress"]["modules.conf"]


def test_no_context_of_an_endpoint_at_the_exchange_leads_to_the_egress() -> None:
    text = render(pbx())["extensions.conf"]
    contexts = dict(re.findall(r"^\[([a-z-]+)\]\n(.*?)(?=^\[|\Z)", text, flags=re.MULTILINE | re.DOTALL))
    assert {"from-seat", "nowhere", "callee", "seat", "hold", "listen", "abandoned"} <= set(contexts)
    assert "Dial(" not in text
    assert "include" not in text
    assert set(re.findall(r"Goto\(([a-z-]+),", contexts["from-seat"])) == {"seat"}
    assert set(re.findall(r"(?:Goto|Gosub)\(([a-z-]+),", contexts["seat"])) == set()
    assert set(re.findall(r"^exten => ([^,]+),", contexts["from-seat"], flags=re.MULTILINE)) == {
        "echo",
        "seat",
    }


def test_the_manager_user_has_no_class_that_runs_commands_or_loads_modules() -> None:
    text = render(pbx())["manager.conf"]
    (granted,) = re.findall(r"^write = (.*)$", text, flags=re.MULTILINE)
    assert set(granted.split(",")) == {"originate", "call", "reporting"}
    assert "bindaddr = 127.0.0.1" in text
    assert "webenabled = no" in text
    assert "live_dangerously = no" in render(pbx())["asterisk.conf"]


def test_the_exchange_lets_every_event_through_that_the_dialer_reads() -> None:
    assert set(AMI_EVENTS) >= WANTED_EVENTS


def test_a_profile_without_headless_phones_has_none() -> None:
    with_phones, without = render(pbx()), render(replace(pbx(), headless=None))
    assert "[headless-1]" in with_phones["pjsip.conf"]
    assert "headless" not in without["pjsip.conf"]


def test_a_template_that_names_an_unknown_value_does_not_render(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "templates/egress").mkdir(parents=True)
    template = tmp_path / "templates/egress/sample.conf.j2"
    monkeypatch.setattr(rendering, "ASTERISK_CONF", tmp_path)
    template.write_text("port = {{ sip_port }}\n")
    assert render(egress()) == {"sample.conf": "port = 21004\n"}
    template.write_text("port = {{ sip_prot }}\n")
    with pytest.raises(UndefinedError):
        render(egress())


@pytest.mark.parametrize(
    "change",
    [
        {"trunk_secret": "long-enough-but\nwrite = all"},
        {"trunk_secret": "long-enough-but;comment"},
        {"trunk_secret": "short"},
        {"trunk_user": "trunk,and"},
        {"carrier_host": "127.0.0.1\n[more]"},
        {"gate_url": "http://127.0.0.1:21006"},
        {"gate_url": "https://127.0.0.1:21006/${SHELL(id)}"},
        {"gate_key": Path("/srv/${EXTEN}")},
        {"gate_key": Path("relative.key")},
        {"sip_port": 0},
        {"sip_port": 65_536},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_value_that_could_be_configuration_is_refused(change: dict[str, object]) -> None:
    assert egress()
    with pytest.raises(SettingsError):
        replace(egress(), **change)  # type: ignore[arg-type]


def test_a_refused_secret_is_not_quoted() -> None:
    with pytest.raises(SettingsError) as caught:
        replace(egress(), trunk_secret="very-secret;value-of-the-trunk")
    assert "very-secret" not in str(caught.value)


@pytest.mark.parametrize(
    "settings",
    [
        lambda: replace(pbx(), seats=501),
        lambda: replace(pbx(), optout_key="99"),
        lambda: replace(pbx(), notice="../notice"),
        lambda: RtpPorts(22000, 22002),
        lambda: replace(ground("pbx"), control_mode="660"),
        lambda: replace(ground("pbx"), control_group="gate group"),
    ],
)
def test_settings_out_of_their_bounds_are_refused(settings: Callable[[], object]) -> None:
    assert RtpPorts(22000, 22003)
    with pytest.raises(SettingsError):
        settings()


@pytest.mark.parametrize(
    "step",
    [
        "",
        "sing 3",
        "ring",
        "ring -1",
        "ring 3600001",
        "tone 20 100",
        "key 99",
        "key ,",
        "refuse 200",
        "refuse 700",
    ],
)
def test_a_callee_does_only_what_callees_can(step: str) -> None:
    assert parse_step("ring 100")
    with pytest.raises(SettingsError):
        parse_step(step)


@pytest.mark.parametrize("profile", ["carrier-demo", "carrier-test"])
def test_every_last_two_digits_have_one_behaviour(profile: str) -> None:
    behaviours = read_behaviours(ASTERISK_CONF / f"profiles/{profile}.toml")
    patterns = [re.compile("^" + b.endings.replace("X", "[0-9]") + "$") for b in behaviours]
    for ending in (f"{number:02d}" for number in range(100)):
        assert sum(1 for pattern in patterns if pattern.match(ending)) == 1, ending


def test_written_files_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    write({"pjsip.conf": "password = x\n"}, tmp_path)
    write({"pjsip.conf": "password = y\n"}, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["pjsip.conf"]
    assert (tmp_path / "pjsip.conf").read_text() == "password = y\n"
    assert (tmp_path / "pjsip.conf").stat().st_mode & 0o777 == 0o600


def test_the_profiles_and_templates_hold_no_secret() -> None:
    for path in [*ASTERISK_CONF.glob("profiles/*.toml"), *ASTERISK_CONF.rglob("*.j2")]:
        for line in path.read_text(encoding="utf-8").splitlines():
            if re.match(r"^\s*(password|secret)\s*=", line):
                assert re.search(r"= \{\{ \w+ \}\}$", line), path.name


def test_every_settings_class_has_a_golden_sample() -> None:
    kinds = {type(settings) for settings in ALL.values()}
    assert kinds == set(InstanceSettings.__args__)
