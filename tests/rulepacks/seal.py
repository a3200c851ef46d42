"""The seal of every dated entry: run as a script it adds entries that have none, it never changes one.

python tests/rulepacks/seal.py
"""

import json
from hashlib import sha256
from pathlib import Path

from dialer.compliance.codec import to_plain
from dialer.rules.pack import Pack, Rule
from dialer.rules.shipped import shipped_packs
from dialer.rules.strictness import Span

SEALS = Path(__file__).with_name("seals.json")


def plain(value: object) -> object:
    """Spans have no form of their own in evidence; here they do."""
    if isinstance(value, Span):
        return [value.opens.isoformat(), value.closes.isoformat()]
    return to_plain(value)


def seal_of(rule: Rule) -> str:
    """Digest over everything that an entry says but its end: ending an entry is how law changes."""
    fields = {name: plain(getattr(rule.value, name)) for name in rule.value.__dataclass_fields__}
    said = [
        rule.kind,
        fields,
        list(rule.requirements),
        rule.in_force_from.isoformat(),
        rule.source.title,
        rule.source.article,
        rule.source.dated.isoformat(),
        rule.source.quote,
        str(rule.source.nature),
    ]
    return sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def entry_id(pack: Pack, rule: Rule) -> str:
    return f"{pack.pack_id} {rule.rule_id} {rule.in_force_from.isoformat()}"


def seals_of_packs() -> dict[str, str]:
    return {entry_id(pack, rule): seal_of(rule) for pack in shipped_packs().packs for rule in pack.rules}


def main() -> None:
    kept: dict[str, str] = json.loads(SEALS.read_text()) if SEALS.exists() else {}
    merged = {**seals_of_packs(), **kept}
    SEALS.write_text(json.dumps(merged, indent=0, sort_keys=True) + "\n")
    print(f"{len(merged) - len(kept)} entries sealed, {len(kept)} kept")


if __name__ == "__main__":
    main()
