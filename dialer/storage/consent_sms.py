"""Text messages: a sender is plugged in by name. `file` writes them into a folder, for development and demos."""

import asyncio
import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final, cast

from dialer.domain.errors import InstallationError
from dialer.domain.phone import PhoneNumber
from dialer.services.consent_codes import SmsSender, SmsTemplate, SmsUnavailable

GROUP: Final = "dialer.sms"
FILE: Final = "file"


@dataclass(frozen=True, slots=True)
class FileSms:
    """One JSON file a message, readable by the process's user only."""

    folder: Path

    async def send(self, number: PhoneNumber, template: SmsTemplate, values: Mapping[str, str]) -> None:
        message = {
            "to": number.e164,
            "template": template.template_id,
            "text": template.text.format_map(values),
        }
        try:
            await asyncio.to_thread(self._write, json.dumps(message, ensure_ascii=False))
        except OSError as full:
            raise SmsUnavailable("the folder of messages can't be written") from full

    def _write(self, message: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = secrets.token_hex(8)
        open_file = os.open(self.folder / f"{name}.part", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(open_file, "w", encoding="utf-8") as out:
            out.write(message)
        (self.folder / f"{name}.part").rename(self.folder / f"{name}.json")


def open_sms(sender: str, path: Path) -> SmsSender:
    """The sender of that name. `path`: the folder for `file`, else the settings file that the plug-in reads.

    Raises:
        InstallationError: nobody offers a sender of that name.
    """
    if sender == FILE:
        return FileSms(path)
    found = [point for point in entry_points(group=GROUP) if point.name == sender]
    if len(found) != 1:
        raise InstallationError(f"sms.sender: {len(found)} installed senders are called {sender}")
    make = cast(Callable[[Path], SmsSender], found[0].load())
    return make(path)
