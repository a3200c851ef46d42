"""Makes the spoken prompts: 8 kHz mono files that the exchange plays, and a register of what they say.

The register (`register.json` in the prompts folder) gives for each prompt its language, its text and the sha256 of
its file, so that an auditor can tell what a callee heard. A prompt whose text has not changed is not made again.
The names of callee-facing prompts end in their language, `-zh` or `-en`.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Final, assert_never

from dialer.domain.errors import InstallationError

SPEECH_SECONDS_MAX: Final = 60
TEXT_CHARACTERS_MAX: Final = 600

HOLD_CLIP: Final = "hold"
_NAME: Final = re.compile(r"^[a-z0-9][a-z0-9-]{0,39}$")
_REGISTER: Final = "register.json"


class PromptsUnavailable(InstallationError):
    """A prompt can't be made on this machine; the prompts that were there are untouched."""


class Language(Enum):
    """The languages that prompts are spoken in."""

    ZH = "zh"
    EN = "en"


_VOICES: Final = {Language.ZH: ("cmn", "260"), Language.EN: ("en-us", "160")}
"""The speech program's voice, and its words a minute."""


class Voice(Enum):
    """OURS: the notice of the exchange. CALLEE: a simulated person, in a voice that recognisers understand."""

    OURS = "ours"
    CALLEE = "callee"


@dataclass(frozen=True, slots=True)
class Prompt:
    """One thing to be said, by name."""

    name: str
    language: Language
    text: str
    voice: Voice = Voice.OURS

    def __post_init__(self) -> None:
        """Check the name and the length; a name is also a file name."""
        if not _NAME.match(self.name):
            raise ValueError("a prompt's name has small letters, digits and hyphens")
        if not 1 <= len(self.text) <= TEXT_CHARACTERS_MAX:
            raise ValueError(f"a prompt has 1 to {TEXT_CHARACTERS_MAX} characters")


@dataclass(frozen=True, slots=True)
class Registered:
    """One line of the register: what the file of a prompt says, and its sha256 (hex)."""

    name: str
    language: str
    text: str
    sha256: str


def callback_text(language: Language, name: str) -> str:
    """What the inbound line reads out before somebody agrees to be called back: the text of that consent, to register."""
    match language:
        case Language.ZH:
            return (
                f"请您确认：您是本号码的使用人，已满十八周岁，请{name}的工作人员在七十二小时内给本号码回电一次，"
                "回复您的咨询，时间为九点到二十一点，法定节假日除外。通话会录音；录音、号码和本次同意自最后一次通话结束起"
                "保存三年，存储于中国境内，不提供给其他公司，也不用于推销。您随时可以拨打本号码按九，或在通话中说不要再打，来撤回。"
                "同意请按一。"
            )
        case Language.EN:
            return (
                f"Please confirm: you use this number, you are over eighteen, and you ask {name} to have a member of staff "
                "call this number back once within seventy-two hours to answer your question, between nine and twenty-one "
                "o'clock. The call is recorded; recording, number and this consent are kept for three years after the last "
                "call, never given to another company, never used to sell. You can take it back by calling this number and "
                "pressing nine. To agree, press one."
            )
        case _ as never:
            assert_never(never)


def organisation_prompts(name_zh: str, name_en: str, callback: str, key: str = "9") -> tuple[Prompt, ...]:
    """What one organisation's callees and callers hear: notices, the opt-out's echo, and the inbound line's menu.

    `callback` is the organisation's own published number, digits and `+` only; it is read out digit by digit.
    """
    spoken = " ".join(digit for digit in callback if digit.isdigit())
    return (
        Prompt(
            "notice-zh",
            Language.ZH,
            f"您好，这是{name_zh}的来电，现在没有坐席可以接听，非常抱歉。"
            f"我们的电话是 {spoken}。不想再接到我们的来电，请按 {key}。",
        ),
        Prompt(
            "notice-en",
            Language.EN,
            f"Hello. This was a call from {name_en}. Nobody is free to talk to you now, and we are sorry. "
            f"Our number is {spoken}. To never be called by us again, press {key}.",
        ),
        *_inbound_zh(name_zh, key),
        *_inbound_en(name_en, key),
        Prompt("recording-zh", Language.ZH, "您好，本次通话将被录音。"),
        Prompt("recording-en", Language.EN, "Hello. This call is recorded."),
        Prompt("optout-done-zh", Language.ZH, "好的，我们不会再给您来电。再见。"),
        Prompt("optout-done-en", Language.EN, "Understood. We will not call you again. Goodbye."),
    )


