"""The pages of a gallery, as browsers ask for them: bringing, judging, tagging; what may not leak or get in."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, ClassVar

import pytest
from bs4 import BeautifulSoup
from PIL import Image as Pillow
from PIL import PngImagePlugin

from core.store.tables import Activity, Contribution, Image, Item, Judgement, Tag, Tagging
from lti_tool import previews
from lti_tool.egress import Egress, Unreachable
from tests.bad_input.test_uploads import NO_PICTURES
from tests.lms import INSTRUCTOR, LEARNER
from tests.lti_tool.test_egress import NOT_PUBLIC
from tests.tool import Tool

DATABASES = ("sqlite",)
KEYS_KNOWN = True
HOW = "It shows scarcity: only three are left, it says, and so one wants to have one before others do."
HTML = {"Content-Type": "text/html; charset=utf-8"}
ATTACK = "<script>alert(1)</script><img src=x onerror=alert(1)>[x](javascript:alert(1))"


def png(colour: str = "red", side: int = 40, **more: Any) -> bytes:
    out = io.BytesIO()
    Pillow.new("RGB", (side, side), colour).save(out, "PNG", **more)
    return out.getvalue()


class Room:
    """A course with a gallery, its teacher, and students with their tokens."""

    def __init__(self, tool: Tool, **settings: str) -> None:
        self.tool = tool
        self.teacher = tool.session(roles=INSTRUCTOR, sub="t", name="Teacher Turing")["token"]
        made = tool.send("POST", "/p/p1/teach/new/gallery", self.teacher, {"title": "Ours", **settings})
        assert made.status_code == 200, made.text
        self.activity = tool.one(Activity).public_id
        self.at = f"/p/p1/gallery/{self.activity}"

    def student(self, number: int) -> str:
        token: str = self.tool.session(roles=LEARNER, sub=f"s{number}", name=f"Student Somebody{number}")["token"]
        return token

    def page(self, path: str, token: str, status: int = 200) -> BeautifulSoup:
        answer = self.tool.get(f"{self.at}{path}", token)
        assert answer.status_code == status, answer.text
        return BeautifulSoup(answer.text, "html.parser")

    def post(self, path: str, token: str, data: Any = None, status: int = 200) -> BeautifulSoup:
        answer = self.tool.send("POST", f"{self.at}{path}", token, data, HX_Request="true")
        assert answer.status_code == status, answer.text
        return BeautifulSoup(answer.text, "html.parser")

    def bring(
        self, token: str, title: str = "Only three left", *, kind: str = "found", status: int = 200, **form: Any
    ) -> int:
        """The number of the new item (0 where it was refused)."""
        data = {"title": title, "text": f"{title}. {HOW}", "url": "https://shop.example/x", **form}
        picture = data.pop("picture", None)
        if picture is not None:
            data["picture"] = (io.BytesIO(picture), "me in Paris.png")
        self.post(f"/new/{kind}", token, data, status)
        return 0 if status != 200 else int(self.tool.all(Item)[-1].contribution_id)

    def image(self, token: str, number: int) -> Any:
        return self.tool.get(f"/p/p1/images/{number}", token)


@pytest.fixture
def room(tool: Tool) -> Room:
    return Room(tool)


class TestBringing:
    def test_a_found_item_from_the_form_to_the_wall(self, room: Room) -> None:
        ann, bob = room.student(1), room.student(2)
        empty = room.page("", ann)
        assert "Yours can be the first" in empty.text
        form = room.page("/new/found", ann)
        names = {field["name"] for field in form.select("[name]")}
        assert {"title", "url", "picture", "image_alt", "body", "text", "words", "source", "terms", "agreed"} <= names
        page = room.post(
            "/new/found",
            ann,
            {
                "title": "A poster",
                "text": HOW,
                "picture": (io.BytesIO(png()), "x.png"),
                "image_alt": "A dentist",
                "source": "A wall",
                "terms": "CC0",
                "words": "Teeth, coats",
            },
        )
        assert page.select_one("[data-say][data-focus]").text == "Saved. Classmates can see it now."
        wall = room.page("", bob)
        card = wall.select_one("li.exhibit-card")
        assert card.h2.text == "A poster"
        assert [tag.text for tag in card.select(".tags .tag")] == ["coats", "Teeth"]
        assert card.img["alt"] == "A dentist"
        assert card.img.has_attr("data-lazy")
        assert "A classmate" in card.text
        shown = room.page(card.h2.a["href"].removeprefix(room.at), bob)
        assert "A wall" in shown.text
        assert room.image(bob, int(shown.select_one("img[data-image]")["data-image"])).status_code == 200

    def test_a_produced_item_and_a_text(self, room: Room) -> None:
        ann = room.student(1)
        item = room.bring(ann, "My film", kind="produced", url="videos.example/1", body="**Watch** it")
        page = room.page(f"/items/{item}", room.student(2))
        assert page.select_one(".link a")["href"] == "https://videos.example/1"
        assert page.select_one(".link a")["rel"] == ["noopener", "noreferrer", "nofollow", "ugc"]
        assert page.select_one(".host").text == "videos.example"
        assert page.select_one(".text strong").text == "Watch"
        assert "Which ideas it uses" in page.text

    def test_refusals_keep_the_form(self, room: Room) -> None:
        said = room.post("/new/found", room.student(1), {"title": "x", "url": "javascript:alert(1)"}, 422)
        assert "no web address" in said.text
        assert room.tool.count(Item) == 0

    def test_changing_and_taking_back_one_s_own(self, room: Room) -> None:
        ann, bob = room.student(1), room.student(2)
        item = room.bring(ann, picture=png(), image_alt="Red")
        form = room.page(f"/items/{item}/edit", ann)
        assert form.select_one("#title")["value"] == "Only three left"
        assert form.select_one("#image_alt")["value"] == "Red"
        room.page(f"/items/{item}/edit", bob, 403)
        data = {"title": "Two left", "text": HOW, "url": "", "image_alt": "Still red"}
        room.post(f"/items/{item}/edit", bob, data, 404)
        assert room.post(f"/items/{item}/edit", ann, data).h1.text == "Two left"
        room.post(f"/items/{item}/withdraw", bob, None, 404)
        room.post(f"/items/{item}/withdraw", ann)
        room.page(f"/items/{item}", ann, 404)

    def test_consent_comes_with_the_item_and_can_be_taken_back_on_its_page(self, room: Room) -> None:
        ann = room.student(1)
        item = room.bring(ann, agreed="on", licence="CC-BY-4.0")
        assert room.tool.one(Item).consent_licence == "CC-BY-4.0"
        page = room.page(f"/items/{item}", ann)
        assert page.select_one("[hx-trigger=load]")["hx-get"].endswith(f"/items/{item}/consent")
        assert not room.page(f"/items/{item}", room.student(2)).select("[hx-trigger=load]")

    def test_who_only_looks(self, room: Room) -> None:
        item = room.bring(room.student(1))
        mentor = room.tool.session(roles=["http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor"], sub="m")["token"]
        wall = room.page("", mentor)
        assert "change nothing" in wall.text
        assert not wall.select(".button")
        assert not room.page(f"/items/{item}", mentor).select("form")
        assert "change nothing" in room.page("/judge", mentor).text
        assert room.tool.count(Judgement) == 0
        for path in ("/new/found", f"/judge/{item}", f"/items/{item}/comment", f"/items/{item}/tags"):
            room.post(path, mentor, {}, 403)


class TestUploads:
    @pytest.mark.parametrize("name", sorted(NO_PICTURES))
    def test_what_is_no_picture_is_refused_and_leaves_nothing(self, room: Room, name: str) -> None:
        room.bring(room.student(1), picture=NO_PICTURES[name][0], image_alt="Red", status=422)
        assert room.tool.count(Item, Image, Contribution) == 0

    def test_what_comes_out_is_pixels_only(self, room: Room) -> None:
        """EXIF with a place, a comment, a script behind the end, and a polyglot's head are all gone."""
        exif = Pillow.Exif()
        exif[0x010E] = "Taken at home"
        exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
        words = PngImagePlugin.PngInfo()
        words.add_text("Comment", "<script>alert(1)</script>")
        dirty = png(exif=exif, pnginfo=words) + b"<script>alert(2)</script>"
        room.bring(room.student(1), picture=dirty, image_alt="Red")
        body = room.tool.one(Image).body
        assert b"script" not in body
        assert b"home" not in body
        assert b"eXIf" not in body
        assert not Pillow.open(io.BytesIO(body)).getexif()

    def test_it_is_sent_as_a_picture_and_nothing_else(self, room: Room) -> None:
        ann = room.student(1)
        room.bring(ann, picture=png(), image_alt="Red")
        answer = room.image(ann, room.tool.one(Image).id)
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "private, max-age=3600"
        assert "me in Paris" not in str(answer.headers)

    def test_without_the_header_there_is_no_picture(self, room: Room) -> None:
        room.bring(room.student(1), picture=png(), image_alt="Red")
        assert room.tool.get(f"/p/p1/images/{room.tool.one(Image).id}", None).status_code != 200 or b"PNG" not in (
            room.tool.get(f"/p/p1/images/{room.tool.one(Image).id}", None).data
        )

    def test_who_does_not_see_the_item_does_not_see_the_picture(self, tool: Tool) -> None:
        room = Room(tool, moderation="after_teacher")
        ann, bob = room.student(1), room.student(2)
        room.bring(ann, picture=png(), image_alt="Red")
        number = tool.one(Image).id
        assert [room.image(token, number).status_code for token in (ann, bob, room.teacher)] == [200, 404, 200]


