"""Two people turn out to be one human: a Slack user who was met in a class of Slack's links to the LMS's person."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from core.activities import (
    channels,
    identities,
    poll_closing,
    poll_plans,
    poll_votes,
    poll_writing,
    polls,
    question_settings,
    question_votes,
    questions,
    recount,
    seats,
)
from core.activities.channels import Bound
from core.activities.posting import Typed
from core.activities.question_settings import QuestionSettings
from core.activities.seats import Opened, Seat
from core.activities.workspaces import Installed, save
from core.polling import kinds
from core.store.database import Database
from core.store.tables import (
    Activity,
    Ballot,
    Contribution,
    Credit,
    Membership,
    Person,
    Poll,
    PollCount,
    Question,
    Vote,
)
from tests.core.activities.classroom import NOW
from tests.core.activities.hall import Hall


class Both:
    """A class in an LMS, and one that was made in a channel and is bound to it later."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.hall = Hall(database, "questions")
        with database.write() as session:
            self.workspace = save(
                session,
                Installed(
                    enterprise_id="", team_id="T1", name="", app_id="A", bot_id="B", bot_user_id="UB", bot_token="x",
                    bot_refresh_token=None, bot_token_expires_at=None, scopes=(), installed_by="U9",
                ),
                now=NOW,
            )  # fmt: skip
            self.bound = channels.make_class(
                session, self.workspace, "C1", "U9", name="In Slack", language="en", zone="UTC", now=NOW
            )
        self.teacher, self.one, self.two = (self.seat(user) for user in ("U9", "U1", "U2"))

    def seat(self, user: str) -> Seat:
        with self.database.write() as session:
            found = identities.seat(
                session, self.workspace, user, platform_id=self.bound.platform_id, course_id=self.bound.course_id,
                has_lms=self.bound.has_lms, now=NOW,
            )  # fmt: skip
        assert found is not None
        return found

    def bind(self) -> Bound:
        with self.database.write() as session:
            self.bound = channels.bind(
                session, self.workspace, "C1", course_id=self.hall.course_id, bound_by=self.hall.teacher.person_id,
                language="en", zone="UTC", now=NOW,
            )  # fmt: skip
        return self.bound

    def link(self, user: str, seat: Seat) -> None:
        with self.database.write() as session:
            identities.link(
                session, platform_id=seat.platform_id, person_id=seat.person_id, workspace_id=self.workspace,
                user_id=user, now=NOW,
            )  # fmt: skip

    def opened(self, seat: Seat, kind: str) -> Opened:
        with self.database.write() as session:
            return channels.activity(session, seat, self.bound, kind, now=NOW)

    def poll(self, **plan: Any) -> tuple[Opened, int, list[int]]:
        """An open poll of the channel's class, with its options."""
        opened = self.opened(self.teacher, "poll")
        with self.database.write() as session:
            made = poll_writing.make(
                session, self.teacher, opened,
                poll_plans.Plan(kinds.Single(), "Which?", ("A", "B"), results="at_once", **plan), now=NOW,
            )  # fmt: skip
            poll_closing.open_poll(session, self.teacher, opened, made, now=NOW)
            options = [option.id for option in polls.find(session, self.teacher, opened, made, NOW).options]
        return opened, made, options

    def vote(self, seat: Seat, opened: Opened, poll: int, option: int) -> None:
        with self.database.write() as session:
            poll_votes.vote(session, seat, opened, poll, {"option": [str(option)]}, language="en", now=NOW)

    def ask(self, seat: Seat, title: str) -> int:
        opened = self.opened(self.teacher, "questions")
        with self.database.write() as session:
            made = questions.ask(
                session, seat, opened, question_settings.of(opened), Typed(title=title, text="Why is that so?"), now=NOW
            )
        return int(made.id)

    def count(self, *what: Any) -> int:
        with self.database.read() as session:
            return int(session.scalar(select(func.count()).where(*what)) or 0)

    def differences(self) -> list[Any]:
        with self.database.write() as session:
            return list(recount.everything(session))


@pytest.fixture
def both(database: Database) -> Both:
    return Both(database)


def test_a_class_of_slack_moves_into_the_course_with_everything_it_did(both: Both) -> None:
    opened, poll, (a, _b) = both.poll()
    both.vote(both.one, opened, poll, a)
    asked = both.ask(both.one, "A question of the channel")
    bound = both.bind()
    assert (bound.course_id, bound.has_lms) == (both.hall.course_id, True)
    with both.database.read() as session:
        there = seats.opened(session, both.hall.teacher, opened.public_id, "poll")
        found = polls.find(session, both.hall.teacher, there, poll, NOW)
        assert (found.prompt, found.voted) == ("Which?", 1)
        assert session.get_one(Contribution, asked).course_id == both.hall.course_id
        assert session.scalars(select(Activity.course_id).distinct()).all() == [both.hall.course_id]
        person = session.get_one(Person, both.one.person_id)
        assert person.platform_id == both.hall.platform_id
        rights = session.execute(
            select(Membership.role, Membership.status, Membership.course_id).where(
                Membership.person_id == both.teacher.person_id
            )
        ).one()
        assert tuple(rights) == ("student", "inactive", both.hall.course_id)


