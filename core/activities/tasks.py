"""What a student may see of an activity: one problem with all that belongs to it now, and the list of problems.

Nothing that would give a key away comes into these values before its time; a page may print all of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote

from sqlalchemy import String, bindparam, cast, select
from sqlalchemy.orm import Session

from core.activities import attempts, contributions, exposures, moderation, pools, practice_rules, problems
from core.activities.attempts import Made
from core.activities.contributions import Mine
from core.activities.exposures import Shown as ShownText
from core.activities.moderation import ToCheck
from core.activities.practice_rules import Standing, Try
from core.activities.refusals import Gone, NotFound
from core.activities.seats import Practice, Seat
from core.problems import grading, kinds, shown
from core.problems.grading import BadResponse, Grade
from core.problems.kinds import Problem
from core.problems.texts import Text
from core.store.database import run
from core.store.tables import Activity, ActivityProblem, Image, ProblemImage
from core.store.tables import Problem as ProblemRow
from core.words import N_, Sentence


@dataclass(frozen=True, slots=True)
class Answer:
    """An attempt as its author may see it again; `fraction` and `right` only once they may know."""

    number: int
    said: str  # the answer in words, as it was given
    fraction: float | None
    right: bool | None
    positions: tuple[int, ...]  # of the taken choices in the shown order
    text: str
    unit: str


@dataclass(frozen=True, slots=True)
class Task:
    """A problem as one student may see it now. The key is in it only if it may be seen."""

    problem_id: int
    shown: shown.Shown
    images: Mapping[str, tuple[int, int, int]]  # name: (id, width, height)
    standing: Standing
    answers: tuple[Answer, ...]
    key: tuple[Text | str | Sentence, ...]
    feedback: tuple[Text, ...]
    solution: Text | None
    note: Sentence | None
    texts: tuple[ShownText, ...]
    mine: Mapping[str, Mine]
    drafts: Mapping[str, str]
    to_check: ToCheck | None
    may_see_examples: bool
    may_write: bool
    has_explanations: bool  # classmates' texts that could be shown on demand

    def slot(self, name: str) -> list[ShownText]:
        """What was shown in a slot, without what this person reported or its author took back."""
        return [text for text in self.texts if text.slot == name and not text.reported and not text.withdrawn]

    def occasion(self, name: str) -> int:
        """How many texts this slot has shown here."""
        return sum(text.slot == name for text in self.texts)


def task(session: Session, seat: Seat, practice: Practice, problem_id: int, now: datetime) -> Task:
    """The problem as this student may see it. Raises NotFound when it is not in the activity, Gone when taken away."""
    problem, pictured = _load(session, practice, problem_id)
    made = attempts.of(session, seat, practice, problem_id)
    standing = attempts.standing(practice, made, now)
    order = shown.shown_order(problem, seed(seat.person_id, problem_id))
    told = standing.answered and not standing.voting  # between two votes nobody knows how the first one was judged
    first, last = (_judged(problem, made[0]), _judged(problem, made[-1])) if made else (None, None)
    last = last if told else None
    examples = practice_rules.may_see_examples(practice.settings, standing, now)
    return Task(
        problem_id=problem_id,
        shown=shown.strip_key(problem, order),
        images=_images(session, problem_id, problem, standing) if pictured else {},
        standing=standing,
        answers=tuple(_answer(one, order, told) for one in made),
        key=grading.right_answers(problem) if standing.key_visible else (),
        feedback=last.feedback if last and standing.key_visible else (),
        solution=problem.solution if standing.key_visible and problem.solution else None,
        note=last.note if last else None,
        texts=tuple(
            text
            for text in exposures.shown_to(
                session, seat, practice, problem_id, stance=first.normalised if first else None
            )
            if text.kind in _readable(standing, examples=examples)
        ),
        mine=contributions.mine(session, seat, problem_id),
        drafts=contributions.drafts(session, seat, activity_id=practice.id, problem_id=problem_id),
        to_check=_to_check(session, seat, practice, problem_id, standing),
        may_see_examples=practice.settings.help_policy != "off" and examples,
        may_write=may_write(standing),
        has_explanations=practice_rules.may_read_explanations(standing)
        and practice.settings.explanation_policy != "off"
        and pools.has_texts(session, seat, problem_id, "explanation"),
    )


def may_write(standing: Standing) -> bool:
    """Explaining comes when the answer is known: the key was shown, or one's own answer is right."""
    return standing.key_visible or standing.right is True


