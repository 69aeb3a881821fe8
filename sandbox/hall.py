"""A simulated class that asks, polls, finds and judges, through the same use cases as people.

What it says stands in `course/hall.json`; how many want to know a thing, and how good an item truly is, stands there,
too, so what the pages show can be compared with what was put in.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from core.activities import (
    comments,
    gallery_settings,
    items,
    judging,
    poll_closing,
    poll_plans,
    poll_votes,
    poll_writing,
    polls,
    question_order,
    question_settings,
    question_teaching,
    question_votes,
    questions,
    seats,
    tags,
    talking_points,
)
from core.activities.consents import Consent
from core.activities.items import New
from core.activities.posting import Typed
from core.activities.seats import Opened, Seat
from core.problems.images import clean_image
from core.store.database import Database

PAGE = 8  # questions that a reader takes in
RATING_SD = 0.8  # of single ratings around an item's quality, in stars
TAGS_RIGHT = 0.85  # of what people say about tags
ANSWERS = 0.8  # share of those asked who answer a poll
JUDGED = 3  # items by each person
MOVES = 0.6  # share of those who are surer after the lesson


@dataclass
class Hall:
    """A class in one shared activity. `step` is called for each thing that somebody does."""

    database: Database
    public_id: str
    kind: str
    teacher: Seat
    students: Sequence[Seat]
    rng: np.random.Generator
    step: Callable[[], None]

    def do(self, use_case: Callable[..., Any], seat: Seat, *args: Any, **named: Any) -> Any:
        """A use case in a transaction of its own."""
        with self.database.write() as session:
            opened = seats.opened_to_work_on(session, seat, self.public_id, self.kind)
            self.step()
            return use_case(session, seat, opened, *args, **named)

    def somebody(self, *but: Seat) -> Seat:
        others = [student for student in self.students if student not in but]
        return others[int(self.rng.integers(len(others)))]


def ask_and_answer(hall: Hall, data: Mapping[str, Any], *, begin: datetime, end: datetime) -> None:
    """Questions arrive one after the other; in between people look at the top of the page and vote for what they want
    to know; some are answered, and the teacher endorses, pins and merges."""
    asked: dict[int, float] = {}
    every = (end - begin) / (len(data["questions"]) + 1)
    for place, question in enumerate(data["questions"]):
        now = begin + (place + 1) * every
        asker = hall.somebody()
        number = _ask(hall, asker, question, now)
        asked[number] = question["interest"]
        for text in question["answers"]:
            helper = hall.somebody(asker)
            answer = _answer(hall, helper, number, text, now + every / 4)
            _vote(hall, hall.somebody(helper), answer, now + every / 3)
        for reader in hall.rng.permutation(len(hall.students))[: len(hall.students) // 4]:
            _read(hall, hall.students[reader], asked, now + every / 2)
    first = next(iter(asked))
    _comment(hall, hall.somebody(), first, data["comments"][0], end)
    hall.do(question_teaching.mark, hall.teacher, first, "endorse", now=end)
    hall.do(question_teaching.settle, hall.teacher, first, None, now=end)


def _settings(use_case: Callable[..., Any], of: Callable[[Opened], Any]) -> Callable[..., Any]:
    def with_settings(session: Session, seat: Seat, opened: Opened, *args: Any, **named: Any) -> Any:
        return use_case(session, seat, opened, of(opened), *args, **named)

    return with_settings


def _ask(hall: Hall, seat: Seat, question: Mapping[str, Any], now: datetime) -> int:
    typed = Typed(question["text"], question["title"])
    return int(hall.do(_settings(questions.ask, question_settings.of), seat, typed, now=now).id)


def _answer(hall: Hall, seat: Seat, question: int, text: str, now: datetime) -> int:
    use_case = _settings(questions.answer, question_settings.of)
    return int(hall.do(use_case, seat, Typed(text), question_id=question, now=now).id)


def _comment(hall: Hall, seat: Seat, parent: int, text: str, now: datetime) -> None:
    hall.do(_settings(comments.write, question_settings.of), seat, Typed(text), parent_id=parent, now=now)


def _vote(hall: Hall, seat: Seat, text: int, now: datetime) -> None:
    hall.do(_settings(question_votes.vote, question_settings.of), seat, text, up=True, now=now)


def _read(hall: Hall, reader: Seat, asked: Mapping[int, float], now: datetime) -> None:
    """Somebody looks at the top of the page, and votes for what they want to know and did not ask themselves."""

    def look(session: Session, seat: Seat, opened: Opened) -> list[questions.Line]:
        lines = questions.wall(session, seat, opened, question_settings.of(opened), now=now)
        top = question_order.ordered(lines, "best", now=now)[:PAGE]
        new = question_order.unseen(session, seat, opened, [line.id for line in top])
        question_order.note_seen(session, seat, new, counts=True, now=now)
        return [line for line in top if line.id in new and line.person_id != seat.person_id]

    for line in hall.do(look, reader):
        if hall.rng.random() < asked[line.id]:
            _vote(hall, reader, line.id, now)


def vote_in_polls(hall: Hall, data: Mapping[str, Any], *, begin: datetime, end: datetime) -> None:
    """The teacher's polls, one after the other; a first impression and, later, the last one of the same people."""
    every = (end - begin) / (len(data["polls"]) + 1)
    first: int | None = None
    said: dict[Seat, int] = {}  # the place of what somebody chose at first
    for place, poll in enumerate(data["polls"]):
        now = begin + (place + 1) * every
        number = _make_poll(hall, poll, now, first if poll.get("last") else None)
        first = number if poll.get("first") else first
        for student in hall.students:
            if hall.rng.random() < ANSWERS:
                _answer_poll(hall, student, number, poll, now + every / 2, said)
        if place < len(data["polls"]) - 2:
            hall.do(poll_closing.close, hall.teacher, number, now=now + every)


