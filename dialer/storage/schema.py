"""The whole schema: every table of the product in one metadata.

Personal data are ciphertext. Writers (decision 11): the dialer process, and for `permit`, `attempt`, `egress_report` and
the log the gate process. Numbers stand as keyed hashes (`*_hmac`, 32 bytes) and, where the product must say them again,
encrypted under the key of their subject. `docs/design.md` says who writes what in which transaction.
"""

from typing import Final

from dialer.storage import (
    tables_api,
    tables_calls,
    tables_inbound,
    tables_log,
    tables_office,
    tables_organisation,
    tables_pacing,
    tables_people,
    tables_prompts,
    tables_proof,
    tables_rights,
)
from dialer.storage.columns import metadata

MODULES: Final = (
    tables_api,
    tables_calls,
    tables_inbound,
    tables_log,
    tables_office,
    tables_organisation,
    tables_pacing,
    tables_people,
    tables_prompts,
    tables_proof,
    tables_rights,
)
"""Where tables are declared: importing them is what puts them into the metadata."""

__all__ = ["MODULES", "metadata"]
