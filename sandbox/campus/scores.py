"""What a score message may say, and what the gradebook makes of it. Pure: no clock, no database.

Assignment and Grade Services 2.0, section 3.4: members and vocabulary (3.4.1-3.4.8), order of timestamps (3.4.9),
comments (3.4.11). What a gradebook shows is left to the platform; the campus does what Moodle and Canvas both do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.campus.config import Quirks
from sandbox.campus.values import finite_number, parse_json, parse_moment
from sandbox.campus.vocabulary import ACTIVITY_PROGRESS, GRADING_PROGRESS


class ScoreError(ValueError):
    """The score cannot be taken. `str()` says why, `status` is the HTTP answer."""

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A score message that was understood. `given` is None when there is no score to show."""

    user_id: str
    timestamp: datetime
    activity_progress: str
    grading_progress: str
    given: float | None
    maximum: float | None
    comment: str


def read_score(body: bytes, quirks: Quirks) -> Score:
    """Read the body of a score message. Raises ScoreError."""
    try:
        message = parse_json(body)
    except ValueError as problem:
        raise ScoreError("The body is not JSON.") from problem
    if not isinstance(message, dict):
        raise ScoreError("The body is not a JSON object.")
    user_id = message.get("userId")
    if not isinstance(user_id, str) or not user_id:
        raise ScoreError("userId must be a text.")
    try:
        timestamp = parse_moment(message.get("timestamp"), need_fraction=not quirks.lenient_scores)
    except ValueError as problem:
        raise ScoreError(f"timestamp {problem}.") from problem
    comment = message.get("comment")
    if comment is not None and not isinstance(comment, str):
        raise ScoreError("comment must be a text.")
    activity, grading = _progress(message, quirks)
    given, maximum = _points(message, quirks)
    _check_submission(message.get("submission"), quirks)
    return Score(
        user_id=user_id,
        timestamp=timestamp,
        activity_progress=activity,
        grading_progress=grading,
        given=given,
        maximum=maximum,
        comment=(comment or "").strip(),
    )


def _progress(message: dict[str, Any], quirks: Quirks) -> tuple[str, str]:
    found = []
    for name, words in (("activityProgress", ACTIVITY_PROGRESS), ("gradingProgress", GRADING_PROGRESS)):
        word = message.get(name)
        if not isinstance(word, str) or (word not in words and not quirks.lenient_scores):
            raise ScoreError(f"{name} must be one of {', '.join(words)}.")
        found.append(word)
    return found[0], found[1]


def _points(message: dict[str, Any], quirks: Quirks) -> tuple[float | None, float | None]:
    given, maximum = message.get("scoreGiven"), message.get("scoreMaximum")
    if given is None:
        return None, None
    if maximum is None:
        raise ScoreError("scoreMaximum is missing although scoreGiven is there.")
    given, maximum = _number("scoreGiven", given, quirks), _number("scoreMaximum", maximum, quirks)
    if not quirks.lenient_scores and (given < 0 or maximum <= 0):
        raise ScoreError("scoreGiven must not be negative, and scoreMaximum must be greater than 0.")
    return given, maximum


def _number(name: str, value: object, quirks: Quirks) -> float:
    if quirks.lenient_scores and isinstance(value, str):
        try:
            value = float(value)
        except ValueError as problem:
            raise ScoreError(f"{name} must be a number.") from problem
    number = finite_number(value)
    if number is None:
        raise ScoreError(f"{name} must be a number.")
    return number


def _check_submission(submission: object, quirks: Quirks) -> None:
    if submission is None or quirks.lenient_scores:
        return
    if not isinstance(submission, dict):
        raise ScoreError("submission must be an object.")
    moments = []
    for name in ("startedAt", "submittedAt"):
        if submission.get(name) is not None:
            try:
                moments.append(parse_moment(submission[name]))
            except ValueError as problem:
                raise ScoreError(f"submission.{name} {problem}.") from problem
    if moments != sorted(moments):
        raise ScoreError("submission.submittedAt lies before submission.startedAt.")


def check_order(timestamp: datetime, latest: datetime | None, quirks: Quirks) -> None:
    """Raise ScoreError if a score of this time comes too late. `latest` is when the grade was last set (AGS 3.4.9).

    By default the whole second must grow, as in Moodle: a tool that keeps to that is right everywhere.
    """
    if latest is None:
        return
    if quirks.stale_scores == "earlier":
        if timestamp < latest:
            raise ScoreError("timestamp lies before the last update of the result.", 400)
    elif timestamp.replace(microsecond=0) <= latest.replace(microsecond=0):
        raise ScoreError("Refusing score with an earlier timestamp.", 409)


def shown_value(score: Score, maximum: float, quirks: Quirks) -> float | None:
    """Points that the gradebook shows on a scale to `maximum`; None empties the cell.

    A grade that is not final, or has no score, empties the cell in Moodle and in Canvas alike.
    """
    if score.given is None or score.maximum is None or score.grading_progress != "FullyGraded":
        return None
    value = score.given if score.maximum == 0 else score.given / score.maximum * maximum
    return min(max(value, 0.0), maximum) if quirks.clamp_scores else value