class TestPeoplesWords:
    def test_nothing_that_somebody_wrote_runs(self, room: Room) -> None:
        ann, bob = room.student(1), room.student(2)
        item = room.bring(
            ann,
            f"T {ATTACK}"[:199],
            text=f"{HOW} {ATTACK}",
            body=ATTACK,
            source=ATTACK,
            terms=ATTACK,
            words="<b>x</b>",
            picture=png(),
            image_alt=ATTACK,
        )
        room.post(f"/items/{item}/comment", ann, {"text": ATTACK})
        room.post(f"/judge/{item}", bob, {"side_clear": "3"})
        pages = ["", "?order=newest", f"/items/{item}", "/judge"]
        texts = [str(room.page(path, token)) for path in pages for token in (ann, bob, room.teacher)]
        texts += [str(room.page(path, room.teacher)) for path in ("/tags", "/beliefs")]
        for text in texts:
            soup = BeautifulSoup(text, "html.parser")
            assert not soup.select("script, [onerror], [style], [src=x]"), text
            assert not [a for a in soup.select("[href]") if a["href"].lower().startswith("javascript")]


class TestJudging:
    def test_a_turn_from_the_wall_to_what_others_think(self, room: Room) -> None:
        ann, bob = room.student(1), room.student(2)
        item = room.bring(ann)
        before = room.page(f"/items/{item}", bob)
        assert "What the class thinks of it" not in before.text
        turn = room.page("/judge", bob)
        assert turn.h1.text == "Only three left"
        assert "A classmate" not in turn.text
        assert [field.legend.contents[0].strip() for field in turn.select("fieldset.side")] == [
            "To the point",
            "Clear",
            "Original",
        ]
        after = room.post(f"/judge/{item}", bob, {"side_relevant": "5", "side_clear": "4"})
        assert after.select_one("[data-say]").text == "Saved. Thank you: your judgement counts."
        assert "Nothing to judge now" in after.h1.text
        row = room.tool.one(Judgement)
        assert (row.policy, row.ratings) == ("share", {"relevant": 5, "clear": 4})
        assert (row.probability, row.eligible_size) == (1.0, 1)
        page = room.page(f"/items/{item}", bob)
        assert "What the class thinks of it" in page.text
        assert "To the point 5" in page.text
        assert "judged by you" in room.page("", bob).text

    def test_one_scale_where_the_teacher_wants_it(self, tool: Tool) -> None:
        room = Room(tool, scale="stars")
        room.bring(room.student(1))
        turn = room.page("/judge", room.student(2))
        assert [field["name"] for field in turn.select("input[type=radio]")] == ["side_rating"] * 5

    def test_a_gallery_without_judging(self, tool: Tool) -> None:
        room = Room(tool, judgements="0")
        item = room.bring(room.student(1))
        bob = room.student(2)
        assert "Judge" not in room.page("", bob).text
        assert "Nothing is judged in this gallery" in room.page("/judge", bob).text
        assert "What the class sees in it" in room.page(f"/items/{item}", bob).text

    def test_what_one_sends_is_checked(self, room: Room) -> None:
        item = room.bring(room.student(1))
        bob = room.student(2)
        for wrong in ({}, {"side_clear": "9"}, {"side_clear": "-1"}, {"side_clear": "٣"}, {"side_rating": "3"}):
            room.post(f"/judge/{item}", bob, wrong, 422)
        assert not [row for row in room.tool.all(Judgement) if row.judged_at]

    def test_skipping(self, room: Room) -> None:
        for number in range(5):
            room.bring(room.student(1), f"Item {number}")
        bob, seen = room.student(2), []
        page = room.page("/judge", bob)
        for _ in range(3):
            seen.append(page.h1.text)
            page = room.post(page.select_one("form[hx-post$=skip]")["hx-post"].removeprefix(room.at), bob)
        assert page.h1.text not in seen
        assert not page.select("form[hx-post$=skip]")

    def test_from_the_item_s_page(self, room: Room) -> None:
        item = room.bring(room.student(1))
        bob = room.student(2)
        page = room.post(f"/judge/{item}", bob, {"side_clear": "4", "back": "1"})
        assert "counts for you and not for the item" in page.select_one("[data-say]").text
        assert page.h1.text == "Only three left"
        assert room.tool.one(Judgement).policy == "chosen"

    def test_tags_are_asked_about_without_saying_what_the_author_said(self, room: Room) -> None:
        room.post("/tags", room.teacher, {"names": "Scarcity\nAuthority\n\nscarcity"})
        ids = {tag.name: tag.id for tag in room.tool.all(Tag)}
        item = room.bring(room.student(1), concept=str(ids["Scarcity"]), words="shops")
        bob = room.student(2)
        turn = room.page("/judge", bob)
        boxes = turn.select("input[name=applies]")
        assert [box.find_next("span").text for box in boxes] == ["Authority", "Scarcity", "shops"]
        assert not [box for box in boxes if box.has_attr("checked")]
        asked = [box["value"] for box in turn.select("input[name=asked]")]
        room.post(f"/judge/{item}", bob, {"side_clear": "4", "asked": asked, "applies": str(ids["Authority"])})
        said = {row.tag_id: row.applies for row in room.tool.all(Tagging, Tagging.by_author.is_(False))}
        assert said == {ids["Scarcity"]: False, ids["Authority"]: True, asked and int(asked[2]): False}


