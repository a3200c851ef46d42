"""All breaches, one or more a requirement.

The rows are run under the shipped packs (they refuse), under the packs without the requirement's rules (they must not
refuse with that code: a row that still does tests nothing), and their ids make docs/requirements.md.
"""

from dataclasses import replace
from typing import Final

import breaches_a
import breaches_bc
import breaches_de
from breach import Breach

from dialer.compliance.facts import Facts, NoConsent


def without_consent(facts: Facts) -> Facts:
    """It is known that there is no consent, and so no source."""
    return replace(facts, consent=NoConsent(), source=NoConsent())


BREACHES_ALL: Final[tuple[Breach, ...]] = tuple(
    replace(row, change=without_consent) if row.codes == {"CONSENT_MISSING"} else row
    for row in (*breaches_a.BREACHES, *breaches_bc.BREACHES, *breaches_de.BREACHES)
)
