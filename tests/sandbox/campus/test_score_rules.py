"""What a score may say and what the gradebook makes of it, without a server (AGS 3.4)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.campus import CANVAS, MOODLE, STANDARD
from sandbox.campus.scores import Score, ScoreError, check_order, read_score, shown_value
from sandbox.campus.values import parse_moment

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
GOOD = {
    "userId": "105",
    "scoreGiven": 7,
    "scoreMaximum": 10,
    "activityProgress": "Completed",
    "gradingProgress": "FullyGraded",
    "timestamp": "2026-11-21T12:00:00.000Z",
}


def read(quirks=STANDARD, **changes):
    message = {name: value for name, value in {**GOOD, **changes}.items() if value != "absent"}
    return read_score(json.dumps(message).encode(), quirks)


def score(given=7.0, maximum=10.0, grading_progress="FullyGraded"):
    return Score(
        user_id="105",
        timestamp=NOON,
        activity_progress="Completed",
        grading_progress=grading_progress,
        given=given,
        maximum=maximum,
        comment="",
    )


def test_a_good_score_is_understood():
    found = read(comment="  Well done ")
    assert (found.user_id, found.given, found.maximum, found.comment) == ("105", 7.0, 10.0, "Well done")
    assert found.timestamp == NOON


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"userId": "absent"}, "userId"),
        ({"userId": 105}, "userId"),
        ({"userId": ""}, "userId"),
        ({"timestamp": "absent"}, "timestamp"),
        ({"timestamp": "yesterday"}, "timestamp"),
        ({"timestamp": "2026-11-21T12:00:00.5"}, "timestamp"),
        ({"timestamp": "2026-11-21T12:00:00Z"}, "fraction"),
        ({"timestamp": "2026-13-21T12:00:00.5Z"}, "timestamp"),
        ({"timestamp": 1795000000}, "timestamp"),
        ({"activityProgress": "absent"}, "activityProgress"),
        ({"activityProgress": "completed"}, "activityProgress"),
        ({"gradingProgress": "Graded"}, "gradingProgress"),
        ({"gradingProgress": None}, "gradingProgress"),
        ({"scoreMaximum": "absent"}, "scoreMaximum"),
        ({"scoreMaximum": 0}, "scoreMaximum"),
        ({"scoreMaximum": -1}, "scoreMaximum"),
        ({"scoreGiven": -0.5}, "scoreGiven"),
        ({"scoreGiven": "7"}, "scoreGiven"),
        ({"scoreGiven": True}, "scoreGiven"),
        ({"scoreGiven": float("nan")}, "scoreGiven"),
        ({"scoreGiven": float("inf")}, "scoreGiven"),
        ({"scoreMaximum": [10]}, "scoreMaximum"),
        ({"scoreMaximum": 10**400}, "scoreMaximum"),
        ({"timestamp": "0001-01-01T00:00:00.0+14:00"}, "calendar"),
        ({"comment": 5}, "comment"),
        ({"submission": "late"}, "submission"),
        ({"submission": {"submittedAt": "late"}}, "submittedAt"),
        (
            {"submission": {"startedAt": "2026-11-21T12:00:00Z", "submittedAt": "2026-11-21T11:00:00Z"}},
            "submittedAt lies before",
        ),
    ],
)
def test_what_the_standard_forbids_is_refused_by_name(changes, word):
    with pytest.raises(ScoreError, match=word) as refusal:
        read(**changes)
    assert refusal.value.status == 400


@pytest.mark.parametrize("body", [b"not json", b"[1]", b'"text"', b"\xff", b"[" * 100_000, b'{"userId": "\\ud800"}'])
def test_a_body_must_be_a_json_object(body):
    with pytest.raises(ScoreError, match="JSON"):
        read_score(body, STANDARD)


@pytest.mark.parametrize(
    "changes",
    [
        {"activityProgress": "Wibble"},
        {"scoreGiven": "6.5"},
        {"scoreGiven": -3},
        {"scoreMaximum": 0},
        {"timestamp": "2026-11-21T12:00:00+0000"},
    ],
)
def test_moodle_takes_what_the_standard_forbids(changes):
    with pytest.raises(ScoreError):
        read(**changes)
    assert read(MOODLE, **changes).user_id == "105"


def test_a_score_without_points_is_understood():
    assert read(scoreGiven="absent", scoreMaximum="absent", gradingProgress="NotReady").given is None
    assert read(scoreGiven=None).given is None


@pytest.mark.parametrize(
    ("given", "maximum", "grading", "shown"),
    [
        (7.0, 10.0, "FullyGraded", 14.0),
        (0.0, 10.0, "FullyGraded", 0.0),
        (12.0, 10.0, "FullyGraded", 24.0),
        (7.0, 10.0, "Pending", None),
        (7.0, 10.0, "PendingManual", None),
        (7.0, 10.0, "Failed", None),
        (7.0, 10.0, "NotReady", None),
        (None, None, "FullyGraded", None),
    ],
)
def test_the_gradebook_shows_final_scores_on_its_own_scale(given, maximum, grading, shown):
    assert shown_value(score(given, maximum, grading), 20.0, STANDARD) == shown


@pytest.mark.parametrize(("given", "shown"), [(15.0, 10.0), (-3.0, 0.0), (4.0, 4.0)])
def test_moodle_cuts_a_score_to_the_range(given, shown):
    assert shown_value(score(given), 10.0, MOODLE) == shown


@given(given_points=st.floats(0, 1e6), maximum=st.floats(1e-3, 1e6), column=st.floats(1e-3, 1e6))
@settings(max_examples=60, deadline=None)
def test_a_value_is_the_same_share_of_both_scales(given_points, maximum, column):
    shown = shown_value(score(given_points, maximum), column, STANDARD)
    assert shown is not None
    assert shown / column == pytest.approx(given_points / maximum)
    assert 0 <= (shown_value(score(given_points, maximum), column, MOODLE) or 0.0) <= column


@pytest.mark.parametrize(
    ("later", "standard", "canvas"),
    [(-1.0, 409, 400), (0.0, 409, None), (0.9, 409, None), (1.0, None, None), (60.0, None, None)],
)
def test_a_score_must_be_newer_by_a_whole_second(later, standard, canvas):
    for quirks, status in ((STANDARD, standard), (MOODLE, standard), (CANVAS, canvas)):
        moment = NOON + timedelta(seconds=later)
        if status is None:
            check_order(moment, NOON, quirks)
        else:
            with pytest.raises(ScoreError) as refusal:
                check_order(moment, NOON, quirks)
            assert refusal.value.status == status


def test_the_first_score_is_never_late():
    check_order(NOON, None, STANDARD)
    check_order(NOON, None, CANVAS)


@given(
    seconds=st.floats(0, 3e9),
    minutes=st.integers(-14 * 60, 14 * 60),
    digits=st.sampled_from(["milliseconds", "microseconds", "seconds"]),
)
@settings(max_examples=60, deadline=None)
def test_a_moment_is_read_in_every_zone(seconds, minutes, digits):
    zoned = datetime.fromtimestamp(seconds, timezone(timedelta(minutes=minutes)))
    text = zoned.isoformat(timespec=digits)
    assert parse_moment(text) == datetime.fromisoformat(text)
    assert parse_moment(text).tzinfo is UTC
