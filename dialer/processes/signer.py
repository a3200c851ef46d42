"""The signer: holds the log's key, signs heads that extend the last one."""

from nacl.signing import SigningKey

from dialer.api.checkpoints import build_signer_app
from dialer.processes.serving import main, serve_on_socket, until_told
from dialer.settings import Settings
from dialer.signing.checkpointing import LastHead, LogSigner
from dialer.signing.keys import KeyFiles, read_secret


async def run(settings: Settings) -> None:
    """Serve until told to stop."""
    files = KeyFiles(settings.folders.keys)
    last = LastHead(settings.folders.run / "signer.state")
    signer = LogSigner(settings.origin, read_secret(files.log_private), last)
    bundles = SigningKey(read_secret(files.bundle_private))
    app = build_signer_app(signer.sign, lambda message: bundles.sign(message).signature)
    runner = await serve_on_socket(app, settings.socket("signer"))
    try:
        await until_told()
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    main("signer", run)
