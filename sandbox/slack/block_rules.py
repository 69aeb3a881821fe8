"""Rules for JSON values, and what a broken one is called: the words and pointers of Slack's own validator.

A rule takes a check, a value and the pointer of the value, and notes problems in the check.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule. `constraint` tells a limit that was passed, `member` the field that is missing or too much."""

    pointer: str
    code: str
    message: str
    constraint: Mapping[str, Any] | None = None
    member: str | None = None

    @property
    def line(self) -> str:
        """As in `errors` of an answer with invalid_blocks."""
        return f"{self.message} [json-pointer:{self.pointer}]"

    def as_dict(self, root: str) -> dict[str, Any]:
        """As in `errors` of blocks.validate, where pointers start at what was given."""
        found: dict[str, Any] = {
            "pointer": self.pointer.removeprefix(root),
            "code": self.code,
            "message": self.message,
        }
        if self.constraint is not None:
            found["constraint"] = dict(self.constraint)
        if self.member is not None:
            found["field"] = self.member
        return found


@dataclass(slots=True)
class Check:
    """A validation under way. `surface` is message, modal or home; `file_ready` tells whether a block may show a file,
    named by its id or its address.
    """

    surface: str
    file_ready: Callable[[Mapping[str, Any]], bool]
    problems: list[Problem] = field(default_factory=list)

    def note(self, pointer: str, message: str, *, code: str = "failed_constraint", **details: Any) -> None:
        self.problems.append(Problem(pointer, code, message, **details))

    def limit(self, pointer: str, message: str, kind: str, expected: int, got: int) -> None:
        self.note(pointer, message, constraint={"type": kind, "expected": expected, "got": got})


Rule: TypeAlias = Callable[[Check, Any, str], None]
NOT_A = {str: "a string", dict: "an object", list: "an array", bool: "a boolean"}


def is_a(check: Check, value: Any, pointer: str, kind: type) -> bool:
    """Whether a value has a type; notes it if not."""
    if isinstance(value, kind):
        return True
    check.note(pointer, f"must provide {NOT_A[kind]}", code="invalid_type")
    return False


def listed(value: Any) -> list[Any]:
    """A list as it is; nothing instead of anything else. Rules about several things at once do not ask for types."""
    return value if isinstance(value, list) else []


def anything(_check: Check, _value: Any, _pointer: str) -> None:
    """A value that Slack does not look into."""


def truth(check: Check, value: Any, pointer: str) -> None:
    is_a(check, value, pointer, bool)


def string(most: int, least: int = 0) -> Rule:
    """Text of a length in characters (code points)."""

    def rule(check: Check, value: Any, pointer: str) -> None:
        if not is_a(check, value, pointer, str):
            return
        if len(value) > most:
            check.limit(pointer, f"must be less than {most + 1} characters", "max_length", most, len(value))
        if len(value) < least:
            check.limit(pointer, f"must be more than {least - 1} characters", "min_length", least, len(value))

    return rule


def matching(fits: Callable[[str], bool], words: str) -> Rule:
    """Text of a form that `words` names."""

    def rule(check: Check, value: Any, pointer: str) -> None:
        if is_a(check, value, pointer, str) and not fits(value):
            check.note(pointer, words)

    return rule


def one_of(*words: str) -> Rule:
    def rule(check: Check, value: Any, pointer: str) -> None:
        if value not in words:
            expected = {"type": "enum", "expected": list(words), "got": value}
            check.note(pointer, "must be a valid enum value", constraint=expected)

    return rule


def whole(least: int, most: int) -> Rule:
    """A whole number in a range."""

    def rule(check: Check, value: Any, pointer: str) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            check.note(pointer, "must provide an integer", code="invalid_type")
        elif value > most:
            check.limit(pointer, f"must be less than {most + 1}", "max", most, value)
        elif value < least:
            check.limit(pointer, f"must be more than {least - 1}", "min", least, value)

    return rule


def number(check: Check, value: Any, pointer: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        check.note(pointer, "must provide a number", code="invalid_type")


def many(rule: Rule, most: int, least: int = 1) -> Rule:
    """A list of so many things that all keep to a rule."""

    def of_list(check: Check, value: Any, pointer: str) -> None:
        if not is_a(check, value, pointer, list):
            return
        if len(value) > most:
            check.limit(pointer, f"no more than {most} items allowed", "max_items", most, len(value))
        if len(value) < least:
            check.limit(pointer, f"no less than {least} items allowed", "min_items", least, len(value))
        for place, item in enumerate(value[:most]):
            rule(check, item, f"{pointer}/{place}")

    return of_list


@dataclass(frozen=True, slots=True)
class Shape:
    """An object: members that it must have, members that it may have, and what else must hold."""

    required: Mapping[str, Rule] = field(default_factory=dict)
    optional: Mapping[str, Rule] = field(default_factory=dict)
    also: Rule = anything

    def __call__(self, check: Check, value: Any, pointer: str) -> None:
        if not is_a(check, value, pointer, dict):
            return
        for name in self.required:
            if value.get(name) is None:
                check.note(pointer, f"missing required field: {name}", code="missing_field", member=name)
        for name, item in value.items():
            rule = self.required.get(name) or self.optional.get(name)
            if rule is None:
                check.note(pointer, f"invalid additional property: {name}", code="additional_property", member=name)
            elif item is not None:
                rule(check, item, f"{pointer}/{name}")
        self.also(check, value, pointer)


def typed(shapes: Mapping[str, Rule], allowed: Collection[str] | None = None) -> Rule:
    """An object whose `type` says which of the shapes it has; only some of them may be allowed here."""

    def rule(check: Check, value: Any, pointer: str) -> None:
        if not is_a(check, value, pointer, dict):
            return
        kind = value.get("type")
        if kind is None:
            check.note(pointer, "missing required field: type", code="missing_field", member="type")
        elif not isinstance(kind, str) or kind not in shapes or (allowed is not None and kind not in allowed):
            expected = {"type": "enum", "expected": sorted(allowed or shapes), "got": kind}
            check.note(f"{pointer}/type", f"unsupported type: {kind}", code="unsupported_type", constraint=expected)
        else:
            shapes[kind](check, value, pointer)

    return rule


def both(*rules: Rule) -> Rule:
    """All of several rules."""

    def rule(check: Check, value: Any, pointer: str) -> None:
        for one in rules:
            one(check, value, pointer)

    return rule