def _inbound_zh(name: str, key: str) -> tuple[Prompt, ...]:
    refuse = f"不想再接到我们的来电，请按 {key}。"
    hello = f"您好，这里是{name}，本次通话会录音。"
    says = {
        "menu": f"{hello}{refuse}需要与工作人员通话，请按 1；需要我们给您回电，请按 2。",
        "refuse": f"{hello}{refuse}",
        "closed": f"您好，这里是{name}，现在不是工作时间。",
        "nobody": "现在没有空闲的工作人员，我们可以给您回电。",
        "consent": callback_text(Language.ZH, name),
        "kept": "好的，我们会给您回电。再见。",
        "lost": "没有登记回电。如有需要，请稍后再次来电。再见。",
        "unknown": f"您好，这里是{name}。我们看不到您的号码，无法登记任何内容。要停止接到我们的来电，请用接到来电的号码拨打。再见。",
        "down": f"您好，这里是{name}。现在无法登记您的要求，没有登记任何内容，请稍后再次来电。再见。",
    }
    return tuple(Prompt(f"inbound-{what}-zh", Language.ZH, text) for what, text in says.items())


def _inbound_en(name: str, key: str) -> tuple[Prompt, ...]:
    refuse = f"To never be called by us again, press {key}. "
    hello = f"Hello, this is {name}. This call is recorded. "
    says = {
        "menu": f"{hello}{refuse}To speak with a member of our staff, press 1. To be called back, press 2.",
        "refuse": f"{hello}{refuse}",
        "closed": f"Hello, this is {name}. We are closed at this time.",
        "nobody": "Nobody of our staff is free now. We can call you back.",
        "consent": callback_text(Language.EN, name),
        "kept": "Thank you. We will call you back. Goodbye.",
        "lost": "No callback was registered. If you want one, please call again later. Goodbye.",
        "unknown": f"Hello, this is {name}. We can't see your number, so nothing can be registered. To stop our calls, "
        "please call from the number that we called. Goodbye.",
        "down": f"Hello, this is {name}. We can't take your wish now, and nothing was registered. "
        "Please call again later. Goodbye.",
    }
    return tuple(Prompt(f"inbound-{what}-en", Language.EN, text) for what, text in says.items())


def callee_prompts() -> tuple[Prompt, ...]:
    """What simulated callees say."""
    return (
        Prompt("do-not-call-en", Language.EN, "Please do not call me again.", Voice.CALLEE),
        Prompt("do-not-call-zh", Language.ZH, "请不要再给我打电话了。", Voice.CALLEE),
        Prompt("hello-zh", Language.ZH, "喂，你好。"),
        Prompt("hello-en", Language.EN, "Hello?"),
        Prompt("hello-name-en", Language.EN, "Good morning, Chen speaking."),
        Prompt(
            "voicemail-zh", Language.ZH, "您好，您拨打的用户暂时无法接听，请在提示音之后留言，结束后请挂机。"
        ),
        Prompt(
            "voicemail-en",
            Language.EN,
            "Hello, you have reached my voicemail. I can't take your call right now. Please leave a message after the tone.",
        ),
    )


def make_prompts(prompts: Iterable[Prompt], folder: Path) -> tuple[Registered, ...]:
    """Make the files of `prompts` and the hold music in `folder`; returns the whole register.

    Raises:
        PromptsUnavailable: no speech program, or it failed; the sentence says which package is missing.
    """
    _need("sox")
    (folder / HOLD_CLIP).mkdir(parents=True, exist_ok=True)
    known = {entry.name: entry for entry in read_register(folder)}
    for prompt in prompts:
        file = folder / f"{prompt.name}.wav"
        entry = known.get(prompt.name)
        made = entry is not None and entry.text == prompt.text and file.is_file()
        if made and entry is not None and entry.sha256 == _sha256(file):
            continue
        _speak(prompt, file)
        known[prompt.name] = Registered(prompt.name, prompt.language.value, prompt.text, _sha256(file))
    music = folder / HOLD_CLIP / "hold.wav"
    if not music.is_file():
        _play_softly(music)
    register = tuple(sorted(known.values(), key=lambda entry: entry.name))
    write_register(folder, register)
    return register


