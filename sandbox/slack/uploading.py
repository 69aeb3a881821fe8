"""Files that people choose in a form of an app's, and the address at which that app reads them.

docs.slack.dev/reference/block-kit/block-elements/file-input-element: the app gets file objects in `state.values`, and
needs files:read. docs.slack.dev/messaging/working-with-files: `url_private` is read with the token in the Authorization
header; who may not read it is sent to a page for people.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.slack import shapes
from sandbox.slack.api import good_token
from sandbox.slack.elements import Found, Values
from sandbox.slack.entering import CannotEnter
from sandbox.slack.ids import new_id
from sandbox.slack.state import App, Failure, File, Slack, User

SCOPE = "files:read"
MOST = 10


def keep(slack: Slack, user: User, name: str, data: bytes) -> File:
    """A file of somebody's own, in no channel."""
    now = slack.clock.now()
    file = File(new_id("F"), user.team_id, user.id, "", name, len(data), int(now), "", data=data, completed=True)
    file.ready_at = now
    slack.files[file.id] = file
    return file


def taken(slack: Slack, user: User, found: Found, given: Any) -> dict[str, Any]:
    """The element's state after somebody chose files of theirs, by id. Raises CannotEnter."""
    ids = [] if given is None else given
    files = [slack.files.get(one) for one in ids] if isinstance(ids, list) else [None]
    if any(file is None or file.user_id != user.id or file.deleted for file in files):
        raise CannotEnter("That is no file of yours.")
    most, ends = found.element.get("max_files", MOST), found.element.get("filetypes")
    if len(files) > most:
        raise CannotEnter(f"At most {most} files can be chosen.")
    for file in files:
        if file is not None and ends and file.name.rpartition(".")[2].lower() not in ends:
            raise CannotEnter(f"Only these files can be chosen: {', '.join(ends)}.")
    return {"type": found.kind, "files": [shapes.file(slack, file) for file in files if file is not None]}


def give(slack: Slack, app: App, values: Values) -> None:
    """The app is told of what was chosen, and may read it from now on."""
    for state in (state for entered in values.values() for state in entered.values()):
        for told in state.get("files") or () if state["type"] == "file_input" else ():
            if isinstance(told, Mapping):
                slack.files[told["id"]].given_to.add(app.id)


def read(slack: Slack, value: str, team_id: str, file_id: str) -> File | None:
    """The file for who has this token; None where it may not be read with it."""
    try:
        token = good_token(slack, value)
    except Failure:
        return None
    file = slack.files.get(file_id)
    if file is None or file.deleted or file.team_id != team_id or SCOPE not in token.scopes:
        return None
    channels = [slack.channels[channel] for channel in file.shares]
    seen = token.app_id in {file.app_id, *file.given_to} or any(
        slack.sees(token.user_id or "", one) for one in channels
    )
    return file if seen else None