class TestTags:
    def test_suggestions_while_one_types(self, room: Room) -> None:
        room.post("/tags", room.teacher, {"names": "Social proof\nScarcity"})
        ann = room.student(1)
        like = room.page("/tags/like?words=shops,%20scarsity", ann)
        assert [button["data-fill"] for button in like.select("button")] == ["Scarcity"]
        assert "is a new tag" in room.page("/tags/like?words=zebra", ann).text
        assert room.page("/tags/like?words=", ann).text.strip() == ""

    def test_the_teacher_tidies_up(self, room: Room) -> None:
        page = room.post("/tags", room.teacher, {"names": "Scarcty\nRarity\nAuthority"})
        assert "New ideas: 3" in page.select_one("[data-say]").text
        one, two, three = (tag.id for tag in room.tool.all(Tag))
        room.post(f"/tags/{one}/rename", room.teacher, {"name": "Scarcity"})
        room.post(f"/tags/{two}/merge", room.teacher, {"into": str(one)})
        room.post(f"/tags/{three}/kind", room.teacher, {"kind": "free"})
        page = room.post(f"/tags/{three}/retire", room.teacher)
        assert [item.summary.span.text for item in page.select(".tag-admin li")] == ["Scarcity"]
        room.post(f"/tags/{three}/restore", room.teacher)
        room.post(f"/tags/{one}/merge", room.teacher, {}, 422)
        room.post(f"/tags/{two}/rename", room.teacher, {"name": "x"}, 404)

    def test_students_do_not(self, room: Room) -> None:
        ann = room.student(1)
        for path in ("/tags", "/beliefs"):
            room.page(path, ann, 403)
        room.post("/tags", ann, {"names": "Mine"}, 403)
        assert room.tool.count(Tag) == 0

    def test_words_of_classmates(self, room: Room) -> None:
        item = room.bring(room.student(1))
        bob = room.student(2)
        page = room.post(f"/items/{item}/tags", bob, {"words": "shops, sale"})
        assert page.select_one("[data-say]").text == "Saved."
        assert {tag.name for tag in room.tool.all(Tag)} == {"shops", "sale"}

    def test_by_tag(self, room: Room) -> None:
        room.bring(room.student(1), words="shops")
        room.bring(room.student(1), "Other")
        tag = room.tool.one(Tag).id
        assert [card.text for card in room.page(f"?tag={tag}", room.student(2)).select(".exhibit-card h2")] == [
            "Only three left"
        ]
        assert "No item has this tag" in room.page(f"?tag={tag + 9}", room.student(2)).text
        assert len(room.page("?tag=nonsense&page=x&order=y", room.student(2)).select(".exhibit-card")) == 2


