"""docker-compose.yml against its schema and against the checkout. What it starts: test_setup_compose.py."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]

from dialer.processes.accounts import USERS
from dialer.processes.order import read_order
from dialer.telephony.debian_packages import read_pins
from dialer.telephony.install import PINS_PATH
from tests.integration.setup_bench import DOCKERFILE, OURS, ROOT, compose, services


def test_the_file_fits_the_schema_of_compose() -> None:
    folder = Path(__file__).parent / "compose_schema"
    schema = json.loads((folder / "compose_spec.json").read_text(encoding="utf-8"))
    checker = jsonschema.Draft7Validator(schema)
    assert [f"{list(e.path)}: {e.message}" for e in checker.iter_errors(compose())] == []
    broken = compose()
    broken["services"]["gate"]["comand"] = ["x"]
    assert list(checker.iter_errors(broken)), "the schema must find an unknown key"


def test_every_network_volume_secret_and_service_that_is_named_is_there() -> None:
    said = compose()
    for service in services().values():
        assert set(service.networks) <= set(said["networks"]), service.name
        assert set(service.secrets) <= set(said["secrets"]), service.name
        named = {v.source for v in service.volumes if "/" not in v.source}
        assert named <= set(said["volumes"]), service.name
        assert service.shares_network_of in ("", *said["services"])
    for name, entry in said["services"].items():
        assert set(entry.get("depends_on", {})) <= set(said["services"]), name


def test_every_container_of_ours_is_confined_and_watched() -> None:
    for name in OURS:
        said, service = compose()["services"][name], services()[name]
        assert service.read_only, name
        assert said["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in said["security_opt"], name
        assert service.user in {user.name for user in USERS}, name
        assert service.health, name


def test_only_the_egress_is_on_the_trunk_and_only_gate_dialer_and_init_reach_the_database() -> None:
    found = services()
    assert {name for name, s in found.items() if "trunk" in s.networks} == {"egress"}
    sockets = {name for name, s in found.items() if any(v.source == "postgres-socket" for v in s.volumes)}
    assert sockets == {"postgres", "init", "gate", "dialer"}
    assert compose()["services"]["postgres"]["network_mode"] == "none"
    assert compose()["services"]["postgres"].get("ports") is None
    assert {name for name, s in found.items() if "permits" in s.networks} == {"gate", "egress"}


def test_each_container_mounts_its_own_keys_and_the_public_ones_only() -> None:
    for name, service in services().items():
        if name == "init":
            continue
        keys = {v.target.removeprefix("/srv/dialer/keys/") for v in service.volumes if "/keys" in v.target}
        assert keys <= {name, "public"}, name
        assert all(v.read_only for v in service.volumes if "/keys" in v.target), name


def test_the_dockerfile_copies_what_exists_and_installs_what_the_exchange_needs() -> None:
    text = DOCKERFILE.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [shlex.split(line, comments=True) for line in text.splitlines() if line.strip()]
    stages = {words[3] for words in lines if words[:1] == ["FROM"]}
    for words in lines:
        if words[:1] == ["COPY"] and not words[1].startswith("--from"):
            for source in words[1:-1]:
                assert (ROOT / source).exists(), source
        if words[:1] == ["COPY"] and words[1].startswith("--from"):
            assert words[1].removeprefix("--from=") in stages
    for service in services().values():
        assert service.target in ("", *stages), service.name
    assert set(read_pins(PINS_PATH).host) <= set(text.split())


def test_every_module_and_file_that_a_container_starts_with_exists() -> None:
    for service in services().values():
        for command in (service.command, service.health):
            if command[:2] == ("python", "-m"):
                module = ROOT / Path(*command[2].split("."))
                assert module.with_suffix(".py").exists() or (module / "__main__.py").exists(), command
        for volume in service.volumes:
            if volume.source.startswith("./") and not volume.source.startswith("./installation"):
                assert (ROOT / volume.source).exists(), volume.source


def test_the_sample_order_is_read_as_it_is_shipped() -> None:
    order = read_order(ROOT / "docker" / "install.toml")
    assert f"{order.console.port}:{order.console.port}" in compose()["services"]["pbx"]["ports"]
    assert order.console.host in services()["pbx"].aliases["console"]
    assert order.gate.name in services()
