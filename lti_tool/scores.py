"""Sending a score (AGS 2.0 section 3.4): the request, what the answers of real platforms mean, and who set the
grade that is there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

from pylti1p3.grade import Grade

from core.activities.addresses import is_web_address, origin
from core.activities.platforms import Registered
from core.activities.sending import Kind, Outcome, ToSend
from core.events import work_event
from lti_tool import links
from lti_tool.egress import Answer, Unreachable
from lti_tool.retrying import retry_after
from lti_tool.scopes import RESULT, SCORE
from lti_tool.services import Services
from lti_tool.tokens import NoToken

MEDIA_TYPE = "application/vnd.ims.lis.v1.score+json"  # to the letter: Moodle compares it as a string
RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"
CANVAS_SUBMISSION = "https://canvas.instructure.com/lti/submission"
SAME = 0.005  # of the maximum: gradebooks round; a teacher's change is larger
MOST_PAGES = 20
OUTDATED = (b"before", b"earlier", b"later", b"already exists")  # the last two: Open edX, for older and for the same


def body(sending: ToSend, *, is_canvas: bool) -> bytes:
    """The score as JSON: the same bytes for the same row.

    Always final: anything less erases the grade on Moodle and Canvas. No comment goes along: Canvas would add one
    for every score, and a blank one would clear the teacher's.
    """
    grade = (
        Grade()
        .set_user_id(sending.subject)
        .set_score_given(sending.score)
        .set_score_maximum(sending.maximum)
        .set_activity_progress("Completed")
        .set_grading_progress("FullyGraded")
        .set_timestamp(sending.stamped_at.isoformat(timespec="milliseconds"))
        .set_submitted_at(sending.submitted_at.isoformat(timespec="milliseconds"))
    )
    if is_canvas:  # a score is no new submission there
        grade.set_extra_claims({CANVAS_SUBMISSION: {"new_submission": False}})
    return str(grade.get_value()).encode()


def classify(answer: Answer) -> Kind | Literal["newer"]:
    """What an answer to a score means: 'sent', 'newer' (the LMS has a newer one), 'not_gradable', 'gone',
    'forbidden', 'throttled',
    'transient'. From the recorded answers of Moodle, the sources of Canvas and Open edX, and what others met on D2L
    and Blackboard.
    """
    status, said = answer.status, answer.body[:4096].lower()
    if 200 <= status < 300:
        return "sent"
    if status == 409 or (status == 400 and b"timestamp" in said and any(word in said for word in OUTDATED)):
        return "newer"  # Moodle; Canvas and Open edX
    if status == 429 or (status == 403 and _is_canvas_throttle(answer.headers, said)):
        return "throttled"
    if status in (401, 403):
        return "forbidden"
    if status in (404, 410):
        return "gone"
    if status in (408, 425) or status >= 500 or 300 <= status < 400:
        return "transient"  # a redirect is never followed; mostly it leads to a page about maintenance
    return "not_gradable"  # Moodle 400, Canvas 422, Blackboard 400


def _is_canvas_throttle(headers: Mapping[str, str], said: bytes) -> bool:
    if b"rate limit exceeded" in said:
        return True
    try:
        return float(headers.get("x-rate-limit-remaining", "nan")) <= 0
    except ValueError:
        return False


def result_of(page: Any, subject: str) -> float | None:
    """A person's result as a fraction of its maximum; None where there is none.

    Raises ValueError for what is no results page.
    """
    if not isinstance(page, list):
        raise ValueError("not a list of results")
    for result in page:
        if isinstance(result, dict) and result.get("userId") == subject:
            score, maximum = _number(result.get("resultScore")), _number(result.get("resultMaximum", 1))
            return score / maximum if score is not None and maximum else None
    return None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def is_ours(shown: float, ours: float | None) -> bool:
    """Whether the LMS shows what we sent; Moodle shows at most the maximum."""
    return ours is not None and (abs(shown - ours) <= SAME or (ours > 1 and abs(shown - 1) <= SAME))


def deliver(services: Services, registration: Registered, sending: ToSend) -> Outcome:
    """Send one score and say what became of it. Never raises for what a platform or the network does."""
    try:
        shown = _shown_before(services, registration, sending)
        wanted = sending.score / sending.maximum
        if shown is not None and not is_ours(shown, sending.sent_fraction) and not is_ours(shown, wanted):
            return _overridden(sending, shown)
        answer = services.post(
            registration,
            sending.deployment_id,
            (SCORE,),
            links.below(sending.line_item_url, "scores"),
            {"Content-Type": MEDIA_TYPE},
            body(sending, is_canvas=registration.is_canvas),
        )
        kind = classify(answer)
        _note(registration, sending, kind, answer.status)
        if kind == "newer":
            return _compare(services, registration, sending, wanted)
        return Outcome(kind, retry_after(answer))
    except NoToken as error:
        _note(registration, sending, f"no token: {error}", None)
        return Outcome("forbidden" if error.kind == "forbidden" else "transient", error.wait)
    except Unreachable as error:
        _note(registration, sending, f"unreachable: {error.kind}", None)
        return Outcome("transient")


def _shown_before(services: Services, registration: Registered, sending: ToSend) -> float | None:
    """What the LMS shows before a changed score goes out: a teacher's own grade must not be overwritten.

    None before the first score, without the right to read results, and where results cannot be read: then the score
    goes out.
    """
    if sending.sent_fraction is None or RESULT not in sending.scopes:
        return None
    try:
        return _result(services, registration, sending)
    except ValueError:
        return None
    except NoToken as error:
        if error.kind == "forbidden":  # the right to read was claimed and not given: scores may still be sent
            return None
        raise


def _compare(services: Services, registration: Registered, sending: ToSend, wanted: float) -> Outcome:
    """The LMS has a newer score: ours from a try whose answer was lost, ours from before by another clock, or
    someone else's."""
    try:
        shown = _result(services, registration, sending) if RESULT in sending.scopes else None
        readable = RESULT in sending.scopes
    except ValueError:
        shown, readable = None, False
    if not readable:
        return Outcome("sent") if sending.tries else Outcome("overridden")
    if shown is None or is_ours(shown, sending.sent_fraction):
        return Outcome("sent") if shown is not None and is_ours(shown, wanted) else Outcome("restamp")
    if is_ours(shown, wanted):
        return Outcome("sent", lms_score=shown * sending.maximum)
    return _overridden(sending, shown)


