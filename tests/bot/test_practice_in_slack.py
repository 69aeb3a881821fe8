"""Practice and the tab of the app in the small workspace, which keeps Slack's rules and shares no code with the bot: a
click's trigger that lives three seconds and opens one view, inputs that keep what was entered, views that are checked.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask
from werkzeug.serving import make_server

import bot
from bot import web
from bot.wiring import Wiring
from core.activities import channels, identities, workspaces
from core.activities.seats import Seat
from core.activities.workspaces import Installed
from core.secrets import Vault, new_secret_key
from core.settings import Settings
from core.store.database import Database
from core.store.tables import Attempt
from sandbox.slack.interactions import ViewPlace
from sandbox.slack.server import QuietHandler, RunningSlack, serve_in_thread
from tests.bot.modals import elements, texts
from tests.core.activities.classroom import LONG, NOW, Classroom, count, one_choice, short_text

DATABASES = ("sqlite",)
MANIFEST = json.loads((Path(bot.__file__).parent / "manifest.json").read_text(encoding="utf-8"))


def until(so: Callable[[], bool]) -> bool:
    """Whether something comes to be so."""
    for _ in range(500):
        if so():
            return True
        time.sleep(0.02)
    return False


def charts_for(running: RunningSlack, user: str) -> list[Any]:
    """The messages with a chart that somebody sees."""
    slack = running.slack
    with slack.lock:
        return [
            message
            for channel in slack.channels.values()
            if user in channel.members
            for message in slack.history(channel, viewer=user)
            if any(block["type"] == "data_visualization" for block in message.blocks or [])
        ]


@dataclass
class Member:
    """Somebody in the small workspace, with the view before them."""

    running: RunningSlack
    user: str

    @property
    def view(self) -> Any:
        """The modal on top; the tab where none is open; None where that is not published yet."""
        slack = self.running.slack
        with slack.lock:
            stack = slack.stacks.get((self.running.seeded.team.id, self.user))
            if stack:
                return slack.views[stack[-1]]
            home = slack.homes.get((self.running.app.id, self.running.seeded.team.id, self.user))
            return None if home is None else slack.views[home]

    def reads(self, words: str) -> bool:
        """Whether these words come to stand there: a listener answers first, and then calls Slack."""
        return until(lambda: self.view is not None and words in "\n".join(texts(self.view.content["blocks"])))

    def command(self, text: str) -> None:
        place = self.running.seeded.course.id
        assert self.running.outside.acting.command(self.user, place, "/heirloom", text).ok
        assert self.running.outside.settle()

    def home(self) -> None:
        assert self.running.outside.acting.open_home(self.user, self.running.app.id).ok
        assert self.running.outside.settle()

    def press(self, name: str, value: str | None = None) -> None:
        """A control whose action_id begins so; of a list, the option whose value ends so."""
        block_id, element = next(one for one in elements(self.view.content) if one[1]["action_id"].startswith(name))
        given = None
        if value is not None:
            given = next(one["value"] for one in element["options"] if one["value"].endswith(value))
        place = ViewPlace(self.view.id)
        assert self.running.outside.acting.use(self.user, place, block_id, element["action_id"], given).ok
        assert self.running.outside.settle()

    def send(self, **said: str) -> None:
        """Fill the inputs whose names begin so, and submit."""
        entries = {}
        for block in self.view.content["blocks"]:
            name = block["block_id"].partition(":")[0]
            if block["type"] == "input" and name in said:
                options = block["element"].get("options", [])
                named = [one["value"] for one in options if one["text"]["text"] == said[name]]
                entries[block["block_id"]] = {block["element"]["action_id"]: named[0] if named else said[name]}
        acting, view = self.running.outside.acting, self.view.id
        acting.fill(self.user, ViewPlace(view), entries)
        outcome = acting.submit(self.user, view)
        assert outcome.ok, outcome


@pytest.fixture
def room(database: Database) -> Classroom:
    return Classroom(database, one_choice("First"), short_text("Second"))


@pytest.fixture
def running(database: Database, room: Classroom) -> Iterator[RunningSlack]:
    """The workspace with the app installed, its #course bound to the room; the teacher and two students are linked."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with serve_in_thread(MANIFEST, app_url=url, students=3) as slack:
        settings = Settings(
            url=url, secret_keys=(new_secret_key(),), development=True, slack_client_id=slack.app.client_id,
            slack_client_secret=slack.app.client_secret, slack_signing_secret=slack.app.signing_secret,
            slack_api_url=f"{slack.base_url}/api",
        )  # fmt: skip
        wiring = Wiring(settings, database, Vault(settings.secret_keys), lambda: NOW, lambda: np.random.default_rng(5))
        app = Flask("tool")
        web.install(app, wiring)
        _install(slack, wiring, room)
        server = make_server(
            "127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler, fd=listener.fileno()
        )  # fmt: skip
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield slack
        finally:
            slack.outside.settle()
            server.shutdown()
            thread.join()
            server.server_close()
            listener.close()


