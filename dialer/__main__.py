"""The command line: thin, every command one use case."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated

import typer

from dialer.domain.errors import InstallationError
from dialer.processes.backup_cli import backup, declare_loss, restore
from dialer.processes.dossier_cli import dossier
from dialer.processes.exchange_cli import exchange
from dialer.processes.keys_cli import keys
from dialer.processes.prompt_cli import prompt
from dialer.processes.register_cli import register_app, source_app
from dialer.processes.rights_cli import retention, sample, subject
from dialer.processes.trunk_cli import trunk
from dialer.settings import ENVIRONMENT, Settings, read_settings

EXIT_CONFIG = 78
"""EX_CONFIG of sysexits.h: the installation is incomplete or wrong."""
EXIT_INTERRUPTED = 130

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A predictive dialer that can't make an unlawful call",
)
lists = typer.Typer(help="Take lists: ours, or another dialer's.", no_args_is_help=True)
app.add_typer(lists, name="import")
app.add_typer(exchange, name="exchange")
app.add_typer(prompt, name="prompt")
app.add_typer(trunk, name="trunk")
app.add_typer(source_app, name="source")
app.add_typer(register_app, name="register")
app.add_typer(subject, name="subject")
app.command()(sample)
app.command()(backup)
app.command()(restore)
app.command("declare-loss")(declare_loss)
app.add_typer(retention, name="retention")
app.add_typer(dossier, name="dossier")
app.add_typer(keys, name="keys")
SettingsOption = Annotated[
    Path | None, typer.Option("--settings", help="the settings file; else what DIALER_SETTINGS names")
]
JsonOption = Annotated[bool, typer.Option("--json", help="write JSON for programs")]


def _say(line: str) -> None:
    print(line, flush=True)


def _run(work: Callable[[], Coroutine[None, None, int]]) -> None:
    """Run to the end; Ctrl-C, a hang-up and SIGTERM alike let it stop what it started."""

    async def guarded() -> int:
        task = asyncio.current_task()
        if task is not None:
            for number in (signal.SIGTERM, signal.SIGHUP):
                asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        return await work()

    try:
        code = asyncio.run(guarded())
    except (KeyboardInterrupt, asyncio.CancelledError):
        code = EXIT_INTERRUPTED
    raise typer.Exit(code)


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

    _run(lambda: run_demo(home or default_home(), port, once, _say))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def verify(context: typer.Context) -> None:
    """Verify bundles offline: FILE… [--trust trust.json] [--json]."""
    from dialer.evidence.verify import main as verify_main

    raise typer.Exit(verify_main(context.args))


@app.command()
def explain(
    campaign: Annotated[str, typer.Option(help="the campaign's id")],
    number: Annotated[
        str | None,
        typer.Option(help="`-`: read it from standard input, the only way; none: what pacing does"),
    ] = None,
    at: Annotated[str | None, typer.Option(help="another moment, with its offset")] = None,
    pack: Annotated[list[Path] | None, typer.Option(help="compare under this pack instead of ours")] = None,
    under: Annotated[str | None, typer.Option(help="compare under this campaign instead")] = None,
    settings: SettingsOption = None,
    json: JsonOption = False,
) -> None:
    """Say whether a number would be called now and why not, with its law; without a number, what pacing does and why."""
    from dialer.domain.ids import CampaignId
    from dialer.processes.commands import ExplainQuestion, Form, read_moment
    from dialer.processes.commands import explain as answer
    from dialer.processes.explain_cli import explain_pacing
    from dialer.processes.packs_cli import changed_packs
    from dialer.storage.explain_list import Change

    form = Form.JSON if json else Form.TEXT
    if number is None:
        _run(lambda: explain_pacing(_settings(settings), CampaignId(campaign), form, _say))
    if number != "-":
        raise InstallationError("a number on a command line is seen by others: use --number - and type it in")
    change = Change(changed_packs(tuple(pack or ())), CampaignId(under) if under else None)
    question = ExplainQuestion(sys.stdin.readline(100).strip(), CampaignId(campaign), read_moment(at), change)
    _run(lambda: answer(_settings(settings), question, form, _say))


@app.command()
def simulate(
    scenario: Annotated[
        Path, typer.Argument(help="a scenario: a TOML file such as those in bench/scenarios")
    ],
    compare: Annotated[str, typer.Option(help="methods to compare with, by commas; else the file's")] = "",
    days: Annotated[int | None, typer.Option(help="campaign-days; else the file's")] = None,
    seed: Annotated[int | None, typer.Option(help="which days; the same seed, the same days")] = None,
    leave: Annotated[list[str] | None, typer.Option(help="what if: 2@15:00, two agents go home")] = None,
    campaign: Annotated[str | None, typer.Option(help="draw callees and talks from its history")] = None,
    settings: SettingsOption = None,
    json: JsonOption = False,
) -> None:
    """Run a scenario's days under several methods of pacing: talk time, abandons and hours to finish, with bands."""
    from dialer.domain.ids import CampaignId
    from dialer.processes.simulate_cli import SimulationAsked
    from dialer.processes.simulate_cli import simulate as answer

    wanted = tuple(name.strip() for name in compare.split(",") if name.strip())
    owner = None if campaign is None else CampaignId(campaign)
    asked = SimulationAsked(scenario, wanted, days, seed, tuple(leave or ()), owner)
    _run(lambda: answer(asked, None if owner is None else _settings(settings), json, _say))


