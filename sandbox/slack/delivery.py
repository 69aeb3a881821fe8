"""Deliveries to an app: what Slack sends over HTTP or Socket Mode, how it is signed, and when it is tried again.

docs.slack.dev: authentication/verifying-requests-from-slack, apis/events-api ("retries"), interactivity. A person's
click is delivered once, and the app has 3 seconds; an event is tried four times.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Protocol
from urllib.parse import urlencode

import urllib3

from sandbox.slack.faults import Fault, Faults, altered
from sandbox.slack.later import Later

ACK_SECONDS = 3.0
RETRY_AFTER_SECONDS = (0.0, 60.0, 300.0)
"""When an event is tried again after a try that failed: at once, after a minute, after five."""
STALE_SECONDS = 600.0
OVERTAKE_SECONDS = 0.5
MOST_REMEMBERED = 20_000
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
TIMEOUT, UNREACHABLE, REFUSED = "http_timeout", "connection_failed", "http_error"
"""X-Slack-Retry-Reason: too late, nobody there, another status than 200."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an app listens: at `url`, or over its sockets."""

    app_id: str
    signing_secret: str
    url: str
    socket_mode: bool = False


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is sent. `target` is events, interactive, commands or options; `retry` counts an event's further tries."""

    target: str
    payload: Mapping[str, Any]
    retry: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, or the `problem` because of which nothing did."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=lambda: NO_HEADERS)
    body: bytes = b""
    problem: str = ""

    @property
    def taken(self) -> bool:
        """The app has it: any 2xx. Slack asks for 200 and takes the others."""
        return not self.problem and 200 <= self.status < 300

    @property
    def trouble(self) -> str:
        """X-Slack-Retry-Reason, empty if the app has it."""
        if self.taken:
            return ""
        return self.problem or REFUSED

    def as_json(self) -> Any:
        """The body, if it is JSON; None otherwise."""
        try:
            return json.loads(self.body) if self.body.strip() else None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A line of the log: what was sent to which app, what came of it, after how many real seconds."""

    app_id: str
    target: str
    name: str
    retry: int
    status: int
    problem: str
    seconds: float
    fault: str = ""


class Sockets(Protocol):
    """The side of Socket Mode that deliveries need."""

    def send(self, app_id: str, parcel: Parcel, seconds: float) -> Answer: ...


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """X-Slack-Signature of a request."""
    text = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def encoded(parcel: Parcel) -> tuple[str, bytes]:
    """Content type and body: events are JSON, commands a form, everything else JSON in a form."""
    if parcel.target == "events":
        return "application/json", json.dumps(parcel.payload, separators=(",", ":")).encode()
    if parcel.target == "commands":
        return "application/x-www-form-urlencoded", urlencode(parcel.payload).encode()
    return "application/x-www-form-urlencoded", urlencode({"payload": json.dumps(parcel.payload)}).encode()


def name_of(parcel: Parcel) -> str:
    """What the log calls it: the event's id, the command, or what the person did."""
    payload = parcel.payload
    return str(payload.get("event_id") or payload.get("command") or payload.get("type", ""))


