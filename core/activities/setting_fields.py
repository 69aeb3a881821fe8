"""Settings as forms ask for them: a kind of field each, read strictly, with an error that names the field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from core.activities.refusals import Refusal
from core.words import N_, Sentence

LONGEST_WORDS = 500
S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a setting: its name in the database and the words that a teacher reads."""

    name: str
    label: str
    meaning: str
    group: str = ""  # under which heading a form lists it
    known_as: str = ""  # the name that a paper gave it


@dataclass(frozen=True, slots=True)
class Field:
    """What every field has: the name of the setting, what a form calls it, and a sentence that helps."""

    name: str
    label: str
    hint: str = ""

    @property
    def form(self) -> str:
        """How a page shows it."""
        return type(self).__name__.lower()


@dataclass(frozen=True, slots=True)
class Choice(Field):
    """One of several options."""

    options: tuple[Option, ...] = ()

    def read(self, form: Mapping[str, str]) -> dict[str, Any]:
        value = form.get(self.name)
        if value is None:
            return {}
        if value not in {option.name for option in self.options}:
            message = N_("“{value}” is not one of the choices. Choose one of the list and save again.")
            raise Refusal(message, value=value[:60])
        return {self.name: value}


@dataclass(frozen=True, slots=True)
class Number(Field):
    """A number within bounds."""

    low: float = 0
    high: float = 1000
    whole: bool = True
    decimals: int = 4

    def read(self, form: Mapping[str, str]) -> dict[str, Any]:
        if self.name not in form:
            return {}
        value = number(form[self.name], self.label, self.low, self.high, whole=self.whole)
        return {self.name: int(value) if self.whole else round(value, self.decimals)}


@dataclass(frozen=True, slots=True)
class Box(Field):
    """Yes or no. A box that is not ticked sends nothing, so the form says that it had the box."""

    def read(self, form: Mapping[str, str]) -> dict[str, Any]:
        return {self.name: self.name in form} if f"has_{self.name}" in form else {}


@dataclass(frozen=True, slots=True)
class Moment(Field):
    """A date and time, or none."""

    def read(self, form: Mapping[str, str]) -> dict[str, Any]:
        return {self.name: instant(form[self.name], self.label)} if self.name in form else {}


@dataclass(frozen=True, slots=True)
class Words(Field):
    """A few words of the teacher's."""

    longest: int = LONGEST_WORDS

    def read(self, form: Mapping[str, str]) -> dict[str, Any]:
        if self.name not in form:
            return {}
        value = " ".join(form[self.name].split())
        if len(value) > self.longest:
            message = N_("{label}: {length} characters are too many; {longest} is the most.")
            raise Refusal(message, label=Sentence(self.label), length=len(value), longest=self.longest)
        return {self.name: value}


@dataclass(frozen=True, slots=True)
class Numbers(Field):
    """How many of each of several things, such as what the grade asks for; 0 leaves a thing out."""

    parts: tuple[Option, ...] = ()
    high: int = 100

    def read(self, form: Mapping[str, str]) -> dict[str, Any]:
        asked = {part: form.get(f"{self.name}_{part.name}") for part in self.parts}
        if all(value is None for value in asked.values()):
            return {}
        found = {
            part.name: int(number(value or "0", part.label, 0, self.high, whole=True)) for part, value in asked.items()
        }
        return {self.name: {name: count for name, count in found.items() if count}}


@dataclass(frozen=True, slots=True)
class Several(Field):
    """Any of several options."""

    options: tuple[Option, ...] = ()
    least: int = 0

    def read(self, form: Mapping[str, str]) -> dict[str, Any]:
        if f"has_{self.name}" not in form:
            return {}
        chosen = [option.name for option in self.options if f"{self.name}_{option.name}" in form]
        if len(chosen) < self.least:
            message = N_("{label}: choose at least {least}.")
            raise Refusal(message, label=Sentence(self.label), least=self.least)
        return {self.name: chosen}


AnyField = Choice | Number | Box | Moment | Words | Numbers | Several


def from_form(fields: tuple[AnyField, ...], form: Mapping[str, str], base: S) -> S:
    """`base`, a frozen value, with what a teacher sent. A field that the form did not have keeps its value.

    Raises Refusal that names the field and says what to write.
    """
    chosen: dict[str, Any] = {}
    for field in fields:
        chosen.update(field.read(form))
    return replace(base, **chosen)  # type: ignore[type-var]  # a dataclass; its type has no name


def number(text: str, label: str, low: float, high: float, *, whole: bool = False) -> float:
    """A number as people write it, with a comma or a point. Raises Refusal."""
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        value = float("nan")
    if not low <= value <= high or (whole and value != int(value)):
        message = (
            N_("{label}: write a whole number from {low} to {high}.")
            if whole
            else N_("{label}: write a number from {low} to {high}.")
        )
        raise Refusal(message, label=Sentence(label), low=low, high=high)
    return value


def instant(text: str, label: str) -> datetime | None:
    """ISO 8601 as `<input type=datetime-local>` sends it, taken as UTC unless it names a zone; given back in UTC."""
    if not text.strip():
        return None
    try:
        value = datetime.fromisoformat(text.strip())
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # in UTC it would lie before the year 1 or after 9999
        message = N_("{label}: “{value}” is not a date and time. Choose one in the calendar.")
        raise Refusal(message, label=Sentence(label), value=text[:40]) from None
