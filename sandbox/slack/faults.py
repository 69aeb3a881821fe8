"""Planned failures: the next N deliveries to the app, or calls of a method, go wrong in a chosen way."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

DELIVERIES = ("events", "interactive", "commands", "options")
"""What Slack sends to an app; `deliveries` stands for all of them, and `methods` for every method of the Web API."""
ANY_DELIVERY, ANY_METHOD = "deliveries", "methods"

OF_DELIVERIES: Mapping[str, tuple[str, ...]] = {
    "delay": ("seconds",),  # it arrives late; for a person later than the ack clock runs
    "duplicate": ("copies",),  # the same once more, at the same time
    "reorder": ("seconds",),  # it waits until another one has overtaken it, or for so many seconds
    "drop": (),  # it never arrives; to Slack this looks as if nobody had listened
    "lose_answer": (),  # it arrives, but the answer to it does not
    "wrong_secret": (),  # signed with another secret
    "stale": ("seconds",),  # signed so many seconds ago
    "unsigned": (),  # without signature and time
    "alter": ("changes",),  # members of the payload set anew; null removes one
}
OF_METHODS: Mapping[str, tuple[str, ...]] = {
    "delay": ("seconds",),  # answered late, in real seconds
    "ratelimited": ("retry_after",),  # HTTP 429 with Retry-After, nothing done
    "answer": ("status", "body"),  # answer this, nothing done
    "answer_after": ("status", "body"),  # do it, then answer this
    "error": ("error",),  # {"ok": false, "error": ...}, nothing done
}
LONGEST_SECONDS = 24 * 3600
MOST_COPIES = 20
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Fault:
    """One planned failure: `target` is a kind of delivery, a method, or one of the two that stand for all."""

    id: int
    target: str
    kind: str
    remaining: int
    details: Mapping[str, Any] = field(default_factory=lambda: NOTHING)

    def as_dict(self) -> dict[str, Any]:
        known = {"id": self.id, "target": self.target, "kind": self.kind, "remaining": self.remaining}
        return {**known, **self.details}

    def number(self, name: str, default: float) -> float:
        return float(self.details.get(name, default))


class Faults:
    """The plan. Of N planned failures exactly N happen, however many requests arrive at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: list[Fault] = []
        self._last_id = 0

    def plan(self, target: str, kind: str, count: int = 1, details: Mapping[str, Any] = NOTHING) -> Fault:
        """Plan `count` failures. Raises ValueError if there is no such failure of the target."""
        kinds = OF_DELIVERIES if target in (*DELIVERIES, ANY_DELIVERY) else OF_METHODS
        if kinds is OF_METHODS and target != ANY_METHOD and "." not in target:
            raise ValueError(f"There is nothing named {target!r} that could fail.")
        if kind not in kinds:
            raise ValueError(f"{target!r} has no failure {kind!r}; it has {', '.join(kinds)}.")
        unknown = set(details) - set(kinds[kind])
        if unknown or count < 1:
            raise ValueError(f"{kind!r} takes a count of at least 1 and {kinds[kind]}, not {sorted(unknown)}.")
        _check(details)
        with self._lock:
            self._last_id += 1
            fault = Fault(self._last_id, target, kind, count, MappingProxyType(dict(details)))
            self._planned.append(fault)
        return fault

    def planned(self) -> list[Fault]:
        with self._lock:
            return list(self._planned)

    def clear(self) -> None:
        with self._lock:
            self._planned.clear()

    def claim_delivery(self, target: str) -> Fault | None:
        """The failure that this delivery is to have, if there is one."""
        return self._take((target, ANY_DELIVERY))

    def claim_method(self, method: str) -> Fault | None:
        """The failure that this call of the Web API is to have, if there is one."""
        return self._take((method, ANY_METHOD))

    def _take(self, targets: tuple[str, str]) -> Fault | None:
        with self._lock:
            for place, fault in enumerate(self._planned):
                if fault.target in targets:
                    if fault.remaining == 1:
                        del self._planned[place]
                    else:
                        self._planned[place] = replace(fault, remaining=fault.remaining - 1)
                    return fault
        return None


def altered(payload: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`payload` with some members set anew, and without those that are to be None. Objects are changed member by
    member, so that {"team": {"id": "T2"}} leaves the team's name alone.
    """
    result = dict(payload)
    for name, value in changes.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, Mapping) and isinstance(result.get(name), Mapping):
            result[name] = altered(result[name], value)
        else:
            result[name] = value
    return result


def _check(details: Mapping[str, Any]) -> None:
    for name, most in (("seconds", LONGEST_SECONDS), ("retry_after", LONGEST_SECONDS), ("copies", MOST_COPIES)):
        value = details.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
            raise ValueError(f"{name} must be a number from 0 to {most}.")
    if not isinstance(details.get("changes", {}), Mapping):
        raise ValueError("changes must be an object.")
