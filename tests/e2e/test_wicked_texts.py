"""Texts that try to run a script, in a real browser, on every page that shows what people wrote: nothing runs, nothing
is fetched from elsewhere, no dialog comes up, and the content policy has nothing to complain about.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Request, expect

from sandbox.visitor import Visitor
from tests.abuse.corpus import hostile
from tests.e2e.class_at_work import Place
from tests.e2e.visits import Visit

pytestmark = pytest.mark.xdist_group("browser")

WRITER = 1  # of the house's classmates
OURS = ("http:", "https:", "mailto:")
Shared = Callable[..., str]


@pytest.fixture
def watched(teacher: Visit) -> Iterator[list[str]]:
    """What should not happen in the teacher's window: dialogs, and requests to others."""
    happened: list[str] = []

    def asked(request: Request) -> None:
        if "evil.test" in request.url or request.url.startswith(("javascript:", "data:text")):
            happened.append(request.url)

    teacher.page.on("dialog", lambda dialog: (happened.append(dialog.message), dialog.dismiss()))
    teacher.page.on("request", asked)
    yield happened
    assert happened == []


def place_shared(place: Place, kind: str, title: str, **settings: str) -> tuple[Visitor, Visitor]:
    """An activity in the course; its writer and its teacher, signed in."""
    here = place.house
    link = here.stage.place_shared(
        here.registered,
        course_id=here.course,
        teacher=here.teachers[0],
        kind=kind,
        title=title,
        settings={"daily": "500", "anonymity": "named", **settings},
    )
    return here.stage.open_as(here.students[WRITER], link), here.stage.open_as(here.teachers[0], link)


def look_at(visit: Visit, *paths: str) -> None:
    """Fetch pages into the frame, as links do, and try what a reader could: focus and hover over everything."""
    for path in paths:
        visit.frame.evaluate("(path) => htmx.ajax('GET', path, { target: '#main', swap: 'innerHTML' })", path)
        expect(visit.tool.locator("#main")).not_to_have_attribute("aria-busy", "true")
        visit.page.wait_for_timeout(150)
        visit.frame.evaluate(
            """() => {
              document.querySelectorAll("details").forEach((one) => { one.open = true; });
              document.querySelectorAll("#main *").forEach((one) => {
                for (const kind of ["mouseover", "focus", "toggle", "error"]) one.dispatchEvent(new Event(kind));
              });
            }"""
        )
        ran, schemes, frames = visit.frame.evaluate(
            """() => [
              typeof window.pwned,
              [...document.querySelectorAll("#main a[href]")].map((one) => new URL(one.href).protocol),
              document.querySelectorAll("#main iframe, #main script, #main object, #main embed, #main base").length,
            ]"""
        )
        assert ran == "undefined", path
        assert set(schemes) <= set(OURS), path
        assert frames == 0, path


def base(visitor: Visitor) -> str:
    return "/" + visitor.base.split("/", 3)[3]


def linked(visit: Visit, address: str, pattern: str) -> list[str]:
    """What a page links to: the numbers that a pattern finds in it."""
    page = visit.frame.evaluate(
        "(at) => fetch(at, { headers: { Authorization: 'Bearer ' + history.state.token, 'HX-Request': 'true' } })"
        ".then((answer) => answer.text())",
        address,
    )
    return sorted(set(re.findall(pattern, page)))


