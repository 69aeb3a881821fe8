"""Polls in the strict workspace of the sandbox: asked, answered and shown by clicks alone, each kind of them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from flask import Flask
from werkzeug.serving import make_server

import bot
from bot.nouns import DIRECTS, RENDERERS
from bot.updater import Pace, Updater
from bot.web import install
from bot.wiring import Wiring
from core.activities import channels, identities, polls, workspaces
from core.activities.polls import Poll
from core.activities.workspaces import Installed
from core.polling.kinds import KINDS
from core.secrets import Vault, new_secret_key
from core.settings import Settings
from core.store.database import Database
from sandbox.slack.interactions import MessagePlace, Outcome, ViewPlace
from sandbox.slack.server import QuietHandler, RunningSlack, serve_in_thread
from tests.core.activities.ballots import FORMS, SAYS, form_for, look
from tests.core.activities.hall import Hall

DATABASES = ("sqlite",)
PATIENCE = 10  # [s] for what happens in other threads
T = TypeVar("T")


@dataclass
class Class:
    """A hall whose course is bound to a channel of the strict workspace."""

    slack: RunningSlack
    hall: Hall
    updater: Updater
    channel: str
    teacher: str
    students: list[str]

    def modal(self, user: str) -> Any:
        """The view that this person has before them."""
        open_ = [view for view in self.slack.slack.views.values() if view.user_id == user and view.kind == "modal"]
        return open_[-1] if open_ else None

    def use(self, user: str, place: MessagePlace | ViewPlace, action_id: str, given: Any = None) -> None:
        """Press or fill what is called so, in whichever block it stands."""
        if isinstance(place, ViewPlace):
            blocks = self.slack.slack.views[place.view_id].content["blocks"]
        else:
            blocks = self.slack.slack.channels[place.channel_id].messages[place.ts].blocks
        held = ((block["block_id"], one) for block in blocks for one in block.get("elements", ()))
        block_id = next(name for name, one in held if one.get("action_id") == action_id)
        done(self.slack.outside.acting.use(user, place, block_id, action_id, given))

    def show(self) -> None:
        """What the updater sends when it has been quiet for a while."""
        self.updater._pace = Pace()
        self.updater.step()

    def posted(self, poll: int) -> str | None:
        """The ts of a poll's message, once the updater has got it past Slack's limit of a message a second."""
        self.show()
        for ts, message in self.slack.slack.channels[self.channel].messages.items():
            values = [one.get("value", "") for block in message.blocks for one in block.get("elements", ())]
            if message.ephemeral_for is None and any(value.split(":")[0] == str(poll) for value in values):
                return str(ts)
        return None

    def newest(self) -> Poll:
        return self.hall.see(polls.listed, self.hall.teacher, datetime.now(UTC))[-1]


def done(outcome: Outcome) -> None:
    assert outcome.ok, outcome


def until(what: Callable[[], T]) -> T:
    end = time.monotonic() + PATIENCE
    while not (found := what()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return found


@contextmanager
def web(flask: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, flask, threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def klass(database: Database) -> Iterator[Class]:
    flask = Flask(__name__)
    manifest = json.loads((Path(bot.__file__).parent / "manifest.json").read_text(encoding="utf-8"))
    with web(flask) as url, serve_in_thread(manifest, app_url=url) as slack:
        token, seeded = slack.install().access, slack.seeded
        settings = Settings(
            url=url,
            secret_keys=(new_secret_key(),),
            development=True,
            slack_client_id=slack.app.client_id,
            slack_client_secret=slack.app.client_secret,
            slack_signing_secret=slack.app.signing_secret,
            slack_api_url=slack.api_url.removesuffix("/"),
        )
        wiring = Wiring(
            settings, database, Vault(settings.secret_keys), lambda: datetime.now(UTC), lambda: np.random.default_rng(1)
        )
        installed = slack.slack.installation(slack.app.id, seeded.team.id)
        assert installed is not None
        our_bot = installed.bot_users[seeded.team.id]
        made = Installed(
            enterprise_id="", team_id=seeded.team.id, name="Class", app_id=slack.app.id, bot_id="B1",
            bot_user_id=our_bot, bot_token=wiring.vault.seal(token.value), bot_refresh_token=None,
            bot_token_expires_at=None, scopes=tuple(token.scopes), installed_by=seeded.teacher.id,
        )  # fmt: skip
        hall, channel = Hall(database, "poll"), seeded.course.id
        people = {seeded.teacher.id: hall.teacher}
        people |= {user.id: seat for user, seat in zip(seeded.students, hall.students, strict=False)}
        now = datetime.now(UTC)
        hall.now = now
        with database.write() as session:
            workspace = workspaces.save(session, made, now=now)
            channels.bind(
                session, workspace, channel, course_id=hall.course_id, bound_by=None, language="en", zone="UTC", now=now
            )
            for user, seat in people.items():
                identities.link(
                    session, platform_id=seat.platform_id, person_id=seat.person_id, workspace_id=workspace,
                    user_id=user, now=now,
                )  # fmt: skip
        running = install(flask, wiring)
        slack.outside.acting.invite(seeded.teacher.id, channel, our_bot)
        teacher, *students = people
        yield Class(slack, hall, Updater(wiring, RENDERERS, DIRECTS), channel, teacher, students)
        executor = running.listener_runner.listener_executor
        executor.shutdown()


def test_each_kind_is_asked_answered_and_shown(klass: Class) -> None:
    acting = klass.slack.outside.acting
    for kind in KINDS:
        ask(klass, kind)
        poll = klass.newest()
        assert (poll.kind.kind, poll.state, poll.prompt) == (kind, "open", "How was it?")
        ts = until(lambda poll=poll: klass.posted(poll.id))
        for user, said in zip(klass.students, SAYS[kind], strict=True):
            form, place = form_for(poll, *said), MessagePlace(klass.channel, ts)
            if kind in {"single", "pair"}:
                klass.use(user, place, f"poll_vote:{form['option'][0]}")
                continue
            klass.use(user, place, "poll_answer")
            view = until(lambda user=user: klass.modal(user))
            fill(klass, user, view, form)
            done(acting.submit(user, view.id))
            assert klass.modal(user).content["callback_id"] == "poll_seen"
            acting.close(user, view.id)
        assert look(klass.hall, poll.id).voted == 3
        message = klass.slack.slack.channels[klass.channel].messages[ts]
        until(lambda message=message: klass.show() or "People who have answered: 3." in message.text)


def ask(klass: Class, kind: str) -> None:
    """A teacher asks from the channel; choosing the kind changes the form and keeps the question."""
    acting, teacher = klass.slack.outside.acting, klass.teacher
    done(acting.command(teacher, klass.channel, "/heirloom", "poll How was it?"))
    view = until(lambda: klass.modal(teacher))
    if kind != "single":  # with which the form begins
        done(acting.use(teacher, ViewPlace(view.id), "kind", "poll_kind", kind))
    fields = until(
        lambda: (
            found := {block["block_id"]: block for block in klass.modal(teacher).content["blocks"]}
        )["kind"]["element"]["initial_option"]["value"] == kind
        and found
    )  # fmt: skip
    for name, text in FORMS[kind].items():
        if name in fields and name != "language":
            done(acting.use(teacher, ViewPlace(view.id), name, "typed", text))
    done(acting.submit(teacher, view.id))
    assert klass.modal(teacher).content["callback_id"] == "poll_seen"
    acting.close(teacher, view.id)


def fill(klass: Class, user: str, view: Any, form: dict[str, list[str]]) -> None:
    """Fill the form of an answer in."""
    blocks = {block["block_id"]: block for block in view.content["blocks"] if block["type"] == "input"}
    for name, values in form.items():
        if name in blocks:
            many = blocks[name]["element"]["type"] in {"checkboxes", "multi_static_select"}
            given = {name: values if many else values[0]}
        else:
            given = {f"{name}-{place}": value for place, value in enumerate(values, start=1)}
        for block, value in given.items():
            done(klass.slack.outside.acting.use(user, ViewPlace(view.id), block, "typed", value))
