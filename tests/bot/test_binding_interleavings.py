"""A first click and the tie to the LMS come between each other. PostgreSQL alone: SQLite has one writer at a time."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy.orm import Session

from core.activities import channels, identities
from tests.bot.slack import CHANNEL, TEACHER, Workspace
from tests.bot.test_binding import ghosts
from tests.core.activities.classroom import until_it_waits
from tests.core.activities.hall import Hall

DATABASES = ("postgresql",)


@pytest.mark.parametrize("first", ["click", "tie"])
def test_of_a_first_click_and_the_tie_the_second_waits_for_the_first(workspace: Workspace, first: str) -> None:
    hall = Hall(workspace.database, "poll")
    workspace.command(TEACHER, "class Statistics")
    with workspace.database.read() as session:
        before = channels.find(session, workspace.id, CHANNEL)
    assert before is not None
    found: list[object] = []

    def click(session: Session) -> None:
        found.append(
            identities.seat(
                session, workspace.id, "U5", platform_id=before.platform_id, course_id=before.course_id,
                has_lms=False, now=workspace.now,
            )
        )  # fmt: skip

    def tie(session: Session) -> None:
        channels.bind(
            session, workspace.id, CHANNEL, course_id=hall.course_id, bound_by=None, language="en", zone="UTC",
            now=workspace.now,
        )  # fmt: skip

    def second() -> None:
        with workspace.database.write() as session:
            (tie if first == "click" else click)(session)

    thread = threading.Thread(target=second)
    with workspace.database.write() as session:
        (click if first == "click" else tie)(session)
        thread.start()
        assert until_it_waits(workspace.database, thread)
    thread.join()
    assert (found[0] is None) == (first == "tie")
    assert ghosts(workspace, before.platform_id) == 0
