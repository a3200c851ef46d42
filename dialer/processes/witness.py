"""The witness: another user's key, cosigns heads that are consistent with all it saw."""

import time

from dialer.api.checkpoints import build_witness_app
from dialer.evidence.checkpoint import NoteKey
from dialer.evidence.trust import KeyUse
from dialer.processes.opening import key_place
from dialer.processes.serving import main, serve_on_socket, until_told
from dialer.settings import Settings
from dialer.signing.checkpointing import LastHead, Witness
from dialer.signing.keys import KeyFiles, read_public


async def run(settings: Settings) -> None:
    """Serve until told to stop."""
    files = KeyFiles(settings.folders.keys)
    witness = Witness(
        f"{settings.origin}/witness",
        key_place(settings).current(KeyUse.WITNESS),
        NoteKey(settings.origin, read_public(files.log_public)),
        LastHead(settings.folders.run / "witness.state"),
    )
    app = build_witness_app(witness.add, lambda: int(time.time()))
    runner = await serve_on_socket(app, settings.socket("witness"))
    try:
        await until_told()
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    main("witness", run)
