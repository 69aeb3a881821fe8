"""Frozen dataclasses to JSON values and back, exactly, led by their type hints; for a database column.

A tuple is a list, a dataclass an object with one entry a field. Fields whose metadata say `apart` hold what is stored
elsewhere (the bytes of an image) and are left out.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
Json = dict[str, Any]

APART = "apart"


def encode(value: Any) -> Any:
    """`value` as what json.dumps takes: dict, list, str, int, float, bool or None."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: encode(getattr(value, f.name)) for f in fields(value) if not f.metadata.get(APART)}
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    return value


def decode(kind: type[T], data: object, **apart: object) -> T:
    """The `kind` that `encode` wrote as `data`, with the fields kept `apart`. A field that is missing takes its
    default.

    Raises ValueError where `data` is not of that shape.
    """
    if not isinstance(data, Mapping):
        raise ValueError(f"{kind.__name__} must be an object")
    hints = _hints(kind)  # type: ignore[arg-type]  # mypy takes a type[T] for unhashable
    known = {f.name for f in fields(kind) if not f.metadata.get(APART)}  # type: ignore[arg-type]  # callers pass dataclasses
    if unknown := data.keys() - known:
        raise ValueError(f"{kind.__name__} has no {', '.join(sorted(map(str, unknown)))}")
    values = {name: _value(hints[name], item, f"{kind.__name__}.{name}") for name, item in data.items()}
    try:
        return kind(**values, **apart)
    except TypeError as error:
        raise ValueError(f"{kind.__name__}: {error}") from error


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _value(hint: Any, data: object, where: str) -> Any:
    origin = get_origin(hint)
    if origin is tuple:
        if not isinstance(data, list):
            raise ValueError(f"{where} must be a list")
        return tuple(_value(get_args(hint)[0], item, where) for item in data)
    if origin is Literal:
        if data not in get_args(hint):
            raise ValueError(f"{where} must be one of {get_args(hint)}")
        return data
    if origin in {Union, types.UnionType}:  # only "X | None" is used
        return None if data is None else _value(get_args(hint)[0], data, where)
    if is_dataclass(hint):
        return decode(hint, data)  # type: ignore[arg-type]  # is_dataclass narrows to an instance or a type; here a type
    if hint is float and type(data) is int:
        return float(data)
    if type(data) is not hint:
        raise ValueError(f"{where} must be {hint.__name__}")
    return data
