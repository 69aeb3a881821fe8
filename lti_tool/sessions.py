"""Who asks: every page with data is fetched with `Authorization: Bearer <token>`, never with a cookie.

A page of ours has no ambient credential, so a forged form carries nothing; a write also needs the browser's word
that a page of ours sent it. `signed_in` guards a view and leaves a `SignedIn` in `flask.g`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import ParamSpec, cast

from flask import Blueprint, Response, g, jsonify, make_response, request
from flask.typing import ResponseReturnValue

from core.activities import sessions
from core.activities.sessions import TOUCH, SignedIn
from core.secrets import digest, fresh
from core.store.database import Database
from lti_tool.headers import comes_from_us
from lti_tool.refusals import (
    DISABLED,
    ELSEWHERE,
    FOREIGN_PAGE,
    READ_ONLY,
    REOPEN,
    SUSPENDED,
    TEACHERS_ONLY,
    Reason,
    Refused,
)
from lti_tool.wiring import wiring

blueprint = Blueprint("session", __name__, url_prefix="/p/<platform>")

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
ENDED: dict[str, Reason] = {
    "unknown": REOPEN,
    "over": REOPEN,
    "idle": REOPEN,
    "left": REOPEN,
    "disabled": DISABLED,
    "suspended": SUSPENDED,
}
P = ParamSpec("P")


def signed_in(*roles: str) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """Let a view run for holders of a session of the path's platform, in one of the roles (any role where none is
    named).

    An observer may look at what students may look at, and change nothing. Where the path names an `activity`, a
    session that is not a teacher's must have been launched from it. A plain visit by the browser, which cannot
    carry the header, gets the empty page instead; that page asks again with the header.
    """

    def guard(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if _is_plain_visit():
                return wiring().shell()
            who = _who_asks()
            g.signed_in, g.frame_origins = who, who.frame_origins
            _check_place(who)
            _check_role(who, roles)
            return view(*args, **kwargs)

        return guarded

    return guard


def current() -> SignedIn:
    """Who asks; only inside a view guarded by `signed_in`."""
    return cast(SignedIn, g.signed_in)


SHARED_AT = {"questions": "questions", "gallery": "gallery", "poll": "polls"}


def start_path(
    platform_public_id: str,
    *,
    role: str,
    activity_public_id: str | None,
    activity_kind: str | None = None,
    is_deep_linking: bool,
) -> str:
    """The first page after a launch, by message, role and kind of activity: what a class shares opens for everybody at
    one address, where teachers find more to do."""
    base = f"/p/{platform_public_id}"
    if is_deep_linking:
        return f"{base}/teach/pick"
    if activity_kind in SHARED_AT:
        return f"{base}/{SHARED_AT[activity_kind]}/{activity_public_id}"
    if role == "teacher":
        return f"{base}/teach/{activity_public_id or 'new'}"
    return f"{base}/practice/{activity_public_id}" if activity_public_id else f"{base}/not-ready"


@blueprint.post("/session")
def open_session(platform: str) -> Response:
    """Trade the one-time code of a launch for the token that carries its session."""
    if not comes_from_us(request.headers, wiring().origin):
        raise Refused(FOREIGN_PAGE, "session")
    asked = request.get_json(silent=True) if request.is_json else request.form
    code = asked.get("code") if isinstance(asked, Mapping) else None
    if not isinstance(code, str) or not code:
        raise Refused(REOPEN, "no code")
    token = fresh()
    with wiring().database.write() as session:
        opened = sessions.open_with_code(
            session,
            platform_public_id=platform,
            code_hash=digest(code),
            token_hash=digest(token),
            now=wiring().now(),
        )
    if opened is None:
        raise Refused(REOPEN, "no session waits for this code")
    who = _look_up(wiring().database, token)
    return jsonify(
        {
            "token": token,
            "start": start_path(
                who.platform_public_id,
                role=who.role,
                activity_public_id=who.activity_public_id,
                activity_kind=who.activity_kind,
                is_deep_linking=who.deep_linking is not None,
            ),
            "parent_origin": who.parent_origin,
        }
    )


@blueprint.delete("/session")
@signed_in()
def end_session(platform: str) -> Response:
    """Sign out: the token is worth nothing from now on."""
    del platform  # the session was checked against it
    with wiring().database.write() as session:
        sessions.end(session, current().session_id)
    return make_response("", 204)


def _is_plain_visit() -> bool:
    """Whether the browser itself navigates here: a reload, or the back button."""
    if request.method not in {"GET", "HEAD"} or "Authorization" in request.headers or "HX-Request" in request.headers:
        return False
    mode = request.headers.get("Sec-Fetch-Mode")
    return mode == "navigate" if mode is not None else request.accept_mimetypes.accept_html


def _who_asks() -> SignedIn:
    if request.method not in SAFE_METHODS and not comes_from_us(request.headers, wiring().origin):
        raise Refused(FOREIGN_PAGE, "foreign Origin or Sec-Fetch-Site")
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refused(REOPEN, "no Authorization header")
    return _look_up(wiring().database, token)


def _look_up(database: Database, token: str) -> SignedIn:
    now = wiring().now()
    with database.read() as session:
        found = sessions.look_up(session, digest(token), now=now)
    if isinstance(found, str):
        raise Refused(ENDED[found], f"session: {found}")
    if found.seen_at <= now - TOUCH:
        with database.write() as session:
            sessions.touch(session, found.session_id, now=now)
    return found


def _check_place(who: SignedIn) -> None:
    arguments = request.view_args or {}
    if arguments.get("platform") != who.platform_public_id:
        raise Refused(ELSEWHERE, "the session is another platform's")
    activity = arguments.get("activity")
    if activity is not None and who.role != "teacher" and activity != who.activity_public_id:
        raise Refused(ELSEWHERE, "the session was launched from another activity")


def _check_role(who: SignedIn, roles: tuple[str, ...]) -> None:
    if who.role == "observer" and request.method not in SAFE_METHODS:
        raise Refused(READ_ONLY, "an observer changes nothing")
    allowed = {*roles, "observer"} if "student" in roles else set(roles)
    if roles and who.role not in allowed:
        raise Refused(TEACHERS_ONLY if "teacher" in roles else ELSEWHERE, f"role {who.role}")
