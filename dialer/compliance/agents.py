"""What is filed about an agent: the quiz, conduct, and the skills that routing looks at. The gate reads the first two."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dialer.compliance.unknown import Known
from dialer.domain.purpose import Purpose


class Conduct(StrEnum):
    """Whether the agent may take calls as far as their conduct goes (A9, B13)."""

    CLEAR = "clear"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class AgentRegister:
    """An agent's register. A quiz that isn't filed was not passed; skills that aren't filed don't restrict."""

    quiz_passed_at: Known[datetime]
    conduct: Known[Conduct]
    purposes: Known[frozenset[Purpose]]
    """Purposes of the campaigns that the agent may work."""
    languages: Known[frozenset[str]]
    """What the agent speaks, BCP 47 tags."""
