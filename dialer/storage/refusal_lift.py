"""The only way off the list: a later, explicit consent of the person, with proof that the number is theirs.

It runs inside the transaction that records the consent. Staff, imports of refusals, dispositions and the API have no
such statement. Platform-wide entries are not an organisation's to lift. Entries stay, marked with the consent.
"""

from dataclasses import dataclass
from typing import Final

from dialer.domain.consent import Ownership
from dialer.domain.errors import SealBroken
from dialer.evidence.dnc_proof import org_scope
from dialer.evidence.dnc_tree import Change
from dialer.ports.keys import Keyring
from dialer.storage.dnc import grow_dnc_tree, is_on
from dialer.storage.personal import NUMBER
from dialer.storage.sql import Row, Tx

_STANDING: Final = (
    "org_id = :org AND number_hmac = :hmac AND lifted_by_consent IS NULL AND at_us < :given AND leaf_seq >= :findable"
    " AND (purpose IS NULL OR purpose = :purpose)"
)


@dataclass(frozen=True, slots=True)
class NewConsent:
    """A consent as it was just recorded. `has_artefact`: what the person did is kept, signed by whoever saw it."""

    consent_id: str
    purpose: str
    ownership: str
    given_us: int
    expires_us: int | None
    withdrawn_us: int | None
    has_artefact: bool
    leaf_seq: int


def lift_by_consent(tx: Tx, keyring: Keyring, subject: Row, consent: NewConsent) -> int:
    """Lift the organisation's entries that are older than the person's own consent; how many were.

    An entry that stands in the tree under a VRF key that is lost can't be lifted there, so it stays.
    Nothing is lifted by a consent without proof of ownership or artefact, by one that is withdrawn, expired or from the
    future, or by one that was given before the refusal was heard.
    """
    if consent.ownership != Ownership.PROVEN or not consent.has_artefact or consent.withdrawn_us is not None:
        return 0
    now_us = tx.now_us()
    if consent.given_us > now_us or (consent.expires_us is not None and consent.expires_us <= now_us):
        return 0
    rows = tx.all(
        f"UPDATE dnc_entry SET lifted_by_consent = :consent WHERE {_STANDING} RETURNING purpose",
        consent=consent.consent_id,
        org=subject.org_id,
        hmac=bytes(subject.number_hmac),
        given=consent.given_us,
        purpose=consent.purpose,
        findable=keyring.dnc_lost_until,
    )
    if any(row.purpose is None for row in rows):
        _open_place(tx, keyring, subject, consent.leaf_seq)
    return len(rows)


def _open_place(tx: Tx, keyring: Keyring, subject: Row, leaf_seq: int) -> None:
    """The second change of the number's place in the tree: off the list, at the leaf of the consent."""
    if subject.wrapped_key is None or subject.number_ct is None:
        raise SealBroken("the number of a consent can't be opened")
    number = keyring.decrypt(
        bytes(subject.wrapped_key), subject.sid, NUMBER, bytes(subject.number_ct)
    ).decode()
    for under in keyring.dnc_places(org_scope(subject.org_id), number):
        if is_on(tx, under.place):
            grow_dnc_tree(tx, [Change(under.place, leaf_seq)])
