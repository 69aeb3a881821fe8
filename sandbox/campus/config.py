"""What a campus is told when it starts, and the habits of real platforms that it can take on."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

LOOPBACK_HOSTS = ("localhost", "127.0.0.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """Where real platforms differ from the standard, or choose among what it allows. The defaults are strict."""

    # Launch
    family: str = "campus"
    """`product_family_code` of the tool_platform claim."""
    prompt_optional: bool = False
    """Take an authorization request without `prompt` (Moodle)."""
    short_context_type: bool = False
    """Send the context type `CourseSection` without its prefix (Moodle)."""
    moodle_claims: bool = False
    """Add Moodle's `ext` claim, its extra custom parameters and lower-cased copies of custom keys."""
    moodle_variables: bool = False
    """Leave `$ResourceLink.id.history` and the link's dates unresolved, and give short roles (Moodle)."""
    sourcedid_always: bool = False
    """Send `person_sourcedid` and `$User.username` although names are not shared (Moodle)."""
    hint_suffix: str = ""
    """Text behind every lti_message_hint: long, or full of signs that need escaping. It must come back unaltered."""
    frame_messages: bool = False
    """The launch page listens to lti.frameResize, lti.capabilities, lti.put_data and lti.get_data (Canvas)."""
    storage_frame: str = ""
    """Name of the sibling frame that keeps platform storage; announced as lti_storage_target. Empty: `_parent`."""

    # Token endpoint and registration
    moodle_token_answers: bool = False
    """Token answers are labelled text/html, and an unknown key id gives JSON that does not parse (Moodle)."""
    moodle_registration: bool = False
    """Refusals of a registration are plain text, and `a=b` in a custom parameter is cut to `a` (Moodle)."""

    # Grades
    plain_status_codes: bool = False
    """401 for a missing scope and 400 for a wrong media type, instead of 403, 406 and 415 (Moodle)."""
    line_item_query: bool = True
    """Line item URLs carry a query string, as Moodle's do; Canvas's do not."""
    moodle_link_headers: bool = False
    """Link headers of line items have curly quotes and escaped ampersands; `results?limit=` answers 404 (Moodle)."""
    page_size: int = 0
    """Members, line items and results a page when the tool names no limit. 0: everything at once."""
    lenient_scores: bool = False
    """Take what the standard forbids in a score: unknown progress, text numbers, maximum 0, whole seconds (Moodle)."""
    clamp_scores: bool = False
    """Cut a score to the line item's range; the standard allows more than the maximum (Moodle)."""
    stale_scores: Literal["whole_seconds", "earlier"] = "whole_seconds"
    """409 unless the timestamp is at least the next whole second (Moodle), or 400 only for an earlier one (Canvas)."""
    not_gradable_status: int = 400
    """Answer to a score for somebody who cannot be graded: 400 (Moodle) or 422 (Canvas)."""
    score_answers_result: bool = False
    """A score is answered with the URL of its result (Canvas)."""
    score_replaces_override: bool = False
    """A later score replaces the teacher's own value (Canvas); else the teacher's value stays (Moodle)."""
    moodle_results: bool = False
    """Results carry the time of the score, and of an emptied cell only the person (Moodle)."""

    # Roster
    short_roles: bool = False
    """`Learner` instead of its URI in the roster (Moodle)."""
    hides_inactive: bool = False
    """The roster leaves out suspended members, and has no differences (Moodle)."""
    hides_test_user: bool = False
    """The roster leaves out the test user (Canvas)."""

    # Deep linking
    accept_types: tuple[str, ...] = ("ltiResourceLink",)
    accept_multiple: bool = True
    deep_link_data: bool = True
    """Send opaque `data`, which the tool must echo; Moodle sends none."""
    empty_custom_crashes: bool = False
    """`"custom": {}` in a content item ends in an error page (Moodle 4.5)."""
    ignores_item_dates: bool = False
    """Availability and submission dates of a content item are dropped (Moodle)."""

    def __post_init__(self) -> None:
        if self.stale_scores not in ("whole_seconds", "earlier"):
            raise ValueError("stale_scores must be whole_seconds or earlier.")
        if self.page_size < 0 or not 400 <= self.not_gradable_status < 500:
            raise ValueError("A page has no negative size, and a refusal is a status from 400 to 499.")

    def changed(self, changes: Mapping[str, Any]) -> Quirks:
        """These quirks with some changed. Raises ValueError for an unknown name or a value of the wrong type."""
        known = {f.name: getattr(self, f.name) for f in fields(self)}
        values: dict[str, Any] = {}
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"There is no quirk called {name!r}.")
            taken = tuple(value) if isinstance(known[name], tuple) and isinstance(value, list) else value
            if type(taken) is not type(known[name]):
                raise ValueError(f"The quirk {name!r} wants {type(known[name]).__name__}.")
            values[name] = taken
        return replace(self, **values)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


STANDARD = Quirks()

MOODLE = Quirks(
    family="moodle",
    prompt_optional=True,
    short_context_type=True,
    moodle_claims=True,
    moodle_variables=True,
    sourcedid_always=True,
    moodle_token_answers=True,
    moodle_registration=True,
    plain_status_codes=True,
    moodle_link_headers=True,
    lenient_scores=True,
    clamp_scores=True,
    moodle_results=True,
    short_roles=True,
    hides_inactive=True,
    deep_link_data=False,
    empty_custom_crashes=True,
    ignores_item_dates=True,
)

CANVAS = Quirks(
    family="canvas",
    frame_messages=True,
    storage_frame="post_message_forwarding",
    line_item_query=False,
    page_size=10,
    stale_scores="earlier",
    not_gradable_status=422,
    score_answers_result=True,
    score_replaces_override=True,
    hides_test_user=True,
)

PRESETS: Mapping[str, Quirks] = {"standard": STANDARD, "moodle": MOODLE, "canvas": CANVAS}


@dataclass(frozen=True, slots=True, kw_only=True)
class CampusConfig:
    """How one campus is set up. `base_url` is also its issuer, and must lie on this machine."""

    base_url: str
    database_path: Path | str
    admin_token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    """Guards the admin API. Random unless given."""
    name: str = "Demonstration campus"
    quirks: Quirks = STANDARD
    students: int = 20
    """Learners in each of the two courses that a new database starts with."""
    locale: str = "en"
    auto_activate: bool = False
    """A tool that registers itself works at once; else it is pending until somebody activates it, as in Moodle."""
    registration_url: str = ""
    """What the tools page proposes as the registration URL of the tool."""
    key_overlap: timedelta = timedelta(hours=24)
    """How long a replaced key stays in the key set."""
    tool_timeout: float = 5.0
    """Seconds to wait for the tool's key set."""

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or parts.path or parts.query or parts.fragment:
            raise ValueError(f"A base URL is a scheme, a host and a port, without a path: {self.base_url!r}")
        if parts.hostname not in LOOPBACK_HOSTS:
            raise ValueError(f"The campus is a demonstration and stays on this machine: {self.base_url!r}")
        if not self.admin_token:
            raise ValueError("The admin token must not be empty.")
        if not 1 <= self.students <= 5000:
            raise ValueError(f"Between 1 and 5000 students, not {self.students}.")
