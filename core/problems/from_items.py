"""Exam questions out of what a class brought to its gallery: "which of these ideas does this show, and how?"

After Hills (*Propaganda for Change*): the last exam asked which forms of persuasion images from the class's own blog
use. A proposal says which ideas are right and which wrong ones make good distractors; the teacher changes it; then it
becomes a problem whose choices are graded and one that people read. Words come from outside, in the teacher's language.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.problems import checks
from core.problems.kinds import Category, Choice, FreeText, Image, Problem, SeveralChoices, Source
from core.problems.reports import DEFAULT_LIMITS
from core.problems.texts import Text, file_address, line, shortened
from core.words import Sentence

BELIEVED, DENIED = 0.8, 0.2  # from the one chance on an idea is taken to apply, up to the other one not to apply
FEWEST_WORDS = 2  # classmates who said yes or no to an idea before what they believe is taken
MOST_RIGHT = 4  # more right choices than these can hardly be told from a list of everything
MOST_CHOICES = 6
LEAST_WRONG = 2  # proposed if there are so many
LONGEST_NAME = 80
_UNKNOWN = Source()
_MARKUP = re.compile(r"[\\`*_\[\]<>&!|~]")


@dataclass(frozen=True, slots=True)
class Idea:
    """An idea of the course beside an item: what is believed of the two, and what else may make it worth asking.

    `chance` that the idea applies, None where nobody was asked; `words` is how many classmates said yes or no, `yes`
    how many of them yes; `together` how many other items that have one of the item's right ideas have it too; `used`
    how many items have it at all. `teacher` is the teacher's own word, which settles it.
    """

    name: str
    chance: float | None = None
    words: int = 0
    yes: int = 0
    together: int = 0
    used: int = 0
    teacher: bool | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", line(self.name))
        if not self.name:
            raise ValueError("an idea needs a name")

    @property
    def applies(self) -> bool | None:
        """Whether it applies to the item; None where that is open."""
        if self.teacher is not None:
            return self.teacher
        if self.chance is None or self.words < FEWEST_WORDS or DENIED < self.chance < BELIEVED:
            return None
        return self.chance >= BELIEVED


@dataclass(frozen=True, slots=True)
class Proposal:
    """Which ideas to ask for. `open` ones are neither right nor wrong for sure: only the teacher can use them."""

    right: tuple[Idea, ...]
    wrong: tuple[Idea, ...]
    open: tuple[Idea, ...]


def propose(ideas: Sequence[Idea], *, most: int = MOST_CHOICES) -> Proposal:
    """The right ideas that are surest, and the distractors that tempt most; at most `most` in all.

    A distractor is believed *not* to apply, so nobody is marked wrong for what is a matter of opinion. Among these come
    first the ones that classmates took for right (a mistake that somebody made is a mistake that somebody makes), then
    the ones that often come together with a right idea, then the ones that the class uses most.
    """
    right = sorted((idea for idea in ideas if idea.applies), key=_surest)
    wrong = sorted((idea for idea in ideas if idea.applies is False), key=_tempting)
    keep = min(len(right), MOST_RIGHT, max(1, most - min(LEAST_WRONG, len(wrong))))
    unsure = sorted((idea for idea in ideas if idea.applies is None), key=lambda idea: (-(idea.chance or 0), idea.name))
    return Proposal(tuple(right[:keep]), tuple(wrong[: max(0, most - keep)]), tuple(unsure))


def _surest(idea: Idea) -> tuple[bool, float, int, str]:
    return (idea.teacher is None, -(idea.chance or 0), -idea.words, idea.name)


def _tempting(idea: Idea) -> tuple[int, int, int, str]:
    return (-idea.yes, -idea.together, -idea.used, idea.name)


@dataclass(frozen=True, slots=True)
class Exhibit:
    """What the question is about, without what gives the answer away. `quote` is Markdown, `alt` and `title` are words.

    `explanation` is what its author wrote of it (Markdown): for whoever grades, never for whoever answers.
    """

    title: str
    quote: str = ""
    picture: Image | None = None
    alt: str = ""
    explanation: str = ""
    source: Source = _UNKNOWN


@dataclass(frozen=True, slots=True)
class Wording:
    """The question's sentences in the teacher's language."""

    which: str  # "Which ideas of the course does this show?"
    how: str  # "Which ideas of the course does this show, and how?"
    graders: str  # what the notes for graders begin with
    ideas: str  # and what stands before the right ideas


def stem(exhibit: Exhibit, question: str) -> str:
    """The Markdown of a question about `exhibit`: the picture, the quoted text, the question."""
    parts = []
    if exhibit.picture is not None:
        parts.append(f"![{literally(exhibit.alt)}]({file_address(exhibit.picture.name)})")
    if exhibit.quote:
        parts.append("\n".join(f"> {row}".rstrip() for row in exhibit.quote.splitlines()))
    return "\n\n".join([*parts, question])


def literally(text: str) -> str:
    """`text` inside a line of Markdown, so that these very signs are shown. Not by backslashes: `\\[` begins maths."""
    return _MARKUP.sub(lambda sign: f"&#{ord(sign.group())};", line(text))


def which_problem(
    exhibit: Exhibit, question: str, right: Sequence[str], wrong: Sequence[str], category: Sequence[str] = ()
) -> SeveralChoices:
    """The problem "which of these?". A right choice earns 1/r, a wrong one costs 1/w: whoever takes each choice with
    one and the same chance, however large, expects 0.
    """
    choices = [Choice(Text(name, "plain"), 1 / len(right)) for name in right]
    choices += [Choice(Text(name, "plain"), -1 / len(wrong)) for name in wrong]
    return SeveralChoices(
        text=Text(stem(exhibit, question), "markdown"),
        name=_name(exhibit, question),
        choices=tuple(choices),
        tags=tuple(right),
        category=tuple(Category(level) for level in category),
        source=exhibit.source,
        images=(exhibit.picture,) if exhibit.picture else (),
    )


def how_problem(
    exhibit: Exhibit, question: str, wording: Wording, right: Sequence[str], category: Sequence[str] = ()
) -> FreeText:
    """The problem "and how?": a text that people read, with notes for them."""
    notes = [wording.graders, exhibit.explanation] if exhibit.explanation else []
    notes += [f"{wording.ideas} {', '.join(map(literally, right))}"] if right else []
    return FreeText(
        text=Text(stem(exhibit, question), "markdown"),
        name=_name(exhibit, question),
        grader_info=Text("\n\n".join(notes), "markdown"),
        tags=tuple(right),
        category=tuple(Category(level) for level in category),
        source=exhibit.source,
        images=(exhibit.picture,) if exhibit.picture else (),
    )


def fault(problem: Problem) -> Sentence | None:
    """The first reason why `problem` may not be kept, by the rules for every problem; None if it may."""
    return next(checks.faults(problem, DEFAULT_LIMITS), None)


def _name(exhibit: Exhibit, question: str) -> str:
    return shortened(": ".join(filter(None, (line(exhibit.title), line(question)))), LONGEST_NAME)
