"""The whole schema: every table of the product in one metadata.

Personal data are ciphertext. Writers (decision 11): the dialer process, and for `permit`, `attempt`, `egress_report` and
the log the gate process. Numbers stand as keyed hashes (`*_hmac`, 32 bytes) and, where the product must say them again,
encrypted under the key of their subject. `docs/design.md` says who writes what in which transaction.
"""

from importlib import import_module
from pkgutil import iter_modules

from dialer import storage
from dialer.storage.columns import metadata

# importing a file of tables is what puts them into the metadata: none can be forgotten here
for _file in iter_modules(storage.__path__):
    if _file.name.startswith("tables_"):
        import_module(f"{storage.__name__}.{_file.name}")

__all__ = ["metadata"]
