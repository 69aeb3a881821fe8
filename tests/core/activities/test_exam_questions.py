"""Exam questions from items: what the class believes is proposed, what the teacher wants is kept, once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from core.activities import exam_questions, item_ideas, problems
from core.activities.exam_questions import Wanted
from core.activities.refusals import NotFound, Refusal
from core.activities.seats import Seat
from core.problems.files import export, read
from core.problems.from_items import Wording
from core.problems.kinds import Category, SeveralChoices, Source
from core.store.database import Database
from core.store.tables import ItemProblem, Problem
from tests.core.activities.gallery_hall import HOW, Gallery
from tests.core.activities.test_people import together
from tests.core.problems.strategies import PICTURES

WANTED = Wanted(
    title="A poster",
    quote="",
    alt="A dentist with a brush",
    right=("authority",),
    wrong=("scarcity", "liking"),
    wording=Wording("Which ideas?", "Which ideas, and how?", "A classmate wrote:", "Ideas:"),
    how=True,
)


def tagged(database: Database, students: int = 8) -> tuple[Gallery, int]:
    """A class that agrees: authority applies, scarcity does not though some fell for it, liking does not; of the others
    nobody has said anything.
    """
    gallery = Gallery(database, students=students)
    item = gallery.item(gallery.students[0])
    other = [gallery.item(gallery.students[1], f"other {n}") for n in range(6)]
    authority, scarcity, liking = (gallery.tag(name) for name in ("authority", "scarcity", "liking"))
    gallery.tag("unity")
    gallery.tag("silly", "free")
    class_ = gallery.students
    gallery.say(item, authority, *class_)
    gallery.say(item, scarcity, *class_[2:], applies=False)
    gallery.say(item, scarcity, class_[1])
    gallery.say(item, liking, *class_[1:], applies=False)
    for number, one in enumerate(other):
        gallery.say(one, liking, *class_, applies=number % 2 == 0)
        gallery.say(one, authority, *class_, applies=number % 3 == 0)
    return gallery, item


def save(gallery: Gallery, item: int, wanted: Wanted = WANTED, seat: Seat | None = None) -> list[int]:
    return gallery.do(exam_questions.save, seat or gallery.teacher, item, wanted, now=gallery.now)


def test_the_class_proposes(database: Database) -> None:
    gallery, item = tagged(database)
    draft = gallery.see(exam_questions.draft, gallery.teacher, item)
    assert [idea.name for idea in draft.proposal.right] == ["authority"]
    assert [idea.name for idea in draft.proposal.wrong] == ["scarcity", "liking"]  # somebody fell for the first one
    assert [idea.name for idea in draft.proposal.open] == ["unity"]  # of the course, and nobody was asked
    assert draft.proposal.wrong[0].yes == 1
    assert (draft.text, draft.image_size, draft.made) == (HOW, (3, 2), ())


def test_the_teachers_word_settles_it_and_teaches_who_is_right(database: Database) -> None:
    gallery, item = tagged(database)
    names = gallery.see(item_ideas.of_gallery, gallery.teacher).names
    unity = next(tag for tag, name in names.items() if name == "unity")
    gallery.say(item, unity, gallery.teacher, counts=False)
    draft = gallery.see(exam_questions.draft, gallery.teacher, item)
    assert [idea.name for idea in draft.proposal.right] == ["unity", "authority"]


def test_words_that_do_not_count_and_items_that_are_hidden_say_nothing(database: Database) -> None:
    gallery = Gallery(database)
    item, hidden = gallery.item(gallery.students[0]), gallery.item(gallery.students[0], status="held")
    tag, gone = gallery.tag("authority"), gallery.tag("gone", retired_at=gallery.now)
    gallery.say(item, tag, *gallery.students, counts=False)
    gallery.say(hidden, tag, *gallery.students)
    gallery.say(item, gone, *gallery.students)
    (idea,) = gallery.see(exam_questions.draft, gallery.teacher, item).proposal.open
    assert (idea.name, idea.chance, idea.words, idea.used) == ("authority", None, 0, 0)
    with pytest.raises(NotFound):
        gallery.see(exam_questions.draft, gallery.teacher, hidden)


def test_an_empty_gallery_proposes_nothing(database: Database) -> None:
    gallery = Gallery(database)
    assert gallery.see(exam_questions.candidates, gallery.teacher).items == ()
    item = gallery.item(gallery.students[0])
    proposal = gallery.see(exam_questions.draft, gallery.teacher, item).proposal
    assert (proposal.right, proposal.wrong, proposal.open) == ((), (), ())


def test_what_is_saved_is_in_the_bank_with_its_picture_and_exports(database: Database) -> None:
    gallery, item = tagged(database)
    made = save(gallery, item)
    with database.read() as session:
        which, how = problems.bank(session, gallery.course_id, made)
        assert gallery.see(exam_questions.of_gallery, gallery.teacher) == made
    assert isinstance(which, SeveralChoices)
    assert [(choice.text.source, choice.fraction) for choice in which.choices] == [
        ("authority", 1.0),
        ("scarcity", -0.5),
        ("liking", -0.5),
    ]
    assert which.images[0].data == PICTURES[0].data
    assert which.source == Source("Campus wall", "CC BY 4.0", "https://example.org/poster")
    assert which.category == (Category("Hall"),)
    assert HOW in how.grader_info.source  # type: ignore[attr-defined]
    assert HOW not in which.text.source + how.text.source
    for problem in (which, how):
        assert "s0" not in str(problem)  # nobody's name
        (again,) = read(export([problem], "moodle_xml").data).problems
        assert again.problem == problem


def test_once_unless_another_one_is_wanted(database: Database) -> None:
    gallery, item = tagged(database)
    first = save(gallery, item, replace(WANTED, how=False))
    with pytest.raises(Refusal, match="A poster: Which ideas"):
        save(gallery, item)
    second = save(gallery, item, replace(WANTED, how=False, again=True))
    assert len({*first, *second}) == 2
    (made, _) = gallery.see(exam_questions.draft, gallery.teacher, item).made
    assert (made.problem_id, made.kind) == (first[0], "several_choices")
    with database.write() as session:
        for number in (*first, *second):
            problems.remove(session, gallery.teacher, number, now=gallery.now)
    assert save(gallery, item, replace(WANTED, how=False))  # what was removed does not count


def test_eight_clicks_make_one(database: Database) -> None:
    gallery, item = tagged(database, students=3)

    def click(_: int) -> int:
        try:
            return len(save(gallery, item, replace(WANTED, how=False)))
        except Refusal:
            return 0

    assert sum(together(8, click)) == 1
    with database.read() as session:
        assert len(session.scalars(select(ItemProblem.problem_id)).all()) == 1
        assert len(session.scalars(select(Problem.id)).all()) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"right": ()}, "one right idea"),
        ({"wrong": (" ", "")}, "one wrong one"),
        ({"wrong": ("Authority",)}, "right and wrong at once"),
        ({"which": False, "how": False}, "at least one of the two"),
        ({"wrong": tuple(f"idea {n}" for n in range(11))}, "At most 10"),
        ({"wording": Wording("", "", "", ""), "quote": "", "which": False}, "no question text"),
        ({"quote": "x" * 5001}, "5000"),
        ({"wrong": ("x" * 81,)}, "80"),
    ],
)
def test_what_makes_no_question_is_refused_in_words(database: Database, changes: dict[str, object], said: str) -> None:
    gallery = Gallery(database)
    item = gallery.item(gallery.students[0], picture=None)
    with pytest.raises(Refusal, match=said):
        save(gallery, item, replace(WANTED, **changes))  # type: ignore[arg-type]
    with database.read() as session:
        assert session.scalars(select(Problem.id)).all() == []


def test_an_item_of_another_course_is_no_item(database: Database) -> None:
    gallery, item = tagged(database, students=3)
    other = gallery.another_course("other")
    for use in (exam_questions.draft, exam_questions.build, exam_questions.save):
        more = {exam_questions.draft: (), exam_questions.build: (WANTED,), exam_questions.save: (WANTED,)}[use]
        named = {"now": other.now} if use is exam_questions.save else {}
        with pytest.raises(NotFound):
            other.do(use, other.teacher, item, *more, **named)  # type: ignore[arg-type]
    assert other.see(exam_questions.of_gallery, other.teacher) == []


def test_the_list_begins_with_what_can_be_asked_as_it_is(database: Database) -> None:
    gallery, item = tagged(database)
    listed = gallery.see(exam_questions.candidates, gallery.teacher).items
    first = listed[0]
    assert first.right
    assert first.wrong
    assert [one.item_id for one in listed if one.item_id == item] == [item]
    save(gallery, first.item_id, replace(WANTED, how=False))
    last = gallery.see(exam_questions.candidates, gallery.teacher).items[-1]
    assert (last.item_id, last.made) == (first.item_id, 1)


def test_the_list_comes_in_pages_and_says_of_each_what_its_own_page_says(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    gallery, _ = tagged(database)
    whole = gallery.see(exam_questions.candidates, gallery.teacher)
    for one in whole.items:
        proposal = gallery.see(exam_questions.draft, gallery.teacher, one.item_id).proposal
        assert (one.right, one.wrong) == (len(proposal.right), len(proposal.wrong))
    monkeypatch.setattr(exam_questions, "PAGE", 1)
    pages = [gallery.see(exam_questions.candidates, gallery.teacher, page=page) for page in range(1, whole.total + 1)]
    assert tuple(one for page in pages for one in page.items) == whole.items
    assert {(page.pages, page.total) for page in pages} == {(whole.total, whole.total)}


def test_a_gallery_without_a_title_for_a_category(database: Database) -> None:
    gallery = Gallery(database)
    item = gallery.item(gallery.students[0])
    with database.write() as session:
        from core.store.tables import Activity

        session.get_one(Activity, gallery.activity_id).title = " / "
        session.flush()
    (made,) = save(gallery, item, replace(WANTED, how=False))
    with database.read() as session:
        assert problems.whole(session, gallery.course_id, made).category == ()
