"""The worker where the class is also in Slack: what is due along the term is posted, and messages follow."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from core.activities import prompts
from core.store.database import Database
from core.store.tables import Chore, Prompt, SlackMessage
from heirloom import worker as rooms
from heirloom.worker import Worker
from tests.bot.slack import Workspace, workspace
from tests.core.activities.hall import Hall


def at_work(there: Workspace) -> Worker:
    return Worker(there.wiring.settings, there.database, there.wiring.now)


def test_a_prompt_that_is_due_is_posted_and_the_channel_hears_the_course(database: Database) -> None:
    with workspace(database) as there:
        hall = Hall(database, "poll")
        bound = there.bind(hall.course_id, U9=hall.teacher)
        wanted = prompts.Wanted(
            "poll", 9 * 60 + 1, there.now.date(), kind="text", values={"prompt": "What was new today?"}
        )
        with database.write() as session:
            prompts.make(session, hall.teacher, bound, wanted, now=there.now)
        there.later(minutes=1)
        assert at_work(there).step(threading.Event())
        with database.read() as session:
            assert session.scalars(select(SlackMessage.noun)).all() == ["poll"]
            assert session.scalars(select(Prompt.status)).one() == "over"
            due = session.scalars(select(Chore.due_at).where(Chore.name == "channel_news")).one()
        assert due == there.now + timedelta(minutes=1)
        with database.write() as session:
            assert prompts.run_due(session, now=there.now) == 0


def test_without_slack_nothing_of_it_is_looked_at(database: Database) -> None:
    with workspace(database) as there:
        settings = replace(there.wiring.settings, slack_client_id="")
        Worker(settings, database, there.wiring.now).step(threading.Event())
        with database.read() as session:
            assert session.scalar(select(Chore.name).where(Chore.name == "channel_news")) is None


def test_messages_are_sent_beside_the_slower_work(database: Database) -> None:
    with workspace(database) as there:
        hall = Hall(database, "poll")
        there.bind(hall.course_id)
        there.command("U1", "help")  # somebody about whom Slack is asked
        stop = threading.Event()
        working = threading.Thread(
            target=rooms.run, args=(there.wiring.settings, database, stop, there.wiring.now), kwargs={"poll": 0.01}
        )
        working.start()
        try:
            asked = threading.Event()
            for _ in range(500):
                if there.api.of("users.info"):
                    break
                asked.wait(0.02)
            assert there.api.of("users.info") != []
        finally:
            stop.set()
            working.join()
        assert not any(thread.name == "slack" for thread in threading.enumerate())
