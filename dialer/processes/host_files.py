"""What the machine itself is given by `dialer init`: a systemd unit a process, and firewall rules by user.

    HOME/host/*.service dialer.target    to be linked into /etc/systemd/system
    HOME/host/dialer.nft                 to be included by /etc/nftables.conf

Nothing is put in force here: what a machine runs and lets through is decided by whoever runs it. The rules are the second
lock on the trunk: even with its password, no process but the egress gets a packet to the carrier.
"""

import ipaddress
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from dialer.processes.accounts import groups_of
from dialer.processes.order import Order

FOLDER: Final = "host"
TABLE: Final = "inet dialer"
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Unit:
    """A process of the installation. `writes`: folders below the home that it may write."""

    name: str
    user: str
    module: str
    settings: str
    after: tuple[str, ...]
    writes: tuple[str, ...]
    network: str


UNITS: Final = (
    Unit("signer", "signer", "dialer.processes.signer", "dialer.toml", (), ("run",), "AF_UNIX"),
    Unit("witness", "witness", "dialer.processes.witness", "dialer.toml", (), ("run",), "AF_UNIX"),
    Unit(
        "gate",
        "gate",
        "dialer.processes.gate",
        "dialer.toml",
        (),
        ("run", "db"),
        "AF_UNIX AF_INET AF_INET6",
    ),
    Unit(
        "egress",
        "egress",
        "dialer.processes.exchange egress",
        "egress.toml",
        ("gate",),
        ("egress",),
        "AF_UNIX AF_INET AF_INET6 AF_NETLINK",
    ),
    Unit(
        "pbx",
        "dialer",
        "dialer.processes.exchange pbx",
        "pbx.toml",
        ("egress",),
        ("pbx", "spool"),
        "AF_UNIX AF_INET AF_INET6 AF_NETLINK",
    ),
    Unit(
        "dialer",
        "dialer",
        "dialer.processes.dialer",
        "dialer.toml",
        ("signer", "witness", "gate", "pbx"),
        ("run", "db", "vault", "spool", "pbx", "keys/dialer"),
        "AF_UNIX AF_INET AF_INET6",
    ),
)
"""In the order in which they start. Any of them may be restarted by itself at any time."""
SPEECH: Final = Unit(
    "speech", "speech", "dialer.processes.speech", "dialer.toml", (), ("run",), "AF_UNIX AF_INET"
)
"""Only where the order has recognisers."""


def units_of(order: Order) -> tuple[Unit, ...]:
    """The units of what was ordered."""
    units = {unit.name: unit for unit in UNITS}
    dialer, more = units.pop("dialer"), []
    for pair in order.pairs[1:]:
        egress, pbx = units["egress"], units["pbx"]
        more.append(replace(egress, name=pair.egress, settings=f"{pair.egress}.toml", writes=(pair.egress,)))
        more.append(
            replace(
                pbx,
                name=pair.pbx,
                settings=f"{pair.pbx}.toml",
                after=(pair.egress,),
                writes=(pair.pbx, "spool"),
            )
        )
        dialer = replace(dialer, after=(*dialer.after, pair.pbx), writes=(*dialer.writes, pair.pbx))
    return (*units.values(), *more, dialer, *(() if order.speech is None else (SPEECH,)))


def write_host_files(order: Order, home: Path) -> Path:
    """Write units and rules; the folder.

    Raises:
        InstallationError: a system user is missing: without them there is nothing to tell apart.
    """
    folder = home / FOLDER
    folder.mkdir(mode=0o755, exist_ok=True)
    units = units_of(order)
    for unit in units:
        (folder / f"dialer-{unit.name}.service").write_text(unit_text(unit, home), encoding="utf-8")
    (folder / "dialer.target").write_text(target_text(units), encoding="utf-8")
    numbers = {unit.user: groups_of(unit.user)[0] for unit in units}
    (folder / "dialer.nft").write_text(firewall_text(order, numbers), encoding="utf-8")
    return folder


