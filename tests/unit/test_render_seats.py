"""The words that give a seat its secret."""

from __future__ import annotations

import pytest

from dialer.telephony.instance_settings import SettingsError
from dialer.telephony.seats import seat_secret_action


@pytest.mark.parametrize(
    "seat", ["headless-1", "egress", "seat-1/../x", "seat-", "seat-1\r\nAction: Command"]
)
def test_only_a_seat_can_be_given_a_secret(seat: str) -> None:
    assert seat_secret_action("seat-1", "a" * 24)
    with pytest.raises(SettingsError):
        seat_secret_action(seat, "a" * 24)


@pytest.mark.parametrize("secret", ["short", "a" * 23 + " ", "a" * 24 + "\r\nX: y", ""])
def test_a_secret_is_long_and_has_no_character_that_could_be_syntax(secret: str) -> None:
    with pytest.raises(SettingsError):
        seat_secret_action("seat-1", secret)
