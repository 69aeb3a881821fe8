"""The worker: one loop that does what is due, a registration at a time. Any number of workers may run.

It stops between two requests when it is told to, lives through a restart of the database, and writes one log line
for each outcome.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial

import numpy as np
from sqlalchemy.exc import DBAPIError

from core.activities import (
    channel_news,
    chores,
    credit,
    daily_problems,
    fitting,
    keys,
    launches,
    mixing,
    pace,
    poll_closing,
    prompts,
    reminders,
    rosters,
    sending,
    workspaces,
)
from core.activities.platforms import Registered
from core.activities.sending import ToRead
from core.events import work_event
from core.secrets import Vault
from core.settings import Settings
from core.store.database import Database
from lti_tool import rosters as roster_service
from lti_tool import scores
from lti_tool.egress import Egress
from lti_tool.keys import new_key
from lti_tool.rosters import RosterFailed
from lti_tool.services import Services
from lti_tool.tokens import Tokens

POLL = 1.0  # seconds between two looks when nothing is due
MOST_SCORES = 25  # at one registration before others get their turn
BEAT = sending.LEASE.total_seconds() / 3  # between two renewals of a lease
MINUTELY, HOURLY, DAILY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_log = logging.getLogger("heirloom.worker")


class Worker:
    """One worker process's hands: it holds nothing that another would need."""

    def __init__(
        self, settings: Settings, database: Database, now: Callable[[], datetime], egress: Egress | None = None
    ) -> None:
        egress = egress or Egress(development=settings.development, private_hosts=settings.private_hosts)
        self._database = database
        self._now = now
        self._vault = Vault(settings.secret_keys)
        self._services = Services(Tokens(database, egress, self._vault, now), egress)
        self._owner = secrets.token_hex(16)
        self._has_slack = settings.has_slack

    def step(self, stop: threading.Event) -> bool:
        """Do one piece of what is due: False when there was nothing."""
        did = self._chores()
        with self._database.write() as session:
            registration = sending.claim(session, owner=self._owner, now=self._now())
        if registration is None:
            return did
        try:
            with self._holding(registration):
                self._serve(registration, stop)
        except DBAPIError:
            raise  # the loop waits for the database; the lease runs out by itself
        except (
            Exception
        ):  # one platform's oddity must not keep all others waiting: it is logged, paused and tried again
            _log.exception("registration %s", registration.public_id)
            with self._database.write() as session:
                pause = timedelta(minutes=5).total_seconds()
                sending.note(session, registration.id, "throttled", pause, now=self._now())
        with self._database.write() as session:
            sending.release(session, registration.id, owner=self._owner, now=self._now())
        return True

    @contextmanager
    def _holding(self, registration: Registered) -> Iterator[None]:
        """Renew the lease while the block runs. So it may be short: what a killed worker had in hand waits little,
        and a platform that takes minutes to answer is still called by one worker alone."""
        over = threading.Event()
        beats = threading.Thread(target=self._renew, args=(registration, over), name="lease", daemon=True)
        beats.start()
        try:
            yield
        finally:
            over.set()
            beats.join()

    def _renew(self, registration: Registered, over: threading.Event) -> None:
        while not over.wait(BEAT):
            try:
                with self._database.write() as session:
                    if not sending.renew(session, registration.id, owner=self._owner, now=self._now()):
                        return
            except DBAPIError as error:  # the work meets the same database; another beat may find it back
                work_event("database_unreachable", level=logging.ERROR, kind=type(error).__name__)

    def _serve(self, registration: Registered, stop: threading.Event) -> None:
        for _ in range(MOST_SCORES):
            if stop.is_set() or not self._send_one(registration):
                break
        if not stop.is_set():
            with self._database.write() as session:
                due = sending.next_roster(session, registration.id, owner=self._owner, now=self._now())
            if due is not None:
                self._read_roster(registration, due)

    def _send_one(self, registration: Registered) -> bool:
        """Send the score that is due longest: True when the next one may follow."""
        with self._database.write() as session:
            score = sending.next_grade(session, registration.id, owner=self._owner, now=self._now())
        if score is None:
            return False
        outcome = scores.deliver(self._services, registration, score)
        with self._database.write() as session:
            sending.settle(session, score, outcome, now=self._now())
            sending.note(session, registration.id, outcome.kind, outcome.retry_after, now=self._now())
        return outcome.kind != "throttled"

    def _read_roster(self, registration: Registered, due: ToRead) -> None:
        def keep_going() -> bool:
            with self._database.write() as session:
                return sending.renew(session, registration.id, owner=self._owner, now=self._now())

        try:
            roster = roster_service.fetch(self._services, registration, due, keep_going=keep_going)
        except RosterFailed as error:
            work_event("roster_failed", registration=registration.public_id, course=due.course_id, detail=str(error))
            with self._database.write() as session:
                rosters.failed(session, due.course_id, error.why, error.wait, now=self._now())
            return
        with self._database.write() as session:
            rosters.apply(session, due.course_id, roster, now=self._now())

    def _chores(self) -> bool:
        return any(
            [
                self._chore("purge", HOURLY, self._purge),
                self._chore("rotate_keys", DAILY, self._rotate_keys),
                self._chore("settle_polls", HOURLY, self._settle_polls),
                self._chore("tell_together", HOURLY, self._tell_together),
                self._chore("mix", HOURLY, self._mix),
                self._fit(),
                self._has_slack and self._in_slack(),
            ]
        )

    def _in_slack(self) -> bool:
        """Post what is due along the term, remind who has not answered, tell channels what the course found good."""
        posted = 0
        while self._due_now(prompts.run_due):
            posted += 1
        reminded = self._due_now(reminders.run_due) + self._due_now(daily_problems.run_due)
        return any(
            [posted, reminded, self._chore("channel_news", MINUTELY, partial(self._due_now, channel_news.spread))]
        )

    def _due_now(self, work: Callable[..., int]) -> int:
        with self._database.write() as session:
            return work(session, now=self._now())

    def _chore(self, name: str, every: timedelta, work: Callable[[], int]) -> bool:
        with self._database.write() as session:
            if not chores.take(session, name, now=self._now()):
                return False
        number = work()
        with self._database.write() as session:
            chores.done(session, name, again=self._now() + every)
        work_event("chore", name=name, number=number)
        return True

    def _fit(self) -> bool:
        """Learn who stays, from one course at a time: scores are sent in between."""
        with self._database.write() as session:
            if not chores.take(session, "fit", now=self._now()):
                return False
        with self._database.read() as session:
            due = fitting.due(session, now=self._now())
            log = fitting.read(session, due[0], now=self._now(), most=fitting.MOST_ROWS) if due else None
            start = fitting.start_of(session, due[0]) if due else None
        if log is not None and start is not None:
            fitted = fitting.fit(log, f"course {due[0]}", start=start, rng=np.random.default_rng(), now=self._now())
            with self._database.write() as session:
                fitting.keep(session, due[0], fitted, now=self._now())
            work_event("fitted", course=due[0], rows=len(log))
        with self._database.write() as session:
            chores.done(session, "fit", again=self._now() + (DAILY if len(due) < 2 else timedelta(0)))
        return True

    def _purge(self) -> int:
        with self._database.write() as session:
            rooms = (launches, pace, workspaces)
            return sum(room.purge(session, now=self._now()) for room in rooms)

    def _settle_polls(self) -> int:
        """Polls that closed by themselves and that nobody has looked at since."""
        with self._database.write() as session:
            return poll_closing.settle_all(session, now=self._now())

    def _mix(self) -> int:
        """Rows of anonymous activities lose the mark of having been written together."""
        with self._database.write() as session:
            return mixing.mix(session, now=self._now())

    def _tell_together(self) -> int:
        """Scores of activities that hide names, where enough of them move at once."""
        with self._database.write() as session:
            return credit.tell_together(session, now=self._now())

    def _rotate_keys(self) -> int:
        with self._database.read() as session:
            waiting = keys.registrations_in_want_of_a_key(session, self._now())
        made = [(registration_id, new_key(self._vault)) for registration_id in waiting]  # slow: outside any transaction
        with self._database.write() as session:
            for registration_id, key in made:
                keys.publish(session, registration_id, key, status="next", now=self._now())
            return len(made) + len(keys.promote(session, self._now()))


