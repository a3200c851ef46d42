"""Registers: what people filed about an organisation, number, source, script or lead, kept as JSON by field name.

A field that is not in its register is `Unknown`, and an unknown fact refuses: nothing here has a default.
"""

import json
from dataclasses import fields
from typing import Any, Final, TypeVar, get_type_hints

from pydantic import TypeAdapter, ValidationError

from dialer.compliance.facts import Unknown

G = TypeVar("G")


_KNOWN: Final[dict[type[Any], dict[str, TypeAdapter[Any]]]] = {}


def _adapters(group: type[Any]) -> dict[str, TypeAdapter[Any]]:
    if group not in _KNOWN:
        hints = get_type_hints(group)
        _KNOWN[group] = {f.name: TypeAdapter(hints[f.name]) for f in fields(group)}
    return _KNOWN[group]


def read_group(group: type[G], register_json: str, **known: object) -> G:
    """A group of facts from its register and what is `known` otherwise (which wins).

    A missing or malformed field becomes `Unknown`.
    """
    return group(**(_read(group, register_json) | known))


_READ: Final[dict[tuple[type[Any], str], dict[str, object]]] = {}
READ_MAX: Final = 8192


def _read(group: type[Any], register_json: str) -> dict[str, object]:
    """All fields as the register has them. Registers change rarely and are read with every decision."""
    found = _READ.get((group, register_json))
    if found is None:
        register = json.loads(register_json)
        found = {
            name: _validated(adapter, register[name]) if name in register else Unknown("not in the register")
            for name, adapter in _adapters(group).items()
        }
        if len(_READ) >= READ_MAX:
            _READ.clear()
        _READ[group, register_json] = found
    return found


def _validated(adapter: TypeAdapter[Any], value: object) -> object:
    try:
        return adapter.validate_json(json.dumps(value))
    except ValidationError:
        return Unknown("malformed in the register")


def to_register(group: type[Any], **values: object) -> str:
    """A register's JSON from typed values.

    Raises:
        KeyError: a name that is not a field of `group`.
    """
    adapters = _adapters(group)
    return json.dumps(
        {name: adapters[name].dump_python(value, mode="json") for name, value in values.items()}
    )
