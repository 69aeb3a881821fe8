"""Many at once, with real threads on both databases: nobody is counted twice, nobody who was told "Saved" is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from core.activities import poll_closing, poll_results, poll_votes, polls, recount, seats
from core.activities.refusals import Gone, NotAllowed, Refusal
from core.activities.seats import Seat
from core.store.database import Database
from core.store.tables import Ballot, PollOption, Voter
from tests.core.activities.ballots import SAYS, look, make, result, shares, vote
from tests.core.activities.hall import Hall
from tests.core.activities.test_people import together


def at_once(*works: Callable[[], Any]) -> list[Any]:
    return together(len(works), lambda place: works[place]())


def tried(work: Any) -> str:
    """What somebody was told."""
    try:
        return str(getattr(work(), "message", "Saved."))
    except Refusal as error:
        return type(error).__name__


def counted(hall: Hall) -> None:
    with hall.database.read() as session:
        assert list(recount.polls(session)) == []


@pytest.mark.parametrize("anonymous", [False, True])
@pytest.mark.parametrize("kind", ["single", "ranking"])
def test_a_class_that_answers_in_one_moment_is_counted_whole(database: Database, kind: str, anonymous: bool) -> None:
    hall = Hall(database, "poll", students=25)
    poll_id = make(hall, kind, is_anonymous=anonymous)
    says = [SAYS[kind][place % 3] for place in range(25)]
    told = at_once(
        *(
            lambda s=student, w=said: vote(hall, poll_id, s, *w)
            for student, said in zip(hall.students, says, strict=True)
        )
    )
    assert len(told) == 25
    assert look(hall, poll_id).voted == 25
    if kind == "single":
        assert shares(hall, poll_id) == {"Yes": 17, "No": 8, "Perhaps": 0}
    counted(hall)


@pytest.mark.parametrize("anonymous", [False, True])
def test_one_person_in_fifty_tabs_has_one_vote(database: Database, anonymous: bool) -> None:
    hall = Hall(database, "poll", students=1)
    poll_id = make(hall, is_anonymous=anonymous, may_change=False)
    says = [("Yes", "No")[tab % 2] for tab in range(50)]
    told = at_once(*(lambda w=said: tried(lambda: vote(hall, poll_id, hall.students[0], w)) for said in says))
    assert look(hall, poll_id).voted == 1
    assert sum(shares_or_counts(hall, poll_id).values()) == 1
    (first,) = shares_or_counts(hall, poll_id)
    saved = Counter(
        said for said, answer in zip(told, says, strict=True) if answer == first and said.startswith("Saved")
    )
    assert Counter(told)["NotAllowed"] == 50 - sum(saved.values())
    counted(hall)


def shares_or_counts(hall: Hall, poll_id: int) -> dict[str, int]:
    """The counts as they are stored: two answers of an anonymous poll are shown to nobody."""

    names = {option.id: option.text for option in look(hall, poll_id).options}
    with hall.database.read() as session:
        return {names[option]: number for (option, _), number in poll_results.counts_of(session, poll_id).items()}


def test_one_person_who_changes_their_mind_in_thirty_tabs_has_one_vote(database: Database) -> None:
    hall = Hall(database, "poll", students=2)
    poll_id = make(hall, "several")
    says = [("Red",), ("Green", "Blue"), ("Blue",)] * 10
    at_once(*(lambda w=said: vote(hall, poll_id, hall.students[0], *w) for said in says))
    assert look(hall, poll_id).voted == 1
    counted(hall)


@pytest.mark.parametrize("anonymous", [False, True])
def test_twenty_who_answer_at_once_where_five_are_wanted(database: Database, anonymous: bool) -> None:
    """Exactly five are told "Saved", and these are counted."""
    hall = Hall(database, "poll", students=20)
    poll_id = make(hall, "pair", is_anonymous=anonymous)
    told = Counter(
        at_once(*(lambda s=student: tried(lambda: vote(hall, poll_id, s, "A")) for student in hall.students))
    )
    assert (sum(n for said, n in told.items() if said.startswith("Saved")), told["Gone"]) == (5, 15)
    assert look(hall, poll_id).voted == 5
    assert shares(hall, poll_id) == {"A": 5, "B": 0}
    with database.read() as session:
        table = Voter if anonymous else Ballot
        assert session.scalar(select(func.count()).select_from(table)) == 5
    counted(hall)


def test_whoever_was_told_saved_while_the_teacher_closes_is_counted(database: Database) -> None:
    hall = Hall(database, "poll", students=20)
    poll_id = make(hall)
    work = [lambda s=student: tried(lambda: vote(hall, poll_id, s, "Yes")) for student in hall.students]
    work.insert(10, lambda: tried(lambda: hall.do(poll_closing.close, hall.teacher, poll_id, now=hall.now)))
    told = at_once(*work)
    del told[10]
    saved = sum(said.startswith("Saved") for said in told)
    assert look(hall, poll_id).voted == saved
    assert set(told) <= {"Gone", *(said for said in told if said.startswith("Saved"))}
    counted(hall)


def test_one_option_that_twenty_add_at_once_is_one(database: Database) -> None:
    hall = Hall(database, "poll", students=20)
    poll_id = make(hall, members_add=True)
    texts = ["It depends", "it  DEPENDS"] * 10
    told = at_once(
        *(
            lambda s=student, t=text: str(hall.do(poll_votes.add_option, s, poll_id, t, language="en", now=hall.now))
            for student, text in zip(hall.students, texts, strict=True)
        )
    )
    assert Counter(said.partition(".")[0].partition(" ")[0] for said in told) == {"Added": 1, "This": 19}
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(PollOption)) == 4


def test_two_who_settle_a_poll_at_once_settle_it_once(database: Database) -> None:
    hall = Hall(database, "poll", points=10.0, credit={"ballot": 1})
    poll_id = make(hall, "pair", is_anonymous=True, quorum="3")
    for student in hall.students:
        vote(hall, poll_id, student, "A")

    def settle(seat: Seat) -> int:
        with database.write() as session:
            opened = seats.opened(session, seat, hall.public_id, "poll")
            return poll_closing.settle(session, seat, opened, now=hall.now)

    assert sorted(at_once(*(lambda s=s: settle(s) for s in (*hall.students, hall.teacher)))) == [0, 0, 0, 1]
    assert not poll_closing.is_due(hall.see(polls.listed, hall.teacher, hall.now))


def test_graded_votes_in_two_polls_at_once_both_count(database: Database) -> None:
    hall = Hall(database, "poll", students=6, points=10.0, credit={"ballot": 2})
    one, other = make(hall), make(hall)
    at_once(*(lambda s=s, p=p: vote(hall, p, s, "Yes") for s in hall.students for p in (one, other)))
    with database.read() as session:
        assert list(recount.grades(session)) == []
    counted(hall)


@pytest.mark.parametrize(("quorum", "answers"), [(5, 0), (1, 1)])
def test_who_comes_too_late_is_told_whether_the_teacher_or_the_number_closed_it(
    database: Database, monkeypatch: pytest.MonkeyPatch, quorum: int, answers: int
) -> None:
    hall = Hall(database, "poll")
    poll_id = make(hall, "pair", quorum=str(quorum))
    loaded = look(hall, poll_id)
    for student in hall.students[:answers]:
        vote(hall, poll_id, student, "A")
    hall.do(poll_closing.close, hall.teacher, poll_id, now=hall.now)
    monkeypatch.setattr(polls, "find", lambda *_: loaded)  # the vote was under way while it closed
    with pytest.raises(Gone) as told:
        vote(hall, poll_id, hall.students[2], "B")
    assert str(told.value.sentence).startswith("Enough people" if answers else "This poll is closed")


def test_a_refused_vote_leaves_nothing_behind(database: Database) -> None:
    hall = Hall(database, "poll")
    poll_id = make(hall, "pair", quorum="1")
    vote(hall, poll_id, hall.students[0], "A")
    for student in hall.students[1:]:
        with pytest.raises(Gone):
            vote(hall, poll_id, student, "B")
        assert hall.see(polls.mine, student) == {}
    with pytest.raises((NotAllowed, Gone)):
        vote(hall, poll_id, hall.students[0], "B")
    counted(hall)


def test_of_two_last_reports_at_once_the_second_hides(database: Database) -> None:
    """Each touches the answer's row before it counts, so the later one waits for the earlier and counts it."""
    for platform in range(1, 4):
        hall = Hall(database, "poll", students=9, hold_at=8, platform=platform)
        poll_id = make(hall, "text")
        vote(hall, poll_id, hall.students[0], "Ben is silly.")
        report = partial(hall.do, poll_results.report)
        at_once(*(partial(report, seat, poll_id, "Ben is silly.", now=hall.now) for seat in hall.students[1:]))
        assert [line.shown for line in result(hall, poll_id).lines] == [False]
