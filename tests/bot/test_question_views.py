"""Messages and views of questions and items stay within Slack's limits, whatever people write, and read well aloud."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.views import found, judging, questions, texts
from bot.views.found import Brought, Gallery
from bot.views.judging import Turn
from bot.views.questions import Reader
from bot.views.texts import Given
from core.activities import authors
from core.activities.agenda import Graded
from core.activities.authors import Author
from core.activities.comments import Comment
from core.activities.credit import Part, Progress
from core.activities.item_pages import Picture, Shown
from core.activities.question_answers import Given as Answered
from core.activities.question_settings import QuestionSettings
from core.activities.questions import Answer, Line, Page
from core.activities.receipts import Receipt
from core.activities.screening import KINDS, Hint, Hints, Stored
from core.activities.tags import Named
from core.crowd.scales import ATTRIBUTES
from core.words import Sentence
from tests.bot import limits
from tests.bot.asked import HARD, say

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PROMISE = authors.promise(QuestionSettings())


def author(name: str | None = None, *, me: bool = False, teaches: bool = False) -> Author:
    return Author(name, Sentence("You" if me else "A classmate"), is_me=me, is_teacher=teaches)


def line(text: str = "Why?", **values: object) -> Line:
    standing = Line(
        id=2**53, title=text[:200], text=text, author=author(), person_id=None, status="live", votes=3, seen=9,
        voted=False, answers=2, created_at=AT, problem_id=None, answered=True, endorsed=True, pinned=True, closed=False,
    )  # fmt: skip
    return replace(standing, **values)  # type: ignore[arg-type]


def given(text: str, number: int, **values: object) -> Answer:
    comment = Comment(number + 1, number, text[:1000], author(text[:300]), "live")
    standing = Answer(number, text, author(), "live", 1, False, True, True, AT, (comment,))
    return replace(standing, **values)  # type: ignore[arg-type]


def item(text: str = "Popcorn", **values: object) -> Shown:
    picture = Picture(1, 800, 600, text[:300])
    standing = Shown(
        id=2**53, kind="found", title=text[:200], body=text, text=text, url="https://example.org/" + "x" * 1900,
        preview=None, picture=picture, small=picture, source=text[:300], licence=text[:300], author=author(text[:300]),
        is_mine=False, inherited=False, status="live", judged=3, i_judged=False, comments=2, is_talking_point=True,
        tags=tuple(Named(number, "free", text[:60]) for number in range(8)),
    )  # fmt: skip
    return replace(standing, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", HARD)
def test_messages_stay_within_the_limits(text: str) -> None:
    answered = Answered(1, 2, text[:200], text, author(text[:300], teaches=True), 5, endorsed=True, settles=True)
    for made in (
        questions.of_channel(line(text), say),
        questions.of_thread(answered, say),
        questions.merged(text[:200], say),
        questions.offer(text[:3000], say, channel_row=1, hides_names=True),
        found.of_channel(item(text), say, is_rated=True),
        found.of_channel(item(text, url="https://example.org/" + "%20" * 1500), say, is_rated=False),
    ):
        assert limits.of_message(made.text, made.blocks) == []
        assert "<!" not in made.text  # nobody is called by what somebody wrote


@pytest.mark.parametrize("text", HARD)
def test_views_stay_within_the_limits(text: str) -> None:
    hints = Hints(personal=(Hint(KINDS["email"], text[:300]),), coarse=(text[:100],))
    answers = tuple(given(text, number) for number in range(60))
    page = Page(line(text, author=author(text[:300], me=True)), answers, answers[0].comments, (text[:200],) * 30)
    alike = [line(text[:200], id=number) for number in range(5)]
    gallery = Gallery(text[:200], PROMISE, [Named(n, "concept", text[:60]) for n in range(150)], True, 60, True)
    sent = Brought(text[:200], text[:2000], text, text, text[:300], text[:300], text[:400], tuple(range(150)), True)
    comments = [Comment(number, 1, text[:1000], author(text[:300]), "live") for number in range(60)]
    tags = [Named(number, "concept", text[:60]) for number in range(100)]
    made, turn = item(text, kind="produced"), Turn(3, True, True, True, True)
    for view in (
        questions.of_reader(page, Reader(True, "{}"), say, said=[text]),
        questions.of_reader(page, Reader(False, "{}"), say),
        questions.ask_form(
            Given(text[:200], text, True), say, metadata="{}", promise=PROMISE, course=text[:200], hints=hints,
            alike=alike,
        ),
        texts.one_box(
            "Your answer", text[:200], "Your answer", say, callback_id="c", metadata="{}", promise=PROMISE,
            given=Given(text=text), hints=hints, longest=5000,
        ),
        texts.report_form(say, callback_id="c", metadata="{}"),
        texts.told("Asked", texts.stored(Stored("live", Sentence("Saved."), Sentence("{c}", {"c": text})), say), say),
        found.bring_form(sent, gallery, say, metadata="{}", hints=hints, has_files=True),
        found.bring_form(sent, gallery, say, metadata="{}", hints=hints, kind="produced"),
        found.change_form(sent, item(text), gallery, say, metadata="{}", hints=hints),
        found.change_form(found.of_item(item(text)), made, gallery, say, metadata="{}", hints=hints),
        questions.change_form(Given(text[:200], text, True), say, metadata="{}", promise=PROMISE, hints=hints),
        judging.over(Sentence("Saved."), Graded(text[:200], Progress((Part("rating", 5, 2),), 10, 4)), say),
        found.of_reader(item(text), found.Reader(True, True, "{}", comments), say, said=[text]),
        judging.form(item(text), ATTRIBUTES, tags, say, metadata="{}", turn=turn, said=[text]),
        judging.rated(Sentence("Saved."), say, value="1:2", metadata="{}"),
    ):  # fmt: skip
        assert limits.of_view(view) == []


def test_a_long_text_begins_in_the_channel_and_says_where_the_rest_is() -> None:
    made = questions.of_channel(line("many words " * 300), say)
    shown = str(made.blocks)
    assert "This is how it begins. All of it is in your course." in shown
    assert len(shown) < 6_000
    assert "This is how it begins." not in str(questions.of_channel(line("few words"), say).blocks)


def test_the_fallback_says_what_is_asked_and_how_it_stands() -> None:
    made = questions.of_channel(line("Why & <!here>?"), say)
    assert made.text.splitlines() == [
        "Question: \u2068Why &amp; &lt;!here&gt;?\u2069",
        "Votes: 3",
        "Answers: 2",
        "Pinned by your teacher.",
        "Endorsed by your teacher.",
        "Answered.",
    ]


def test_authors_are_named_as_the_reader_may_know_them() -> None:
    assert texts.who(author(), say) == "A classmate"
    assert texts.who(author("Ada"), say) == "Ada"
    assert texts.who(author("Ada", teaches=True), say) == "\u2068Ada\u2069, teacher"
    assert texts.who(author("Ada", me=True), say) == "\u2068Ada\u2069 (you)"


def test_no_button_says_more_than_numbers() -> None:
    page = Page(line("secret"), (given("secret", 7),), (), ())
    view = questions.of_reader(page, Reader(True, "{}"), say)
    values = [
        element.get("value", "")
        for block in (*view["blocks"], *questions.of_channel(line("secret"), say).blocks)
        for element in block.get("elements", ())
    ]
    assert values
    assert all(value.replace(":", "").isdecimal() or not value for value in values)


def test_a_receipt_is_given_where_there_is_a_course_to_type_it_in() -> None:
    stored = Stored("live", Sentence("Saved."), receipt=Receipt("AAAA-BBBB-CCCC-DDDD"))
    assert "AAAA-BBBB-CCCC-DDDD" in "\n".join(texts.stored(stored, say))
    assert texts.stored(stored, say, has_lms=False) == ["Saved."]
