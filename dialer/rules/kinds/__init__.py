"""The closed list of rule kinds. A pack can say nothing that isn't one of them.

A kind's name in a pack is its class name in snake case: `FrequencyCallee` is `frequency_callee`.
"""

import re
from typing import Any, Final

from dialer.rules.kinds.callers import CALLERS
from dialer.rules.kinds.calls import CALLS
from dialer.rules.kinds.moments import MOMENTS
from dialer.rules.kinds.people import PEOPLE


def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


KINDS: Final[dict[str, type[Any]]] = {
    _snake_case(k.__name__): k for k in (*MOMENTS, *PEOPLE, *CALLERS, *CALLS)
}
"""All kinds by the name that packs use, in the order in which the gate looks."""

_NAMES: Final = {kind: name for name, kind in KINDS.items()}


def kind_name(kind: type[Any]) -> str:
    """`FrequencyCallee` → `frequency_callee`; `Amd` → `amd`."""
    return _NAMES[kind]