def _overridden(sending: ToSend, shown: float) -> Outcome:
    return Outcome("overridden", lms_score=round(shown * sending.maximum, 4))


def _result(services: Services, registration: Registered, sending: ToSend) -> float | None:
    """The person's result, read page by page. Raises ValueError where it cannot be read, Unreachable, NoToken."""
    url: str | None = links.below(sending.line_item_url, "results", user_id=sending.subject)
    for _ in range(MOST_PAGES):
        if url is None:
            return None
        answer = services.get(registration, sending.deployment_id, (RESULT,), url, {"Accept": RESULTS_TYPE})
        if answer.status != 200:
            raise ValueError(f"results: status {answer.status}")
        found = result_of(answer.json(), sending.subject)
        if found is not None:
            return found
        following = links.find(answer.headers.get("link", ""), "next", base=url)
        url = following if following != url and _is_same_place(following, url) else None
    return None


def _is_same_place(following: str | None, url: str) -> bool:
    """A next page is on the same server: our token goes nowhere else."""
    return is_web_address(following, development=True) and origin(str(following)) == origin(url)


def _note(registration: Registered, sending: ToSend, outcome: str, status: int | None) -> None:
    work_event(
        "score",
        registration=registration.public_id,
        platform=sending.platform_public_id,
        grade=sending.grade_id,
        version=sending.version,
        outcome=outcome,
        status=status,
        tries=sending.tries + 1,
    )
