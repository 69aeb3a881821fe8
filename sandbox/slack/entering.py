"""What Slack's own program does before the app hears of anything: it takes only what an element allows, and a view goes
out only when its inputs are filled in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.slack.elements import SEVERAL, STATE, WITH_OPTIONS, WRITTEN, Found, Values, is_empty, options_of, usable
from sandbox.slack.ids import short

LONGEST_TEXT = 3000
REQUIRED = "Please complete this required field."
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
URL = re.compile(r"https?://[^\s/]+\S*")


class CannotEnter(Exception):
    """The element does not take that; the text says why."""


def entered(found: Found, given: Any, loaded: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """The element's state after somebody entered `given`: a text, an option's value, an id, a list of these, or None
    for nothing. `loaded` are the options that an external select got from the app. Raises CannotEnter.
    """
    kind = found.kind
    member, _ = STATE[kind]
    if kind in SEVERAL:
        chosen = [] if given is None else given
        if not isinstance(chosen, list):
            raise CannotEnter("This takes a list.")
        most = found.element.get("max_selected_items")
        if most is not None and len(chosen) > most:
            raise CannotEnter(f"At most {most} can be chosen.")
        if kind in WITH_OPTIONS:
            chosen = [option(found.element, value, loaded) for value in chosen]
        return {"type": kind, member: chosen}
    if given is None:
        return {"type": kind, member: None}
    if kind in WITH_OPTIONS:
        return {"type": kind, member: option(found.element, given, loaded)}
    return {"type": kind, member: _checked(found, given)}


def option(element: Mapping[str, Any], value: Any, loaded: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """The option with that value; `loaded` are later ones than those that the element began with. Raises CannotEnter
    if there is none.
    """
    first = [element["initial_option"]] if element.get("initial_option") else element.get("initial_options") or ()
    for candidate in (*reversed(loaded), *options_of(element), *first):
        if candidate.get("value") == value:
            return dict(candidate)
    raise CannotEnter(f"There is no option {value!r}.")


def _checked(found: Found, given: Any) -> Any:
    kind = found.kind
    if kind == "datetimepicker":
        if isinstance(given, bool) or not isinstance(given, int):
            raise CannotEnter("This takes a moment in seconds since 1970.")
        return given
    if not isinstance(given, str):
        raise CannotEnter("This takes a text.")
    if kind == "datepicker":
        _parsed(date.fromisoformat, given, "This takes a date, as 2026-11-22.")
    elif kind == "timepicker":
        _parsed(lambda text: datetime.strptime(text, "%H:%M"), given, "Write a time as 09:30.")  # noqa: DTZ007 - no day
    elif kind == "rich_text_input":
        section = {"type": "rich_text_section", "elements": [{"type": "text", "text": given}]}
        return {"type": "rich_text", "block_id": short(), "elements": [section]} if given else None
    elif kind == "plain_text_input":
        most = min(found.element.get("max_length", LONGEST_TEXT), LONGEST_TEXT)
        if len(given) > most:
            raise CannotEnter(f"This text may have at most {most} characters.")
    return given or None


def _parsed(parse: Callable[[str], object], given: str, problem: str) -> None:
    try:
        parse(given)
    except ValueError as wrong:
        raise CannotEnter(problem) from wrong


def problems(blocks: Sequence[Mapping[str, Any]], values: Values) -> dict[str, str]:
    """What a person is told under an input when they submit, by block_id: what is missing, too short or no number."""
    told = {}
    for found in usable(blocks):
        if not found.in_input or found.kind not in STATE:
            continue
        state = values[found.block_id][found.action_id]
        if is_empty(state):
            if found.required:
                told[found.block_id] = REQUIRED
        elif found.kind in WRITTEN and (problem := _wrong_with(found, state["value"])):
            told[found.block_id] = problem
    return told


def _wrong_with(found: Found, text: str) -> str:
    element = found.element
    match found.kind:
        case "plain_text_input" if len(text) < element.get("min_length", 0):
            return f"This entry must be at least {element['min_length']} characters long."
        case "email_text_input" if not EMAIL.fullmatch(text):
            return "Please enter a valid email address."
        case "url_text_input" if not URL.fullmatch(text):
            return "Please enter a valid URL."
        case "number_input":
            return _wrong_number(element, text)
    return ""


def _wrong_number(element: Mapping[str, Any], text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return "Please enter a number."
    if not number.is_finite():
        return "Please enter a number."
    if not element.get("is_decimal_allowed") and number != number.to_integral_value():
        return "Please enter a whole number."
    if (least := element.get("min_value")) is not None and number < Decimal(str(least)):
        return f"Please enter a number of at least {least}."
    if (most := element.get("max_value")) is not None and number > Decimal(str(most)):
        return f"Please enter a number of at most {most}."
    return ""
