"""What the next class inherits of galleries, questions and polls: the best of it, nobody's name, nothing to weigh."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from core.activities import (
    archive_pages,
    courses,
    heirlooms,
    judging,
    placement,
    poll_writing,
    shared_heirlooms,
    tagging,
)
from core.activities.consents import Consent
from core.activities.courses import Link
from core.activities.refusals import NotAllowed
from core.activities.seats import Seat
from core.crowd.scales import RATING
from core.store.database import Database, insert
from core.store.tables import (
    Activity,
    Archive,
    Ballot,
    Base,
    Contribution,
    Image,
    Item,
    Judgement,
    Poll,
    PollOption,
    Question,
    Report,
    Tag,
    Tagging,
    Vote,
)
from tests.core.activities import ballots
from tests.core.activities.classroom import NOW, Classroom
from tests.core.activities.gallery_hall import Gallery
from tests.core.activities.hall import Hall
from tests.core.activities.test_people import together
from tests.core.problems.strategies import PICTURES


def inherit(hall: Hall, other: Hall) -> int:
    with hall.database.write() as session:
        return heirlooms.inherit(session, activity_id=hall.activity_id, course_id=other.course_id, now=NOW)


def items_of(gallery: Hall, activity_id: int) -> list[Any]:
    with gallery.database.read() as session:
        return list(
            session.execute(
                select(Item, Contribution)
                .join(Contribution, Contribution.id == Item.contribution_id)
                .where(Item.activity_id == activity_id)
                .order_by(Item.contribution_id)
            )
        )


def judge(gallery: Gallery, item: int, values: tuple[int, ...], **more: Any) -> None:
    with gallery.database.write() as session:
        for seat, value in zip(gallery.students, values, strict=False):
            row = {
                "activity_id": gallery.activity_id,
                "contribution_id": item,
                "person_id": seat.person_id,
                "policy": "share",
                "probability": 0.5,
                "eligible_size": 2,
                "scale": "stars",
                "ratings": {RATING: value},
                "counts": True,
                "shown_at": NOW,
                "judged_at": NOW,
            }
            session.execute(insert(session, Judgement).values(**(row | more)))


def number_of(hall: Hall, table: type[Base], *where: Any) -> int:
    with hall.database.read() as session:
        return session.scalar(select(func.count()).select_from(table).where(*where)) or 0


def launch(hall: Hall, public_id: str, link_id: str = "copied") -> int | None:
    with hall.database.write() as session:
        link = courses.recognise_link(session, course_id=hall.course_id, link=Link(link_id), now=NOW)
        return placement.activity_of_link(
            session, course_id=hall.course_id, resource_link_id=link, activity_public_id=public_id, now=NOW
        )


def next_year(hall: Hall) -> Hall:
    """Another course, with a teacher who teaches both."""
    other = hall.another_course("next")
    other.join("teacher", "teacher")
    return other


def test_a_copied_course_gets_its_own_gallery_if_somebody_teaches_both(database: Database) -> None:
    gallery = Gallery(database, due_at=NOW + timedelta(days=3), anonymity="named")
    gallery.public(gallery.students[0])
    stranger = gallery.another_course("stranger")
    assert launch(stranger, gallery.public_id) is None
    other = next_year(gallery)
    made = together(8, lambda place: launch(other, gallery.public_id, f"link {place % 3}"))
    assert len(set(made)) == 1
    with database.read() as session:
        copy = session.execute(select(Activity).where(Activity.id == made[0])).scalar_one()
    assert (copy.kind, copy.title, copy.settings["anonymity"], copy.settings["due_at"]) == (
        "gallery",
        "Hall",
        "named",
        None,
    )
    assert len(items_of(gallery, int(made[0] or 0))) == 1


def test_an_item_comes_whole_and_without_its_author(database: Database) -> None:
    gallery = Gallery(database, anonymity="named")
    author = gallery.students[0]
    item = gallery.item(author)
    gallery.agree(author, item, Consent("CC-BY-4.0", "Maya"))
    gallery.publish(item)
    other = gallery.another_course("next")
    made = inherit(gallery, other)
    ((row, text),) = items_of(gallery, made)
    before = gallery.row(item)
    for name in ("title", "body", "url", "image_alt", "source", "licence"):
        assert getattr(row, name) == getattr(before, name)
    assert (row.published_at, row.public_id, row.consented_at, row.credit_name, row.judged) == (None,) * 4 + (0,)
    assert (text.person_id, text.inherited_from_id, text.status, text.joined_at) == (None, item, "live", NOW)
    with database.read() as session:
        image = session.get_one(Image, row.image_id)
        assert (image.course_id, image.body) == (other.course_id, PICTURES[0].data)
        assert session.scalars(select(Archive.activity_id)).all() == []  # its archive is the next teacher's decision


def test_the_best_come_first_what_the_teacher_chose_then_what_the_class_judged_best(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_heirlooms, "MOST_ITEMS", 5)
    gallery = Gallery(database)
    author = gallery.students[0]
    names = ("unknown", "poor", "good", "best", "few", "endorsed", "pinned", "second", "first", "tested")
    items = {name: gallery.item(author, name) for name in names}
    judge(gallery, items["poor"], (1, 2, 1, 2))
    judge(gallery, items["good"], (4, 4, 3, 4))
    judge(gallery, items["best"], (5, 5, 5, 4))
    judge(gallery, items["few"], (5, 5))
    judge(gallery, items["tested"], (5, 5, 5, 5), counts=False)
    gallery.become(items["endorsed"], endorsed_at=NOW)
    gallery.become(items["pinned"], pinned_at=NOW)
    with database.write() as session:
        for place, name in enumerate(("first", "second")):
            session.execute(update(Item).where(Item.contribution_id == items[name]).values(talking_point=place))
    made = inherit(gallery, gallery.another_course("next"))
    rows = items_of(gallery, made)
    assert [row.title for row, _ in rows] == ["first", "second", "endorsed", "pinned", "best"]
    assert [row.talking_point for row, _ in rows][:3] == [0, 1, None]  # the teacher's preparation comes along
    assert [text.endorsed_at is not None for _, text in rows] == [False, False, True, False, False]
    monkeypatch.setattr(shared_heirlooms, "MOST_ITEMS", 99)
    made = inherit(gallery, gallery.another_course("third"))
    assert [row.title for row, _ in items_of(gallery, made)][4:] == ["best", "good", "poor"]


def test_what_was_taken_back_hidden_or_reported_stays(database: Database) -> None:
    gallery = Gallery(database)
    author = gallery.students[0]
    for status in ("pending", "held", "retired", "kept"):
        gallery.item(author, status, status=status, talking_point=0)
    reported = gallery.item(author, "reported", talking_point=0)
    with database.write() as session:
        session.execute(
            insert(session, Report).values(
                contribution_id=reported, person_id=gallery.students[1].person_id, reason="", created_at=NOW
            )
        )
    gallery.item(author, "own work", kind="produced", talking_point=0)  # not given to anybody but this class
    given = gallery.item(author, "given work", kind="produced", talking_point=0)
    gallery.agree(author, given)
    made = inherit(gallery, gallery.another_course("next"))
    assert [row.title for row, _ in items_of(gallery, made)] == ["given work"]


def test_what_its_author_took_back_does_not_reach_a_third_class(database: Database) -> None:
    gallery = Gallery(database)
    item = gallery.item(gallery.students[0], talking_point=0)
    second, third = gallery.another_course("second"), gallery.another_course("third")
    made = inherit(gallery, second)
    gallery.become(item, status="retired", retired_because="withdrawn")
    with database.write() as session:
        last = heirlooms.inherit(session, activity_id=made, course_id=third.course_id, now=NOW)
    assert len(items_of(gallery, made)) == 1
    assert items_of(gallery, last) == []


def test_tags_of_the_course_come_and_words_about_items_stay(database: Database) -> None:
    gallery = Gallery(database)
    author = gallery.students[0]
    item, left = gallery.item(author, talking_point=0), gallery.item(author)
    concept, free, other, gone = (
        gallery.tag("authority"),
        gallery.tag("white coats", "free"),
        gallery.tag("only of what stays", "free"),
        gallery.tag("gone", retired_at=NOW),
    )
    gallery.say(item, concept, *gallery.students[1:])
    gallery.say(item, concept, author, by_author=True)
    gallery.say(item, free, author, by_author=True)
    gallery.say(left, other, author, by_author=True)
    gallery.say(item, gone, author, by_author=True)
    judge(gallery, item, (5, 5, 5))
    made = inherit(gallery, gallery.another_course("next"))
    with database.read() as session:
        names = session.scalars(select(Tag.name).where(Tag.activity_id == made).order_by(Tag.id)).all()
        said = session.execute(
            select(Tag.name, Tagging.person_id, Tagging.by_author, Tagging.counts)
            .join(Tag, Tag.id == Tagging.tag_id)
            .where(Tag.activity_id == made)
            .order_by(Tag.id)
        ).all()
    assert names == ["authority", "white coats"]
    assert [tuple(row) for row in said] == [("authority", None, True, False), ("white coats", None, True, False)]
    assert number_of(gallery, Judgement, Judgement.activity_id == made) == 0


def test_a_teacher_may_hand_down_no_items(database: Database) -> None:
    gallery = Gallery(database, inherit=False)
    gallery.public(gallery.students[0])
    gallery.tag("authority")
    made = inherit(gallery, gallery.another_course("next"))
    assert items_of(gallery, made) == []
    assert number_of(gallery, Tag, Tag.activity_id == made) == 1


def test_a_copy_of_a_copy_knows_its_author(database: Database) -> None:
    gallery = Gallery(database, anonymity="named")
    item = gallery.public(gallery.students[0])
    second, third = gallery.another_course("second"), gallery.another_course("third")
    made = inherit(gallery, second)
    with database.write() as session:
        session.execute(update(Item).where(Item.activity_id == made).values(talking_point=0))
        last = heirlooms.inherit(session, activity_id=made, course_id=third.course_id, now=NOW)
    ((row, text),) = items_of(gallery, last)
    assert text.inherited_from_id == item
    third.of_copy(last)
    face = third.open_archive()
    third.publish(row.contribution_id)
    with database.read() as session:
        assert [one.title for one in archive_pages.everything(session, face.slug)] == ["A poster"]
    gallery.agree(gallery.students[0], item, Consent(""))
    with database.read() as session:
        assert archive_pages.everything(session, face.slug) == []


def test_who_repeats_the_course_cannot_judge_what_they_brought_last_year(database: Database) -> None:
    gallery = Gallery(database)
    author = gallery.students[0]
    gallery.item(author, talking_point=0)
    other = gallery.another_course("next")
    repeater = other.join("s0")
    assert repeater.person_id == author.person_id
    other.of_copy(inherit(gallery, other))
    ((item, _),) = items_of(other, other.activity_id)
    number, settings = item.contribution_id, other.settings
    tag = other.tag("authority")
    assert other.do(judging.next_item, repeater, settings, now=NOW, rng=other.rng) is None
    with pytest.raises(NotAllowed):
        other.do(judging.judge, repeater, settings, number, {"relevant": 5}, {}, now=NOW)
    with pytest.raises(NotAllowed):
        other.do(tagging.say, repeater, settings, number, {tag: True}, now=NOW)
    turn = other.do(judging.next_item, other.students[0], settings, now=NOW, rng=other.rng)
    assert turn is not None
    assert turn.item_id == number
    other.do(tagging.say, other.students[0], settings, number, {tag: True}, now=NOW)


# ---- questions ----


class Asked(Hall):
    """A class that asks."""

    def __init__(self, database: Database, **settings: Any) -> None:
        super().__init__(database, "questions", **settings)

    def text(self, seat: Seat, kind: str, text: str, parent: int | None = None, **more: Any) -> int:
        values = {
            "course_id": self.course_id,
            "activity_id": self.activity_id,
            "parent_id": parent,
            "person_id": seat.person_id,
            "kind": kind,
            "version": 1,
            "text": text,
            "status": "live",
            "created_at": NOW,
            "joined_at": NOW,
        }
        with self.database.write() as session:
            return int(
                session.scalars(
                    insert(session, Contribution).values(**(values | more)).returning(Contribution.id)
                ).one()
            )

    def question(self, title: str, *, votes: int = 0, problem_id: int | None = None, **more: Any) -> int:
        number = self.text(self.students[0], "question", f"{title}?", **more)
        with self.database.write() as session:
            session.execute(
                insert(session, Question).values(
                    contribution_id=number,
                    activity_id=self.activity_id,
                    problem_id=problem_id,
                    title=title,
                    votes=votes,
                    seen=9,
                )
            )
        return number

    def answer(self, question: int, text: str, *, accepted: bool = False, by: Seat | None = None, **more: Any) -> int:
        number = self.text(by or self.students[1], "answer", text, question, **more)
        if accepted:
            with self.database.write() as session:
                session.execute(
                    update(Question)
                    .where(Question.contribution_id == question)
                    .values(answer_id=number, answered_at=NOW)
                )
        return number


def asked_in(hall: Hall, activity_id: int) -> list[tuple[str, list[str], str | None]]:
    """Title, answers and accepted answer of each question."""
    with hall.database.read() as session:
        rows = session.scalars(
            select(Question).where(Question.activity_id == activity_id).order_by(Question.contribution_id)
        ).all()
        return [
            (
                row.title,
                list(
                    session.scalars(
                        select(Contribution.text)
                        .where(Contribution.parent_id == row.contribution_id)
                        .order_by(Contribution.id)
                    )
                ),
                session.scalar(select(Contribution.text).where(Contribution.id == row.answer_id)),
            )
            for row in rows
        ]


def test_answered_and_endorsed_questions_come_with_the_answers_that_did_it(database: Database) -> None:
    hall = Asked(database)
    plain = hall.question("open")
    hall.answer(plain, "nobody took it")
    a = hall.question("accepted", votes=1)
    hall.answer(a, "accepted answer", accepted=True)
    hall.answer(a, "another answer")
    hall.answer(a, "endorsed answer", endorsed_at=NOW)
    hall.question("endorsed", votes=5, endorsed_at=NOW)
    b = hall.question("teacher's answer", votes=2)
    hall.answer(b, "what the teacher says", by=hall.teacher, endorsed_at=NOW)
    hall.question("merged", endorsed_at=NOW)
    with database.write() as session:
        session.execute(update(Question).where(Question.title == "merged").values(merged_into_id=a))
        session.execute(
            insert(session, Vote).values(
                contribution_id=a, person_id=hall.students[2].person_id, counts=True, created_at=NOW
            )
        )
    made = inherit(hall, hall.another_course("next"))
    assert asked_in(hall, made) == [
        ("endorsed", [], None),
        ("teacher's answer", ["what the teacher says"], None),
        ("accepted", ["accepted answer", "endorsed answer"], "accepted answer"),
    ]
    with database.read() as session:
        rows = session.scalars(select(Contribution).where(Contribution.activity_id == made)).all()
        questions = session.scalars(select(Question).where(Question.activity_id == made)).all()
    assert {row.person_id for row in rows} == {None}
    assert {(row.votes, row.seen) for row in questions} == {(0, 0)}
    assert all(row.inherited_from_id for row in rows)
    assert number_of(hall, Vote) == 1


def test_hidden_questions_and_answers_stay(database: Database) -> None:
    hall = Asked(database)
    for status in ("pending", "held", "retired"):
        hall.question(status, status=status, endorsed_at=NOW)
    a = hall.question("its answer is hidden")
    hall.answer(a, "x", accepted=True, status="held")
    b = hall.question("reported", endorsed_at=NOW)
    c = hall.question("its answer is reported", endorsed_at=NOW)
    d = hall.answer(c, "y", accepted=True)
    with database.write() as session:
        for number in (b, d):
            session.execute(
                insert(session, Report).values(
                    contribution_id=number, person_id=hall.students[2].person_id, reason="", created_at=NOW
                )
            )
    made = inherit(hall, hall.another_course("next"))
    assert asked_in(hall, made) == [("its answer is reported", [], None)]


def test_questions_beside_practice_come_with_their_problems(database: Database) -> None:
    room = Classroom(database)
    hall = object.__new__(Asked)
    for name in ("database", "course_id", "students", "teacher", "activity_id"):
        setattr(hall, name, getattr(room, name))
    hall.question("about a problem", problem_id=room.problems[0], endorsed_at=NOW)
    copied = room.another_course("next")
    with database.write() as session:
        made = heirlooms.inherit(session, activity_id=room.activity_id, course_id=copied.course_id, now=NOW)
    with database.read() as session:
        (row,) = session.scalars(select(Question).where(Question.activity_id == made)).all()
    assert row.problem_id is not None
    assert row.problem_id != room.problems[0]


# ---- polls ----


def test_polls_come_as_drafts_without_a_vote(database: Database) -> None:
    hall = Hall(database, "poll")
    with database.write() as session:
        values = {
            "activity_id": hall.activity_id,
            "position": 1,
            "kind": "single",
            "prompt": "Which?",
            "details": {"kind": "single"},
            "is_anonymous": False,
            "results": "at_once",
            "may_change": True,
            "members_add": True,
            "voted": 1,
            "version": 4,
            "created_at": NOW,
            "opens_at": NOW,
            "closes_at": NOW + timedelta(days=1),
            "opened_at": NOW,
        }
        one = session.scalars(insert(session, Poll).values(**values).returning(Poll.id)).one()
        session.execute(insert(session, Poll).values(**(values | {"first_id": one, "position": 2})))
        session.execute(insert(session, Poll).values(**(values | {"deleted_at": NOW, "position": 3})))
        for place, (text, by) in enumerate((("yes", None), ("a member's", hall.students[0].person_id))):
            session.execute(
                insert(session, PollOption).values(
                    poll_id=one, position=place, text=text, normal=text, added_by=by, status="live"
                )
            )
        session.execute(
            insert(session, Ballot).values(
                poll_id=one, person_id=hall.students[0].person_id, answer={"option": 1}, counts=True, created_at=NOW
            )
        )
    made = inherit(hall, hall.another_course("next"))
    with database.read() as session:
        first, last = session.scalars(select(Poll).where(Poll.activity_id == made).order_by(Poll.position)).all()
        options = session.scalars(select(PollOption.text).where(PollOption.poll_id == first.id)).all()
    for poll in (first, last):
        assert (poll.opens_at, poll.closes_at, poll.opened_at, poll.closed_at, poll.voted) == (None,) * 4 + (0,)
    assert last.first_id == first.id
    assert options == ["yes"]
    assert number_of(hall, Ballot) == 1


@pytest.mark.both_databases
def test_a_last_impression_stays_tied_to_its_first_wherever_it_stands(database: Database) -> None:
    """The teacher moved the last one to the top; of a pair whose first was deleted, the last is a poll by itself."""
    hall = Hall(database, "poll")
    first, lonely = ballots.make(hall, "several"), ballots.make(hall)
    last = hall.do(poll_writing.ask_again, hall.teacher, first, now=hall.now)
    hall.do(poll_writing.ask_again, hall.teacher, lonely, now=hall.now)
    hall.do(poll_writing.remove, hall.teacher, lonely, now=hall.now)
    hall.do(poll_writing.move, hall.teacher, last, -9, now=hall.now)
    made = inherit(hall, hall.another_course("next"))
    with database.read() as session:
        polls = session.scalars(select(Poll).where(Poll.activity_id == made).order_by(Poll.position)).all()
    assert [poll.kind for poll in polls] == ["several", "several", "single"]
    assert [poll.first_id for poll in polls] == [polls[1].id, None, None]