class TestTeacher:
    def test_what_the_class_thinks_with_its_intervals(self, room: Room) -> None:
        room.post("/tags", room.teacher, {"names": "Scarcity"})
        item = room.bring(room.student(0))
        tag = room.tool.one(Tag).id
        for number, stars in enumerate("5454", start=1):
            token = room.student(number)
            room.page("/judge", token)
            room.post(f"/judge/{item}", token, {"side_clear": stars, "asked": str(tag), "applies": str(tag)})
        page = room.page("/beliefs", room.teacher)
        cells = [cell.text for cell in page.select("tbody td.number")]
        mean, low, high, judged = map(int, cells)
        assert low < mean < high
        assert judged == 4
        assert page.select_one("tbody svg title").text == "What the class thinks of it"
        assert re.search(r"Scarcity\s+\d+ %", page.select_one("tbody tr").text)
        assert "Nobody has judged" in Room.page(room, "/beliefs", room.teacher).text or "4 people" in page.text

    def test_an_empty_one(self, room: Room) -> None:
        assert "Nobody has judged anything yet" in room.page("/beliefs", room.teacher).text
        assert "List the ideas of your course first" in room.page("", room.teacher).text

    def test_tries_judging_out(self, room: Room) -> None:
        room.bring(room.student(1))
        page = room.page("/judge", room.teacher)
        assert "does not count" in page.text
        room.post(page.select_one("#judge")["hx-post"].removeprefix(room.at), room.teacher, {"side_clear": "1"})
        assert [row.counts for row in room.tool.all(Judgement)] == [False]


