"""The one originate that reaches the outside, built from nothing but the permit."""

import re
from typing import Final

from dialer.calls.permit import TOKEN_HEX_DIGITS, TOKEN_PREFIX, Permit
from dialer.domain.ids import AttemptId
from dialer.telephony.ami_events import CALLEE_ENDPOINT, attempt_of

RING_MS_MAX: Final = 180_000
"""Our own patience with a channel that neither answers nor ends; the egress's ring time is far shorter."""
PATIENCE_MS_MAX: Final = 60_000
_TOKEN: Final = re.compile(rf"{TOKEN_PREFIX}[0-9a-f]{{{TOKEN_HEX_DIGITS}}}")
_PROMPT: Final = re.compile(r"[0-9A-Za-z_-]{0,80}")


def known(attempt_id: AttemptId) -> str:
    """The attempt id as a header's value.

    Raises:
        ValueError: it isn't an attempt id; nothing was sent.
    """
    if attempt_of(attempt_id) is None:
        raise ValueError("not an attempt id")
    return attempt_id


def originate_headers(permit: Permit) -> list[tuple[str, str]]:
    """The one originate that reaches the outside, built from nothing but the permit.

    Raises:
        ValueError: the permit's fields are not what they must be; nothing was sent.
    """
    fits = (
        _TOKEN.fullmatch(permit.token) is not None
        and _PROMPT.fullmatch(permit.notice_prompt) is not None
        and _PROMPT.fullmatch(permit.recording_prompt) is not None
        and 0 <= permit.patience_ms <= PATIENCE_MS_MAX
    )
    if not fits:
        raise ValueError("a permit's token, prompts or patience can't be sent")
    return [
        ("Channel", f"PJSIP/{permit.token}@{CALLEE_ENDPOINT}"),
        ("ChannelId", known(permit.attempt_id)),
        ("Context", "callee"),
        ("Exten", "s"),
        ("Priority", "1"),
        ("Timeout", str(RING_MS_MAX)),
        ("Async", "true"),
        ("Variable", f"ATTEMPT={permit.attempt_id}"),
        ("Variable", f"PATIENCE_MS={permit.patience_ms}"),
        ("Variable", f"NOTICE={permit.notice_prompt}"),
        ("Variable", f"RECNOTICE={permit.recording_prompt}"),
        ("Variable", f"RECORDING={permit.recording_notice}"),
        ("Variable", f"AMD={permit.amd}"),
    ]
