"""The simulated carrier alone, in the network namespace of whoever runs this: `… ROOT PORT`, secret on standard input.

It says `up` and ends when standard input does.
"""

import asyncio
import sys
from pathlib import Path

from dialer.telephony.carrier_behaviour import CarrierSettings, read_behaviours
from dialer.telephony.install import ASTERISK_CONF, ensure_asterisk
from dialer.telephony.instance import Instance
from dialer.telephony.instance_settings import Ground, RtpPorts


async def main(root: Path, port: int) -> None:
    """Serve until standard input ends."""
    program = ensure_asterisk(say=lambda line: None)
    secret = sys.stdin.readline().strip()
    settings = CarrierSettings(
        ground=Ground("carrier", root / "carrier", program.modules, program.data),
        sip_port=port,
        rtp=RtpPorts(23000, 23099),
        trunk_user="trunk",
        trunk_secret=secret,
        phones_secret=secret,
        headless_seats=0,
        prompts=root,
        behaviours=read_behaviours(ASTERISK_CONF / "profiles/carrier-test.toml"),
    )
    carrier = Instance(program, settings)
    await carrier.start()
    try:
        print(f"up {settings.journal}", flush=True)
        await asyncio.to_thread(sys.stdin.read)
    finally:
        await carrier.stop()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
