"""People who ring the sample organisation's number back: through the simulated carrier, as anybody does."""

from typing import Final

from dialer.demo.sample_leads import number_of
from dialer.demo.sample_organisation import CALLER_ID
from dialer.storage.sql import Tx
from dialer.telephony.instance import Instance

REFUSES: Final = 94
WANTS_CALLBACK: Final = 93
WANTS_AGENT: Final = 92
_KEYS: Final = {REFUSES: "wwwwww9", WANTS_CALLBACK: "wwwwww2wwwwwwwwww1", WANTS_AGENT: "wwwwww1"}
"""Ending → what is pressed, w waits half a second: the menu is cut short, the consent is agreed to while it is read."""


async def ring_in(carrier: Instance, ending: int) -> None:
    """Let the person with that ending ring our number and press their keys."""
    caller = number_of(ending).removeprefix("+")
    said = f"Local/{caller}-{CALLER_ID}-{_KEYS[ending]}@ring-in extension voice@ring-in"
    await carrier.rx(f"channel originate {said}")


def calls_ended(tx: Tx) -> list[str]:
    """What came of each call to our number that is over, oldest first: refused, callback, none."""
    rows = tx.all("SELECT wish FROM inbound_call WHERE ended_us IS NOT NULL ORDER BY received_us")
    return [row.wish or "none" for row in rows]


def talks_had(tx: Tx) -> int:
    """How many callers talked with an agent in a call that was recorded."""
    return int(
        tx.sole(
            "SELECT COUNT(*) AS n FROM inbound_call i JOIN recording r ON r.inbound_id = i.id"
            " WHERE i.connected_us IS NOT NULL AND r.state = 'sealed'"
        ).n
    )


def callbacks_without_consent(tx: Tx) -> int:
    """Callers who were told that we would call back, and of whose call no consent with its recording was made."""
    return int(
        tx.sole(
            "SELECT COUNT(*) AS n FROM inbound_call i WHERE i.wish = 'callback' AND NOT EXISTS (SELECT 1 FROM consent c"
            " JOIN recording r ON r.inbound_id = i.id WHERE c.id = i.consent_id AND r.state = 'sealed')"
        ).n
    )
