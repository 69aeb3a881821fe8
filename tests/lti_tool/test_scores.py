"""What answers to scores mean, and how results are read."""

from __future__ import annotations

from typing import Any

import pytest

from core.activities.platforms import Registered
from core.activities.sending import ToSend
from lti_tool import scores
from lti_tool.egress import Answer
from lti_tool.services import Services
from lti_tool.tokens import Tokens
from tests.lms import RESULT, SCORE, Lms, Reply, Seen
from tests.tool import START, Tool

DATABASES = ("sqlite",)  # the rules here are about messages
RESULTS = "/lineitems/1/lineitem/results"
SCORES = "/lineitems/1/lineitem/scores"


@pytest.mark.parametrize(
    ("status", "headers", "body", "means"),
    [
        (200, {}, b"", "sent"),
        (201, {}, b"", "sent"),
        (204, {}, b"", "sent"),
        (409, {}, b"[]", "newer"),
        (400, {}, b"Unable to process scores with timestamp before last updated timestamp", "newer"),
        (400, {}, b'{"error": "an earlier timestamp is refused"}', "newer"),
        (400, {}, b'{"timestamp":["Score timestamp can only be updated to a later point in time"]}', "newer"),
        (400, {}, b'{"timestamp":["Score already exists for the provided timestamp"]}', "newer"),
        (400, {}, b"timestamp is missing", "not_gradable"),
        (400, {}, b"", "not_gradable"),
        (422, {}, b'{"errors": {"message": "attempts exhausted"}}', "not_gradable"),
        (405, {}, b"", "not_gradable"),
        (415, {}, b"", "not_gradable"),
        (401, {}, b"", "forbidden"),
        (403, {}, b"user not authorized", "forbidden"),
        (403, {"x-rate-limit-remaining": "312.5"}, b"", "forbidden"),
        (403, {"x-rate-limit-remaining": "abc"}, b"", "forbidden"),
        (403, {"x-rate-limit-remaining": "0.0"}, b"", "throttled"),
        (403, {}, b"403 Forbidden (Rate Limit Exceeded)\n", "throttled"),
        (429, {}, b"", "throttled"),
        (404, {}, b"", "gone"),
        (410, {}, b"", "gone"),
        (408, {}, b"", "transient"),
        (500, {}, b"", "transient"),
        (502, {}, b"", "transient"),
        (503, {}, b"", "transient"),
        (504, {}, b"", "transient"),
        (302, {"location": "https://lms.example/maintenance"}, b"", "transient"),
    ],
)
def test_classes_of_answers(status: int, headers: dict[str, str], body: bytes, means: str) -> None:
    assert scores.classify(Answer(status, headers, body)) == means


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ([], None),
        ([{"userId": "b", "resultScore": 1}], None),
        ([{"userId": "a", "resultScore": 3, "resultMaximum": 4}], 0.75),
        ([{"userId": "a", "resultScore": 0.5}], 0.5),
        ([{"userId": "a", "resultScore": None, "resultMaximum": 10}], None),
        ([{"userId": "a"}], None),
        ([{"userId": "a", "resultScore": 3, "resultMaximum": 0}], None),
        ([{"userId": "a", "resultScore": "3", "resultMaximum": 4}], None),
        ([{"userId": "a", "resultScore": True, "resultMaximum": 4}], None),
        ([5, None, {"userId": "a", "resultScore": 1, "resultMaximum": 2}], 0.5),
    ],
)
def test_results(page: Any, expected: float | None) -> None:
    assert scores.result_of(page, "a") == expected


@pytest.mark.parametrize("page", [{}, "x", None, {"results": []}])
def test_what_is_no_page_of_results(page: Any) -> None:
    with pytest.raises(ValueError, match="not a list"):
        scores.result_of(page, "a")


@pytest.mark.parametrize(
    ("shown", "ours", "expected"),
    [
        (0.7, 0.7, True),
        (0.7049, 0.7, True),
        (0.706, 0.7, False),
        (1.0, 1.2, True),
        (1.1, 1.2, False),
        (0.0, 0.0, True),
        (0.5, None, False),
    ],
)
def test_whose_grade_is_shown(shown: float, ours: float | None, expected: bool) -> None:
    assert scores.is_ours(shown, ours) is expected


class Sender:
    """Sends one score of a registration with the platform of the test."""

    def __init__(self, tool: Tool) -> None:
        self.registration: Registered = tool.register()
        egress = tool.app.extensions["heirloom"].egress
        self.services = Services(Tokens(tool.database, egress, tool.vault, tool.clock), egress)
        self.lms = tool.lms

    def send(self, **changes: Any) -> Any:
        values: dict[str, Any] = {
            "grade_id": 1,
            "version": 2,
            "deployment_id": "deployment-1",
            "platform_public_id": "p1",
            "line_item_url": self.lms.line_item,
            "scopes": (SCORE, RESULT),
            "subject": "a",
            "score": 6.0,
            "maximum": 10.0,
            "stamped_at": START,
            "submitted_at": START,
            "tries": 0,
            "sent_fraction": 0.5,
        }
        return scores.deliver(self.services, self.registration, ToSend(**(values | changes)))


