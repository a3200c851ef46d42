"""docker-compose.yml without a Docker engine: each container as a process with the layout that the file gives it.

Every service gets its own mount namespace (the image's folders, the volumes that it names, nothing else of the
installation; read-only where the file says so), its user, and a network namespace with one veth for each network that
it is on; names resolve as they do in containers. Root only.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import secrets
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from dialer.telephony.install import cache_folder

ROOT: Final = Path(__file__).resolve().parents[2]
COMPOSE: Final = ROOT / "docker-compose.yml"
DOCKERFILE: Final = ROOT / "docker" / "Dockerfile"
STOP_SECONDS_MAX: Final = 15.0
IMAGE: Final = "/opt/dialer"
OURS: Final = ("signer", "witness", "gate", "egress", "pbx", "speech", "dialer")
"""Our containers, in the order in which they start."""
NEEDED: Final = ("ip", "unshare", "setpriv", "mount")


@dataclass(frozen=True, slots=True)
class Volume:
    """What a container sees of the host at one path. A source without a slash is a named volume."""

    source: str
    target: str
    read_only: bool


@dataclass(frozen=True, slots=True)
class Service:
    """One container of the file."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    user: str
    volumes: tuple[Volume, ...]
    secrets: tuple[str, ...]
    networks: tuple[str, ...]
    aliases: Mapping[str, tuple[str, ...]]
    shares_network_of: str
    health: tuple[str, ...]
    read_only: bool
    target: str


def compose() -> dict[str, Any]:
    """The file as YAML gives it, anchors merged."""
    loaded = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def _volume(said: Any) -> Volume:
    if isinstance(said, dict):
        return Volume(said["source"], said["target"], bool(said.get("read_only", False)))
    source, target, *mode = str(said).split(":")
    return Volume(source, target, mode == ["ro"])


def services() -> dict[str, Service]:
    """Every service of the file."""
    found = {}
    for name, said in compose()["services"].items():
        networks = said.get("networks", [])
        mode = said.get("network_mode", "")
        found[name] = Service(
            name=name,
            command=tuple(said["command"]),
            environment={key: str(value) for key, value in said.get("environment", {}).items()},
            user=said.get("user", ""),
            volumes=tuple(_volume(volume) for volume in said.get("volumes", [])),
            secrets=tuple(said.get("secrets", [])),
            networks=tuple(networks),
            aliases={
                network: tuple((options or {}).get("aliases", ()))
                for network, options in (networks.items() if isinstance(networks, dict) else ())
            },
            shares_network_of=mode.removeprefix("service:") if mode.startswith("service:") else "",
            health=tuple(said.get("healthcheck", {}).get("test", ["CMD"])[1:]),
            read_only=bool(said.get("read_only", False)),
            target=said.get("build", {}).get("target", ""),
        )
    return found


def image_environment(target: str) -> dict[str, str]:
    """The ENV lines of a target of the Dockerfile and of the stages below it."""
    stages: dict[str, tuple[str, dict[str, str]]] = {}
    current = ""
    for line in DOCKERFILE.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["FROM"]:
            current = words[3]
            stages[current] = (words[1], {})
        elif words[:1] == ["ENV"]:
            for word in words[1:]:
                key, _, value = word.partition("=")
                stages[current][1][key] = value
    environment: dict[str, str] = {}
    while target in stages:
        below, own = stages[target]
        environment = own | environment
        target = below
    return environment