class TestNews:
    def test_a_page_hears_of_new_items_and_of_nothing_else(self, room: Room) -> None:
        ann, bob = room.student(1), room.student(2)
        room.bring(ann)
        live = room.page("", bob).select_one("[data-live]")
        path = live["data-live"]
        same = room.tool.get(path, bob, If_None_Match=live["data-tag"])
        assert same.status_code == 304
        room.bring(ann, "Another")
        news = room.tool.get(path, bob, If_None_Match=live["data-tag"])
        assert "One new item." in news.text
        assert "new item" not in room.tool.get(path, ann).text


class TestElsewhere:
    def test_not_from_another_course_nor_another_platform(self, tool: Tool) -> None:
        room = Room(tool)
        item = room.bring(room.student(1), picture=png(), image_alt="Red")
        number = tool.one(Image).id
        tool.register(client_id="client-2", number=2)
        other = tool.session(
            roles=LEARNER,
            sub="s9",
            **{"https://purl.imsglobal.org/spec/lti/claim/context": {"id": "another"}},
        )["token"]
        foreign = tool.open(tool.launch(at_login={"client_id": "client-2"}, aud="client-2", roles=LEARNER))["token"]
        for token in (other, foreign, None):
            for path in ("", f"/items/{item}", "/judge", "/tags/like?words=a", "/news", "/new/found"):
                answer = tool.get(f"{room.at}{path}", token)
                assert answer.status_code in (200, 401, 403, 404)
                assert "Only three left" not in answer.text
            for path in (f"/judge/{item}", f"/items/{item}/comment", f"/items/{item}/withdraw"):
                assert tool.send("POST", f"{room.at}{path}", token, {"text": "x"}).status_code in (401, 403, 404)
            answer = tool.get(f"/p/p1/images/{number}", token)
            assert answer.headers.get("Content-Type") != "image/png"