def test_questions_review_and_decisions(place: Place, teacher: Visit, watched: list[str]) -> None:
    writer, _ = place_shared(place, "questions", "Hostile questions", moderation="after_teacher")
    public_id = writer.start.rsplit("/", 1)[1]
    for number, text in enumerate(hostile()):
        answer = writer.post(
            f"/questions/{public_id}/ask", [("title", f"{number} {text}"[:190]), ("text", text), ("anyway", "yes")]
        )
        assert answer.status == 200, answer.text
    at, desk = f"{base(writer)}/questions/{public_id}", f"{base(writer)}/teach/{public_id}"
    teacher.open("Hostile questions")
    look_at(teacher, at, f"{at}/live", f"{desk}/review")
    numbers = teacher.frame.evaluate(
        """() => [...document.querySelectorAll("[aria-labelledby^='case-']")].map(
             (one) => one.getAttribute("aria-labelledby").slice(5))"""
    )
    assert len(numbers) == 50  # the first page of the queue
    for number in numbers:
        teacher.frame.evaluate(
            """([desk, number]) => fetch(`${desk}/review/${number}/approve`, { method: "POST", headers: {
                 Authorization: "Bearer " + history.state.token, "HX-Request": "true" } })""",
            [desk, number],
        )
    look_at(teacher, f"{desk}/review", at, f"{at}/live", f"{desk}/decisions", f"{desk}/texts/{numbers[0]}/redact")
    asked = linked(teacher, at, rf"{public_id}/(\d+)")  # the queue is the course's: it may hold texts of elsewhere
    assert len(asked) >= 20
    look_at(teacher, *(f"{at}/{number}" for number in asked[:12]))
    student = Visit(teacher.page, place, place.house.students[WRITER])
    student.open("Hostile questions")
    look_at(student, at, f"{base(writer)}/texts/{public_id}", *(f"{at}/{number}" for number in asked[12:20]))


def test_a_gallery_and_its_slides(place: Place, teacher: Visit, watched: list[str]) -> None:
    writer, desk = place_shared(place, "gallery", "Hostile gallery", judgements="0")
    public_id = writer.start.rsplit("/", 1)[1]
    for number, text in enumerate(hostile()[::2]):
        fields = [
            ("title", f"{number} {text}"[:190]),
            ("text", f"{number} {text} That is how it shows one of the ideas of our course."),
            ("body", text), ("source", text[:300]), ("terms", text[:300]), ("words", "a"), ("anyway", "yes"),
        ]  # fmt: skip
        answer = writer.post(f"/gallery/{public_id}/new/found", fields)
        assert answer.status == 200, answer.text
    at = f"{base(writer)}/gallery/{public_id}"
    teacher.open("Hostile gallery")
    look_at(teacher, at, f"{base(writer)}/teach/{public_id}/review")
    numbers = linked(teacher, at, r"items/(\d+)")[:12]
    assert len(numbers) == 12
    look_at(teacher, *(f"{at}/items/{number}" for number in numbers))
    for number in numbers[:6]:
        desk.post(f"/gallery/{public_id}/talking/{number}/add", [])
    look_at(
        teacher,
        f"{at}/talking",
        f"{at}/slides",
        f"{at}/exam",
        f"{at}/exam/{numbers[0]}",
        f"{at}/beliefs",
        f"{at}/tags",
        f"{at}/archive",
    )


def test_polls(place: Place, teacher: Visit, watched: list[str]) -> None:
    writer, desk = place_shared(place, "poll", "Hostile polls")
    public_id = writer.start.rsplit("/", 1)[1]
    at = f"{base(writer)}/polls/{public_id}"
    for kind in ("text", "words"):
        made = desk.post(
            f"/polls/{public_id}/new/{kind}", [("prompt", f"{kind} {hostile()[0]}"), ("results", "at_once")]
        )
        assert made.status == 200, made.text
    teacher.open("Hostile polls")
    look_at(teacher, at)
    numbers = teacher.frame.evaluate(
        """() => [...new Set([...document.querySelectorAll("#main a[href]")]
             .map((one) => one.pathname.match(/polls\\/[^/]+\\/(\\d+)/)).filter(Boolean).map((one) => one[1]))]"""
    )
    assert len(numbers) == 2
    for number in numbers:
        assert desk.post(f"/polls/{public_id}/{number}/open", []).status == 200
    people = [place.house.stage.open_as(person, link_of(place)) for person in place.house.students[2:6]]
    for person, text in zip(people, hostile()[::7], strict=False):
        for number in numbers:
            person.post(f"/polls/{public_id}/{number}/vote", [("entry", text), ("anyway", "yes")])
    look_at(teacher, at, f"{at}/live", *(f"{at}/{number}" for number in numbers), *(f"{at}/{n}/live" for n in numbers))


def link_of(place: Place) -> int:
    """The newest link of the course."""
    return int(place.house.stage.ask("GET", f"/courses/{place.house.course}/links")[-1]["id"])