def _install(slack: RunningSlack, wiring: Wiring, room: Classroom) -> None:
    pair, seeded = slack.install(), slack.seeded
    with wiring.database.write() as session:
        number = workspaces.save(
            session,
            Installed(
                enterprise_id="", team_id=seeded.team.id, name="Class", app_id=slack.app.id, bot_id="B1",
                bot_user_id="UB", bot_token=wiring.vault.seal(pair.access.value), bot_refresh_token=None,
                bot_token_expires_at=None, scopes=("chat:write", "commands"), installed_by=seeded.teacher.id,
            ),
            now=NOW,
        )  # fmt: skip
        channels.bind(
            session, number, seeded.course.id, course_id=room.course_id, bound_by=None, language="en", zone="UTC",
            now=NOW,
        )  # fmt: skip
        people: list[tuple[str, Seat]] = [(seeded.teacher.id, room.teacher)]
        people += [(user.id, seat) for user, seat in zip(seeded.students, room.students[:2], strict=False)]
        for user, seat in people:
            identities.link(
                session, platform_id=seat.platform_id, person_id=seat.person_id, workspace_id=number, user_id=user,
                now=NOW,
            )  # fmt: skip


def test_a_student_practises_from_the_command_to_the_last_problem(running: RunningSlack, room: Classroom) -> None:
    room.pool(1)
    student = Member(running, running.seeded.students[0].id)
    student.command("practice")
    assert student.reads("First")
    student.send(answer="odd")
    assert student.reads("Not right.")
    student.press("practice_rate", ":8")
    student.send(words=LONG, likely="Yes, show it to classmates")
    assert student.reads("Saved. It can now be shown to classmates")
    student.press("practice_next")
    assert student.reads("Second")
    student.send(answer="Paris")
    assert student.reads("Right.")
    student.press("practice_next")
    assert student.reads("Your score: 50 of 100.")
    assert count(room.database, Attempt, Attempt.person_id == room.students[0].person_id) == 2
    assert room.differences() == []


def test_the_tab_leads_to_the_problem_and_follows_what_is_done_in_it(running: RunningSlack, room: Classroom) -> None:
    student = Member(running, running.seeded.students[0].id)
    student.home()
    assert student.reads("Problems to solve")
    student.press("home_reminders")
    assert student.reads("You are not reminded of anything.")
    student.press("home_times")
    assert student.reads("A problem a day, at")
    student.send(quiet_from="22:00", quiet_until="07:30", problem_at="08:00")
    assert student.reads("Quiet hours: 22:00 to 07:30.")
    student.press("practice_start")
    assert student.reads("First")
    student.send(answer="even")
    assert student.reads("Right.")
    stranger = Member(running, running.seeded.students[2].id)
    stranger.home()
    assert stranger.reads("Link your account once")


def test_a_teacher_reviews_and_gets_the_week(running: RunningSlack, room: Classroom) -> None:
    room.settings(moderation="after_teacher")
    room.answer(room.students[0])
    text = room.explain(room.students[0])
    teacher = Member(running, running.seeded.teacher.id)
    teacher.home()
    assert teacher.reads("Texts that wait for you: 1")
    teacher.press("home_week")
    assert until(lambda: len(charts_for(running, teacher.user)) == 1)
    teacher.press("review_open")
    assert teacher.reads("Text 1 of 1")
    teacher.send(decision="Approve")
    assert teacher.reads("Done: approved.")
    assert room.status(text.id) == "live"
