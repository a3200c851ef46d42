"""What the exchange of the tests says."""

import subprocess
from pathlib import Path
from typing import Final

from dialer.telephony.prompts import Language, Prompt, callee_prompts, make_prompts

TEST_PROMPTS: Final = (
    Prompt("notice-zh", Language.ZH, "请按九。"),
    Prompt("notice-en", Language.EN, "Sorry. Press nine."),
    Prompt("recording-en", Language.EN, "Recorded."),
    *(
        Prompt(f"inbound-{what}-zh", Language.ZH, said)
        for what, said in (
            ("menu", "请按九或一。"),
            ("refuse", "请按九。"),
            ("closed", "下班了。"),
            ("nobody", "没人。"),
            ("consent", "同意请按一。"),
            ("kept", "会回电。"),
            ("lost", "没有登记。"),
            ("unknown", "看不到号码。"),
            ("down", "无法登记。"),
        )
    ),
    Prompt("optout-done-zh", Language.ZH, "再见。"),
    Prompt("optout-done-en", Language.EN, "Goodbye."),
    *callee_prompts(),
)
"""Short ones: tests have less time than people."""


def make_test_prompts(folder: Path) -> None:
    """All of them, and one whose speaker stays on the line for some seconds."""
    make_prompts(TEST_PROMPTS, folder)
    said, waits = folder / "hello-en.wav", folder / "hello-en-waits.wav"
    subprocess.run(["sox", str(said), str(waits), "pad", "0", "6"], check=True)
