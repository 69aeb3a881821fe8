"""Writing a problem in the browser: from a form to a problem and back. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.activities import texts
from core.activities.refusals import Refusal
from core.problems import checks, kinds
from core.problems.images import BadImage, clean_image, pixels
from core.problems.kinds import (
    Choice,
    FreeText,
    Image,
    Number,
    NumberAnswer,
    OneChoice,
    Problem,
    SeveralChoices,
    ShortText,
    TextAnswer,
    Unit,
)
from core.problems.reports import DEFAULT_LIMITS
from core.problems.texts import Text
from core.words import N_

MOST_CHOICES = 10
KIND_NAMES: Mapping[str, str] = {
    "one_choice": N_("One correct choice"),
    "several_choices": N_("Several correct choices"),
    "number": N_("Number"),
    "short_text": N_("Short text"),
    "free_text": N_("Free text (not scored)"),
}
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with the form."""

    name: str
    data: bytes


def is_simple(problem: Problem) -> bool:
    """Whether the form can show the whole key; an imported problem may have partial marks, several ranges or units."""
    if isinstance(problem, Number):
        return (
            len(problem.answers) == 1
            and problem.answers[0].value is not None
            and len(problem.units) <= 1
            and not problem.unit_policy.startswith("graded")
        )
    if isinstance(problem, ShortText):
        return all(answer.fraction == 1.0 for answer in problem.answers)
    if isinstance(problem, OneChoice):
        return all(choice.fraction in (0.0, 1.0) for choice in problem.choices) and len(problem.choices) <= MOST_CHOICES
    return not isinstance(problem, SeveralChoices) or len(problem.choices) <= MOST_CHOICES


def read(
    form: Mapping[str, Any], choices: Sequence[tuple[str, bool]], pictures: Iterable[Image], before: Problem | None
) -> Problem:
    """The problem that the form describes; `before` keeps what the form does not show (tags, hints, marks, feedback).

    Raises Refusal with what is missing, in the teacher's words. `choices` are (text, right) in the order of the form;
    a picture replaces the one of the same name.
    """
    kind = before.kind if before else form.get("kind", "")
    if kind not in kinds.KINDS:
        raise Refusal(N_("Choose what kind of problem this is."))
    common: dict[str, Any] = {
        "name": texts.clean_line(form.get("name", "")),
        "text": Text(_prose(form.get("text", "")), "markdown") if _changed(form, "text", before) else before.text,  # type: ignore[union-attr]
        "solution": Text(_prose(form.get("solution", "")), "markdown")
        if _changed(form, "solution", before)
        else before.solution,  # type: ignore[union-attr]
    }
    if not common["text"]:
        raise Refusal(N_("The problem has no text yet. Write the question."))
    kept = before.images if before else ()
    common["images"] = tuple({picture.name: picture for picture in (*kept, *pictures)}.values())
    try:
        problem = _of_kind(kind, form, choices, before, common)
    except ValueError as error:
        raise Refusal(N_("This does not make a problem yet: {reason}."), reason=str(error)) from error
    fault = next(iter(checks.faults(problem, DEFAULT_LIMITS)), None)
    if fault is not None:
        raise Refusal(N_("This does not make a problem yet: {reason}"), reason=fault)
    return problem


def _of_kind(
    kind: str,
    form: Mapping[str, Any],
    choices: Sequence[tuple[str, bool]],
    before: Problem | None,
    common: dict[str, Any],
) -> Problem:
    if before is not None and not is_simple(before):
        return replace(before, **common)
    if kind in {"one_choice", "several_choices"}:
        return _choices(kind, choices, before, common)
    if kind == "number":
        return _number(form, before, common)
    if kind == "short_text":
        accepted = [texts.clean_line(line) for line in str(form.get("accepted", "")).splitlines()]
        answers = tuple(TextAnswer(line) for line in dict.fromkeys(accepted) if line)
        fields: dict[str, Any] = {**common, "answers": answers, "case_sensitive": "case_sensitive" in form}
        return replace(before, **fields) if before else ShortText(**fields)
    return replace(before, **common) if before else FreeText(**common)