def _make_poll(hall: Hall, poll: Mapping[str, Any], now: datetime, first_id: int | None) -> int:
    values = {
        name: str(poll[name]) for name in ("prompt", "most", "low", "high", "low_words", "high_words") if name in poll
    }
    values["options"] = "\n".join(poll.get("options", ()))
    plan = poll_plans.plan(poll["kind"], values)
    number = int(hall.do(poll_writing.make, hall.teacher, plan, first_id=first_id, now=now))
    hall.do(poll_closing.open_poll, hall.teacher, number, now=now)
    return number


def _answer_poll(
    hall: Hall, seat: Seat, number: int, poll: Mapping[str, Any], now: datetime, said: dict[Seat, int]
) -> None:
    def options(session: Session, who: Seat, opened: Opened) -> list[int]:
        return [option.id for option in polls.find(session, who, opened, number, now).live]

    if poll["kind"] == "words":
        form = {"entry": [str(hall.rng.choice(poll["words"]))]}
    elif poll["kind"] == "rating":
        value = np.clip(round(hall.rng.normal(poll["mean"], 0.9)), poll["low"], poll["high"])
        form = {"value": [str(int(value))]}
    else:
        known = hall.do(options, seat)
        if poll.get("last") and seat in said:  # who said something at first stays with it or goes one further
            said[seat] = min(said[seat] + int(hall.rng.random() < MOVES), len(known) - 1)
            form = {"option": [str(known[said[seat]])]}
            hall.do(poll_votes.vote, seat, number, form, language="en", now=now)
            return
        size = int(hall.rng.integers(1, poll["most"] + 1)) if "most" in poll else 1
        chosen = hall.rng.choice(known, size=size, replace=False, p=poll["chances"])
        form = {"option": [str(option) for option in chosen]}
        if poll.get("first"):
            said[seat] = known.index(chosen[0])
    hall.do(poll_votes.vote, seat, number, form, language="en", now=now)


def find_and_judge(hall: Hall, data: Mapping[str, Any], *, begin: datetime, end: datetime) -> None:
    """People bring items, then everybody judges some that chance puts before them; the teacher picks talking points."""
    hall.do(tags.add_concepts, hall.teacher, data["concepts"], now=begin)
    concepts = {
        tag.name: tag.id for tag in hall.do(lambda session, _, opened: tags.of_gallery(session, opened), hall.teacher)
    }
    brought: dict[int, Mapping[str, Any]] = {}
    every = (end - begin) / (2 * len(data["items"]))
    for place, item in enumerate(data["items"]):
        new = New(
            kind=item["kind"],
            title=item["title"],
            text=item["text"],
            body=item.get("body", ""),
            picture=clean_image(picture(item["picture"])) if "picture" in item else None,
            image_alt=item.get("alt", ""),
            source=item["source"],
            licence=item["licence"],
            concepts=tuple(concepts[name] for name in item["tags"]),
            consent=Consent(item["licence"]) if place % 2 == 0 else Consent(""),
            language="en",
        )
        use_case = _settings(items.bring, gallery_settings.of)
        brought[hall.do(use_case, hall.somebody(), new, now=begin + place * every).id] = item
    for place, student in enumerate(hall.students):
        now = begin + (end - begin) * (0.5 + 0.5 * place / len(hall.students))
        for _ in range(JUDGED):
            _judge(hall, student, brought, concepts, now)
            now += timedelta(minutes=1)
    for number in sorted(brought, key=lambda number: -brought[number]["quality"])[:3]:
        hall.do(talking_points.pick, hall.teacher, number)


def _judge(
    hall: Hall, seat: Seat, brought: Mapping[int, Mapping[str, Any]], concepts: Mapping[str, int], now: datetime
) -> None:
    turn = hall.do(_settings(judging.next_item, gallery_settings.of), seat, now=now, rng=hall.rng)
    if turn is None:
        return
    item = brought[turn.item_id]

    def settle(session: Session, who: Seat, opened: Opened) -> None:
        settings = gallery_settings.of(opened)
        ratings = {
            name: int(np.clip(round(1 + 4 * item["quality"] + hall.rng.normal(0, RATING_SD)), 1, 5))
            for name in judging.asked(settings)
        }
        applies = {tag: (name in item["tags"]) == (hall.rng.random() < TAGS_RIGHT) for name, tag in concepts.items()}
        judging.judge(session, who, opened, settings, turn.item_id, ratings, applies, now=now)

    hall.do(settle, seat)


def picture(name: str) -> bytes:
    """A chart that misleads, or a fair one, as a PNG."""
    sheet = Image.new("RGB", (480, 320), "white")
    pen = ImageDraw.Draw(sheet)
    heights = {"cut": (70, 230), "fair": (205, 212), "cut2": (40, 70, 55, 90, 120, 230)}
    pen.line((50, 20, 50, 270), fill="black", width=2)
    pen.line((50, 270, 450, 270), fill="black", width=2)
    if name == "period":
        pen.line(((60, 250), (180, 220), (300, 130), (430, 40)), fill="#a3260f", width=5)
    else:
        values = heights[name]
        wide = 360 // len(values)
        for place, height in enumerate(values):
            left = 70 + place * wide
            pen.rectangle((left, 270 - height, left + wide - 24, 269), fill="#0b57b0")
    foot = {"cut": "92", "cut2": "480", "fair": "0", "period": "May"}[name]
    pen.text((22, 262), foot, fill="black")
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()