def test_who_links_gets_what_they_did_before(both: Both) -> None:
    opened, poll, (a, b) = both.poll()
    both.vote(both.one, opened, poll, a)
    asked = both.ask(both.one, "Mine before")
    both.bind()
    student = both.hall.students[0]
    both.link("U1", student)
    with both.database.read() as session:
        assert session.get_one(Contribution, asked).person_id == student.person_id
        assert session.scalars(select(Ballot.person_id)).all() == [student.person_id]
    both.vote(student, opened, poll, b)  # a change of their own vote, not a second one
    with both.database.read() as session:
        assert session.get_one(Poll, poll).voted == 1
        counts = session.execute(select(PollCount.option_id, PollCount.number)).all()
        assert [tuple(row) for row in counts] == [(b, 1)]
    assert both.differences() == []


def test_one_human_who_voted_twice_before_linking_has_one_vote_after_it(both: Both) -> None:
    opened, poll, (a, b) = both.poll()
    both.vote(both.one, opened, poll, a)
    both.vote(both.two, opened, poll, a)
    asked = both.ask(both.two, "Asked by the other")
    settings = QuestionSettings()
    student = both.hall.students[0]
    questions_of = both.opened(both.teacher, "questions")
    with both.database.write() as session:
        question_votes.vote(session, both.one, questions_of, settings, asked, up=True, now=NOW)
    both.bind()
    both.vote(student, opened, poll, b)
    with both.database.write() as session:
        question_votes.vote(session, student, questions_of, settings, asked, up=True, now=NOW)
    with both.database.read() as session:
        assert session.get_one(Poll, poll).voted == 3
        assert session.get_one(Question, asked).votes == 2
    both.link("U1", student)
    with both.database.read() as session:
        assert session.get_one(Poll, poll).voted == 2
        counts = {row.option_id: row.number for row in session.execute(select(PollCount.option_id, PollCount.number))}
        assert counts == {a: 1, b: 1}  # the LMS's vote stays
        assert session.get_one(Question, asked).votes == 1
    assert both.count(Vote.contribution_id == asked) == 1
    assert both.differences() == []


def test_nobody_votes_for_their_own_through_two_accounts(both: Both) -> None:
    asked = both.ask(both.one, "Mine")
    both.bind()
    student = both.hall.students[0]
    opened = both.opened(both.hall.teacher, "questions")
    with both.database.write() as session:
        question_votes.vote(session, student, opened, QuestionSettings(), asked, up=True, now=NOW)
    both.link("U1", student)
    with both.database.read() as session:
        assert session.get_one(Question, asked).votes == 0
    assert both.count(Vote.contribution_id == asked) == 0
    assert both.differences() == []


def test_who_is_linked_already_stays_who_they_are_when_their_class_joins(both: Both) -> None:
    opened, poll, (a, _b) = both.poll()
    both.vote(both.one, opened, poll, a)
    student = both.hall.students[0]
    both.link("U1", student)  # through another channel of the same workspace
    both.bind()
    with both.database.read() as session:
        assert session.scalars(select(Ballot.person_id)).all() == [student.person_id]
        assert identities.person_of(session, both.workspace, "U1", both.hall.platform_id) == student.person_id
    assert both.differences() == []


def test_bare_counters_of_both_are_added_up(both: Both) -> None:
    opened = both.opened(both.teacher, "questions")
    both.bind()
    student = both.hall.students[0]
    with both.database.write() as session:
        for person, number in ((both.one.person_id, 2), (student.person_id, 1)):
            session.add(Credit(activity_id=opened.id, person_id=person, what="question", number=number))
    both.link("U1", student)
    with both.database.read() as session:
        rows = session.execute(select(Credit.person_id, Credit.number)).all()
    assert [tuple(row) for row in rows] == [(student.person_id, 3)]


def test_an_anonymous_poll_keeps_both_because_nobody_knows_which(both: Both) -> None:
    opened, poll, (a, b) = both.poll(is_anonymous=True)
    both.vote(both.one, opened, poll, a)
    both.bind()
    student = both.hall.students[0]
    both.vote(student, opened, poll, b)
    both.link("U1", student)
    with both.database.read() as session:
        assert session.get_one(Poll, poll).voted == 2
    assert both.differences() == []


def test_the_old_person_can_do_nothing_any_more(both: Both) -> None:
    both.bind()
    both.link("U1", both.hall.students[0])
    with both.database.read() as session:
        assert session.get_one(Person, both.one.person_id).suspended_at == NOW
    with both.database.write() as session:
        found = identities.seat(
            session, both.workspace, "U1", platform_id=both.hall.platform_id, course_id=both.hall.course_id,
            has_lms=True, now=NOW,
        )  # fmt: skip
    assert found == both.hall.students[0]
