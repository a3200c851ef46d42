"""`dialer doctor`: what was found, for people or for programs."""

from collections.abc import Callable

from pydantic import TypeAdapter

from dialer.processes.commands import Form
from dialer.processes.doctor import examine
from dialer.services.findings import Finding, Gravity
from dialer.settings import Settings

_MARKS = {Gravity.STOPS: "stops", Gravity.SOON: "soon "}


async def doctor(settings: Settings, form: Form, say: Callable[[str], None]) -> int:
    """Say it; 0: nothing stops calls, 1: something does."""
    found = await examine(settings)
    if form is Form.JSON:
        say(TypeAdapter(tuple[Finding, ...]).dump_json(found, indent=1).decode())
    else:
        for each in found:
            say(f"{_MARKS[each.gravity]}  {each.sentence.en} [{each.code}]\n       {each.sentence.zh}")
            say(f"       cure: {each.cure.en}\n       处理：{each.cure.zh}")
        say(
            f"{len(found)} found"
            if found
            else "nothing found: keys, processes, database, certificates, disks"
        )
    return 1 if any(each.gravity is Gravity.STOPS for each in found) else 0