@app.command()
def doctor(settings: SettingsOption = None, json: JsonOption = False) -> None:
    """Examine the whole installation and say how to cure what is found; exit code 1 when something stops calls."""
    from dialer.processes.commands import Form
    from dialer.processes.doctor_cli import doctor as work

    _run(lambda: work(_settings(settings), Form.JSON if json else Form.TEXT, _say))


@app.command("explain-list")
def explain_list(
    campaign: Annotated[str, typer.Option(help="the campaign's id")],
    at: Annotated[str | None, typer.Option(help="another moment, with its offset")] = None,
    pack: Annotated[list[Path] | None, typer.Option(help="compare under this pack instead of ours")] = None,
    under: Annotated[str | None, typer.Option(help="compare under this campaign instead")] = None,
    settings: SettingsOption = None,
    json: JsonOption = False,
) -> None:
    """Count the leads of a campaign that are dialable now, today, later or only after a cure, and say why."""
    from dialer.domain.ids import CampaignId
    from dialer.processes.commands import read_moment
    from dialer.processes.explain_cli import ListAsked
    from dialer.processes.explain_cli import explain_list as answer

    asked = ListAsked(
        CampaignId(campaign), read_moment(at), tuple(pack or ()), CampaignId(under) if under else None
    )
    _run(lambda: answer(_settings(settings), asked, json, _say))


@lists.command("vicidial")
def import_vicidial(
    campaign: Annotated[str, typer.Option(help="the campaign's id")],
    login: Annotated[str, typer.Option("--as", help="the supervisor in whose name it is taken")],
    dnc: Annotated[Path | None, typer.Option(help="its do-not-call list, a number a line")] = None,
    leads: Annotated[Path | None, typer.Option(help="its lead export")] = None,
    callbacks: Annotated[Path | None, typer.Option(help="its callbacks, by lead_id")] = None,
    zone: Annotated[str, typer.Option(help="the zone of its server's clock")] = "Asia/Shanghai",
    settings: SettingsOption = None,
) -> None:
    """Take over VICIdial's exports: do-not-call first; what has no proof of consent is seen and not dialable."""
    from dialer.domain.ids import CampaignId
    from dialer.processes.vicidial_cli import VicidialFiles
    from dialer.processes.vicidial_cli import import_vicidial as take

    files = VicidialFiles(dnc, leads, callbacks, zone)
    _run(lambda: take(_settings(settings), files, CampaignId(campaign), login, _say))


