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
    register = json.loads(register_json)
    values: dict[str, object] = {}
    for name, adapter in _adapters(group).items():
        if name in known:
            values[name] = known[name]
        elif name in register:
            values[name] = _validated(adapter, register[name])
        else:
            values[name] = Unknown("not in the register")
    return group(**values)


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
