"""Practice: a person answers, learns from classmates, explains, and gets help when stuck. What they see is in `tasks`.

Each function here first holds the person and the activity (`seats`): two tabs act one after the other, and by the
settings as they are now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
from sqlalchemy.orm import Session

from core.activities import (
    attempts,
    contributions,
    exposures,
    pools,
    practice_rules,
    scores,
    seats,
    task_exposures,
    tasks,
    texts,
)
from core.activities.attempts import Made
from core.activities.contributions import Written
from core.activities.pools import LiveText
from core.activities.practice_rules import Standing, Try
from core.activities.refusals import NotAllowed, Refusal
from core.activities.seats import Practice, Seat
from core.problems import grading, shown
from core.problems.grading import BadResponse, Response
from core.words import N_

LONGEST_ANSWER = max(grading.LONGEST_TEXT.values())  # of any kind, in characters; each kind has its own limit below it


def answer(
    session: Session,
    seat: Seat,
    practice: Practice,
    problem_id: int,
    *,
    number: int,
    positions: Sequence[int] = (),
    text: str = "",
    unit: str = "",
    reason: str = "",
    rng: np.random.Generator,
    now: datetime,
) -> None:
    """Judge and store an answer, draw what classmates say about it, reward earlier help, move the grade.

    `number` is the number of the attempt that the page offered: (activity, person, problem, number) is unique, so a
    double submit or a second tab changes nothing. Raises BadResponse or Refusal when nothing can be judged (then
    nothing is stored).
    """
    seats.hold(session, seat)
    practice = seats.hold_practice(session, seat, practice)
    problem = tasks.load(session, practice, problem_id, hold=True)
    made = attempts.of(session, seat, practice, problem_id)
    before = attempts.standing(practice, made, now)
    if 0 < number <= before.tries:
        return  # it is stored already; the page that follows shows what came of it
    if not before.may_answer:
        raise NotAllowed(
            N_("This problem is closed for you: no more answers are taken. Your earlier answers are kept.")
        )
    if number != before.next_number:
        raise Refusal(N_("This page is older than your last answer. Open the problem again."))
    order = shown.shown_order(problem, tasks.seed(seat.person_id, problem_id))
    text, unit = (texts.clean(typed, longest=LONGEST_ANSWER) for typed in (text, unit))
    response = Response(shown.chosen(order, positions), text, unit)
    grade = grading.grade(problem, response)
    if not grade.normalised:
        raise BadResponse(N_("There is no answer yet. Choose or type one, or go on to another problem."))
    if grade.note is not None and not grade.readable:
        raise BadResponse(grade.note.message)
    fraction = None if grade.fraction is None else max(grade.fraction, 0.0)
    judged = Try(number, fraction, grade.right, practice_rules.attempt_counts(practice.settings, before))
    tries = [one.judged for one in made]
    after = practice_rules.standing(practice.settings, [*tries, judged], now)
    judged = replace(judged, key_shown=after.key_visible)
    said = attempts.in_words(problem, response)
    if not attempts.store(session, seat, practice, problem_id, Made(response, said, judged), now=now):
        return  # the other tab was first
    if after.voting:
        _after_first_vote(session, seat, practice, problem_id, grade.normalised, reason, rng, now)
    elif practice_rules.may_read_explanations(after):
        _draw_explanation(session, seat, practice, problem_id, occasion=0, rng=rng, now=now)
    # After the draws: whoever holds an arm of `help` wants nothing but more of these, so no two people wait in a ring.
    if number == 1 and grade.right is not None:
        exposures.reward_help(session, seat, practice, next_problem_id=problem_id, right=grade.right, now=now)
    task_exposures.answered(session, seat, practice, problem_id, right=grade.right, now=now)
    if judged.counts:
        scores.update(session, seat, practice, now=now)


def _after_first_vote(
    session: Session,
    seat: Seat,
    practice: Practice,
    problem_id: int,
    stance: str,
    reason: str,
    rng: np.random.Generator,
    now: datetime,
) -> None:
    """Keep the person's reason; draw reasons for up to two other answers, or for the same one if there is no other."""
    if texts.visible_length(texts.clean(reason)):
        contributions.write(
            session,
            seat,
            practice.settings,
            problem_id=problem_id,
            kind="reason",
            text=reason,
            likely_to_help=True,
            stance=stance,
            now=now,
        )
    pool = pools.arms(session, problem_id, "reason")
    said = Counter(text.stance for text in pool if text.author_id != seat.person_id and text.stance is not None)
    others = sorted(said.keys() - {stance}, key=lambda other: (-said[other], other))[:2]
    occasion = 0
    for wanted in sorted(others) or [stance]:  # in one order for everybody, because each draw locks an arm
        drawn = pools.draw(
            session,
            seat,
            practice,
            problem_id=problem_id,
            slot="reason",
            policy=practice.settings.explanation_policy,
            occasion=occasion,
            rng=rng,
            now=now,
            admit=_argues_for(wanted),
        )
        occasion += drawn is not None


