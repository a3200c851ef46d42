"""Entries of packs are dated and never edited in place: a sealed entry stays as it was."""

import json

from seal import SEALS, seals_of_packs


def test_no_sealed_entry_was_edited_or_removed() -> None:
    now = seals_of_packs()
    for entry, seal in json.loads(SEALS.read_text()).items():
        assert now.get(entry) == seal, f"{entry} was edited in place: end it with 'until' and add a new entry"


def test_every_entry_is_sealed() -> None:
    missing = set(seals_of_packs()) - set(json.loads(SEALS.read_text()))
    assert not missing, "seal new entries with: PYTHONPATH=. python tests/rulepacks/seal.py"