@app.command("replay")
def replay_decision(
    attempt: Annotated[str, typer.Argument(help="the attempt's id")],
    pack: Annotated[list[Path] | None, typer.Option(help="decide under this pack instead of ours")] = None,
    settings: SettingsOption = None,
    json: JsonOption = False,
) -> None:
    """Make a past decision again from the facts in its evidence, under the packs of now or changed ones."""
    from dialer.domain.ids import AttemptId
    from dialer.processes.explain_cli import replay_decision as answer

    _run(lambda: answer(_settings(settings), AttemptId(attempt), tuple(pack or ()), json, _say))


@lists.command("list")
def import_list(
    file: Annotated[
        Path, typer.Argument(help="a CSV of leads and consents, or a ZIP of one with its artefacts")
    ],
    campaign: Annotated[str, typer.Option(help="the campaign's id")],
    login: Annotated[str, typer.Option("--as", help="the supervisor in whose name it is taken")],
    settings: SettingsOption = None,
) -> None:
    """Take a list: good rows are kept, each bad row is named by line and reason."""
    from dialer.domain.ids import CampaignId
    from dialer.processes.commands import take_list

    try:
        content = file.read_bytes()
    except OSError as wrong:
        raise InstallationError(f"{file.name} can't be read") from wrong
    _run(lambda: take_list(_settings(settings), content, CampaignId(campaign), login, _say))


@app.command()
def init(
    order: Annotated[Path, typer.Argument(help="what to install: a TOML file such as docker/install.toml")],
    home: Annotated[Path, typer.Option(help="the folder of the installation")],
    users: Annotated[bool, typer.Option("--users", help="as root: a system user for each process")] = False,
) -> None:
    """Make a new installation: keys, certificates, database, the first administrator."""
    from dialer.processes.init import Users, install
    from dialer.processes.order import read_order

    installed = install(read_order(order), home.absolute(), Users.ONE_EACH if users else Users.THIS_ONE, _say)
    _say(f"settings  {installed.settings_file}")
    _say(f"login     {installed.login}")
    _say(f"password  {installed.password}")
    _say("          printed this once and kept nowhere")


@app.command()
def migrate(settings: SettingsOption = None) -> None:
    """Bring the database to this version's schema. Safe to repeat; stop dialer and gate first."""
    from dialer.storage.migrate import migrate as run_migrations

    run_migrations(_settings(settings).database)
    _say("the database is at this version's schema")


@app.command("check-packs")
def check_rule_packs(
    cases: Annotated[list[Path] | None, typer.Argument(help="cases files; none: all that ship")] = None,
    pack: Annotated[
        list[Path] | None,
        typer.Option(help="a pack's file to try: in place of ours of its id, or beside ours"),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Load every rule pack and decide its cases; also of a pack that is only being written."""
    from dialer.processes.commands import Form
    from dialer.processes.packs_cli import check_packs

    raise typer.Exit(check_packs(cases or [], pack or [], Form.JSON if json else Form.TEXT, _say))


@app.command()
def fsck(
    trust: Annotated[
        Path | None, typer.Option(help="trust.json that came another way; else our own keys")
    ] = None,
    witness: Annotated[Path | None, typer.Option(help="the witness's own state file")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="put on the log that it was checked")] = False,
    settings: SettingsOption = None,
    json: JsonOption = False,
) -> None:
    """Re-check the whole store: log, payloads, recordings, DNC list, every row against its leaf."""
    from dialer.processes.commands import Form
    from dialer.processes.proof import Keep
    from dialer.processes.proof import fsck as check

    form, kept = Form.JSON if json else Form.TEXT, Keep.RUN if keep else Keep.NOTHING
    raise typer.Exit(check(_settings(settings), trust, witness, form, _say, kept))


def _settings(named: Path | None) -> Settings:
    return read_settings(named or Path(os.environ.get(ENVIRONMENT, "dialer.toml")))


def main() -> None:
    """The entry point; what stops a command is one sentence on standard error."""
    try:
        app()
    except InstallationError as wrong:
        print(f"dialer: {wrong}", file=sys.stderr)
        sys.exit(EXIT_CONFIG)


if __name__ == "__main__":
    main()
