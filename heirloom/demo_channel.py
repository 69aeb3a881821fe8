"""The demo's channel: a small workspace in Slack's place, bound to the demo's course, with a poll to vote in.

The workspace lives in memory, so each start installs the app, binds the channel and links people anew, by the same
steps as in life; what the class did in it is in the course.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import urllib3
from sqlalchemy import delete, select

import bot
from core.activities import channels, poll_closing, poll_writing, polls, slack_messages, workspaces
from core.activities.poll_plans import Plan
from core.activities.seats import Opened, Seat
from core.polling.kinds import Single
from core.store.database import Database
from core.store.tables import Activity, Course, Membership, SlackIdentity, Workspace
from sandbox.channel import Channel
from sandbox.slack.__main__ import credentials

MANIFEST = Path(bot.__file__).parent / "manifest.json"
QUESTION = "What shall we go through together next week?"
OPTIONS = ("Completing the square", "Conditional probability", "How to read a diagram", "Something else")


@dataclass(frozen=True, slots=True)
class Corner:
    """Where the workspace of a demo answers, and the file with the app's secrets."""

    port: int
    secrets: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self, tool_url: str, students: int) -> list[str]:
        """How `python -m` starts it."""
        return [
            "sandbox.slack", "--port", str(self.port), "--manifest", str(MANIFEST), "--app-url", tool_url,
            "--credentials", str(self.secrets), "--students", str(students),
        ]  # fmt: skip

    def settings(self) -> dict[str, str]:
        """The tool's settings for this workspace; makes the secrets where there are none yet."""
        made = credentials(self.secrets)
        return {
            "SLACK_CLIENT_ID": made["client_id"],
            "SLACK_CLIENT_SECRET": made["client_secret"],
            "SLACK_SIGNING_SECRET": made["signing_secret"],
            "SLACK_API_URL": f"{self.url}/api",
        }


def open_channel(corner: Corner, tool_url: str, database: Database, *, now: datetime) -> str:
    """Install the app, bind the channel to the demo's course, link its people, and ask something. Gives the address of
    the channel's page, as its first student.
    """
    token = json.loads(corner.secrets.read_text(encoding="utf-8"))["control_token"]
    channel = Channel(corner.url, token, tool_url, urllib3.PoolManager(maxsize=8, block=True))
    channel.find()
    teacher, students = _people(database)
    _end_earlier_starts(database, teacher, now)
    channel.install()
    channel.bind(database, teacher, now=now)
    people = dict(zip(channel.students, students, strict=False))
    channel.link(database, {channel.teacher: teacher, **people}, now=now)
    _ask(database, teacher, now)
    return f"{corner.url}/#as={channel.students[0]}&in={channel.id}"


def _people(database: Database) -> tuple[Seat, list[Seat]]:
    """The teacher and the students of the demo's course."""
    with database.read() as session:
        rows: Any = session.execute(
            select(Course.platform_id, Membership.course_id, Membership.person_id, Membership.role)
            .join(Course, Course.id == Membership.course_id)
            .where(Course.id == select(Activity.course_id).order_by(Activity.id).limit(1).scalar_subquery())
            .order_by(Membership.id)
        ).all()
    everybody = [Seat(*row) for row in rows]
    teacher = next(seat for seat in everybody if seat.role == "teacher")
    return teacher, [seat for seat in everybody if seat.role == "student"]


def _end_earlier_starts(database: Database, teacher: Seat, now: datetime) -> None:
    """Their workspaces are gone, with everybody's accounts in them."""
    with database.write() as session:
        for bound in channels.of_course(session, teacher):
            channels.release(session, teacher, bound.id, now=now)
        for number in session.scalars(select(Workspace.id)).all():
            workspaces.end(session, number, now=now)
            session.execute(delete(SlackIdentity).where(SlackIdentity.workspace_id == number))


def _ask(database: Database, teacher: Seat, now: datetime) -> None:
    """The poll that is open in the course, or a new one, is posted to the channel."""
    with database.write() as session:
        bound = channels.of_course(session, teacher)[0]
        opened = channels.activity(session, teacher, bound, "poll", now=now)
        poll = _open_poll(session, teacher, opened, now)
        slack_messages.post(
            session, bound.workspace_id, bound.channel_id, "poll", poll, opened.id, asked_by=None, now=now
        )


def _open_poll(session: Any, teacher: Seat, opened: Opened, now: datetime) -> int:
    for poll in polls.listed(session, teacher, opened, now):
        if poll.state == "open" and poll.prompt == QUESTION:
            return poll.id
    plan = Plan(Single(), QUESTION, OPTIONS, results="at_once", closes_at=now + timedelta(days=30))
    made = poll_writing.make(session, teacher, opened, plan, now=now)
    poll_closing.open_poll(session, teacher, opened, made, now=now)
    return made