def unit_text(unit: Unit, home: Path) -> str:
    """A systemd unit. It reads the whole system and writes its own folders only; it gains no privilege, ever."""
    program, *argument = unit.module.split()
    after = " ".join(("network-online.target", *(f"dialer-{name}.service" for name in unit.after)))
    writes = " ".join(f"{home}/{folder}" for folder in unit.writes)
    command = " ".join((sys.executable, "-m", program, *argument))
    return f"""[Unit]
Description=Dialer: {unit.name}
PartOf=dialer.target
Wants=network-online.target
After={after}
StartLimitIntervalSec=0

[Service]
User={unit.user}
Group={unit.user}
UMask=0007
Environment=DIALER_SETTINGS={home}/{unit.settings}
ExecStart={command}
Restart=always
RestartSec=1
TimeoutStopSec=20
LimitNOFILE=65536
NoNewPrivileges=yes
CapabilityBoundingSet=
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=strict
ProtectHome=read-only
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
ProtectClock=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies={unit.network}
LockPersonality=yes
ReadWritePaths={writes}

[Install]
WantedBy=dialer.target
"""


def target_text(units: Sequence[Unit] = UNITS) -> str:
    """All of them: `systemctl start dialer.target`."""
    wanted = " ".join(f"dialer-{unit.name}.service" for unit in units)
    return f"""[Unit]
Description=Dialer: the whole installation
Wants={wanted}

[Install]
WantedBy=multi-user.target
"""


def firewall_text(order: Order, users: Mapping[str, int]) -> str:
    """Rules for nft. `users`: the number of each system user."""
    pairs, egress, dialer = order.pairs, users["egress"], users["dialer"]
    pbx_rtp = ", ".join("-".join(map(str, pair.pbx_rtp)) for pair in pairs)
    egress_rtp = ", ".join("-".join(map(str, pair.egress_rtp)) for pair in pairs)
    manager = sorted(port for pair in pairs for port in (pair.said.ami_port, pair.said.http_port))
    sip = sorted({5060, 5061, order.trunk.port})
    inner = [*manager, *(p for pair in pairs for p in (pair.said.pbx_sip_port, pair.said.egress_sip_port))]
    if order.gate.bind in LOOPBACK:
        inner.append(order.gate.port)
    silent = sorted({users["signer"], users["witness"]})
    carrier = _carrier(order.trunk.host)
    others = sorted({number for name, number in users.items() if name != "egress"})
    return f"""# Made by `dialer init`. Check with `nft -c -f`, load with `nft -f`. User numbers: {_numbers(users)}
table {TABLE}
delete table {TABLE}
table {TABLE} {{
	chain output {{
		type filter hook output priority filter; policy accept;
		# the trunk: the egress alone reaches the carrier, root and everybody else do not
		{carrier}meta l4proto {{ tcp, udp }} th dport {order.trunk.port} meta skuid != {egress} counter reject
		# none of the other processes speaks SIP to anybody outside
		oifname != "lo" meta l4proto {{ tcp, udp }} th dport {{ {_set(sip)} }} meta skuid {{ {_set(others)} }} counter reject
		# signer and witness speak on unix sockets only
		meta skuid {{ {_set(silent)} }} counter reject{_speech(users)}
		# the exchange's manager and the browsers' SIP are the dialer's, the permit gate is asked by the egress alone
		oifname "lo" tcp dport {{ {_set(manager)} }} meta skuid != {dialer} counter reject
		oifname "lo" tcp dport {order.gate.port} meta skuid != {egress} counter reject
		# what the egress says outside is SIP, audio and names, nothing else
		oifname != "lo" meta skuid {egress} meta l4proto {{ tcp, udp }} th dport {{ 53, {_set(sip)} }} accept
		oifname != "lo" meta skuid {egress} udp sport {{ {egress_rtp} }} accept
		oifname != "lo" meta skuid {egress} ct state established,related accept
		oifname != "lo" meta skuid {egress} tcp dport {order.gate.port} accept
		oifname != "lo" meta skuid {egress} counter reject
	}}
	chain input {{
		type filter hook input priority filter; policy accept;
		# from outside: the console, browsers' audio ({pbx_rtp}) and the carrier's ({egress_rtp}); never these
		iifname != "lo" meta l4proto {{ tcp, udp }} th dport {{ {_set(sorted(set(inner)))} }} counter drop
	}}
}}
"""


def _speech(users: Mapping[str, int]) -> str:
    """What is heard stays on this machine."""
    if "speech" not in users:
        return ""
    return f"""
		# the speech worker hears on loopback and tells on a unix socket: nothing of it goes out
		oifname != "lo" meta skuid {users["speech"]} counter reject"""


def _carrier(host: str) -> str:
    """The carrier's address, where the order gives one; a name is not resolved when rules are loaded."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return 'oifname != "lo" '
    return f"{'ip' if address.version == 4 else 'ip6'} daddr {address} "


def _set(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))


def _numbers(users: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(users.items()))