def run(
    settings: Settings,
    database: Database,
    stop: threading.Event,
    now: Callable[[], datetime],
    poll: float = POLL,
    egress: Egress | None = None,
) -> None:
    """Work until `stop` is set; the request in hand is finished and settled first."""
    worker = Worker(settings, database, now, egress)
    updating = _update_slack(settings, database, stop, now) if settings.has_slack else None
    work_event("worker_started")
    while not stop.is_set():
        try:
            did = worker.step(stop)
        except DBAPIError as error:
            work_event("database_unreachable", level=logging.ERROR, kind=type(error).__name__)
            did = False
        except Exception:  # one chore's oddity must not end all the others: it is logged and comes again
            _log.exception("worker")
            stop.wait(5)
            did = False
        if not did:
            stop.wait(poll)
    if updating is not None:
        updating.join()
    work_event("worker_stopped")


def _update_slack(
    settings: Settings, database: Database, stop: threading.Event, now: Callable[[], datetime]
) -> threading.Thread:
    """Slack's messages follow within a second, so they have a thread of their own beside the slower work."""
    from bot import updater  # not needed where there is no Slack
    from bot.nouns import DIRECTS, RENDERERS
    from bot.wiring import wire

    hands = updater.Updater(wire(settings, database, now=now), RENDERERS, DIRECTS)
    thread = threading.Thread(target=updater.run, args=(hands, stop), name="slack")
    thread.start()
    return thread
