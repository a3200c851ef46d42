"""How long the proof of a call has to be kept at least: before that, nothing destroys it (D12, D13, D19)."""

from datetime import date

from dialer.domain.organisation import Industry
from dialer.rules.kinds.calls import Retention
from dialer.rules.resolve import PackSet


class UnknownLaw(Exception):
    """A call was made under a pack that isn't loaded: its term isn't known, so nothing of it may be destroyed."""


def statutory_days(
    packs: PackSet, pack_ids: frozenset[str], industries: frozenset[Industry], days: frozenset[date]
) -> int:
    """The longest minimum of the packs `pack_ids` for these industries, in force on any of `days`.

    Raises:
        UnknownLaw: a pack isn't loaded, or none of them says how long.
    """
    by_id = {pack.pack_id: pack for pack in packs.packs}
    unknown = pack_ids - by_id.keys()
    if unknown:
        raise UnknownLaw(f"packs not loaded: {', '.join(sorted(unknown))}")
    found = [
        rule.value.days_min
        for pack_id in pack_ids
        for rule in by_id[pack_id].rules
        if isinstance(rule.value, Retention)
        and (rule.value.industry is Industry.GENERAL or rule.value.industry in industries)
        and any(
            rule.in_force_from <= day and (rule.in_force_until is None or day < rule.in_force_until)
            for day in days
        )
    ]
    if not found:
        raise UnknownLaw("no pack says how long")
    return int(max(found))
