"""The same packs, changed: for what-if questions and for the run that shows that a rule's test can fail."""

from collections.abc import Callable
from dataclasses import replace

from dialer.rules.pack import Answer, Pack, Rule
from dialer.rules.resolve import PackSet


def with_pack(packs: PackSet, pack: Pack) -> PackSet:
    """`pack` in place of the one with its id, or beside the others."""
    kept = tuple(p for p in packs.packs if p.pack_id != pack.pack_id)
    return replace(packs, packs=(*kept, pack))


def without_rules(packs: PackSet, leave_out: Callable[[Pack, Rule], bool]) -> PackSet:
    """The packs without the rules that `leave_out` picks; what is left unanswered counts as exempt."""
    return replace(packs, packs=tuple(_without(pack, leave_out) for pack in packs.packs))


def _without(pack: Pack, leave_out: Callable[[Pack, Rule], bool]) -> Pack:
    kept = tuple(rule for rule in pack.rules if not leave_out(pack, rule))
    gone = {rule.kind for rule in pack.rules} - {rule.kind for rule in kept}
    exempt = (*pack.exempt, *(Answer(kind=kind, why="left out of this run") for kind in sorted(gone)))
    return replace(pack, rules=kept, exempt=exempt)
