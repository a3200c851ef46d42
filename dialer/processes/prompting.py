"""The desk of prompts, wired: the register in the database, and the folder that this installation's exchanges play."""

from dialer.processes.core import Core
from dialer.services.prompt_desk import PromptDesk
from dialer.storage.prompts import StoredPrompts
from dialer.telephony.prompt_files import PromptFiles


def prompt_desk(core: Core) -> PromptDesk:
    """What the console and the dialer's start work with."""
    return PromptDesk(StoredPrompts(core.store, core.log), PromptFiles(core.settings.folders.prompts))
