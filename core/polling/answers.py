"""What a person answers: plain form values in, a canonical answer out, or a sentence that says what is missing.

An answer is a sorted tuple of marks (option, value), the same for every front end; values are texts:

    single, pair      ((option, "1"),)
    several           ((option, "1"), ...)
    rating            ((0, value),)                     0: no option
    number            ((0, steps above the lowest),)
    ranking           ((option, place), ...)            1 is the best; what is not placed comes after all that is
    quiz              ((statement, level), ...)         levels from 0; statements may be left out
    words             ((0, entry), ...)
    text              ((0, text),)

So a ballot is a short JSON list, and how often each mark was made is all that an anonymous poll keeps (`tally`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from core.polling.kinds import CHOICES, Kind, Number, Pair, Quiz, Ranking, Rating, Several, Single, Text, Words, alike
from core.words import N_, Sentence

Mark = tuple[int, str]
Answer = tuple[Mark, ...]
Form = Mapping[str, Sequence[str]]  # the name of a field -> its values, as browsers and Slack send them

NO_OPTION = 0
LONGEST_ENTRY = 60  # characters of an entry in a word cloud
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,20}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})")
_SPACES = re.compile(r"[\s_'’]+")


class BadAnswer(ValueError):
    """An answer that cannot be counted; the sentence says what to change. Nothing was kept."""

    def __init__(self, message: str, **values: object) -> None:
        self.sentence = Sentence(message, values)
        super().__init__(str(self.sentence))


def read(kind: Kind, form: Form, options: Collection[int]) -> Answer:
    """The answer in `form` to a poll of `kind` with these `options`. Raises BadAnswer.

    Fields: `option` (single, several, pair), `value` (rating, number), `place-OPTION` (ranking), `level-OPTION` (quiz),
    `entry` (words: each a clean entry, see `core.wording`; text: one).
    """
    if isinstance(kind, CHOICES):
        return _chosen(kind, form.get("option", ()), options)
    if isinstance(kind, Rating):
        return _rated(kind, _only(form, "value"))
    if isinstance(kind, Number):
        return _number(kind, _only(form, "value"))
    if isinstance(kind, Ranking):
        return _ranked(kind, form, options)
    if isinstance(kind, Quiz):
        return _levels(kind, form, options)
    return tuple((NO_OPTION, entry) for entry in sorted(_written(kind, form.get("entry", ()))))


def _written(kind: Words | Text, written: Sequence[str]) -> tuple[str, ...]:
    given = [text for text in written if text]
    if not given:
        raise BadAnswer(N_("There is nothing written yet. Write something and send it again."))
    if isinstance(kind, Text):
        if len(given) > 1:
            raise BadAnswer(_NOT_OURS)
        if len(given[0]) > kind.longest:
            raise BadAnswer(
                N_("Your text has {length} characters; {longest} is the most. Shorten it and send it again."),
                length=len(given[0]),
                longest=kind.longest,
            )
        return tuple(given)
    different = {alike(text): text for text in reversed(given)}  # of two alike, the one that was written first
    kept = tuple(reversed(different.values()))
    if len(kept) > kind.entries:
        raise BadAnswer(
            N_("You wrote {count} entries; {most} are the most. Remove some and send the others again."),
            count=len(kept),
            most=kind.entries,
        )
    for entry in kept:
        if len(entry.split()) > kind.words:
            raise BadAnswer(
                N_("“{entry}” has too many words. An entry has at most {most}; separate entries by commas."),
                entry=entry,
                most=kind.words,
            )
        if len(entry) > LONGEST_ENTRY:
            raise BadAnswer(
                N_("“{entry}” is too long for a word cloud; {most} characters are the most."),
                entry=entry[:LONGEST_ENTRY],
                most=LONGEST_ENTRY,
            )
    return kept


def counted(kind: Kind, answer: Answer, options: Collection[int]) -> Counter[Mark]:
    """What one answer adds to the counts of its poll: its marks; of a ranking also (i, "-j"), "i is preferred to j".

    `options` are those that stood to choose from: what was not placed comes after all that was.
    """
    found = Counter(answer)
    if isinstance(kind, Ranking):
        place = {option: int(value) for option, value in answer}
        last = len(place) + 1
        for i, at in place.items():
            for j in options:
                if at < place.get(j, last):
                    found[i, f"{-j}"] += 1
    return found


def to_json(answer: Answer) -> dict[str, Any]:
    """`answer` for a JSON column."""
    return {"marks": [list(mark) for mark in answer]}


def from_json(stored: Mapping[str, Any]) -> Answer:
    """The answer that `to_json` wrote."""
    return tuple((int(option), str(value)) for option, value in stored["marks"])


_NOT_OURS = N_("This answer does not belong to this poll. Load the page again and choose once more.")


def _only(form: Form, name: str) -> str:
    values = [value for value in form.get(name, ()) if value.strip()]
    if not values:
        raise BadAnswer(N_("You have not answered yet. Choose or type an answer and send it again."))
    if len(values) > 1:
        raise BadAnswer(_NOT_OURS)
    return values[0]


def _whole(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,18}", text):
        raise BadAnswer(_NOT_OURS)
    return int(text)


def _option(text: str, options: Collection[int]) -> int:
    option = _whole(text)
    if option not in options:
        raise BadAnswer(N_("One of these options is no longer there. Load the page again and choose once more."))
    return option


def _chosen(kind: Kind, values: Sequence[str], options: Collection[int]) -> Answer:
    taken = {_option(value, options) for value in values}
    if not taken:
        raise BadAnswer(N_("You have not chosen anything yet. Choose and send it again."))
    if isinstance(kind, Single | Pair) and len(taken) > 1:
        raise BadAnswer(N_("Only one option can be chosen here. Choose one and send it again."))
    if isinstance(kind, Several):
        if len(taken) < kind.least:
            raise BadAnswer(
                N_("You chose {count}; choose at least {least} and send it again."), count=len(taken), least=kind.least
            )
        if kind.most is not None and len(taken) > kind.most:
            raise BadAnswer(
                N_("You chose {count}; {most} are the most. Take some away and send it again."),
                count=len(taken),
                most=kind.most,
            )
    return tuple((option, "1") for option in sorted(taken))


def _rated(kind: Rating, text: str) -> Answer:
    value = _whole(text)
    if not kind.low <= value <= kind.high:
        raise BadAnswer(N_("Choose a number from {low} to {high}."), low=kind.low, high=kind.high)
    return ((NO_OPTION, str(value)),)


def _number(kind: Number, text: str) -> Answer:
    typed = _ascii_digits(text)
    fits = {steps for number in _readings(typed, kind.unit) if (steps := _steps(kind, number)) is not None}
    if len(fits) == 1:
        return ((NO_OPTION, str(fits.pop())),)
    if fits:
        raise BadAnswer(N_("“{text}” can be read as two numbers. Write it without the comma."), text=text[:40])
    raise BadAnswer(
        N_("Write a number from {low} to {high} in steps of {step}."),
        low=kind.value(0),
        high=kind.value(kind.steps),
        step=kind.step,
    )


def _readings(typed: str, unit: str) -> set[Decimal]:
    """What a typed number may mean: a comma separates thousands, or decimals."""
    text = _SPACES.sub("", typed).replace("\N{MINUS SIGN}", "-").replace("\N{ARABIC DECIMAL SEPARATOR}", ".")
    text = text.replace("\N{ARABIC THOUSANDS SEPARATOR}", ",").removesuffix(_SPACES.sub("", unit))
    forms = {text} if "," not in text else set()
    if _THOUSANDS.fullmatch(text):
        forms.add(text.replace(",", ""))
    if text.count(",") == 1 and "." not in text:
        forms.add(text.replace(",", "."))
    return {Decimal(form) for form in forms if _NUMBER.fullmatch(form)}


def _steps(kind: Number, number: Decimal) -> int | None:
    """How many steps above the lowest value `number` lies, or None where nobody can give it."""
    try:
        steps = (number - kind.low) / kind.step
        return int(steps) if 0 <= steps <= kind.steps and steps == int(steps) else None
    except InvalidOperation:
        return None


def _ascii_digits(text: str) -> str:
    """Digits of any script as 0 to 9."""
    return "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text[:100])


def _ranked(kind: Ranking, form: Form, options: Collection[int]) -> Answer:
    wanted = min(kind.places or len(options), len(options))
    place: dict[int, int] = {}
    for name, values in form.items():
        if not name.startswith("place-") or not (given := [value for value in values if value.strip()]):
            continue
        option = _option(name.removeprefix("place-"), options)
        place[option] = _whole(given[0])
        if len(given) > 1 or not 1 <= place[option] <= wanted:
            raise BadAnswer(_NOT_OURS)
    taken = Counter(place.values())
    twice = next((at for at in sorted(taken) if taken[at] > 1), None)
    if twice is not None:
        raise BadAnswer(N_("Place {place} is given twice. Give each place to one option."), place=twice)
    if len(place) < wanted:
        missing = next(at for at in range(1, wanted + 1) if at not in taken)
        message = N_("Place {place} is still free. Give each place from 1 to {last}.")
        raise BadAnswer(message, place=missing, last=wanted)
    return tuple((option, str(place[option])) for option in sorted(place))


def _levels(kind: Quiz, form: Form, options: Collection[int]) -> Answer:
    level: dict[int, int] = {}
    for name, values in form.items():
        if not name.startswith("level-") or not (given := [value for value in values if value.strip()]):
            continue
        option = _option(name.removeprefix("level-"), options)
        level[option] = _whole(given[0])
        if len(given) > 1 or not 0 <= level[option] < len(kind.levels):
            raise BadAnswer(_NOT_OURS)
    if not level:
        raise BadAnswer(N_("You have not answered yet. Choose a level for at least one line."))
    return tuple((option, str(level[option])) for option in sorted(level))
