"""Reading a roster (NRPS 2.0): page by page, in the background, from the platform's own server only."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from core.activities.addresses import is_web_address, origin
from core.activities.people import plain_line
from core.activities.platforms import Registered
from core.activities.rosters import Member, Roster
from core.activities.sending import ToRead
from core.events import work_event
from lti_tool import links, roles
from lti_tool.egress import Unreachable
from lti_tool.messages import CLAIM, LONGEST_ID
from lti_tool.retrying import retry_after
from lti_tool.scopes import ROSTER
from lti_tool.services import Services
from lti_tool.tokens import NoToken

MEDIA_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
MOST_PAGES = 500
MOST_MEMBERS = 50_000
STATUS = {"active": "active", "inactive": "inactive", "deleted": "deleted"}
MOST_SECTIONS = 50


class RosterFailed(Exception):
    """`why` is a key of `core.activities.rosters.FAILED`."""

    def __init__(self, why: str, detail: str, wait: float | None = None) -> None:
        self.why = why
        self.wait = wait
        super().__init__(detail)


def read_member(value: Any) -> Member | None:
    """A member of a page; None for what names nobody.

    Only user_id and roles are certain; a missing status means active.
    """
    if not isinstance(value, dict):
        return None
    subject, named = value.get("user_id"), value.get("roles")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_ID or not subject.isascii():
        return None
    if not subject.isprintable():
        return None
    held = [role for role in named if isinstance(role, str)] if isinstance(named, list) else []
    parts = (plain_line(value.get("given_name")), plain_line(value.get("family_name")))
    return Member(
        subject,
        roles.effective(held),
        STATUS.get(str(value.get("status", "active")).lower(), "active"),
        plain_line(value.get("name")) or plain_line(" ".join(filter(None, parts))),
        sections(value.get("message")),
        roles.is_test_user(held),
    )


def sections(messages: Any) -> tuple[str, ...]:
    """The sections in a member's message part, where the platform fills our custom parameter `section_names`
    (Canvas)."""
    for message in messages if isinstance(messages, list) else ():
        custom = message.get(f"{CLAIM}custom") if isinstance(message, dict) else None
        named = custom.get("section_names") if isinstance(custom, dict) else None
        if isinstance(named, str) and named and not named.startswith("$"):
            try:
                listed = json.loads(named)
            except (ValueError, RecursionError):
                listed = named.split(",")
            if isinstance(listed, list):
                return tuple(filter(None, map(plain_line, listed[:MOST_SECTIONS])))
    return ()


def read_page(body: Any) -> list[Any]:
    """The members of a page. Raises RosterFailed: a page without a list of members is no empty roster."""
    if not isinstance(body, dict) or not isinstance(body.get("members"), list):
        raise RosterFailed("unreadable", "a page without members")
    members: list[Any] = body["members"]
    return members


def fetch(services: Services, registration: Registered, due: ToRead, *, keep_going: Callable[[], bool]) -> Roster:
    """Read a course's roster: the differences where the platform offered them, the whole one otherwise or where
    that fails.

    `keep_going` renews the lease before each page. Raises RosterFailed.
    """
    if due.differences_url is not None:
        try:
            return _read(services, registration, due, due.differences_url, whole=False, keep_going=keep_going)
        except RosterFailed as error:
            work_event("roster_differences", course=due.course_id, outcome=error.why, detail=str(error))
    return _read(services, registration, due, due.memberships_url, whole=True, keep_going=keep_going)


def _read(
    services: Services,
    registration: Registered,
    due: ToRead,
    first: str,
    *,
    whole: bool,
    keep_going: Callable[[], bool],
) -> Roster:
    members: dict[str, Member] = {}
    differences: str | None = None
    url: str | None = first
    visited: set[str] = set()
    while url is not None:
        if url in visited or len(visited) == MOST_PAGES or len(members) > MOST_MEMBERS:
            raise RosterFailed("endless", f"page {len(visited) + 1} was read before, or is one too many")
        if not keep_going():
            raise RosterFailed("transient", "the lease was lost")
        visited.add(url)
        body, headers = _page(services, registration, due, url)
        for value in read_page(body):
            member = read_member(value)
            if member is not None:
                members[member.subject] = member
        link = headers.get("link", "")
        differences = _here(links.find(link, "differences", base=url), first) or differences
        url = _next(link, url, first)
    work_event(
        "roster", registration=registration.public_id, course=due.course_id, pages=len(visited), members=len(members)
    )
    return Roster(tuple(members.values()), whole, differences)


def _page(services: Services, registration: Registered, due: ToRead, url: str) -> tuple[Any, Mapping[str, str]]:
    try:
        answer = services.get(registration, due.deployment_id, (ROSTER,), url, {"Accept": MEDIA_TYPE})
    except NoToken as error:
        raise RosterFailed("forbidden" if error.kind == "forbidden" else "transient", str(error), error.wait) from None
    except Unreachable as error:
        raise RosterFailed("unreadable" if error.kind == "size" else "transient", error.kind) from None
    if answer.status in (408, 425, 429) or answer.status >= 500:
        raise RosterFailed("transient", f"status {answer.status}", retry_after(answer))
    if answer.status in (401, 403):
        raise RosterFailed("forbidden", f"status {answer.status}")
    if answer.status != 200:
        raise RosterFailed("unreadable", f"status {answer.status}")
    try:
        return answer.json(), answer.headers
    except ValueError:
        raise RosterFailed("unreadable", "not JSON") from None


def _next(link: str, url: str, first: str) -> str | None:
    """The next page.

    Raises RosterFailed when it is on another server: our token goes nowhere else, and half a roster is none.
    """
    following = links.find(link, "next", base=url)
    if following is None:
        return None
    if _here(following, first) is None:
        raise RosterFailed("unreadable", "the next page is on another server")
    return following


def _here(url: str | None, first: str) -> str | None:
    """The address, if it is on the server of the first page."""
    return url if is_web_address(url, development=True) and origin(str(url)) == origin(first) else None
