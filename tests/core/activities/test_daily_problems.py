"""A problem a day at one's own time: once a day, whatever the clocks and the workers do."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from core.activities import daily_problems, slack_users, workspaces
from core.activities.workspaces import Installed
from core.store.database import Database
from core.store.tables import SlackDirect
from tests.core.activities.classroom import NOW, count

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")


def installed(database: Database, users: int) -> int:
    """A workspace with so many users who want a problem at noon."""
    with database.write() as session:
        number = workspaces.save(
            session,
            Installed(
                enterprise_id="", team_id="T1", name="Class", app_id="A1", bot_id="B1", bot_user_id="UB",
                bot_token="sealed", bot_refresh_token=None, bot_token_expires_at=None, scopes=(), installed_by="U1",
            ),
            now=NOW,
        )  # fmt: skip
        for place in range(users):
            slack_users.note(session, number, f"U{place}")
            daily_problems.choose(session, number, f"U{place}", 12 * 60, now=NOW)
    return number


def run(database: Database, now: datetime) -> int:
    with database.write() as session:
        return daily_problems.run_due(session, now=now)


def test_once_a_day_and_once_for_days_on_which_nothing_ran(database: Database) -> None:
    installed(database, 2)
    noon = NOW.replace(hour=12, minute=0, second=0, microsecond=0)
    noon += timedelta(days=noon <= NOW)
    assert run(database, noon - timedelta(seconds=1)) == 0
    assert run(database, noon) == 2
    assert run(database, noon + timedelta(hours=23)) == 0
    assert run(database, noon + timedelta(days=4, hours=1)) == 2
    assert run(database, noon + timedelta(days=4, hours=2)) == 0
    assert run(database, noon + timedelta(days=5)) == 2


def test_nobody_who_wants_none_or_whose_workspace_ended(database: Database) -> None:
    number = installed(database, 2)
    with database.write() as session:
        daily_problems.choose(session, number, "U0", None, now=NOW)
    assert run(database, NOW + timedelta(days=1)) == 1
    with database.write() as session:
        workspaces.end(session, number, now=NOW)
    assert run(database, NOW + timedelta(days=2)) == 0


def test_two_workers_send_one(database: Database) -> None:
    installed(database, 5)
    gate, numbers = threading.Barrier(3), []

    def work() -> None:
        gate.wait()
        numbers.append(run(database, NOW + timedelta(days=1)))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(numbers) == 5
    assert count(database, SlackDirect) == 5


@given(minute=st.integers(0, 1439), hours=st.integers(0, 366 * 24), where=st.sampled_from(ZONES))
def test_the_next_time_is_within_two_days_and_reads_as_chosen(minute: int, hours: int, where: str) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    at = daily_problems.next_after(minute, where, now)
    assert now < at <= now + timedelta(hours=26)
    here = at.astimezone(ZoneInfo(where))
    off = (here.hour * 60 + here.minute - minute) % 1440
    assert off == 0 or (off in {30, 60} and here.utcoffset() != (here - timedelta(days=1)).utcoffset())