@pytest.mark.parametrize("anonymity", ["named", "teacher", "pseudonym", "anonymous"])
def test_what_each_mode_promises_is_what_every_page_shows(
    tool: Tool, anonymity: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Ann brings, comments, tags and judges. Her name, and what leads to it, is looked for in all that others get."""
    room = Room(tool, anonymity=anonymity)
    ann, bob = room.student(1), room.student(2)
    promise = room.page("/new/found", ann).select("form p.small")[-1].text
    assert {
        "named": "Everybody in the course sees your name",
        "teacher": "Classmates do not see your name; your teacher does.",
        "pseudonym": "under a made-up name",
        "anonymous": "stored nowhere",
    }[anonymity] in promise
    other = room.bring(bob, "Bob's", text=f"By Bob. {HOW}")
    with caplog.at_level("INFO", logger="heirloom.access"):
        item = room.bring(ann, picture=png(), image_alt="Red", words="shops" if anonymity == "anonymous" else "")
        room.post(f"/items/{item}/comment", ann, {"text": "I saw it, too."})
    room.post(f"/judge/{other}", ann, {"side_clear": "4"})
    posts = [record.fields for record in caplog.records if hasattr(record, "fields")]  # type: ignore[attr-defined]
    assert any("session" in fields for fields in posts) is (anonymity != "anonymous")
    paths = ["", "?order=needs", f"/items/{item}", f"/items/{other}", "/judge", "/news?since=0"]
    seen = {
        "class": " ".join(room.tool.get(f"{room.at}{path}", bob).text for path in paths),
        "teacher": " ".join(
            room.tool.get(f"{room.at}{path}", room.teacher).text for path in [*paths, "/beliefs", "/tags"]
        ),
    }
    named = {"class": anonymity == "named", "teacher": anonymity in ("named", "teacher")}
    for reader, text in seen.items():
        assert ("Somebody1" in text) is named[reader], reader
        assert "s1" not in re.findall(r"\bs1\b", text)
    if anonymity == "anonymous":
        rows = tool.all(Contribution, Contribution.id != other)
        assert {row.person_id for row in rows} == {None}
        assert {(row.created_at.hour, row.created_at.minute) for row in rows} == {(0, 0)}
        assert not room.page(f"/items/{item}", ann).select("form[hx-post$=withdraw]")
        assert "which items you skip is not kept" in room.page("/judge", bob).text.lower()
    own = room.page(f"/items/{item}", ann)
    assert bool(own.select("a[href$=edit]")) is (anonymity != "anonymous")


class TestPreviews:
    @pytest.fixture
    def server(self) -> Iterator[tuple[str, dict[str, tuple[int, dict[str, str], bytes]], list[str]]]:
        """A web server of this machine: its address, what it answers by path, and which paths were asked for."""
        pages: dict[str, tuple[int, dict[str, str], bytes]] = {}
        asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                status, headers, body = pages.get(self.path, (404, {}, b""))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Tests are quiet."""

        http = HTTPServer(("127.0.0.1", 0), Handler)
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}", pages, asked
        http.shutdown()
        thread.join()
        http.server_close()

    def fetch(self, url: str) -> dict[str, str] | None:
        return previews.fetch(Egress(development=True), url, any_port=True)

    @pytest.mark.parametrize(
        ("page", "said"),
        [
            (b"<title> A  shop </title>", {"title": "A shop", "description": ""}),
            (
                b"<meta property=og:title content='Open'><title>Closed</title>"
                b"<meta name=Description content='Buy &amp; go'>",
                {"title": "Open", "description": "Buy & go"},
            ),
            (
                b"<title>&lt;script>alert(1)&lt;/script></title>",
                {"title": "<script>alert(1)</script>", "description": ""},
            ),
            (b"<title>" + b"x" * 900 + b"</title>", {"title": "x" * 199 + "\u2026", "description": ""}),
            ("<title>Grün</title>".encode(), {"title": "Grün", "description": ""}),
            (b"<title>a\xe2\x80\xaeb</title>", {"title": "ab", "description": ""}),
            (b"<p>nothing</p>", None),
            (b"<title></title>", None),
        ],
    )
    def test_what_a_page_says_of_itself(self, server: Any, page: bytes, said: dict[str, str] | None) -> None:
        address, pages, _ = server
        pages["/"] = (200, HTML, page)
        assert self.fetch(f"{address}/") == said

    def test_other_charsets(self, server: Any) -> None:
        address, pages, _ = server
        pages["/"] = (
            200,
            {"Content-Type": "text/html"},
            '<meta charset="iso-8859-1"><title>Grün</title>'.encode("latin-1"),
        )
        pages["/slow"] = (200, {"Content-Type": "text/html; charset=punycode"}, b"<title>a-b</title>")
        assert self.fetch(f"{address}/") == {"title": "Grün", "description": ""}
        assert self.fetch(f"{address}/slow") == {"title": "a-b", "description": ""}

    @pytest.mark.parametrize("kind", ["image/png", "application/json", "image/svg+xml", "text/plain", ""])
    def test_other_kinds_are_not_read(self, server: Any, kind: str) -> None:
        address, pages, _ = server
        pages["/"] = (200, {"Content-Type": kind}, b"<title>Secret</title>")
        assert self.fetch(f"{address}/") is None

    def test_other_answers_say_nothing(self, server: Any) -> None:
        address, pages, _ = server
        pages["/big"] = (200, HTML, b"<title>Big</title>" + b" " * (previews.LIMITS.size + 1))
        pages["/broken"] = (500, HTML, b"<title>Broken inside</title>")
        assert self.fetch(f"{address}/big") is None
        assert self.fetch(f"{address}/broken") is None
        assert self.fetch(f"{address}/missing") is None
        assert self.fetch("http://127.0.0.1:1/") is None

    def test_redirects_are_followed_three_times_and_each_is_checked(self, server: Any) -> None:
        address, pages, asked = server
        for number in range(5):
            pages[f"/{number}"] = (302, {"Location": f"/{number + 1}"}, b"")
        pages["/3"] = (200, HTML, b"<title>There</title>")
        assert self.fetch(f"{address}/0") == {"title": "There", "description": ""}
        pages["/3"] = (302, {"Location": "/4"}, b"")
        pages["/4"] = (200, HTML, b"<title>Too far</title>")
        assert self.fetch(f"{address}/0") is None
        for place in ("file:///etc/passwd", "gopher://127.0.0.1/", "http://169.254.169.254/latest", "", "//["):
            pages["/out"] = (302, {"Location": place}, b"")
            assert self.fetch(f"{address}/out") is None, place
        asked.clear()
        private = Egress(resolve=lambda *_: ["8.8.8.8"])
        pages["/0"] = (302, {"Location": "https://inside.example/"}, b"")
        calls: list[str] = []

        class Watched(Egress):
            def _target(self, url: str) -> Any:
                calls.append(url)
                if "inside" in url:
                    return private._target("https://10.0.0.1/")
                return super()._target(url)

        assert previews.fetch(Watched(development=True), f"{address}/0", any_port=True) is None
        assert calls[-1] == "https://inside.example/"

    @pytest.mark.parametrize("address", NOT_PUBLIC)
    def test_nothing_of_this_network_is_asked(self, address: str) -> None:
        calls: list[str] = []

        def resolve(host: str, port: int) -> list[str]:
            calls.append(host)
            return [address]

        assert previews.fetch(Egress(resolve=resolve), "https://shop.example/x") is None
        assert calls == ["shop.example"]

    @pytest.mark.parametrize(
        "url",
        [
            "http://shop.example/",
            "https://shop.example:8080/",
            "https://user@shop.example/",
            "https://2130706433/",
            "x",
        ],
    )
    def test_nor_by_other_ways(self, url: str) -> None:
        def resolve(host: str, port: int) -> list[str]:
            return ["127.0.0.1"]

        assert previews.fetch(Egress(resolve=resolve), url) is None

    def test_off_by_default(self, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(previews, "fetch", lambda *_, **__: pytest.fail("the network was asked"))
        ann = room.student(1)
        item = room.bring(ann)
        assert "Ask the page" not in room.page(f"/items/{item}", ann).text
        room.post(f"/items/{item}/preview", ann, None, 403)

    def test_asked_for_by_its_author_where_the_teacher_allows_it(
        self, tool: Tool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        room = Room(tool, has_previews="1", previews="on")
        said: dict[str, str] | None = {"title": ATTACK, "description": "We sell"}
        monkeypatch.setattr(previews, "fetch", lambda _egress, url, **_: said if "shop" in url else None)
        ann, bob = room.student(1), room.student(2)
        item = room.bring(ann)
        room.post(f"/items/{item}/preview", bob, None, 403)
        page = room.post(f"/items/{item}/preview", ann)
        assert page.select_one(".link span").text == ATTACK
        assert not page.select("script")
        assert "We sell" in room.page(f"/items/{item}", bob).text
        assert tool.one(Item).preview == said
        other = room.bring(ann, "Other", url="https://other.example/")
        assert "could not be read" in room.post(f"/items/{other}/preview", ann).text

    def test_it_has_a_number_a_day(self, tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
        from lti_tool import gallery_items

        room = Room(tool, has_previews="1", previews="on")
        monkeypatch.setattr(previews, "fetch", lambda *_, **__: None)
        monkeypatch.setattr(gallery_items, "PREVIEWS_A_DAY", 1)
        ann = room.student(1)
        item = room.bring(ann)
        room.post(f"/items/{item}/preview", ann)
        room.post(f"/items/{item}/preview", ann, None, 422)

    def test_it_is_only_the_egress_that_asks(self) -> None:
        with pytest.raises(Unreachable):
            Egress().check("http://shop.example/")


def test_pages_are_light(room: Room) -> None:
    """A wall of 24 cards is below 60 KB and asks for each picture once, by its number."""
    ann, bob = room.student(1), room.student(2)
    for number in range(24):
        shown = {"picture": png(side=40 + number), "image_alt": "Red"} if number < 20 else {}
        room.bring(ann if number < 12 else bob, f"Item {number}", **shown)
    page = room.tool.get(room.at, ann)
    assert len(page.data) < 60_000
    assert len(BeautifulSoup(page.text, "html.parser").select("img[data-lazy]")) == 20
    assert json.dumps(page.text).count("data:image") == 0


def test_an_item_and_a_comment_that_wait_are_decided_where_they_stand(tool: Tool) -> None:
    room = Room(tool, moderation="after_teacher")
    author, other = room.student(1), room.student(2)
    item = room.bring(author)
    room.page(f"/items/{item}", other, 404)
    page = room.page(f"/items/{item}", room.teacher)
    assert [form["hx-post"] for form in page.select("form[hx-post*=decide]")] == [
        f"{room.at}/items/{item}/decide/{item}/{action}" for action in ("approve", "retire")
    ]
    told = room.post(f"/items/{item}/decide/{item}/approve", room.teacher)
    assert "Done: approved." in told.find(attrs={"data-focus": True}).text
    room.post(f"/items/{item}/comment", other, {"text": "Is that so?"})
    comment = max(row.id for row in tool.all(Contribution))
    assert "Is that so?" not in room.page(f"/items/{item}", author).text
    assert not room.page(f"/items/{item}", author).select("form[hx-post*=decide]")
    room.post(f"/items/{item}/decide/{comment}/approve", author, status=403)
    room.post(f"/items/{item}/decide/{comment}/approve", room.teacher)
    assert "Is that so?" in room.page(f"/items/{item}", author).text
    gone = room.post(f"/items/{item}/decide/{item}/retire", room.teacher)
    assert "Done: taken out." in gone.text
    room.page(f"/items/{item}", other, 404)


class TestBlind:
    """Before somebody has judged an item they see no word of others about it: theirs is to be their own."""

    STARS: ClassVar[dict[str, str]] = {"side_relevant": "5", "side_clear": "5", "side_novel": "5"}

    def test_comments_come_after_the_judgement(self, room: Room) -> None:
        ann, bob, cat = (room.student(number) for number in (1, 2, 3))
        item = room.bring(ann)
        room.post(f"/items/{item}/comment", bob, {"text": "Terrible, one star."})
        room.page("/judge", cat)
        page = room.page(f"/items/{item}", cat)
        assert "Terrible" not in page.text
        assert "shown once you have judged it" in page.text
        assert "Nobody has said anything yet" not in page.text
        own = room.post(f"/items/{item}/comment", cat, {"text": "Is it real?"})
        assert "Is it real?" in own.text
        assert "Terrible" not in own.text
        mentor = room.tool.session(roles=["http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor"], sub="m")["token"]
        for reader in (ann, room.teacher, mentor):
            assert "Terrible" in room.page(f"/items/{item}", reader).text
        room.post(f"/judge/{item}", cat, self.STARS)
        assert "Terrible" in room.page(f"/items/{item}", cat).text

    def test_where_nothing_is_judged_they_are_there(self, tool: Tool) -> None:
        room = Room(tool, judgements="0")
        item = room.bring(room.student(1))
        room.post(f"/items/{item}/comment", room.student(2), {"text": "Terrible, one star."})
        assert "Terrible" in room.page(f"/items/{item}", room.student(3)).text
        refused = room.post(f"/judge/{item}", room.student(3), self.STARS, 422)
        assert "Nothing is judged in this gallery" in refused.text
        assert tool.count(Judgement) == 0

    def test_skipped_and_then_chosen_is_chosen(self, room: Room) -> None:
        item = room.bring(room.student(1), "A friend's item")
        bob = room.student(2)
        room.page("/judge", bob)
        assert "This item was picked for you." in room.page(f"/items/{item}", bob).text
        room.post(f"/judge/{item}/skip", bob)
        assert "Chance picks whose word counts" in room.page(f"/items/{item}", bob).text
        room.post(f"/judge/{item}", bob, {**self.STARS, "back": "1"})
        judgement = room.tool.one(Judgement)
        assert (judgement.policy, judgement.counts, room.tool.one(Item).judged) == ("chosen", False, 0)


class TestTagsOfOthers:
    def test_those_of_what_waits_are_offered_nowhere(self, tool: Tool) -> None:
        room = Room(tool, moderation="after_teacher")
        waits = room.bring(room.student(1), words="Mr Smith cheats")
        shown = room.bring(room.teacher, "The teacher's", words="shops")
        bob = room.student(2)
        for path in ("", f"/items/{shown}", "/new/found", "/tags/like?words=Mr+Smi"):
            assert "Mr Smith cheats" not in room.page(path, bob).text
        assert "Mr Smith cheats" in room.page(f"/items/{waits}", room.teacher).text
        room.post(f"/items/{waits}/decide/{waits}/approve", room.teacher)
        assert "Mr Smith cheats" in room.page("", bob).text

    def test_a_new_one_is_looked_at_and_refused_in_words(self, room: Room) -> None:
        item = room.bring(room.student(1))
        room.post(f"/judge/{item}", room.student(2), TestBlind.STARS)
        assert room.page(f"/items/{item}", room.student(2)).select_one("#more-words")
        refused = room.post(f"/items/{item}/tags", room.student(2), {"words": "fuck the dean"}, 422)
        assert "coarse word" in refused.text
        refused = room.post(
            "/new/found", room.student(2), {"title": "x", "text": HOW, "url": "x.org", "words": "bullshit"}, 422
        )
        assert "coarse word" in refused.text

    def test_where_each_text_is_read_first_there_is_no_field_for_one(self, tool: Tool) -> None:
        room = Room(tool, moderation="after_teacher")
        item = room.bring(room.teacher)
        room.post(f"/judge/{item}", room.student(2), TestBlind.STARS)
        assert not room.page(f"/items/{item}", room.student(2)).select_one("#more-words")
        refused = room.post(f"/items/{item}/tags", room.student(2), {"words": "new one"}, 422)
        assert "would be a new tag" in refused.text
