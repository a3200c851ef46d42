"""The permit: the only thing `originate` takes, minted only after the ledger's commit is known.

An architecture test holds that `mint` is imported by `dialer.storage.ledger` alone. A permit names no number: it is a
random token that the egress hands to the permit gate, which consumes it once.
"""

from datetime import datetime
from typing import Final, NoReturn, final

from dialer.domain.campaign import AmdUse
from dialer.domain.ids import AttemptId
from dialer.rules.kinds.words import RecordingNotice

TOKEN_PREFIX: Final = "pt"
TOKEN_HEX_DIGITS: Final = 32
PERMIT_LIFE_SECONDS: Final = 10

_MINT: Final = object()


@final
class Permit:
    """Leave to place one call. Lives `PERMIT_LIFE_SECONDS`; can't be copied, pickled or made up."""

    __slots__ = (
        "amd",
        "attempt_id",
        "expires",
        "notice_prompt",
        "patience_ms",
        "recording_notice",
        "recording_prompt",
        "token",
    )

    attempt_id: AttemptId
    token: str
    expires: datetime
    patience_ms: int
    notice_prompt: str
    recording_prompt: str
    recording_notice: RecordingNotice
    amd: AmdUse

    def __init__(
        self,
        key: object,
        *,
        attempt_id: AttemptId,
        token: str,
        expires: datetime,
        patience_ms: int,
        notice_prompt: str,
        recording_prompt: str,
        recording_notice: RecordingNotice,
        amd: AmdUse,
    ) -> None:
        if key is not _MINT:
            raise TypeError("a permit comes from the ledger's known commit")
        object.__setattr__(self, "attempt_id", attempt_id)
        object.__setattr__(self, "token", token)
        object.__setattr__(self, "expires", expires)
        object.__setattr__(self, "patience_ms", patience_ms)
        object.__setattr__(self, "notice_prompt", notice_prompt)
        object.__setattr__(self, "recording_prompt", recording_prompt)
        object.__setattr__(self, "recording_notice", recording_notice)
        object.__setattr__(self, "amd", amd)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise TypeError("a permit is not edited")

    def __copy__(self) -> NoReturn:
        raise TypeError("a permit is not copied")

    def __deepcopy__(self, memo: object) -> NoReturn:
        raise TypeError("a permit is not copied")

    def __reduce__(self) -> NoReturn:
        raise TypeError("a permit is not pickled")

    def __repr__(self) -> str:
        return f"Permit(attempt_id={self.attempt_id!r})"


def mint(
    *,
    attempt_id: AttemptId,
    token: str,
    expires: datetime,
    patience_ms: int,
    notice_prompt: str,
    recording_prompt: str,
    recording_notice: RecordingNotice,
    amd: AmdUse = AmdUse.OFF,
) -> Permit:
    """Make a permit. For the ledger, after the commit that issued it is known, and for nobody else.

    `notice_prompt` is what an abandoned callee hears, `recording_prompt` is empty where the pack asks for no notice;
    `recording_notice` says whether the recording begins with that notice or only after its last sample. `amd`: whether
    the exchange listens for an answering machine before the agent.
    """
    return Permit(
        _MINT,
        attempt_id=attempt_id,
        token=token,
        expires=expires,
        patience_ms=patience_ms,
        notice_prompt=notice_prompt,
        recording_prompt=recording_prompt,
        recording_notice=recording_notice,
        amd=amd,
    )
