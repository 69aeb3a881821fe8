"""Anything at all in a student's forms: never a server error, and every statistic still adds up."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.activities import recount
from core.store.tables import Contribution
from tests.bad_input.lesson import Lesson, is_harmless

KEYS_KNOWN = True
DATABASES = ("sqlite",)
RELAXED = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # what earlier examples stored is part of the fuzz
)

numbers = st.one_of(
    st.integers(-2, 12).map(str), st.sampled_from(["", "x", "1.5", "9" * 30, "\x00", "٣", "1e3"]), st.text(max_size=6)
)
words = st.one_of(
    st.text(max_size=120),
    st.sampled_from(
        ["42", "42 km", "Paris", "\u202e", "\x00", "$$x$$ \\(", "a" * 6_000, "![x](y.png)", "<b onclick=x>"]
    ),
    st.text(alphabet="\\()[]$`*_<>&\"'{}% \n", max_size=200),
)
forms = st.fixed_dictionaries(
    {},
    optional={
        "number": numbers,
        "choice": st.lists(numbers, max_size=3),
        "text": words,
        "unit": st.one_of(st.sampled_from(["km", "mi", ""]), words),
        "reason": words,
        "occasion": numbers,
        "kind": st.one_of(st.sampled_from(["explanation", "worked_example", "hint", "reason"]), words),
        "likely": st.sampled_from(["yes", "no", ""]),
        "rating": numbers,
        "fine": st.sampled_from(["yes", "no", ""]),
    },
)
actions = st.sampled_from(
    [
        "problems/{problem}/answer",
        "problems/{problem}/answer",
        "problems/{problem}/help",
        "problems/{problem}/another",
        "problems/{problem}/explain",
        "problems/{problem}/draft/explanation",
        "problems/{problem}/draft/worked_example",
        "problems/{problem}/withdraw/{row}",
        "problems/{problem}/report/{row}",
        "shown/{row}/rate",
        "check/{row}",
    ]
)


def test_a_student_sends_anything(lesson: Lesson) -> None:
    students = [lesson.join() for _ in range(3)]
    changed = {"title": "Lists", "key_shown": "after_attempts", "attempts": "3", "moderation": "after_peers"}
    assert lesson.post("/teach/{a}/settings", lesson.teacher, changed).status_code == 200

    @RELAXED
    @given(st.integers(0, 2), st.integers(0, 3), actions, st.integers(0, 6), forms)
    def send(who: int, which: int, action: str, row: int, form: dict[str, Any]) -> None:
        path = action.format(problem=lesson.problems[which], row=row)
        is_harmless(lesson.post(f"/practice/{{a}}/{path}", students[who], form), path, form)
        is_harmless(lesson.get(f"/practice/{{a}}/problems/{lesson.problems[which]}", students[who]))

    send()
    with lesson.tool.database.read() as session:
        assert [*recount.everything(session)] == []


def test_a_text_of_anything_is_shown_safely(lesson: Lesson) -> None:
    """What is kept of any text comes out as words: no element or handler that its author chose."""
    author = lesson.join()
    lesson.answer(author)
    path = f"/practice/{{a}}/problems/{lesson.choice}"

    @RELAXED
    @given(words)
    def write(text: str) -> None:
        form = {"kind": "explanation", "text": text, "likely": "yes"}
        kept = lesson.post(f"{path}/explain", author, form)
        is_harmless(kept, text)
        if kept.status_code == 200:
            newest = max(lesson.tool.all(Contribution), key=lambda row: (row.status != "retired", row.id)).text
            assert not set(newest) & set("\x00\x1b\x7f\u202a\u202b\u202c\u202d\u202e")
            for page in (
                lesson.get(path, author),
                lesson.get(f"/teach/{{a}}/problems/{lesson.choice}", lesson.teacher),
            ):
                assert page.status_code == 200
                assert "<b onclick" not in page.text
                assert "<script" not in page.text

    write()