def _choices(kind: str, given: Sequence[tuple[str, bool]], before: Problem | None, common: dict[str, Any]) -> Problem:
    kept = before.choices if isinstance(before, kinds.ChoiceProblem) else ()
    right = sum(is_right for text, is_right in given if text.strip())
    made: list[Choice] = []
    for place, (source, is_right) in enumerate(given):
        old = kept[place] if place < len(kept) else None
        if not source.strip():
            continue
        text = old.text if old and old.text.source == source.strip() else Text(_prose(source), "markdown")
        fraction = 0.0
        if kind == "one_choice":
            fraction = 1.0 if is_right else 0.0
        elif right:
            fraction = 1 / right if is_right else -1 / right  # taking everything is worth nothing
        if (
            old
            and (old.fraction > 0) == is_right
            and [c.fraction > 0 for c in kept] == [r for t, r in given if t.strip()]
        ):
            fraction = old.fraction  # only reworded: imported marks stay
        made.append(replace(old, text=text, fraction=fraction) if old else Choice(text, fraction))
    if kind == "one_choice" and right != 1:
        raise Refusal(N_("Mark exactly one choice as correct."))
    if kind == "several_choices" and not right:
        raise Refusal(N_("Mark at least one choice as correct."))
    fields: dict[str, Any] = {**common, "choices": tuple(made)}
    if before:
        return replace(before, **fields)
    return OneChoice(**fields) if kind == "one_choice" else SeveralChoices(**fields)


def _number(form: Mapping[str, Any], before: Problem | None, common: dict[str, Any]) -> Problem:
    value = str(form.get("value", "")).strip().replace(",", ".")
    tolerance = str(form.get("tolerance", "")).strip().replace(",", ".").rstrip("%") or "0"
    relative = form.get("tolerance_kind") == "relative"
    try:
        width = float(tolerance) / (100 if relative else 1)
    except ValueError:
        raise Refusal(
            N_("The tolerance “{value}” is not a number. Write 0.5, or leave it empty."), value=tolerance[:30]
        ) from None
    if not value:
        raise Refusal(N_("Write the correct number."))
    unit = texts.clean_line(str(form.get("unit", "")), 40)
    fields: dict[str, Any] = {
        **common,
        "answers": (NumberAnswer(value, width, "relative" if relative else "absolute"),),
        "units": (Unit(unit),) if unit else (),
        "unit_policy": "optional" if unit else "none",
    }
    return replace(before, **fields) if before else Number(**fields)


def _changed(form: Mapping[str, Any], name: str, before: Problem | None) -> bool:
    if before is None:
        return True
    old: Text = getattr(before, name)
    return _prose(str(form.get(name, ""))) != old.source


def _prose(source: str) -> str:
    return texts.clean(source, DEFAULT_LIMITS.text_characters)


def pictures(uploads: Iterable[Upload], most_pixels: int = DEFAULT_LIMITS.file_pixels) -> tuple[Image, ...]:
    """The uploaded pictures, made harmless and named so that a text can name them. Raises Refusal for what is none.

    This takes a while, so it is done before a transaction is opened.
    """
    cleaned: dict[str, Image] = {}
    left = most_pixels
    for upload in uploads:
        if not upload.data:
            continue
        name = _UNSAFE.sub("-", upload.name.rpartition("/")[2].rpartition("\\")[2])[-80:].strip("-.") or "picture"
        try:
            left -= pixels(upload.data, name=name)
            if left < 0:
                raise Refusal(N_("These pictures are too large together. Send fewer at once, or smaller ones."))
            clean = clean_image(upload.data, name=name)
        except BadImage as error:
            raise Refusal("{reason}", reason=error.sentence) from error
        stem = name.rpartition(".")[0] or name
        name = f"{stem}.{'png' if clean.mime == 'image/png' else 'jpg'}"
        cleaned[name] = Image(name, clean.mime, clean.width, clean.height, clean.data)
    return tuple(cleaned.values())


@dataclass(frozen=True, slots=True)
class Filled:
    """What the form shows for a problem."""

    kind: str
    name: str
    text: str
    solution: str
    choices: tuple[tuple[str, bool], ...]
    value: str
    tolerance: str
    relative: bool
    unit: str
    accepted: str
    case_sensitive: bool
    simple: bool
    images: tuple[str, ...]


def fill(problem: Problem) -> Filled:
    """The form's fields for a problem."""
    number = problem.answers[0] if isinstance(problem, Number) and problem.answers else None
    relative = bool(number and number.tolerance_kind == "relative")
    return Filled(
        kind=problem.kind,
        name=problem.name,
        text=problem.text.source,
        solution=problem.solution.source,
        choices=tuple((c.text.source, c.fraction > 0) for c in problem.choices)
        if isinstance(problem, kinds.ChoiceProblem)
        else (),
        value=(number.value or "") if number else "",
        tolerance=f"{number.tolerance * (100 if relative else 1):g}" if number and number.tolerance else "",
        relative=relative,
        unit=problem.units[0].name if isinstance(problem, Number) and problem.units else "",
        accepted="\n".join(a.pattern for a in problem.answers) if isinstance(problem, ShortText) else "",
        case_sensitive=isinstance(problem, ShortText) and problem.case_sensitive,
        simple=is_simple(problem),
        images=tuple(picture.name for picture in problem.images),
    )


def empty(kind: str) -> Filled:
    """The form for a new problem."""
    return Filled(kind, "", "", "", (), "", "", False, "", "", False, True, ())
