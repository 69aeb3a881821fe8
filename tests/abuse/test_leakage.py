"""What must not be seen is on no page: a crawler as a student follows all links and guesses addresses, and looks for
marked words that wait, are held back, were taken out, belong to the teacher, or would tell who wrote.
"""

from __future__ import annotations

import pytest

from core.activities import problems
from core.problems.kinds import Choice, OneChoice
from core.problems.texts import Text
from core.store.tables import Activity
from tests.abuse.spoiled import Spoiled
from tests.tool import Tool

DATABASES = ("sqlite",)
KEYS_KNOWN = True


def guessed(at: Spoiled) -> tuple[str, ...]:
    """Addresses that no page of a student names: every number, and what is the teacher's."""
    numbers = range(1, 40)
    return (
        *(f"{at.home}/{number}" for number in numbers),
        *(f"{at.home}/items/{number}" for number in numbers),
        *(f"/p/p1/images/{number}" for number in numbers),
        f"{at.home}/list",
        f"{at.home}/live",
        f"{at.home}/live/list",
        f"{at.home}/talking",
        f"{at.home}/exam",
        f"{at.home}/archive",
        f"{at.home}/slides",
        f"{at.home}/tags",
        f"{at.home}/beliefs",
        f"{at.teach}/review",
        f"{at.teach}/decisions",
        f"{at.teach}/decisions.csv",
        *(f"{at.teach}/texts/{number}/redact" for number in numbers),
        f"/p/p1/texts/{at.public_id}",
    )


def found(at: Spoiled, token: str, *words: str) -> dict[str, str]:
    """Which of these words a crawler reads, and where."""
    pages = at.crawl(token, guesses=guessed(at))
    return {word: path for path, page in pages.items() for word in words if word in page.text}


def test_what_waits_is_held_back_or_out_is_its_author_s_alone(tool: Tool) -> None:
    at = Spoiled(tool, "questions", hold_at="1")
    author, reporter, reader = at.join(), at.join(), at.join()
    at.ask(author, "WORDSPENDING shit?")
    held, out = at.ask(author, "WORDSHELD?"), at.ask(author, "WORDSOUT?")
    under = at.ask(author, "SHOWN?")
    at.post(f"{at.home}/{under}/answer", author, text="WORDSANSWER of shit.")
    at.post(f"{at.home}/{under}/comment/{under}", author, text="WORDSCOMMENT of shit.")
    at.report(reporter, held, "WORDSREASON")
    at.decide(out, "retire", "WORDSWHY")
    hidden = ("WORDSPENDING", "WORDSHELD", "WORDSOUT", "WORDSANSWER", "WORDSCOMMENT", "WORDSREASON", "WORDSWHY")
    assert found(at, reader, "SHOWN?")
    assert found(at, reader, *hidden) == {}
    assert set(found(at, author, *hidden)) == {*hidden} - {"WORDSREASON"}


def test_a_gallery_s_items_too(tool: Tool) -> None:
    at = Spoiled(tool, "gallery", hold_at="1", judgements="0")
    author, reporter, reader = at.join(), at.join(), at.join()

    def bring(title: str) -> int:
        how = f"It shows {title}, which is one of the ideas of our course, as everybody can see who looks at it."
        sent = {"title": title, "text": how, "url": "https://example.org/a", "terms": "CC0"}
        page = at.post(f"{at.home}/new/found", author, **sent)
        assert page.status_code == 200, page.text
        return at.newest()

    bring("WORDSPENDING shit")
    held, out = bring("WORDSHELD"), bring("WORDSOUT")
    bring("SHOWN")
    at.report(reporter, held)
    at.decide(out, "retire")
    assert found(at, reader, "SHOWN")
    assert found(at, reader, "WORDSPENDING", "WORDSHELD", "WORDSOUT") == {}


@pytest.mark.parametrize(
    ("anonymity", "teacher_learns"), [("teacher", True), ("pseudonym", False), ("anonymous", False)]
)
def test_names_are_nowhere_that_the_activity_hides_them(tool: Tool, anonymity: str, teacher_learns: bool) -> None:
    at = Spoiled(tool, "questions", anonymity=anonymity, hold_at="1")
    author, reader = at.join("NAMEAUTHOR"), at.join("NAMEREADER")
    first = at.ask(author, "One?")
    second = at.ask(author, "Two shit?")
    at.post(f"{at.home}/{first}/answer", reader, text="Because.")
    at.report(reader, first)
    at.decide(second, "approve")
    assert found(at, reader, "NAMEAUTHOR") == {}
    pages = at.crawl(at.teacher, f"{at.teach}/review", f"{at.teach}/decisions", f"{at.teach}/decisions.csv")
    named = {path for path, page in pages.items() if "NAMEAUTHOR" in page.text and not path.endswith("/credit")}
    assert bool(named) == teacher_learns


def test_the_key_of_a_problem_is_on_no_page_of_the_questions_beside_it(tool: Tool) -> None:
    at = Spoiled(tool, "questions")
    with tool.database.write() as session:
        course = tool.one(Activity).course_id
        key = OneChoice(
            name="Sum",
            text=Text("How many?", "plain"),
            choices=(
                Choice(Text("two", "plain"), 1.0, Text("KEYFEEDBACK", "plain")),
                Choice(Text("three", "plain"), 0.0),
            ),
            solution=Text("KEYSOLUTION", "plain"),
        )
        number = problems.add(session, course, key, now=tool.clock())
    assert number
    at.ask(at.join(), "One?")
    assert found(at, at.join(), "KEYFEEDBACK", "KEYSOLUTION") == {}