def _answer(made: Made, order: Sequence[int], told: bool) -> Answer:
    response, judged = made.response, made.judged
    positions = tuple(order.index(choice) for choice in response.choices if choice in order)
    fraction, right = (judged.fraction, judged.right) if told else (None, None)
    return Answer(judged.number, made.said, fraction, right, positions, response.text, response.unit)


def _judged(problem: Problem, made: Made) -> Grade | None:
    """What the problem, as it is now, says to an answer: None if its form could not send this answer any more."""
    try:
        return grading.grade(problem, made.response)
    except BadResponse:  # its teacher changed it, say from picked units to typed ones; the stored verdict still holds
        return None


def _readable(standing: Standing, *, examples: bool) -> set[str]:
    """Kinds of texts that may be seen now, of those that were shown: settings may have become stricter since."""
    readable = {"reason", "hint"}
    if practice_rules.may_read_explanations(standing):
        readable.add("explanation")
    if examples:
        readable.add("worked_example")
    return readable


def _to_check(session: Session, seat: Seat, practice: Practice, problem_id: int, standing: Standing) -> ToCheck | None:
    if not standing.key_visible or seat.role != "student":
        return None
    return moderation.to_check(session, seat, practice.settings, problem_id)


@dataclass(frozen=True, slots=True)
class Place:
    """One line of a student's list of problems."""

    problem_id: int
    name: str
    state: str  # 'open', 'tried', 'voted', 'right', 'partly', 'wrong' or 'answered'


def places(session: Session, seat: Seat, practice: Practice, now: datetime) -> list[Place]:
    """The activity's problems in order, and where this person stands with each."""
    names = {row.id: row.name for row in run(session, _NAMES, activity=practice.id)}
    mine = attempts.tries(session, practice, seat.person_id).get(seat.person_id, {})
    listed = []
    for problem_id in practice.problems:
        tries = mine.get(problem_id, [])
        standing = practice_rules.standing(practice.settings, tries, now)
        listed.append(Place(problem_id, names[problem_id], _state(standing, tries)))
    return listed


_NAMES = (
    select(ProblemRow.id, ProblemRow.name)
    .join(ActivityProblem, ActivityProblem.problem_id == ProblemRow.id)
    .where(ActivityProblem.activity_id == bindparam("activity"))
)


def _state(standing: Standing, tries: Sequence[Try]) -> str:
    if not standing.answered:
        return "voted" if standing.voting else "open"
    if standing.right is None:
        return "answered"
    if standing.right:
        return "right"
    if standing.may_answer:
        return "tried"
    return "partly" if any(t.counts and (t.fraction or 0) > 0 for t in tries) else "wrong"


OPEN_STATES = {"open", "tried", "voted"}


def open_problems(listed: Sequence[Place]) -> set[int]:
    """The problems that this person may still answer."""
    return {place.problem_id for place in listed if place.state in OPEN_STATES}


def bare(session: Session, practice: Practice, problem_id: int) -> shown.Shown:
    """A problem without its key, for what everybody reads. Its choices are by alphabet: the teacher's order would tell
    (in many a file the right one comes first). Raises NotFound or Gone.
    """
    stripped = shown.strip_key(load(session, practice, problem_id))
    return replace(stripped, choices=tuple(sorted(stripped.choices, key=lambda choice: choice.source)))


def load(session: Session, practice: Practice, problem_id: int, *, hold: bool = False) -> Problem:
    """A problem of the activity, whole: the caller must not let its key out. Raises NotFound or Gone.

    With `hold` it stays as it is until the transaction ends: a teacher who changes it waits (`problems.change`).
    """
    return _load(session, practice, problem_id, hold=hold)[0]