def run(*command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command of the host."""
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=check)


@dataclass(slots=True)
class Bench:
    """The containers' world in one folder: volumes, secrets, networks, and what runs."""

    folder: Path
    tag: str = field(default_factory=lambda: secrets.token_hex(2))
    services: dict[str, Service] = field(default_factory=services)
    addresses: dict[tuple[str, str], str] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def host_path(self, source: str) -> Path:
        """Where a volume's source lies: the file's `./x` is the bench's folder, except for what the checkout ships."""
        if source.startswith("./docker/install"):
            return self.folder / "install.toml"
        if source.startswith("./"):
            return self.folder / source[2:]
        return self.folder / "volumes" / source

    # -------------------------------------------------------------- networks

    def netns(self, name: str) -> str:
        """The network namespace of a service or of a guest."""
        owner = self.services[name].shares_network_of if name in self.services else ""
        return f"cdb{self.tag}-{owner or name}"

    def build_networks(self, guests: Mapping[str, str]) -> None:
        """A bridge a network, a veth a member. `guests`: name → network of what is outside the file (carrier, browser)."""
        members: dict[str, list[str]] = {name: [] for name in compose()["networks"]}
        for service in self.services.values():
            for network in service.networks:
                members[network].append(service.name)
        for guest, network in guests.items():
            members[network].append(guest)
        owners = {self.netns(name) for name in (*self.services, *guests)}
        for namespace in sorted(owners):
            run("ip", "netns", "add", namespace)
            run("ip", "-n", namespace, "link", "set", "lo", "up")
        switch = f"cdb{self.tag}-switch"
        run("ip", "netns", "add", switch)
        for index, (network, names) in enumerate(sorted(members.items())):
            bridge = f"br{index}"
            run("ip", "-n", switch, "link", "add", bridge, "type", "bridge")
            run("ip", "-n", switch, "link", "set", bridge, "up")
            for place, name in enumerate(names):
                port, inside = f"p{index}x{place}", f"net{index}"
                run("ip", "-n", switch, "link", "add", port, "type", "veth", "peer", "name", inside,
                    "netns", self.netns(name))  # fmt: skip
                run("ip", "-n", switch, "link", "set", port, "master", bridge, "up")
                address = f"10.{200 + index}.0.{place + 2}"
                run("ip", "-n", self.netns(name), "addr", "add", f"{address}/24", "dev", inside)
                run("ip", "-n", self.netns(name), "link", "set", inside, "up")
                self.addresses[name, network] = address

    def hosts(self, name: str) -> str:
        """/etc/hosts as a container resolves: the others on its networks, by name and alias."""
        owner = self.services[name].shares_network_of or name if name in self.services else name
        mine = {network for (member, network) in self.addresses if member == owner}
        lines = ["127.0.0.1 localhost"]
        for (member, network), address in self.addresses.items():
            if network in mine:
                aliases = self.services[member].aliases.get(network, ()) if member in self.services else ()
                lines.append(" ".join((address, member, *aliases)))
        return "\n".join(lines) + "\n"

    # -------------------------------------------------------------- containers

    def command(self, name: str, command: tuple[str, ...]) -> list[str]:
        """The command line that runs `command` inside a service's container."""
        service = self.services[name]
        hosts = self.folder / f"hosts-{name}"
        hosts.write_text(self.hosts(name), encoding="utf-8")
        cache = cache_folder()
        lines = ["set -eu", f"mount --bind {hosts} /etc/hosts"]
        outside = [Volume(str(ROOT), IMAGE, True)]
        if service.target == "exchange" and cache.exists():
            outside.append(Volume(str(cache), "/opt/asterisk", True))
        outside += [Volume(str(self.host_path(v.source)), v.target, v.read_only) for v in service.volumes]
        given = compose()["secrets"]
        outside += [
            Volume(str(self.host_path(given[s]["file"])), f"/run/secrets/{s}", True) for s in service.secrets
        ]
        # Sources may lie below what is hidden next: they are held by descriptors of their own.
        held = self.folder / f"held-{name}"
        lines += [f"mkdir -p {held}", f"mount -t tmpfs none {held}"]
        for number, volume in enumerate(outside):
            make = "mkdir" if Path(volume.source).is_dir() else "touch"
            lines += [f"{make} {held}/{number}", f"mount --bind {volume.source} {held}/{number}"]
        lines += [f"mount -t tmpfs -o mode=755 none {hidden}" for hidden in ("/opt", "/srv", "/run")]
        for number, volume in enumerate(outside):
            is_folder = Path(volume.source).is_dir()
            target = volume.target
            lines.append(f"mkdir -p {target if is_folder else str(Path(target).parent)}")
            lines += [] if is_folder else [f"[ -e {target} ] || touch {target}"]
            lines.append(f"mount --bind {held}/{number} {target}")
            if volume.read_only:
                lines.append(f"mount -o remount,bind,ro {target}")
        lines.append("mount -t tmpfs -o mode=1777 none /tmp")
        if service.read_only:
            lines += ["mount -o remount,bind,ro /", "mount -o remount,ro /opt", "mount -o remount,ro /srv"]
        environment = image_environment(service.target) | dict(service.environment)
        lines.append(f"cd {IMAGE}")
        lines.append("exec " + shlex.join([*_become(service.user), "env", "-i",
                     *(f"{key}={value}" for key, value in environment.items()), *command]))  # fmt: skip
        inside = ["unshare", "--mount", "--propagation", "private", "sh", "-c", "\n".join(lines)]
        return ["ip", "netns", "exec", self.netns(name), *inside]

    def start(self, name: str) -> None:
        """Start a container's own command."""
        with (self.folder / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(
                self.command(name, self.services[name].command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def inside(self, name: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run something else inside a container, as its user."""
        return run(*self.command(name, command), check=False)

    def said(self, name: str) -> str:
        """What a container wrote."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def wait_healthy(self, name: str, seconds_max: float = 60.0) -> None:
        """Wait until its own health check passes; fails with its words when it ends or takes too long."""
        deadline = time.monotonic() + seconds_max
        while True:
            assert self.running[name].poll() is None, f"{name} ended: {self.said(name)}"
            if self.inside(name, *self.services[name].health).returncode == 0:
                return
            assert time.monotonic() < deadline, f"{name} is not healthy: {self.said(name)}"
            time.sleep(0.3)

    def close(self) -> None:
        """Stop everything and take the networks away."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, 9)
                process.wait()
        for line in run("ip", "netns", "list").stdout.splitlines():
            if line.startswith(f"cdb{self.tag}-"):
                run("ip", "netns", "del", line.split()[0], check=False)


def _become(user: str) -> list[str]:
    plain = ["setpriv", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
    if user == "root":
        return ["setpriv"]
    entry = pwd.getpwnam(user)
    groups = [str(g.gr_gid) for g in grp.getgrall() if user in g.gr_mem]
    joined = ",".join([str(entry.pw_gid), *groups])
    return [*plain, f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", f"--groups={joined}"]


@contextlib.contextmanager
def bench(folder: Path) -> Iterator[Bench]:
    """An empty bench; everything that it started is gone afterwards."""
    for program in NEEDED:
        assert shutil.which(program, path="/usr/sbin:/sbin:/usr/bin:/bin"), (
            f"{program} is missing: install iproute2 and util-linux"
        )
    opened = Bench(folder)
    try:
        yield opened
    finally:
        opened.close()
