"""Area ags_score: what is sent, what answers mean, and that nothing is lost."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from core.activities import grades, sending
from core.activities.grades import STEP, rounded
from core.activities.sending import ToSend
from core.store.tables import Grade, Person, Registration, ResourceLink
from heirloom.worker import Worker
from lti_tool import scores
from lti_tool.egress import Answer
from tests.lms import AGS, CLAIM, INSTRUCTOR, LEARNER, RESULT, SCORE, Reply
from tests.spec.lti.rows import rows, rows_with
from tests.tool import SETTINGS, START, Tool

DATABASES = ("sqlite",)  # and on both where a test is marked so: where the database settles something
KEYS_KNOWN = True
SCORES = "/lineitems/1/lineitem/scores"
RESULTS = "/lineitems/1/lineitem/results"


class Class:
    """Students with a graded link, and the worker that sends their scores."""

    def __init__(self, tool: Tool, *scopes: str, family: str = "moodle") -> None:
        self.tool = tool
        self.claims = {AGS: tool.lms.grading(*scopes), f"{CLAIM}tool_platform": {"product_family_code": family}}
        self.worker = Worker(SETTINGS, tool.database, tool.clock, tool.app.extensions["heirloom"].egress)
        self.join("learner-07")
        self.link = tool.one(ResourceLink).id

    def join(self, subject: str, roles: list[str] = LEARNER) -> int:
        assert self.tool.launch(sub=subject, roles=roles, **self.claims).status_code == 303
        return int(self.tool.one(Person, Person.subject == subject).id)

    def want(self, score: float, subject: str = "learner-07", maximum: float = 10) -> str | None:
        person = self.tool.one(Person, Person.subject == subject).id
        with self.tool.database.write() as session:
            return grades.want(
                session,
                resource_link_id=self.link,
                person_id=person,
                score=score,
                maximum=maximum,
                now=self.tool.clock(),
            )

    def work(self, steps: int = 3) -> None:
        """Let the worker do everything that is due now."""
        for _ in range(steps):
            self.worker.step(threading.Event())

    @property
    def sent(self) -> list[Any]:
        return self.tool.lms.fetched(SCORES)

    def grade(self, subject: str = "learner-07") -> Any:
        person = self.tool.one(Person, Person.subject == subject).id
        return self.tool.one(Grade, Grade.person_id == person)

    def answer(self, status: int, body: Any = b"", path: str = SCORES, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.tool.lms.replies[path] = Reply(status=status, body=body, headers=named)

    def answer_well(self) -> None:
        self.tool.lms.replies.pop(SCORES, None)


@pytest.fixture
def class_(tool: Tool) -> Class:
    return Class(tool)


def a_score(**changes: Any) -> ToSend:
    values: dict[str, Any] = {
        "grade_id": 1,
        "version": 1,
        "deployment_id": "d",
        "platform_public_id": "p1",
        "line_item_url": "https://lms.example/item?type_id=3",
        "scopes": (SCORE, RESULT),
        "subject": "learner-07",
        "score": 7.5,
        "maximum": 10.0,
        "stamped_at": START,
        "submitted_at": START,
        "tries": 0,
        "sent_fraction": None,
    }
    return ToSend(**(values | changes))


@rows("AGS-01", "AGS-23")
def test_a_score_says_everything(class_: Class, row: str) -> None:
    assert class_.want(7.5) is None
    class_.work()
    (request,) = class_.sent
    assert request.method == "POST"
    assert request.query == {"type_id": ["3"]}  # /scores goes before the query
    assert request.json() == {
        "userId": "learner-07",
        "scoreGiven": 7.5,
        "scoreMaximum": 10.0,
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "timestamp": "2026-12-01T09:00:00.000+00:00",
        "submission": {"submittedAt": "2026-12-01T09:00:00.000+00:00"},
    }
    assert class_.grade().status == "sent"


@rows("AGS-02")
def test_media_type_to_the_letter(class_: Class, row: str) -> None:
    class_.want(1)
    class_.work()
    assert class_.sent[0].headers["content-type"] == "application/vnd.ims.lis.v1.score+json"
    assert class_.sent[0].headers["authorization"] == "Bearer token-1"
    (token,) = class_.tool.lms.fetched("/token")
    assert token.form()["scope"] == SCORE  # only what this call needs


@rows("AGS-03")
@pytest.mark.both_databases
def test_timestamp_is_that_of_the_change_and_grows(class_: Class, row: str) -> None:
    class_.tool.clock.time = START + timedelta(milliseconds=123)
    class_.want(1)
    class_.tool.clock.advance(minutes=5)
    class_.work()
    first = class_.sent[0].json()["timestamp"]
    assert first == "2026-12-01T09:00:00.123+00:00"
    for score in (2, 3, 4):  # changes within a second, by a clock that was set back
        class_.tool.clock.advance(seconds=-301)
        class_.want(score)
        class_.tool.clock.advance(seconds=301.2)
        class_.work()
    stamps = [datetime.fromisoformat(request.json()["timestamp"]) for request in class_.sent]
    assert len(stamps) == 4
    assert all(later - earlier >= STEP for earlier, later in pairwise(stamps))
    assert len({int(stamp.timestamp()) for stamp in stamps}) == 4  # Moodle compares whole seconds


@rows("AGS-07")
@pytest.mark.both_databases
def test_retry_sends_the_same_bytes(class_: Class, row: str) -> None:
    class_.want(7)
    class_.answer(503)
    for seconds in (0, 5, 30):
        class_.tool.clock.advance(seconds=seconds)
        class_.work()
    class_.answer_well()
    class_.tool.clock.advance(minutes=2)
    class_.work()
    bodies = {request.body for request in class_.sent}
    assert len(class_.sent) == 4
    assert len(bodies) == 1
    assert class_.grade().status == "sent"


@rows("AGS-07")
def test_a_score_that_arrived_although_its_answer_was_lost(class_: Class, row: str) -> None:
    """The platform took the score, its answer never came; the second try meets 409 and the result shows that all is
    well."""
    class_.want(7)

    def take_and_fail(seen: Any) -> Reply:
        class_.tool.lms.scores.setdefault("/lineitems/1/lineitem", []).append(seen.json())
        return Reply(status=502)

    class_.tool.lms.replies[SCORES] = take_and_fail
    class_.work()
    class_.answer(409, [])
    class_.tool.clock.advance(seconds=5)
    class_.work()
    assert class_.sent[0].body == class_.sent[1].body
    assert len(class_.tool.lms.fetched(RESULTS)) == 1
    assert (class_.grade().status, class_.grade().sent_version) == ("sent", 1)


@rows("AGS-08")
def test_canvas_says_too_old(tool: Tool, row: str) -> None:
    class_ = Class(tool, family="canvas")
    message = {
        "errors": {
            "type": "bad_request",
            "message": "Unable to process scores with timestamp before last updated timestamp",
        }
    }
    class_.want(7)
    class_.answer(400, message)
    tool.lms.scores["/lineitems/1/lineitem"] = [{"userId": "learner-07", "scoreGiven": 9, "scoreMaximum": 10}]
    class_.work()
    assert class_.grade().status == "overridden"
    assert class_.grade().lms_score == 9.0
    tool.clock.advance(days=1)
    class_.work()
    assert len(class_.sent) == 1  # not tried again


@rows("AGS-08")
def test_platform_clock_ahead_of_ours(class_: Class, row: str) -> None:
    """The platform holds our last score with a later stamp than our new one: it goes out again, stamped anew."""
    class_.want(5)
    class_.work()
    class_.tool.clock.advance(seconds=2)
    class_.want(6)
    class_.answer(409, [])
    class_.work()
    assert class_.grade().status == "waiting"
    class_.answer_well()
    class_.tool.clock.advance(minutes=1)
    class_.work()
    assert class_.grade().status == "sent"
    assert [request.json()["scoreGiven"] for request in class_.sent] == [5, 6, 6]
    assert class_.sent[2].json()["timestamp"] > class_.sent[1].json()["timestamp"]


@rows("AGS-09")
def test_no_new_submission_on_canvas(tool: Tool, row: str) -> None:
    class_ = Class(tool, family="canvas")
    for score in (1, 2):
        class_.want(score)
        class_.work()
        tool.clock.advance(seconds=5)
    assert len(class_.sent) == 2
    for request in class_.sent:
        assert request.json()["https://canvas.instructure.com/lti/submission"] == {"new_submission": False}
    plain = json.loads(scores.body(a_score(), is_canvas=False))
    assert "https://canvas.instructure.com/lti/submission" not in plain


@rows("AGS-12", "AGS-13", "AGS-20")
@pytest.mark.parametrize("score", [0.0, 0.0001, 10.0, 12.5])
@pytest.mark.parametrize("is_canvas", [True, False])
def test_a_score_is_always_final_and_has_points(row: str, score: float, is_canvas: bool) -> None:
    sent = json.loads(scores.body(a_score(score=score), is_canvas=is_canvas))
    assert sent["gradingProgress"] == "FullyGraded"
    assert sent["activityProgress"] == "Completed"
    assert sent["scoreGiven"] == score
    assert sent["scoreMaximum"] == 10.0


@rows("AGS-14", "AGS-16")
@pytest.mark.parametrize("is_canvas", [True, False])
def test_no_comment_is_sent(row: str, is_canvas: bool) -> None:
    raw = scores.body(a_score(tries=3), is_canvas=is_canvas)
    assert b"comment" not in raw.lower()
    assert raw == scores.body(a_score(tries=0), is_canvas=is_canvas)


@rows("AGS-17")
def test_zero_is_zero(class_: Class, row: str) -> None:
    class_.want(0)
    class_.work()
    assert b'"scoreGiven": 0.0' in class_.sent[0].body
    assert class_.grade().status == "sent"


@rows("AGS-18")
def test_more_than_the_maximum(class_: Class, row: str) -> None:
    class_.want(12)
    class_.work()
    assert class_.sent[0].json()["scoreGiven"] == 12
    # Moodle shows at most the maximum; that is no override
    class_.tool.lms.replies[RESULTS] = Reply(body=[{"userId": "learner-07", "resultScore": 10, "resultMaximum": 10}])
    class_.tool.clock.advance(seconds=5)
    class_.want(13)
    class_.work()
    assert class_.grade().status == "sent"


@rows("AGS-19")
@pytest.mark.parametrize(
    "score", [-1, -0.0001, float("nan"), float("inf"), float("-inf"), True, False, "7", None, 10**400]
)
def test_what_is_no_number_of_points(class_: Class, row: str, score: Any) -> None:
    with pytest.raises((ValueError, OverflowError)):
        class_.want(score)
    with pytest.raises((ValueError, OverflowError)):
        class_.want(1, maximum=score)
    assert class_.tool.count(Grade) == 0


def test_a_maximum_of_nothing_is_refused(class_: Class) -> None:
    with pytest.raises(ValueError, match="more than 0"):
        class_.want(0, maximum=0)


@rows("AGS-21")
def test_points_are_rounded_once(class_: Class, row: str) -> None:
    class_.want(10 / 3)
    class_.work()
    assert class_.grade().score == 3.3333 == rounded(10 / 3)
    assert class_.sent[0].json()["scoreGiven"] == 3.3333
    class_.tool.clock.advance(seconds=5)
    class_.want(3.33334)  # the same when rounded: nothing to send
    class_.work()
    assert class_.grade().version == 1
    assert len(class_.sent) == 1


@rows("AGS-22")
@pytest.mark.both_databases
def test_whose_scores_are_kept(class_: Class, row: str) -> None:
    class_.join("teacher-1", INSTRUCTOR)
    class_.join("mentor-1", ["Mentor"])
    class_.join("tester-1", [*LEARNER, "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"])
    class_.join("3f2a-ÄÖ".encode("ascii", "replace").decode())
    assert class_.want(1, "teacher-1") == "not_a_student"
    assert class_.want(1, "mentor-1") == "not_a_student"
    assert class_.want(1, "tester-1") == "test_user"
    assert class_.want(1, "3f2a-??") is None
    class_.work()
    assert [request.json()["userId"] for request in class_.sent] == ["3f2a-??"]


def test_links_without_a_column_or_the_right_to_it(tool: Tool) -> None:
    class_ = Class(tool, RESULT)
    assert class_.want(1) == "no_scope"
    with tool.database.write() as session:
        session.query(ResourceLink).update({"line_item_url": None})
    assert class_.want(1) == "no_column"
    assert tool.count(Grade) == 0


@rows("AGS-25")
def test_time_of_submission_is_not_in_the_future(class_: Class, row: str) -> None:
    for score in (1, 2, 3):
        class_.want(score)
    class_.work()
    sent = class_.sent[-1].json()
    assert datetime.fromisoformat(sent["submission"]["submittedAt"]) <= class_.tool.clock()
    assert "startedAt" not in sent["submission"]


@rows("AGS-27")
@pytest.mark.both_databases
def test_a_grade_that_a_teacher_set_is_left_alone(class_: Class, row: str) -> None:
    class_.want(5)
    class_.work()
    class_.tool.lms.scores["/lineitems/1/lineitem"].append(
        {"userId": "learner-07", "scoreGiven": 9, "scoreMaximum": 10}
    )
    class_.tool.clock.advance(seconds=5)
    class_.want(6)
    class_.work()
    assert [request.json()["scoreGiven"] for request in class_.sent] == [5]
    assert (class_.grade().status, class_.grade().lms_score, class_.grade().score) == ("overridden", 9.0, 6.0)
    course = class_.tool.one(ResourceLink).course_id
    with class_.tool.database.read() as session:
        told = grades.summary(session, course)
    assert told.troubled == 1
    assert "someone else set there" in str(told.why)
    class_.tool.clock.advance(seconds=5)
    class_.want(7)  # a later automatic score does not fight it either
    class_.work()
    assert len(class_.sent) == 1
    with class_.tool.database.write() as session:  # the teacher asks for it
        assert grades.send_again(session, course, class_.grade().person_id, class_.tool.clock()) == 1
    class_.work()
    assert [request.json()["scoreGiven"] for request in class_.sent] == [5, 7]
    assert class_.grade().status == "sent"


@rows("AGS-27")
@pytest.mark.parametrize(("shown", "status"), [(5.02, "sent"), (5.1, "overridden"), (None, "sent")])
def test_rounding_in_the_gradebook_is_no_override(class_: Class, row: str, shown: float | None, status: str) -> None:
    class_.want(5)
    class_.work()
    class_.tool.lms.replies[RESULTS] = Reply(body=[{"userId": "learner-07", "resultScore": shown, "resultMaximum": 10}])
    class_.tool.clock.advance(seconds=5)
    class_.want(6)
    class_.work()
    assert class_.grade().status == status


@rows("AGS-29")
def test_forbidden_is_not_throttled(class_: Class, row: str) -> None:
    class_.want(5)
    class_.answer(403, {"message": "user not authorized to perform that action"})
    class_.work()
    assert class_.grade().status == "forbidden"
    class_.tool.clock.advance(days=1)
    class_.work()
    assert len(class_.sent) == 1
    assert class_.tool.one(Registration).service_paused_until is None


@rows("AGS-29")
@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.both_databases
def test_throttled_waits_as_long_as_asked(class_: Class, row: str, status: int) -> None:
    class_.join("learner-08")
    class_.want(5)
    class_.want(5, "learner-08")
    class_.answer(status, b"403 Forbidden (Rate Limit Exceeded)\n", Retry_After="90", X_Rate_Limit_Remaining="0")
    class_.work()
    assert len(class_.sent) == 1  # nobody calls this platform now
    class_.tool.clock.advance(seconds=89)
    class_.work()
    assert len(class_.sent) == 1
    class_.answer_well()
    class_.tool.clock.advance(seconds=2)
    class_.work()
    assert class_.grade().status == class_.grade("learner-08").status == "sent"


@rows("AGS-30")
@pytest.mark.parametrize(
    ("status", "state", "words"),
    [
        (404, "gone", "does not exist any more"),
        (410, "gone", "does not exist any more"),
        (422, "not_gradable", "takes no score for this person"),
        (400, "not_gradable", "takes no score for this person"),
    ],
)
def test_what_cannot_be_sent_is_said_in_plain_words(
    class_: Class, row: str, status: int, state: str, words: str
) -> None:
    class_.want(5)
    class_.answer(status, {"errors": "Learner 07 <secret@example.edu> course concluded"})
    class_.work()
    assert class_.grade().status == state
    with class_.tool.database.read() as session:
        told = grades.summary(session, class_.tool.one(ResourceLink).course_id)
    assert words in str(told.lines[0].why)
    assert "secret@example.edu" not in str(told)
    class_.tool.clock.advance(days=20)
    class_.work()
    assert len(class_.sent) == 1


class Killed(BaseException):
    """A worker process that ends between two instructions."""


@rows_with("moment", {"AGS-32": ["before sending", "after sending", "before the answer"]})
@pytest.mark.both_databases
def test_a_worker_that_dies(class_: Class, row: str, moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class_.want(7)
    real = scores.deliver

    def die(*arguments: Any) -> Any:
        if moment != "before sending":
            outcome = real(*arguments)
            assert outcome.kind == ("sent" if moment == "after sending" else "transient")
        raise Killed

    if moment == "before the answer":
        class_.answer(502)
    with monkeypatch.context() as patched:
        patched.setattr(scores, "deliver", die)
        with pytest.raises(Killed):
            class_.work()
    class_.answer_well()
    other = Class.__new__(Class)
    other.__dict__ |= class_.__dict__
    other.worker = Worker(
        SETTINGS, class_.tool.database, class_.tool.clock, class_.tool.app.extensions["heirloom"].egress
    )
    other.work()
    assert class_.grade().status == "waiting"  # the dead worker's lease still runs
    class_.tool.clock.advance(seconds=91)
    class_.want(8)  # a newer score meanwhile
    other.work()
    assert class_.grade().status == "sent"
    taken = class_.tool.lms.scores["/lineitems/1/lineitem"]
    assert taken[-1]["scoreGiven"] == 8
    assert [score["scoreGiven"] for score in taken] == sorted(score["scoreGiven"] for score in taken)


@rows("AGS-32")
@pytest.mark.both_databases
def test_a_newer_score_while_one_is_on_its_way(class_: Class, row: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class_.want(7)
    real = scores.deliver

    def change_meanwhile(*arguments: Any) -> Any:
        outcome = real(*arguments)
        if class_.grade().score == 7:
            class_.want(8)
        return outcome

    monkeypatch.setattr(scores, "deliver", change_meanwhile)
    class_.work(1)
    assert [request.json()["scoreGiven"] for request in class_.sent] == [7, 8]
    assert (class_.grade().status, class_.grade().sent_version, class_.grade().version) == ("sent", 2, 2)


@rows("AGS-33")
def test_a_day_without_the_platform(class_: Class, row: str) -> None:
    for number in range(5):
        class_.join(f"learner-1{number}")
        class_.want(number, f"learner-1{number}")
    class_.answer(503)
    for _ in range(48):
        class_.tool.clock.advance(minutes=30)
        class_.work(1)
    course = class_.tool.one(ResourceLink).course_id
    with class_.tool.database.read() as session:
        told = grades.summary(session, course)
    assert told.queued == 5
    assert told.oldest_since == START
    assert len(class_.sent) <= 50  # the way to the platform was closed most of the time
    class_.answer_well()
    for _ in range(8):
        class_.tool.clock.advance(minutes=10)
        class_.work(2)
    with class_.tool.database.read() as session:
        assert grades.summary(session, course).counts == {"sent": 5}
    delivered = {score["userId"]: score["scoreGiven"] for score in class_.tool.lms.scores["/lineitems/1/lineitem"]}
    assert delivered == {f"learner-1{number}": number for number in range(5)}


@rows("AGS-33")
def test_two_weeks_without_the_platform(class_: Class, row: str) -> None:
    class_.want(5)
    class_.answer(503)
    class_.work()
    class_.tool.clock.advance(days=13)
    class_.work()
    assert class_.grade().status == "waiting"
    class_.tool.clock.advance(days=1, hours=1)
    class_.work()
    assert class_.grade().status == "given_up"
    with class_.tool.database.read() as session:
        assert "two weeks" in str(grades.summary(session, class_.tool.one(ResourceLink).course_id).why)


@rows("AGS-34")
@pytest.mark.both_databases
def test_sending_again_for_one_or_all(class_: Class, row: str) -> None:
    class_.join("learner-08")
    class_.want(5)
    class_.want(6, "learner-08")
    class_.answer(404)
    class_.work()
    assert {class_.grade().status, class_.grade("learner-08").status} == {"gone"}
    class_.answer_well()
    course = class_.tool.one(ResourceLink).course_id
    class_.tool.clock.advance(seconds=5)
    with class_.tool.database.write() as session:
        assert grades.send_again(session, course, class_.grade("learner-08").person_id, class_.tool.clock()) == 1
    class_.work()
    assert (class_.grade().status, class_.grade("learner-08").status) == ("gone", "sent")
    with class_.tool.database.write() as session:
        assert grades.send_again(session, course, None, class_.tool.clock()) == 2
        assert grades.send_again(session, course + 1000, None, class_.tool.clock()) == 0
    class_.work()
    with class_.tool.database.read() as session:
        told = grades.summary(session, course)
    assert told.counts == {"sent": 2}
    assert {(line.name, line.score, line.status) for line in told.lines} == {
        ("Learner 07", 5.0, "sent"),
        ("Learner 07", 6.0, "sent"),
    }


def test_token_is_renewed_once_when_it_was_revoked(tool: Tool) -> None:
    class_ = Class(tool, SCORE)
    class_.want(5)
    class_.work()
    refused: list[str] = []

    def only_new_tokens(seen: Any) -> Reply:
        refused.append(seen.headers["authorization"])
        return Reply(status=401 if seen.headers["authorization"] == "Bearer token-1" else 204)

    class_.tool.lms.replies[SCORES] = only_new_tokens
    class_.tool.clock.advance(seconds=5)
    class_.want(6)
    class_.work()
    assert class_.grade().status == "sent"
    assert refused == ["Bearer token-1", f"Bearer token-{class_.tool.lms.tokens_given}"]
    class_.tool.lms.replies[SCORES] = Reply(status=401)
    class_.tool.clock.advance(seconds=5)
    before = class_.tool.lms.tokens_given
    class_.want(7)
    class_.work()
    assert class_.grade().status == "forbidden"
    assert class_.tool.lms.tokens_given == before + 1


def test_queue_is_empty_for_a_disabled_platform(class_: Class) -> None:
    from core.activities import platforms

    class_.want(5)
    with class_.tool.database.write() as session:
        platforms.disable(session, "p1")
    class_.work()
    assert class_.sent == []
    with class_.tool.database.write() as session:
        assert sending.claim(session, owner="x", now=class_.tool.clock()) is None
        platforms.approve(session, "p1")
    class_.work()
    assert len(class_.sent) == 1


def test_classes_of_answers_that_moodle_gave(moodle: Any) -> None:
    for name, expected in moodle("answers_to_scores.json").items():
        answer = Answer(expected["status"], {}, expected["body"].encode(), expected["reason"])
        assert scores.classify(answer) == expected["means"], name