@dataclass
class Courier:
    """Carries parcels, and lets planned failures happen. `wall` gives the real time that signatures are made with:
    the app compares it with its own clock, whatever the workspace's clock shows.
    """

    faults: Faults
    later: Later
    sockets: Sockets
    ack_seconds: float = ACK_SECONDS
    wall: Callable[[], float] = time.time
    log: deque[Delivery] = field(default_factory=lambda: deque(maxlen=MOST_REMEMBERED))

    def __post_init__(self) -> None:
        self._pool = urllib3.PoolManager(num_pools=8, maxsize=64, block=False)
        self._copies = ThreadPoolExecutor(32, thread_name_prefix="slack-copies")
        self._passing = threading.Condition()
        self._passed = 0

    def close(self) -> None:
        self._copies.shutdown(wait=True, cancel_futures=True)
        self._pool.clear()

    def send(self, destination: Destination, parcel: Parcel) -> Answer:
        """One try, in this thread. A person waits for the answer, so it is never tried again."""
        fault = self.faults.claim_delivery(parcel.target)
        if fault is None:
            return self._carry(destination, parcel)
        return self._carry_badly(destination, parcel, fault)

    def send_event(self, destination: Destination, payload: Mapping[str, Any]) -> None:
        """Send an event from another thread, up to four times: again at once, after 1 minute, after 5 minutes, as long
        as the app does not take it and does not ask to be spared (X-Slack-No-Retry: 1).
        """
        moment = self.later.clock.now()
        self.later.soon(lambda: self._try_event(destination, Parcel("events", payload), moment))

    def _try_event(self, destination: Destination, parcel: Parcel, moment: float) -> None:
        """`moment` is when this try was due: the next is counted from there, however far the clock has jumped since."""
        fault = self.faults.claim_delivery(parcel.target)
        if fault is not None and fault.kind == "delay":
            late = moment + fault.number("seconds", self.ack_seconds)
            self.later.at(
                late,
                lambda: self._conclude(destination, parcel, late, self._carry(destination, parcel, fault="delay")),
            )
        elif fault is None:
            self._conclude(destination, parcel, moment, self._carry(destination, parcel))
        else:
            self._conclude(destination, parcel, moment, self._carry_badly(destination, parcel, fault))

    def _conclude(self, destination: Destination, parcel: Parcel, moment: float, answer: Answer) -> None:
        spared = answer.headers.get("X-Slack-No-Retry") == "1"
        if answer.taken or spared or parcel.retry == len(RETRY_AFTER_SECONDS):
            return
        again = replace(parcel, retry=parcel.retry + 1, reason=answer.trouble)
        due = moment + RETRY_AFTER_SECONDS[parcel.retry]
        self.later.at(due, lambda: self._try_event(destination, again, due))

    def _carry_badly(self, destination: Destination, parcel: Parcel, fault: Fault) -> Answer:
        match fault.kind:
            case "drop":
                self._note(destination, parcel, Answer(problem=UNREACHABLE), 0.0, fault.kind)
                return Answer(problem=UNREACHABLE)
            case "lose_answer":
                self._carry(destination, parcel, fault=fault.kind)
                return Answer(problem=TIMEOUT)
            case "delay":
                return self._carry_late(destination, parcel, fault.number("seconds", self.ack_seconds))
            case "reorder":
                self._wait_to_be_overtaken(fault.number("seconds", OVERTAKE_SECONDS))
                return self._carry(destination, parcel, fault=fault.kind)
            case "duplicate":
                copies = [
                    self._copies.submit(self._carry, destination, parcel, fault=fault.kind)
                    for _ in range(int(fault.number("copies", 1)))
                ]
                answer = self._carry(destination, parcel)
                for copy in copies:
                    copy.result()
                return answer
            case "alter":
                changed = replace(parcel, payload=altered(parcel.payload, fault.details.get("changes", {})))
                return self._carry(destination, changed, fault=fault.kind)
            case _:
                return self._carry(destination, parcel, fault=fault.kind, age=fault.number("seconds", STALE_SECONDS))

    def _carry_late(self, destination: Destination, parcel: Parcel, seconds: float) -> Answer:
        """It goes out when the clock has advanced; the person who waits for it gives up after the ack clock."""
        self.later.at(self.later.clock.now() + seconds, lambda: self._take_late(destination, parcel))
        return Answer(problem=TIMEOUT)

    def _take_late(self, destination: Destination, parcel: Parcel) -> None:
        self._carry(destination, parcel, fault="delay")

    def _wait_to_be_overtaken(self, seconds: float) -> None:
        with self._passing:
            before = self._passed
            self._passing.wait_for(lambda: self._passed > before, timeout=seconds)

    def _carry(self, destination: Destination, parcel: Parcel, *, fault: str = "", age: float = 0.0) -> Answer:
        start = time.monotonic()
        if destination.socket_mode:
            answer = self.sockets.send(destination.app_id, parcel, self.ack_seconds)
        else:
            answer = self._post(destination, parcel, fault, age)
        self._note(destination, parcel, answer, time.monotonic() - start, fault)
        with self._passing:
            self._passed += 1
            self._passing.notify_all()
        return answer

    def _post(self, destination: Destination, parcel: Parcel, fault: str, age: float) -> Answer:
        content_type, body = encoded(parcel)
        headers = {
            "Accept": "*/*",
            "Connection": "close",  # one that the app's server has just given up would look like an app that is gone
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        }
        if fault != "unsigned":
            secret = destination.signing_secret if fault != "wrong_secret" else "another secret"
            timestamp = str(int(self.wall() - (age if fault == "stale" else 0)))
            headers["X-Slack-Request-Timestamp"] = timestamp
            headers["X-Slack-Signature"] = signature(secret, timestamp, body)
        if parcel.retry:
            headers["X-Slack-Retry-Num"] = str(parcel.retry)
            headers["X-Slack-Retry-Reason"] = parcel.reason
        timeout = urllib3.Timeout(total=self.ack_seconds)
        try:
            response = self._pool.request(
                "POST", destination.url, body=body, headers=headers, timeout=timeout, retries=False
            )
        except urllib3.exceptions.NewConnectionError:  # which urllib3 counts among its timeouts
            return Answer(problem=UNREACHABLE)
        except urllib3.exceptions.TimeoutError:
            return Answer(problem=TIMEOUT)
        except urllib3.exceptions.HTTPError:
            return Answer(problem=UNREACHABLE)
        return Answer(response.status, response.headers, response.data)

    def _note(self, destination: Destination, parcel: Parcel, answer: Answer, seconds: float, fault: str) -> None:
        self.log.append(
            Delivery(
                destination.app_id,
                parcel.target,
                name_of(parcel),
                parcel.retry,
                answer.status,
                answer.problem,
                round(seconds, 4),
                fault,
            )
        )
