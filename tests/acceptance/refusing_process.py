"""A process of its own that tells the database of refusals: `python -m tests.acceptance.refusing_process SETTINGS`.

It says READY, then for each number on its standard input the time at which it began and the moment of the entry.
"""

import asyncio
import sys
import time
from pathlib import Path

from dialer.demo.sample_organisation import ORG
from dialer.domain.dnc import DncReason
from dialer.domain.ids import OrganisationId
from dialer.evidence.record import Actor, ActorKind
from dialer.processes.core import open_core
from dialer.services.refusals import ToldRefusal
from dialer.settings import read_settings
from dialer.signing.doors import Door, SignerDoor
from dialer.storage.refusal_numbers import StoredDoNotCall


async def main() -> None:
    settings = read_settings(Path(sys.argv[1]))
    core = open_core(settings, SignerDoor(Door(settings.socket("signer"))))
    numbers = StoredDoNotCall(core.store, core.log, core.keyring)
    print("READY", flush=True)
    for line in sys.stdin:
        began = time.time()
        await numbers.refuse_number(
            ToldRefusal(
                org_id=OrganisationId(ORG),
                number=line.strip(),
                purpose=None,
                reason=DncReason.COMPLAINT,
                actor=Actor(ActorKind.PROCESS, "another"),
                said_at=None,
                via="another process",
            )
        )
        print(f"{began:.6f}", flush=True)
    core.store.close()


if __name__ == "__main__":
    asyncio.run(main())
