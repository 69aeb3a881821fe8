"""What a teacher does with a gallery, and what an author says about the public, through the application."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from typing import Any, Self

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select
from werkzeug.test import TestResponse

from core.activities import activities, archive, exam_questions, gallery_settings, problems, talking_points
from core.activities.seats import Seat
from core.problems.files import read
from core.problems.kinds import FreeText, SeveralChoices
from core.store.tables import Course, Decision, Item, Person, ResourceLink
from core.store.tables import Problem as ProblemRow
from tests.core.activities.gallery_hall import HOW, Gallery
from tests.lms import INSTRUCTOR
from tests.lti_tool.test_rendering import HOSTILE
from tests.tool import TOOL, Tool

KEYS_KNOWN = True
DATABASES = ("sqlite",)
TEACHER = {"roles": INSTRUCTOR, "sub": "teacher", "name": "Ms Teacher"}


class Room(Gallery):
    """A gallery that real launches open."""

    tool: Tool
    token: str
    student: str  # the token of students[0]

    @classmethod
    def of(cls, tool: Tool, **settings: Any) -> Self:
        tool.session(**TEACHER)
        for number in range(4):
            tool.session(sub=f"s{number}", name=f"Student {number}")
        with tool.database.write() as session:
            course = session.scalars(select(Course)).one()
            teacher = session.scalars(select(Person.id).where(Person.subject == "teacher")).one()
            seat = Seat(course.platform_id, course.id, teacher, "teacher")
            chosen = replace(gallery_settings.GallerySettings(), **settings)
            made = activities.make_shared(
                session, seat, kind="gallery", title="Persuasion", settings=chosen, now=tool.clock()
            )
            link = session.scalars(select(ResourceLink.id)).one()
            activities.place(session, seat, resource_link_id=link, activity_id=made.id, now=tool.clock())
        self = cls.found(tool.database, "Persuasion", tool.clock())
        self.tool = tool
        self.token = tool.session(**TEACHER)["token"]
        self.student = tool.session(sub="s0", name="Student 0")["token"]
        return self

    def send(self, method: str, path: str, token: str | None = None, form: Any = None) -> TestResponse:
        return self.tool.browser().open(
            f"/p/p1/gallery/{self.public_id}{path}",
            method=method,
            headers={"Authorization": f"Bearer {token or self.token}", "HX-Request": "true"},
            data=form,
            base_url=TOOL,
        )

    def page(self, path: str, token: str | None = None) -> BeautifulSoup:
        response = self.send("GET", path, token)
        assert response.status_code == 200, response.text
        return BeautifulSoup(response.text, "html.parser")

    def post(self, path: str, form: Any = None, token: str | None = None) -> BeautifulSoup:
        response = self.send("POST", path, token, form or {})
        assert response.status_code == 200, response.text
        return BeautifulSoup(response.text, "html.parser")


@pytest.fixture
def room(tool: Tool) -> Room:
    return Room.of(tool)


def words(soup: BeautifulSoup) -> str:
    return soup.get_text(" ", strip=True)


def names(soup: BeautifulSoup, selector: str = "ol.picks strong") -> list[str]:
    return [element.get_text() for element in soup.select(selector)]


def test_these_pages_are_the_teachers(room: Room) -> None:
    item = room.item(room.students[0])
    here = room.public_id
    read = ("/talking", "/slides", "/exam", f"/exam/{item}", "/exam/export/gift", "/archive", "/archive/site.zip")
    write = (f"/talking/{item}/pick", f"/exam/{item}", f"/exam/{item}/preview", "/archive", f"/archive/{item}/publish")
    for method, paths in (("GET", (*read, f"/archive/{item}/look")), ("POST", write)):
        for path in paths:
            assert room.send(method, path, room.student).status_code == 403, path
            room.public_id = "elsewhere"
            assert room.send(method, path).status_code == 403, path
            room.public_id = here


# ---- talking points ----


def test_items_are_picked_and_ordered(room: Room) -> None:
    a, b = room.item(room.students[0], "A"), room.item(room.students[1], "B")
    assert "You have not picked anything yet." in words(room.page("/talking"))
    room.post(f"/talking/{a}/pick")
    page = room.post(f"/talking/{b}/pick")
    assert names(page) == ["A", "B"]
    assert "B is now number 2 of 2." in words(page)
    page = room.post(f"/talking/{b}/up")
    assert names(page) == ["B", "A"]
    (focus,) = page.select("[data-focus]")
    assert focus["aria-label"] == "Move “B” down"  # up is not possible any more
    assert names(room.post(f"/talking/{a}/drop")) == ["B"]
    assert "Student 0" in words(page)  # the teacher's list names authors, slides do not
    assert "Student" not in words(room.page("/slides"))


def test_long_lists_come_in_pages_and_stay_at_theirs(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (talking_points, exam_questions, archive):
        monkeypatch.setattr(module, "PAGE", 2)
    items = [room.item(room.students[0], f"item {number}") for number in range(5)]
    for path, shown in (("/talking", "ul.picks > li"), ("/exam", "tbody tr"), ("/archive", "article.contender")):
        first, last = room.page(path), room.page(f"{path}?page=3")
        assert (len(first.select(shown)), len(last.select(shown))) == (2, 1), path
        assert "Page 1 of 3" in words(first)
        assert first.select_one("a[rel=next]")["href"].endswith(f"{path}?page=2")  # type: ignore[index]
        assert last.select_one("a[rel=prev]")["href"].endswith(f"{path}?page=2")  # type: ignore[index]
        assert len(room.page(f"{path}?page=99999999").select(shown)) == 1
        assert len(room.page(f"{path}?page=nonsense").select(shown)) == 2
    pick = room.page("/talking?page=2").select_one("ul.picks form")
    assert pick is not None
    assert str(pick["hx-post"]).endswith("/pick?page=2")
    after = room.post(str(pick["hx-post"]).partition(room.public_id)[2])
    assert "Page 2 of 2" in words(after)
    assert names(after) == ["item 2"]
    room.agree(room.students[0], items[0])
    published = room.post(f"/archive/{items[0]}/publish?page=3", {"seen": ""})
    assert "Page 3 of 3" in words(published)


def test_slides_say_their_place_and_hide_what_the_class_saw(room: Room) -> None:
    for name in "ABC":
        item = room.item(room.students[0], name, body="Nine of ten")
        room.say(item, room.tag(f"idea {name}"), *room.students)
        room.post(f"/talking/{item}/pick")
    page = room.page("/slides")
    slides = page.select(".slide")
    assert [slide["aria-label"] for slide in slides] == ["1 of 3: A", "2 of 3: B", "3 of 3: C"]
    assert {(slide["role"], slide["aria-roledescription"]) for slide in slides} == {("group", "slide")}
    for slide in slides:
        hidden = slide.find("details")
        assert hidden is not None
        assert not hidden.has_attr("open")
        assert HOW in words(hidden)
        assert f"idea {slide.h2.get_text()}: 4 yes, 0 no" in words(hidden)
        hidden.extract()
        assert "idea" not in words(slide)
        assert "Nine of ten" in words(slide)


def test_an_empty_show_says_what_to_do(room: Room) -> None:
    assert "There is no slide yet." in words(room.page("/slides"))
    assert "The class has not brought anything yet." in words(room.page("/talking"))


# ---- exam questions ----


def tagged(room: Room) -> int:
    item = room.item(room.students[0], body="Nine of ten")
    for name, yes in (("authority", True), ("scarcity", False)):
        tag = room.tag(name)
        room.say(item, tag, *room.students[1:], applies=yes)
        for number in range(5):  # so that the class is known to agree
            other = room.item(room.students[0], f"{name} {number}", picture=None)
            room.say(other, tag, *room.students[1:], applies=number % 2 == 0)
    return item


def form_of(page: BeautifulSoup) -> dict[str, Any]:
    """What a browser would send."""
    form: dict[str, Any] = {}
    for field in page.select("form#exam input, form#exam textarea"):
        name, value = str(field["name"]), str(field.get("value", "")) if field.name == "input" else field.get_text()
        if field.get("type") in {"checkbox", "radio"} and not field.has_attr("checked"):
            continue
        if name == "idea":
            form.setdefault(name, []).append(value)
        else:
            form[name] = "on" if field.get("type") == "checkbox" else value
    return form


def test_a_question_is_proposed_previewed_and_saved(room: Room) -> None:
    item = tagged(room)
    assert "A poster" in words(room.page("/exam"))
    page = room.page(f"/exam/{item}")
    assert "3 of 3 classmates say yes." in words(page)
    form = form_of(page)
    assert form["idea"] == ["authority", "scarcity"]
    assert (form["use_0"], form["use_1"], form["which"]) == ("right", "wrong", "on")
    preview = room.post(f"/exam/{item}/preview", form)
    assert room.tool.count(ProblemRow) == 0
    assert [words(choice) for choice in preview.select("li")] == ["authority right", "scarcity wrong"]
    assert preview.select("img[data-image]")
    assert "Nine of ten" in words(preview)
    saved = room.post(f"/exam/{item}", {**form, "how": "on", "more_wrong": "liking\n\nunity"})
    assert "Saved. The 2 questions are in the course's problem bank." in words(saved)
    with room.database.read() as session:
        which, how = problems.bank(session, room.course_id)
    assert isinstance(which, SeveralChoices)
    assert isinstance(how, FreeText)
    assert [choice.text.source for choice in which.choices] == ["authority", "scarcity", "liking", "unity"]
    assert HOW in how.grader_info.source
    assert "Student 0" not in str((which, how))
    again = room.send("POST", f"/exam/{item}", form={**form})
    assert again.status_code == 422
    assert "There is a question from this item already" in again.text
    assert "There are questions from this item already" in words(room.page(f"/exam/{item}"))
    assert "The question is" in words(room.post(f"/exam/{item}", {**form, "again": "on"}))


def test_questions_leave_as_files(room: Room) -> None:
    item = tagged(room)
    room.post(f"/exam/{item}", form_of(room.page(f"/exam/{item}")))
    for form, name in (("moodle_xml", "problems.xml"), ("gift", "problems.gift")):
        response = room.send("GET", f"/exam/export/{form}")
        assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert len(read(response.get_data(), name).problems) == 1
    assert room.send("GET", "/exam/export/docx").status_code == 422


def test_a_form_that_makes_no_question_is_refused_in_words(room: Room) -> None:
    item = tagged(room)
    form = form_of(room.page(f"/exam/{item}"))
    for changes, said in (
        ({"use_1": "", "use_0": ""}, "at least one right idea"),
        ({"use_1": "right"}, "at least one right idea"),
    ):
        for path in (f"/exam/{item}", f"/exam/{item}/preview"):
            response = room.send("POST", path, form={**form, **changes})
            assert response.status_code == 422
            assert said in response.text
    del form["which"]
    assert "at least one of the two" in room.send("POST", f"/exam/{item}", form=form).text
    assert room.send("POST", f"/exam/{item}", form={}).status_code == 422


# ---- the public archive ----


def opened(room: Room, **changes: str) -> BeautifulSoup:
    return room.post(
        "/archive",
        {"title": "Persuasion", "about": "Ours", "contact": "mail@example.org", "is_open": "on", **changes},
    )


def test_an_archive_is_opened_filled_and_closed(room: Room) -> None:
    item = room.item(room.students[0])
    page = room.page("/archive")
    assert "its author has not agreed" in words(page)
    assert page.select_one("#contact")["value"] == "help@tool.example"  # type: ignore[index]
    address = opened(room).select_one('a[target="_blank"]')["href"]  # type: ignore[index]
    room.agree(room.students[0], item)
    form = room.page("/archive").select_one('form[hx-post$="/publish"]')
    assert form is not None
    room.say(item, room.tag("shops", "free"), room.students[0], by_author=True, counts=False)
    look = room.page(f"/archive/{item}/look")
    assert HOW in words(look)
    assert "Its author says that it shows: shops" in words(look)
    published = room.post(f"/archive/{item}/publish", {"seen": form.select_one("input")["value"]})  # type: ignore[index]
    assert "in the archive" in words(published)
    path = str(address).removeprefix(TOOL)
    assert "A poster" in room.tool.browser().get(path, base_url=TOOL).text
    room.post(f"/archive/{item}/unpublish", {"reason": "A complaint"})
    assert "A poster" not in room.tool.browser().get(path, base_url=TOOL).text
    with room.database.read() as session:
        kept = session.execute(select(Decision.reason).where(Decision.action == "unpublish")).scalar_one()
    assert kept == "A complaint"
    room.post("/archive", {"title": "Persuasion", "contact": "mail@example.org"})
    assert room.tool.browser().get(path, base_url=TOOL).status_code == 404


def test_what_was_changed_meanwhile_is_not_published_unread(room: Room) -> None:
    opened(room)
    item = room.item(room.students[0])
    room.agree(room.students[0], item)
    room.become(item, text="Something else", edited_at=room.now)
    response = room.send("POST", f"/archive/{item}/publish", form={"seen": ""})
    assert response.status_code == 422
    assert "changed this item meanwhile" in response.text


def test_the_archive_is_downloaded_as_a_site(room: Room) -> None:
    assert room.send("GET", "/archive/site.zip").status_code == 422
    opened(room)
    room.public(room.students[0])
    response = room.send("GET", "/archive/site.zip")
    assert response.headers["Content-Type"] == "application/zip"
    assert response.headers["Cache-Control"] == "no-store"
    name = re.search(r"filename=\"?([\w.-]+)", response.headers["Content-Disposition"])
    with zipfile.ZipFile(io.BytesIO(response.get_data())) as box:
        assert box.testzip() is None
        slug = str(name and name.group(1)).removesuffix(".zip")
        assert f"{slug}/index.html" in box.namelist()
        assert f"{slug}/heirloom.css" in box.namelist()
        assert b"A poster" in box.read(f"{slug}/index.html")
    again = room.send("GET", "/archive/site.zip")
    assert again.get_data() == response.get_data()  # the same archive, the same file
    again.close()
    response.close()


# ---- the author's word ----


def test_an_author_says_whether_everybody_may_see_it(room: Room) -> None:
    item = room.item(room.students[0])
    path = f"/items/{item}/consent"
    asked = room.page(path, room.student)
    assert "It stays in the course." in words(asked)
    assert asked.select_one("[name=credit_name]") is None  # names are hidden in this gallery
    given = room.post(path, {"agreed": "on", "licence": "CC-BY-SA-4.0"}, room.student)
    assert "You agreed that everybody may see it." in words(given)
    assert given.select_one("option[selected]")["value"] == "CC-BY-SA-4.0"  # type: ignore[index]
    room.publish(item)
    assert "is in the public archive" in words(room.page(path, room.student))
    back = room.post(path, {"licence": "CC-BY-SA-4.0"}, room.student)
    assert "It stays in the course." in words(back)
    assert room.row(item).published_at is None


def test_nobody_else_is_asked(room: Room) -> None:
    item = room.item(room.students[1])
    assert room.send("GET", f"/items/{item}/consent", room.student).text.strip() == ""
    assert room.send("POST", f"/items/{item}/consent", room.student, {"agreed": "on"}).status_code == 404
    assert room.send("POST", f"/items/{item}/consent", room.token, {"agreed": "on"}).status_code == 404


def test_a_name_is_asked_for_where_names_are_known(tool: Tool) -> None:
    room = Room.of(tool, anonymity="named")
    item = room.item(room.students[0])
    path = f"/items/{item}/consent"
    assert room.page(path, room.student).select_one("[name=credit_name]") is not None
    room.post(path, {"agreed": "on", "licence": "CC0-1.0", "credit_name": "Maya R."}, room.student)
    assert room.row(item).credit_name == "Maya R."
    assert "wants to be called Maya R." in words(room.page("/archive"))


def test_an_anonymous_author_is_told_that_it_is_for_good(tool: Tool) -> None:
    room = Room.of(tool, anonymity="anonymous")
    with tool.app.test_request_context("/p/p1/gallery/x", headers={"Accept-Language": "en"}):
        from flask import render_template

        from lti_tool.gallery_teaching import consent_fields

        found = room.see(lambda session, seat, opened: opened, room.teacher)
        page = render_template("archive/_consent_fields.html", item="", standing=None, **consent_fields(found))
    assert "you cannot take this back later" in page
    assert "credit_name" not in page


def test_whatever_people_type_runs_nowhere_here_either(room: Room) -> None:
    for number, hostile in enumerate(HOSTILE):
        item = room.item(room.students[0], hostile, text=hostile, body=hostile, url=hostile, source=hostile)
        room.agree(room.students[0], item)
        room.say(item, room.tag(hostile, normal=str(number)), *room.students)
        room.post(f"/talking/{item}/pick")
    for path in ("/talking", "/slides", "/exam", f"/exam/{item}", "/archive", f"/archive/{item}/look"):
        for element in room.page(path).find_all(True):
            assert element.name not in {"script", "svg", "math", "iframe", "object", "embed", "style", "base"}
            assert not [name for name in element.attrs if name.startswith("on") or name in {"style", "srcdoc"}]
            assert not str(element.get("href", "")).lower().lstrip().startswith(("javascript", "data", "vbscript"))
    assert room.tool.count(Item) == len(HOSTILE)