@pytest.fixture
def sender(tool: Tool) -> Sender:
    return Sender(tool)


def test_results_are_read_page_by_page(sender: Sender) -> None:
    def pages(seen: Seen) -> Reply:
        page = int(seen.query.get("page", ["0"])[0])
        if page == 2:
            return Reply(body=[{"userId": "a", "resultScore": 9, "resultMaximum": 10}])
        following = f'<{sender.lms.url}{RESULTS}?page={page + 1}>; rel="next"'
        return Reply(body=[{"userId": f"b{page}", "resultScore": 1}], headers={"Link": following})

    sender.lms.replies[RESULTS] = pages
    outcome = sender.send()
    assert (outcome.kind, outcome.lms_score) == ("overridden", 9.0)
    first, *rest = sender.lms.fetched(RESULTS)
    assert first.query == {"type_id": ["3"], "user_id": ["a"]}
    assert first.headers["accept"] == "application/vnd.ims.lis.v2.resultcontainer+json"
    assert len(rest) == 2
    assert sender.lms.fetched(SCORES) == []


@pytest.mark.parametrize("kind", ["itself", "for ever", "another server"])
def test_results_that_do_not_end_do_not_keep_a_score(sender: Sender, kind: str) -> None:
    elsewhere = Lms()

    def pages(seen: Seen) -> Reply:
        page = int(seen.query.get("page", ["0"])[0])
        host = elsewhere.url if kind == "another server" else sender.lms.url
        query = f"{seen.path}?page={page + 1}"
        if kind == "itself":
            query = f"{RESULTS}?type_id=3&user_id=a"
        return Reply(body=[], headers={"Link": f'<{host}{query}>; rel="next"'})

    sender.lms.replies[RESULTS] = pages
    outcome = sender.send()
    elsewhere.close()
    assert outcome.kind == "sent"
    assert elsewhere.seen == []  # our token goes nowhere else
    assert len(sender.lms.fetched(RESULTS)) <= scores.MOST_PAGES


@pytest.mark.parametrize(
    "reply", [Reply(status=404, body=b"<html>"), Reply(body={}), Reply(body=b"x"), Reply(status=403)]
)
def test_results_that_cannot_be_read_do_not_keep_a_score(sender: Sender, reply: Reply) -> None:
    sender.lms.replies[RESULTS] = reply
    assert sender.send().kind == "sent"


def test_results_that_cannot_be_reached_do(sender: Sender) -> None:
    """A platform that is down now would lose the comparison, not only the score."""
    sender.lms.close()
    assert sender.send().kind == "transient"


def test_right_to_results_that_was_claimed_and_not_given(sender: Sender) -> None:
    def only_scores(seen: Seen) -> Reply:
        return Reply(body={"access_token": "t", "scope": SCORE})

    sender.lms.replies["/token"] = only_scores
    assert sender.send().kind == "sent"
    assert sender.lms.fetched(RESULTS) == []


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        (Reply(status=400, body={"error": "invalid_client"}), "transient"),
        (Reply(body={"access_token": "t", "scope": RESULT}), "forbidden"),
    ],
)
def test_no_token_no_score(sender: Sender, token: Reply, kind: str) -> None:
    sender.lms.replies["/token"] = token
    assert sender.send(sent_fraction=None).kind == kind
    assert sender.lms.fetched(SCORES) == []


@pytest.mark.parametrize(
    ("shown", "sent_fraction", "tries", "kind"),
    [
        (
            [{"userId": "a", "resultScore": 6, "resultMaximum": 10}],
            0.5,
            0,
            "sent",
        ),  # ours, by a try whose answer was lost
        ([{"userId": "a", "resultScore": 5, "resultMaximum": 10}], 0.5, 0, "restamp"),  # our last one: clocks differ
        ([], None, 0, "restamp"),
        ([{"userId": "a", "resultScore": 9, "resultMaximum": 10}], None, 0, "overridden"),
    ],
)
def test_platform_says_that_it_has_a_newer_score(
    sender: Sender, shown: Any, sent_fraction: float | None, tries: int, kind: str
) -> None:
    sender.lms.replies[SCORES] = Reply(status=409)
    sender.lms.replies[RESULTS] = Reply(body=shown)
    assert sender.send(sent_fraction=sent_fraction, tries=tries).kind == kind


@pytest.mark.parametrize(("tries", "kind"), [(0, "overridden"), (1, "sent")])
def test_newer_score_without_the_right_to_read_results(sender: Sender, tries: int, kind: str) -> None:
    sender.lms.replies[SCORES] = Reply(status=409)
    assert sender.send(scopes=(SCORE,), tries=tries).kind == kind