def read_register(folder: Path) -> tuple[Registered, ...]:
    """The register of a prompts folder; empty when none was made yet."""
    path = folder / _REGISTER
    if not path.is_file():
        return ()
    data = json.loads(path.read_text(encoding="utf-8"))
    return tuple(Registered(e["name"], e["language"], e["text"], e["sha256"]) for e in data)


def write_register(folder: Path, register: tuple[Registered, ...]) -> None:
    """Replace the register of a prompts folder, whole and at once."""
    draft = folder / f".{_REGISTER}.new"
    text = json.dumps([asdict(entry) for entry in register], ensure_ascii=False, indent=1)
    draft.write_text(text + "\n", encoding="utf-8")
    draft.replace(folder / _REGISTER)
    (folder / _REGISTER).chmod(0o644)


def _speak(prompt: Prompt, target: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        raw = Path(name, "raw.wav")
        # The text goes in as a file: an argument would show in the list of processes.
        said = Path(name, "text")
        said.write_text(prompt.text, encoding="utf-8")
        run_tool(*_speech_command(prompt, said, raw))
        draft = Path(name, "prompt.wav")
        run_tool("sox", str(raw), "-r", "8000", "-c", "1", "-b", "16", str(draft), "norm", "-6")
        place(draft, target)


def _speech_command(prompt: Prompt, text: Path, out: Path) -> tuple[str, ...]:
    match prompt.voice:
        case Voice.CALLEE if prompt.language is Language.EN and shutil.which("flite"):
            return ("flite", "-voice", "rms", "-f", str(text), "-o", str(out))
        case Voice.CALLEE if not shutil.which("espeak-ng"):
            # A person who can't be heard as words is still a person who is heard.
            return (
                "sox",
                "-n",
                "-r",
                "8000",
                str(out),
                "synth",
                "0.2",
                "sine",
                "300",
                "pad",
                "0",
                "0.1",
                "repeat",
                "6",
            )
        case Voice.OURS | Voice.CALLEE:
            _need("espeak-ng")
            voice, words_per_minute = _VOICES[prompt.language]
            return ("espeak-ng", "-v", voice, "-s", words_per_minute, "-f", str(text), "-w", str(out))
        case _ as never:
            assert_never(never)


def _play_softly(target: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        draft = Path(name, "hold.wav")
        notes = ("synth", "12", "pluck", "C4", "pluck", "E4", "pluck", "G4")
        run_tool(
            "sox",
            "-r",
            "44100",
            "-c",
            "3",
            "-n",
            "-b",
            "16",
            str(draft),
            *notes,
            "remix",
            "-",
            "rate",
            "8000",
            "norm",
            "-20",
        )
        place(draft, target)


def place(draft: Path, target: Path) -> None:
    """Put a file where it is played, whole and at once."""
    beside = target.with_name(f".{target.name}.new")
    shutil.copyfile(draft, beside)
    beside.chmod(0o644)
    beside.replace(target)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _need(program: str) -> None:
    if shutil.which(program) is None:
        raise PromptsUnavailable(
            f"{program} is missing: install the packages of [host] in asterisk_conf/packages.toml"
        )


def run_tool(*argv: str) -> None:
    """Run a sound program.

    Raises:
        PromptsUnavailable: it is missing, hangs or fails.
    """
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=SPEECH_SECONDS_MAX, check=False)
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise PromptsUnavailable(f"{argv[0]} can't be run: {type(fault).__name__}") from fault
    if done.returncode != 0:
        raise PromptsUnavailable(f"{argv[0]} failed: {done.stderr.strip()[-300:]}")
