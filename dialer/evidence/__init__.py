"""Leaves, tree, checkpoints, bundles and their verification: pure bytes. The format is docs/evidence.md.

Writers (storage, signer, exporter) use `record`, `payload`, `tree`, `checkpoint`, `dnc_tree`, `vrf`, `trust`, `bundle`,
`vcon`; a whole log is re-checked by `audit`. Readers use `verify`, which stands on the modules that `onefile` joins into
one file: those import nothing but Python, `cryptography` and each other. `sample` is a small log from fixed seeds.
"""
