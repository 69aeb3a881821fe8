"""Not seeing somebody's texts: only where authors have names, only here, only for oneself, and it can be undone."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from core.activities import blocks, places
from core.activities.blocks import Blocked
from core.activities.refusals import NotAllowed, NotFound
from core.activities.seats import Opened, Seat
from core.store.database import Database
from core.store.tables import Block
from tests.core.activities.classroom import count, snapshot
from tests.core.activities.hall import Hall
from tests.core.activities.said import beside, decide, say
from tests.core.activities.test_reports import seen_by


def block(hall: Hall, seat: Seat, text: int) -> None:
    def use(session: Session, seat: Seat, opened: Opened) -> None:
        blocks.block(session, seat, opened, places.settings(opened), text, now=hall.now)

    hall.do(use, seat)


def unblock(hall: Hall, seat: Seat, text: int) -> None:
    hall.do(blocks.unblock, seat, text)


def listed(hall: Hall, seat: Seat) -> list[Blocked]:
    return hall.see(lambda session, seat, opened: blocks.listed(session, seat, opened, places.settings(opened)), seat)


@pytest.mark.parametrize("anonymity", ["named", "pseudonym"])
def test_all_texts_of_an_author_go_for_one_reader_until_that_is_undone(database: Database, anonymity: str) -> None:
    hall = Hall(database, "questions", anonymity=anonymity)
    author, reader, other = hall.students
    texts = [say(hall, author, "One?"), say(hall, author, "Two?")]
    third = say(hall, other, "Three?")
    block(hall, reader, texts[1])
    block(hall, reader, texts[0])
    later = say(hall, author, "Four?")
    assert seen_by(hall, reader) == [third]
    assert seen_by(hall, other) == [*texts, third, later]
    (hidden,) = listed(hall, reader)
    assert hidden.contribution_id == texts[0]
    assert (hidden.author.name == "s0") == (anonymity == "named")
    assert hidden.author.name
    assert (listed(hall, other), count(database, Block)) == ([], 1)
    unblock(hall, reader, later)
    assert (seen_by(hall, reader), listed(hall, reader)) == ([*texts, third, later], [])


@pytest.mark.parametrize("anonymity", ["teacher", "anonymous"])
def test_where_authors_have_no_names_none_can_be_told_apart_by_it(database: Database, anonymity: str) -> None:
    hall = Hall(database, "questions", anonymity=anonymity)
    text = say(hall, hall.students[0])
    before = snapshot(database)
    with pytest.raises(NotAllowed, match="no names here"):
        block(hall, hall.students[1], text)
    assert snapshot(database) == before


def test_who_is_behind_a_made_up_name_does_not_show_in_the_next_activity(database: Database) -> None:
    """If a block held everywhere, the texts that go away at once would tie a made-up name to a name."""
    hall = Hall(database, "questions", anonymity="pseudonym")
    named = beside(hall, anonymity="named")
    author, reader, _ = hall.students
    hidden, shown = say(hall, author), say(named, author)
    block(hall, reader, hidden)
    assert (seen_by(hall, reader), seen_by(named, reader)) == ([], [shown])


def test_not_oneself_not_the_teacher_not_what_is_not_shown(database: Database) -> None:
    hall = Hall(database, "questions", anonymity="named")
    elsewhere = hall.another_course("other", anonymity="named")
    author, reader, _ = hall.students
    mine, taught, out = say(hall, reader), say(hall, hall.teacher), say(hall, author)
    decide(hall, out, "retire")
    before = snapshot(database)
    for text, error in ((mine, NotAllowed), (taught, NotAllowed), (out, NotFound), (10**9, NotFound)):
        with pytest.raises(error):
            block(hall, reader, text)
    with pytest.raises(NotFound):
        block(elsewhere, elsewhere.students[0], mine)
    unblock(elsewhere, elsewhere.students[0], mine)
    assert snapshot(database) == before