def _argues_for(stance: str) -> Callable[[LiveText], bool]:
    return lambda text: text.stance == stance


def _draw_explanation(
    session: Session,
    seat: Seat,
    practice: Practice,
    problem_id: int,
    *,
    occasion: int,
    rng: np.random.Generator,
    now: datetime,
) -> int | None:
    """Show one explanation from the problem's pool by the activity's policy (AXIS). The key must be visible."""
    return pools.draw(
        session,
        seat,
        practice,
        problem_id=problem_id,
        slot="explanation",
        policy=practice.settings.explanation_policy,
        occasion=occasion,
        rng=rng,
        now=now,
    )


def another_explanation(
    session: Session,
    seat: Seat,
    practice: Practice,
    problem_id: int,
    *,
    occasion: int,
    rng: np.random.Generator,
    now: datetime,
) -> int | None:
    """One more explanation, because the reader asked. Raises NotAllowed while the key is not to be seen."""
    practice, standing = _held(session, seat, practice, problem_id, now)
    if not practice_rules.may_read_explanations(standing):
        raise NotAllowed(N_("Answer first: explanations by classmates give the answer away."))
    return _draw_explanation(session, seat, practice, problem_id, occasion=occasion, rng=rng, now=now)


def ask_for_help(
    session: Session,
    seat: Seat,
    practice: Practice,
    problem_id: int,
    *,
    occasion: int,
    rng: np.random.Generator,
    now: datetime,
) -> int | None:
    """A worked example or a hint for someone who is stuck (PeerASSIST); only hints while the answer is open."""
    practice, standing = _held(session, seat, practice, problem_id, now)
    examples = practice_rules.may_see_examples(practice.settings, standing, now)
    return pools.draw(
        session,
        seat,
        practice,
        problem_id=problem_id,
        slot="help",
        policy=practice.settings.help_policy,
        occasion=occasion,
        rng=rng,
        now=now,
        admit=lambda text: examples or text.kind == "hint",
    )


def explain(
    session: Session,
    seat: Seat,
    practice: Practice,
    problem_id: int,
    *,
    kind: str,
    text: str,
    likely_to_help: bool,
    now: datetime,
    language: str = "",
) -> Written:
    """Keep a student's explanation or worked example. A worked example must be by someone who answered right."""
    practice, standing = _held(session, seat, practice, problem_id, now)
    if kind not in {"explanation", "worked_example"}:
        raise Refusal(N_("This kind of text is not known. Load the page again; your words are still in the box."))
    if not tasks.may_write(standing):
        raise NotAllowed(N_("Answer the problem first. Your text is still in the box."))
    if kind == "worked_example" and standing.right is False:
        message = N_(
            "Worked examples come from people who answered right. You can write an explanation instead; "
            "your text is still in the box."
        )
        raise NotAllowed(message)
    return contributions.write(
        session,
        seat,
        practice.settings,
        problem_id=problem_id,
        kind=kind,
        text=text,
        likely_to_help=likely_to_help,
        now=now,
        language=language,
    )


def _held(
    session: Session, seat: Seat, practice: Practice, problem_id: int, now: datetime
) -> tuple[Practice, Standing]:
    """The activity as it is now, and where this person stands with a problem of it. Raises NotFound or Gone."""
    seats.hold(session, seat)
    practice = seats.hold_practice(session, seat, practice)
    tasks.load(session, practice, problem_id)
    return practice, attempts.standing(practice, attempts.of(session, seat, practice, problem_id), now)
