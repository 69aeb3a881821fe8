"""A class in one channel, for tests of questions and of found things: three students, a teacher."""

from __future__ import annotations

import json
from typing import Any

from slack_bolt import BoltResponse
from sqlalchemy import func, select

from core.activities import channel_news
from core.activities.seats import Seat
from core.store.tables import SlackMessage
from tests.bot import limits
from tests.bot.slack import CHANNEL, Workspace
from tests.core.activities.hall import Hall


class Class:
    """U1, U2 and U3 are students, U9 teaches; the channel C1 is bound to their course."""

    def __init__(self, workspace: Workspace, kind: str, **settings: Any) -> None:
        self.workspace = workspace
        self.hall = Hall(workspace.database, kind, **settings)
        workspace.updater._pace._clock = _Ticking()
        one, two, three = self.hall.students
        self.bound = workspace.bind(self.hall.course_id, U1=one, U2=two, U3=three, U9=self.hall.teacher)
        for user in ("U1", "U2", "U3", "U9"):
            workspace.known(user)

    @property
    def metadata(self) -> dict[str, Any]:
        return {"channel": self.bound.id}

    def seat(self, user: str) -> Seat:
        return self.workspace.seats[user]

    def opened(self) -> dict[str, Any]:
        """The view that was opened last."""
        calls = [
            said["view"]
            for name, said in self.workspace.api.calls
            if name in {"views.open", "views.push", "views.update"}
        ]
        view: dict[str, Any] = calls[-1]
        assert limits.of_view(view) == []
        return view

    def press(self, user: str, view: dict[str, Any], action_id: str, value: str) -> None:
        """A button of a view that is open."""
        self.workspace.click(user, action_id, value, view={"id": "V1", **view})

    def posted(self) -> list[dict[str, Any]]:
        """What stands in the channel now, as it was posted or updated last, in the order of posting."""
        stands: dict[str, dict[str, Any]] = {}
        posts = [said for name, said in self.workspace.api.calls if name == "chat.postMessage"]
        in_channel = [said for said in posts if said["channel"] == CHANNEL]
        with self.workspace.database.read() as session:
            rows = session.scalars(
                select(SlackMessage).where(SlackMessage.ts.is_not(None)).order_by(SlackMessage.ts)
            ).all()
        for row, said in zip(rows, in_channel, strict=True):
            stands[str(row.ts)] = said
        for name, said in self.workspace.api.calls:
            if name == "chat.update":
                stands[said["ts"]] = {**stands[said["ts"]], **said}
        for said in stands.values():
            assert limits.of_message(said["text"], said["blocks"]) == []
        return list(stands.values())

    def update(self, rounds: int = 12) -> list[dict[str, Any]]:
        """Let what is due be sent, at whatever pace; gives what stands in the channel then."""
        self.workspace.update(rounds)
        return self.posted()

    def spread(self) -> int:
        with self.workspace.database.write() as session:
            return channel_news.spread(session, now=self.workspace.now)

    def count(self, table: Any, *where: Any) -> int:
        with self.workspace.database.read() as session:
            return session.scalar(select(func.count()).select_from(table).where(*where)) or 0

    def told(self) -> str:
        """What somebody was told in private last."""
        said = [
            said["text"]
            for name, said in self.workspace.api.calls
            if name == "respond" or (name == "chat.postMessage" and said["channel"].startswith("U"))
        ]
        return str(said[-1])


class _Ticking:
    """A clock that is ten seconds later each time."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        self.at += 10
        return self.at


def typed(**texts: str) -> dict[str, dict[str, Any]]:
    """view.state.values of boxes that were typed into."""
    return {name: {"typed": {"type": "plain_text_input", "value": text}} for name, text in texts.items()}


def ticked(block: str, *values: str) -> dict[str, dict[str, Any]]:
    """The same of boxes that were ticked."""
    options = [{"value": value, "text": {"type": "plain_text", "text": value}} for value in values]
    return {block: {"typed": {"type": "checkboxes", "selected_options": options}}}


def selected(block: str, value: str) -> dict[str, dict[str, Any]]:
    """The same of one choice."""
    option = {"value": value, "text": {"type": "plain_text", "text": value}}
    return {block: {"typed": {"type": "radio_buttons", "selected_option": option}}}


def answer(response: BoltResponse) -> dict[str, Any]:
    """What was answered to a form."""
    said: dict[str, Any] = json.loads(response.body) if response.body else {}
    if "view" in said:
        assert limits.of_view(said["view"]) == []
    return said


def words(said: Any) -> str:
    """Everything that a view or message shows."""
    if isinstance(said, dict):
        own = [str(value) for key, value in said.items() if key == "text" and isinstance(value, str)]
        return "\n".join([*own, *(words(value) for value in said.values() if isinstance(value, dict | list))])
    return "\n".join(words(value) for value in said) if isinstance(said, list) else ""


def action_ids(said: Any) -> set[str]:
    """The names of all controls in a view or message."""
    if isinstance(said, dict):
        own = {str(said["action_id"])} if "action_id" in said else set()
        return own.union(*(action_ids(value) for value in said.values()))
    return set().union(*(action_ids(value) for value in said)) if isinstance(said, list) else set()