def _load(session: Session, practice: Practice, problem_id: int, *, hold: bool = False) -> tuple[Problem, bool]:
    """A problem, and whether its texts may refer to pictures."""
    held: dict[int, tuple[Problem, bool]] = session.info.setdefault("problems", {})  # a session is one transaction
    if problem_id in held and problem_id in practice.problems:
        return held[problem_id]
    row = None
    if problem_id in practice.problems:
        row = run(session, _LOAD_AND_HOLD if hold else _LOAD, problem=problem_id).one_or_none()
    if row is not None and row.deleted_at is None:
        found = _read(row.content)
        if hold:
            held[problem_id] = found
        return found
    taken_away = (
        select(ProblemRow.id)
        .join(Activity, Activity.course_id == ProblemRow.course_id)
        .where(Activity.id == practice.id, ProblemRow.id == problem_id, ProblemRow.deleted_at.is_not(None))
    )
    if session.scalar(taken_away) is not None:
        raise Gone(N_("Your teacher has taken this problem away. What you answered is kept; go on with the next one."))
    raise NotFound(N_("This problem is not in the activity. Open the activity again from your course."))


_LOAD = select(cast(ProblemRow.content, String).label("content"), ProblemRow.deleted_at).where(
    ProblemRow.id == bindparam("problem")
)
_LOAD_AND_HOLD = _LOAD.with_for_update(read=True, key_share=True)


@lru_cache(maxsize=2048)
def _read(content: str) -> tuple[Problem, bool]:
    """A stored problem. Its class answers it hundreds of times between two changes, so what was read is kept."""
    return kinds.from_json(json.loads(content)), any(sign in content.lower() for sign in _PICTURE_SIGNS)


_PICTURE_SIGNS = ("pluginfile", "<img", "![", "src=", "url(")  # what a text needs to show a picture


def picture(session: Session, seat: Seat, practice: Practice, image_id: int, now: datetime) -> tuple[str, bytes]:
    """(media type, bytes) of a picture that this person may see now: one in a solution waits for the key, too."""
    uses = session.execute(
        select(ProblemImage.problem_id, ProblemImage.name).where(
            ProblemImage.image_id == image_id, ProblemImage.problem_id.in_(practice.problems)
        )
    ).all()
    for problem_id, name in uses:
        problem = load(session, practice, problem_id)
        standing = attempts.standing(practice, attempts.of(session, seat, practice, problem_id), now)
        if _may_see_picture(problem, name, standing):
            return problems.image(session, seat.course_id, image_id)
    raise NotFound(N_("This picture is not in your course."))


def _images(session: Session, problem_id: int, problem: Problem, standing: Standing) -> dict[str, tuple[int, int, int]]:
    """The pictures of a problem that may be seen now, by name: (id, width, height)."""
    rows = run(session, _IMAGES, problem=problem_id)
    return {row.name: (row.id, row.width, row.height) for row in rows if _may_see_picture(problem, row.name, standing)}


_IMAGES = (
    select(ProblemImage.name, Image.id, Image.width, Image.height)
    .join(Image, Image.id == ProblemImage.image_id)
    .where(ProblemImage.problem_id == bindparam("problem"))
)


def _may_see_picture(problem: Problem, name: str, standing: Standing) -> bool:
    """Before the key only the pictures of the question itself and its choices."""
    bare = shown.strip_key(problem)
    return standing.key_visible or any(_mentions(text, name) for text in (bare.text, bare.template, *bare.choices))


def _mentions(text: Text, name: str) -> bool:
    """Whether `text` refers to the picture, as `@@PLUGINFILE@@/name`, quoted like an address, or by its bare name."""
    names = "|".join(re.escape(spelt) for spelt in (name, quote(name)))
    return re.search(rf"""(?:^|[\s/"'(<=])(?:{names})(?:$|[\s"')>?])""", text.source) is not None


def seed(person_id: int, problem_id: int) -> int:
    """What a person's order of choices in a problem depends on: the same at every look."""
    return person_id * 1_000_003 + problem_id
