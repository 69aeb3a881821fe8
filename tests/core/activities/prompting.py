"""A hall whose course has a channel in Slack, for tests of what comes along a term; people act by the use cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.activities import channels, identities, polls, prompts, seats, workspaces
from core.activities.channels import Bound
from core.activities.polls import Poll
from core.activities.prompts import Wanted
from core.activities.seats import Seat
from core.activities.workspaces import Installed
from core.store.database import Database
from core.store.tables import Poll as PollRow
from core.store.tables import SlackDirect, SlackMessage
from tests.core.activities.classroom import NOW
from tests.core.activities.hall import Hall

T = TypeVar("T")
P = ParamSpec("P")
TODAY = NOW.date()
YES_NO = {"prompt": "Clear so far?", "options": "Yes\nNo", "results": "at_once", "may_change": "on"}
DAILY = Wanted(
    what="poll",
    at_minute=NOW.hour * 60 + NOW.minute + 60,
    starts_on=TODAY,
    weekdays=("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    kind="single",
    values=YES_NO,
    open_minutes=120,
)
ONCE = replace(DAILY, weekdays=())


def installed(session: Session, team: str = "T1") -> int:
    """A workspace that has the app."""
    return workspaces.save(
        session,
        Installed(
            enterprise_id="", team_id=team, name="Class", app_id="A1", bot_id="B1", bot_user_id="UB", bot_token="x",
            bot_refresh_token=None, bot_token_expires_at=None, scopes=("chat:write",), installed_by="U9",
        ),
        now=NOW,
    )  # fmt: skip


class Class:
    """A hall with a channel: its teacher is U9, its students U0, U1 ..."""

    def __init__(self, database: Database, *, students: int = 3, zone: str = "UTC", **settings: Any) -> None:
        self.hall = Hall(database, "poll", students=students, **settings)
        self.database, self.teacher = database, self.hall.teacher
        self.users = {f"U{place}": seat for place, seat in enumerate(self.hall.students)} | {"U9": self.teacher}
        with database.write() as session:
            self.workspace_id = installed(session)
            self.bound = self.bind(session, "C1", self.hall.course_id, zone)
            for user, seat in self.users.items():
                identities.link(
                    session, platform_id=seat.platform_id, person_id=seat.person_id, workspace_id=self.workspace_id,
                    user_id=user, now=NOW,
                )  # fmt: skip

    def bind(self, session: Session, channel: str, course_id: int, zone: str = "UTC") -> Bound:
        return channels.bind(
            session, self.workspace_id, channel, course_id=course_id, bound_by=self.teacher.person_id, language="en",
            zone=zone, now=NOW,
        )  # fmt: skip

    @property
    def now(self) -> datetime:
        return self.hall.now

    def at(self, moment: datetime) -> None:
        self.hall.now = moment

    def later(self, **by: float) -> None:
        self.hall.now += timedelta(**by)

    def do(
        self, use_case: Callable[Concatenate[Session, Seat, P], T], seat: Seat, *args: P.args, **named: P.kwargs
    ) -> T:
        with self.database.write() as session:
            return use_case(session, seat, *args, **named)

    def make(self, wanted: Wanted = DAILY, **other: Any) -> int:
        return self.do(prompts.make, self.teacher, self.bound, replace(wanted, **other), now=self.now)

    def look(self, prompt_id: int) -> prompts.Prompt:
        return self.do(prompts.find, self.teacher, prompt_id)

    def run(self) -> int:
        """Everything that is due, as a worker does it: until nothing is."""
        number = 0
        while True:
            with self.database.write() as session:
                done = prompts.run_due(session, now=self.now)
            if not done:
                return number
            number += done

    def polls(self) -> list[Poll]:
        """All polls of the course, as its teacher sees them."""
        with self.database.read() as session:
            ids = session.scalars(select(PollRow.activity_id).distinct()).all()
            return [
                poll
                for number in ids
                for poll in polls.listed(
                    session, self.teacher, seats.opened_of_id(session, self.teacher, number, "poll"), self.now
                )
            ]

    def messages(self) -> list[tuple[str, str, int]]:
        """(channel, noun, target) of every message that is or will be posted."""
        with self.database.read() as session:
            rows = session.execute(
                select(SlackMessage.channel_id, SlackMessage.noun, SlackMessage.target_id).order_by(SlackMessage.id)
            )
            return [tuple(row) for row in rows]

    def directs(self, noun: str) -> list[tuple[str, datetime]]:
        """(user, when) of every private message of a kind."""
        with self.database.read() as session:
            rows = session.execute(
                select(SlackDirect.user_id, SlackDirect.due_at)
                .where(SlackDirect.noun == noun)
                .order_by(SlackDirect.user_id, SlackDirect.id)
            )
            return [(row.user_id, row.due_at) for row in rows]


def day(number: int) -> date:
    """So many days after the class's today."""
    return TODAY + timedelta(days=number)
