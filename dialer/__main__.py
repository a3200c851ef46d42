"""The command line: thin, every command one use case."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from dialer.domain.errors import InstallationError

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="A predictive dialer that can't make an unlawful call."
)


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="the console's port on loopback; 0: any free one")] = 8080,
    home: Annotated[Path | None, typer.Option(help="where the demo keeps its files")] = None,
    once: Annotated[
        Path | None, typer.Option(help="run the sample list to its end and judge it by this file")
    ] = None,
) -> None:
    """Show the whole product on this machine, on loopback only."""
    from dialer.demo.run import default_home, run_demo

    raise typer.Exit(
        asyncio.run(run_demo(home or default_home(), port, once, lambda line: print(line, flush=True)))
    )


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def verify(context: typer.Context) -> None:
    """Verify bundles offline: FILE… [--trust trust.json] [--json]."""
    from dialer.evidence.verify import main as verify_main

    raise typer.Exit(verify_main(context.args))


def main() -> None:
    """The entry point; what stops a command is one sentence on standard error."""
    try:
        app()
    except InstallationError as wrong:
        print(f"dialer: {wrong}", file=sys.stderr)
        sys.exit(78)


if __name__ == "__main__":
    main()
