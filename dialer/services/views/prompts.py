"""What callees and callers hear, as the console shows it: every text with its file's hash, and who stands for it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from dialer.services.views.words import Sentence


class PromptPurpose(StrEnum):
    """When a prompt is heard; with its language it is the prompt's name."""

    NOTICE = "notice"
    RECORDING = "recording"
    OPTOUT_DONE = "optout-done"
    INBOUND_MENU = "inbound-menu"
    INBOUND_REFUSE = "inbound-refuse"
    INBOUND_CLOSED = "inbound-closed"
    INBOUND_NOBODY = "inbound-nobody"
    INBOUND_CONSENT = "inbound-consent"
    INBOUND_KEPT = "inbound-kept"
    INBOUND_LOST = "inbound-lost"
    INBOUND_UNKNOWN = "inbound-unknown"
    INBOUND_DOWN = "inbound-down"


class PromptLanguage(StrEnum):
    """What it is spoken in."""

    ZH = "zh"
    EN = "en"


HEARD_WHEN: Final[dict[PromptPurpose, Sentence]] = {
    PromptPurpose.NOTICE: Sentence("接通后没有坐席时的告知", "Notice when nobody takes an answered call"),
    PromptPurpose.RECORDING: Sentence("录音告知", "Notice that the call is recorded"),
    PromptPurpose.OPTOUT_DONE: Sentence("按键退订后的确认", "Answer to the opt-out key"),
    PromptPurpose.INBOUND_MENU: Sentence("回拨菜单（营业时间）", "Menu for callers in opening hours"),
    PromptPurpose.INBOUND_REFUSE: Sentence("回拨菜单（仅退订）", "Menu for callers: refusals only"),
    PromptPurpose.INBOUND_CLOSED: Sentence("非工作时间告知", "Notice that we are closed"),
    PromptPurpose.INBOUND_NOBODY: Sentence("来电时没有空闲坐席", "Nobody is free for a caller"),
    PromptPurpose.INBOUND_CONSENT: Sentence("回电同意书全文", "Text of the consent to be called back"),
    PromptPurpose.INBOUND_KEPT: Sentence("回电已登记", "A callback was registered"),
    PromptPurpose.INBOUND_LOST: Sentence("回电未登记", "No callback was registered"),
    PromptPurpose.INBOUND_UNKNOWN: Sentence("来电未显示号码", "The caller's number is withheld"),
    PromptPurpose.INBOUND_DOWN: Sentence("系统暂时无法登记", "Nothing can be registered now"),
}


def name_of(purpose: PromptPurpose, language: PromptLanguage) -> str:
    """The name under which the exchange plays it, such as `notice-zh`."""
    return f"{purpose}-{language}"


NAMES: Final = frozenset(name_of(p, lang) for p in PromptPurpose for lang in PromptLanguage)


@dataclass(frozen=True, slots=True)
class PromptVersion:
    """One text and the file that says it. `brought_by`, `approved_by`: a name, or a process. `own`: of whoever looks."""

    id: str
    name: str
    language: PromptLanguage
    text: str
    sha256: str
    is_approved: bool
    brought_by: str
    brought_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    own: bool


@dataclass(frozen=True, slots=True)
class PromptView:
    """A prompt by name: when it is heard, what is in force and what waits. `played`: the exchanges' file is the approved one."""

    name: str
    purpose: PromptPurpose
    language: PromptLanguage
    heard_when: Sentence
    approved: PromptVersion | None
    waiting: PromptVersion | None
    played: bool


@dataclass(frozen=True, slots=True)
class PromptList:
    """Everything that the exchanges say. `predictive`: whether some notice is approved, without which nobody may be left alone."""

    items: tuple[PromptView, ...]
    predictive: bool
