"""Attacks on a bundle: how each is made, and the check that has to name it.

Three attackers. An *outsider* changes bytes and can sign with a key of his own. An *exporter* has the true key of
bundles and lists what he changed. The *operator* has all keys of the log (not the witness's), from the start or later.
Used by the tests here, by the second verifier's, and by the export of test vectors.
"""

from attack_kit import Attack, bundle
from attacks_by_operator import STORY
from attacks_on_content import CONTENT, DNC
from attacks_on_files import CONTAINER, MANIFEST
from attacks_on_keys import KEYS
from attacks_on_log import CHECKPOINT, LEAVES

__all__ = ["ATTACKS", "Attack", "bundle"]

ATTACKS: tuple[Attack, ...] = (*CONTAINER, *MANIFEST, *LEAVES, *CHECKPOINT, *CONTENT, *DNC, *KEYS, *STORY)
