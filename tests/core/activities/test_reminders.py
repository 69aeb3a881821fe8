"""Reminders: to those who have not answered, want them and are awake; never of an anonymous poll or after the close."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.activities import channels, identities, poll_closing, poll_votes, reminders, seats, slack_users
from core.activities.refusals import NotAllowed, Refusal
from core.activities.seats import Seat
from core.store.database import Database
from core.store.tables import Membership, Person, SlackDirect, SlackMessage
from core.store.tables import Poll as PollRow
from tests.core.activities.ballots import form_for
from tests.core.activities.hall import Hall
from tests.core.activities.prompting import ONCE, Class
from tests.core.activities.test_people import together


class Asked(Class):
    """A class that was asked something: open for two hours, with a reminder half an hour before the end."""

    def __init__(self, database: Database, **settings: int) -> None:
        super().__init__(database, **settings)
        self.make(replace(ONCE, remind_minutes=30))
        self.later(hours=1)
        self.run()
        (self.poll,) = self.polls()
        assert self.poll.closes_at is not None
        self.ends = self.poll.closes_at

    def say(self, user: str, text: str = "Yes") -> None:
        seat = self.users[user]
        with self.database.write() as session:
            opened = seats.opened_of_id(session, seat, self.activity, "poll", to_work=True)
            poll_votes.vote(session, seat, opened, self.poll.id, form_for(self.poll, text), language="en", now=self.now)

    @property
    def activity(self) -> int:
        with self.database.read() as session:
            return session.scalars(select(PollRow.activity_id).where(PollRow.id == self.poll.id)).one()

    def remind(self) -> int:
        with self.database.write() as session:
            return reminders.run_due(session, now=self.now)

    def wanted(self, user: str) -> int | None:
        """What is looked at when a reminder is about to be sent."""
        with self.database.write() as session:
            found = reminders.wanted(
                session, self.workspace_id, user, self.poll.id, channel=self.bound.id, activity=self.activity,
                now=self.now,
            )  # fmt: skip
            return found[1].id if found else None

    def close(self) -> None:
        with self.database.write() as session:
            opened = seats.opened_of_id(session, self.teacher, self.activity, "poll")
            poll_closing.close(session, self.teacher, opened, self.poll.id, now=self.now)


def test_those_who_have_not_answered_are_reminded_once(database: Database) -> None:
    here = Asked(database)
    here.say("U1")
    here.later(minutes=89)
    assert (here.remind(), here.directs("reminder")) == (0, [])
    here.later(minutes=2)
    assert here.remind() == 2
    assert here.directs("reminder") == [("U0", here.now), ("U2", here.now)]
    assert here.remind() == 0
    assert (here.wanted("U0"), here.wanted("U1"), here.wanted("U9")) == (here.poll.id, None, None)


def test_who_left_is_suspended_or_teaches_is_not_reminded(database: Database) -> None:
    here = Asked(database, students=4)
    with database.write() as session:
        ids = [here.users[f"U{place}"].person_id for place in range(3)]
        session.execute(update(Membership).where(Membership.person_id == ids[0]).values(status="inactive"))
        session.execute(update(Membership).where(Membership.person_id == ids[1]).values(role="teacher"))
        session.execute(update(Person).where(Person.id == ids[2]).values(suspended_at=here.now))
    here.later(minutes=95)
    assert (here.remind(), here.directs("reminder")) == (1, [("U3", here.now)])


def test_people_of_another_course_or_who_are_not_linked_are_not_reminded(database: Database) -> None:
    here = Asked(database)
    here.hall.join("new")
    other = here.hall.another_course("b")
    with database.write() as session:
        identities.link(
            session, platform_id=other.platform_id, person_id=other.students[0].person_id,
            workspace_id=here.workspace_id, user_id="U7", now=here.now,
        )  # fmt: skip
    here.later(minutes=95)
    assert here.remind() == 3
    assert [user for user, _ in here.directs("reminder")] == ["U0", "U1", "U2"]


def test_who_asked_not_to_be_reminded_is_not(database: Database) -> None:
    here = Asked(database)
    with database.write() as session:
        reminders.stop(session, here.workspace_id, "U0")
    here.later(minutes=95)
    assert [here.remind(), *here.directs("reminder")] == [2, ("U1", here.now), ("U2", here.now)]
    with database.write() as session:
        reminders.stop(session, here.workspace_id, "U1")
    assert (here.wanted("U0"), here.wanted("U1"), here.wanted("U2")) == (None, None, here.poll.id)


def test_quiet_hours_are_waited_for_and_what_would_come_after_the_close_does_not(database: Database) -> None:
    here = Asked(database)
    here.later(minutes=90)  # 11:30 where the class is, and the poll closes at 12:00
    with database.write() as session:
        quiet = (("U0", 11 * 60 + 45, "UTC"), ("U1", 13 * 60, "UTC"), ("U2", 5 * 60, "America/New_York"))
        for user, until, zone in quiet:
            slack_users.note(session, here.workspace_id, user)
            slack_users.tell(session, here.workspace_id, user, name=user, locale="en", time_zone=zone, now=here.now)
            slack_users.choose(session, here.workspace_id, user, quiet_from=22 * 60, quiet_until=until)
    assert here.remind() == 2
    assert here.directs("reminder") == [("U0", here.now + timedelta(minutes=15)), ("U2", here.now)]


@pytest.mark.parametrize("how", ["closed", "over", "full", "deleted", "anonymous", "released"])
def test_of_a_poll_that_nobody_can_or_should_answer_any_more_nobody_is_reminded(database: Database, how: str) -> None:
    here = Asked(database)
    here.later(minutes=95)
    assert here.wanted("U0") == here.poll.id
    if how == "closed":
        here.close()
    elif how == "over":
        here.later(minutes=25)
    elif how == "released":
        here.do(channels.release, here.teacher, here.bound.id, now=here.now)
    else:
        changed = {
            "full": {"quorum": 1, "voted": 1}, "deleted": {"deleted_at": here.now}, "anonymous": {"is_anonymous": True},
        }[how]  # fmt: skip
        with database.write() as session:
            session.execute(update(PollRow).where(PollRow.id == here.poll.id).values(**changed))
    assert (here.remind(), here.directs("reminder"), here.wanted("U0")) == (0, [], None)


def test_a_poll_that_was_made_by_hand_has_no_reminder_of_its_own(database: Database) -> None:
    here = Class(database)
    here.make(ONCE)
    here.later(hours=1)
    here.run()
    here.later(minutes=119)
    with database.write() as session:
        assert reminders.run_due(session, now=here.now) == 0
        assert session.scalars(select(SlackMessage.remind_at)).all() == [None]


def test_a_teacher_reminds_those_who_have_not_answered_each_once(database: Database) -> None:
    here = Asked(database)
    here.say("U1")

    def send(seat: Seat) -> int:
        with database.write() as session:
            opened = seats.opened_of_id(session, here.teacher, here.activity, "poll")
            return reminders.send(session, seat, opened, here.poll.id, now=here.now)

    assert sum(together(4, lambda _: send(here.teacher))) == 2
    assert here.directs("reminder") == [("U0", here.now), ("U2", here.now)]
    here.later(minutes=95)
    assert here.remind() == 0
    with pytest.raises(NotAllowed):
        send(here.users["U0"])
    here.close()
    with pytest.raises(Refusal, match="not open"):
        send(here.teacher)
    with database.write() as session:
        session.execute(update(PollRow).values(is_anonymous=True))
    with pytest.raises(Refusal, match="anonymous"):
        send(here.teacher)


def test_of_many_workers_one_reminds(database: Database) -> None:
    here = Asked(database, students=8)
    here.later(minutes=95)
    assert sum(together(6, lambda _: here.remind())) == 8
    with database.read() as session:
        assert len(session.scalars(select(SlackDirect.id)).all()) == 8


def test_a_link_of_another_platform_with_the_same_slack_user_changes_nothing(database: Database) -> None:
    """One Slack user may be two people, in two platforms: only the one of this course is looked at."""
    here = Asked(database)
    far = Hall(database, "poll", platform=2)
    with database.write() as session:
        identities.link(
            session, platform_id=far.platform_id, person_id=far.students[0].person_id, workspace_id=here.workspace_id,
            user_id="U0", now=here.now,
        )  # fmt: skip
    here.say("U0")
    here.later(minutes=95)
    assert here.remind() == 2
    assert here.wanted("U0") is None
