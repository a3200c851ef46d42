"""The signer: holds the log's key, signs heads that extend the last one."""

from dialer.api.checkpoints import build_signer_app
from dialer.evidence.trust import KeyUse
from dialer.processes.opening import key_place
from dialer.processes.serving import main, serve_on_socket, until_told
from dialer.settings import Settings
from dialer.signing.checkpointing import LastHead, LogSigner


async def run(settings: Settings) -> None:
    """Serve until told to stop."""
    last = LastHead(settings.folders.run / "signer.state")
    place = key_place(settings)
    signer = LogSigner(settings.origin, place.current(KeyUse.LOG), last)
    app = build_signer_app(signer.sign, place.current(KeyUse.BUNDLE).sign)
    runner = await serve_on_socket(app, settings.socket("signer"))
    try:
        await until_told()
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    main("signer", run)
