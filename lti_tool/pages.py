"""The frame of all pages with data: the empty shell, the pieces that fill it, and what templates can say.

A browser that opens an address under `/p/<platform>/` gets the shell, which holds nothing about anybody; its script
then asks for the same address with the launch token, and gets the piece. So no page needs a cookie, and a reload
works.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Flask, Response, g, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from core.activities import seats
from core.activities.contributions import Mine
from core.activities.seats import Opened, Practice, Seat
from core.problems.texts import Text
from core.words import N_, Sentence
from lti_tool import rendering
from lti_tool.language import language, number, percent, say, translate
from lti_tool.refusals import ELSEWHERE, Refused
from lti_tool.sessions import current, signed_in
from lti_tool.wiring import wiring

RIGHT_TO_LEFT = {"ar", "fa", "he", "ur", "yi"}
_STANDING = {
    "live": N_("In the pool: classmates may be shown it."),
    "pending": N_("Saved. It waits to be checked before classmates see it."),
    "kept": N_("Saved for you alone."),
    "held": N_("Several people reported it. Classmates do not see it until your teacher has looked at it."),
    "retired": N_("Your teacher took it out of the pool."),
}


blueprint = Blueprint("pages", __name__)


@blueprint.get("/p/<platform>/open")
def open_page(platform: str) -> Response:
    """Where a launch ends: the shell, with the launch's one-time code in the fragment that only the browser sees."""
    del platform
    return shell()


def shell() -> Response:
    """The page without data that every address opens with."""
    return make_response(render_template("shell.html", platform=(request.view_args or {})["platform"]))


def entrance(*roles: str) -> Callable[[Callable[..., ResponseReturnValue]], Callable[..., ResponseReturnValue]]:
    """A view for holders of a session in one of the roles (any if none is named), which need not take the platform
    from its path.
    """

    def open_to(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
        @signed_in(*roles)
        @wraps(view)
        def without_platform(platform: str, **arguments: Any) -> ResponseReturnValue:
            del platform  # the session was checked against it
            return view(**arguments)

        return without_platform

    return open_to


def install(app: Flask) -> None:
    """Teach the templates to speak the reader's language and to show people's texts safely."""
    environment = app.jinja_env
    environment.filters.update(
        text=_text,
        markdown=lambda source: rendering.html(source, "markdown"),
        key=_key,
        say=_say,
        number=number,
        percent=percent,
        plain=lambda text, length=120: rendering.plain(text.source, text.format, length),
        standing_of_text=_standing_of_text,
    )

    # templates that are imported see no context, so this is asked
    environment.globals["has_slack"] = lambda: wiring().settings.has_slack

    @app.context_processor
    def words() -> dict[str, Any]:
        return {"language": language(), "direction": direction(), "asset": asset}

    @app.after_request
    def tell_language(response: Response) -> Response:
        """The page around a piece was sent before the launch's language was known; its script sets it (WCAG 3.1.1)."""
        if "signed_in" in g and response.mimetype == "text/html":
            response.headers["Content-Language"] = language()
            response.headers["Heirloom-Direction"] = direction()
        return response


def direction() -> str:
    """Which way the reader's language runs."""
    return "rtl" if language().partition("-")[0] in RIGHT_TO_LEFT else "ltr"


def asset(path: str) -> str:
    """The address of a static file."""
    return url_for("static", filename=path)


def seat() -> Seat:
    """Where the signed-in person sits."""
    who = current()
    return Seat(who.platform_id, who.course_id, who.person_id, who.role)


def practice_of(session: Session, public_id: str, *, to_work: bool = False) -> Practice:
    """The activity that this launch opened: a token is good for no other (SES-04). `to_work` holds it for a change."""
    if current().activity_public_id != public_id:
        raise Refused(ELSEWHERE)
    return (seats.practice_to_work_on if to_work else seats.practice)(session, seat(), public_id)


def opened(session: Session, public_id: str, kind: str, *, to_work: bool = False) -> Opened:
    """The activity of this kind that this launch opened; `to_work` holds it and the person for a change.

    Where nobody is to be known by what they write, the access log does not tell whose request this is.
    """
    if current().activity_public_id != public_id:
        raise Refused(ELSEWHERE)
    found = (seats.opened_to_work_on if to_work else seats.opened)(session, seat(), public_id, kind)
    if "anonymous" in (found.settings.get("anonymity"), found.settings.get("questions_panel")):
        g.anonymous = True
    return found


def live_piece(tag: str, render: Callable[[], str]) -> Response:
    """A piece of a page that is asked for again and again: 304 where the reader has it already.

    `tag` names what is shown: version, reader, and what else the page depends on; the language is added.
    """
    found = quoted(f"{tag}-{language()}")
    if request.headers.get("If-None-Match") == found:
        response = make_response("", 304)
    else:
        response = make_response(render())
    response.headers["ETag"] = found
    return response


def quoted(tag: str) -> str:
    """An entity tag (RFC 9110 section 8.8.3) of this text, which it does not give away."""
    return f'"{hashlib.sha256(tag.encode()).hexdigest()[:32]}"'


def piece(template: str, *, address: str | None = None, **values: Any) -> Response:
    """A piece of a page for the shell's `#main`; `address` is what the browser should show and reload."""
    response = make_response(render_template(template, **values))
    if address:
        response.headers["Heirloom-Address"] = (
            address  # our script moves the history: htmx would drop the token from it
        )
    return response


def _text(text: Text, images: dict[str, tuple[int, int, int]] | None = None) -> Markup:
    return rendering.html(text.source, text.format, images)


def _key(item: Text | str | Sentence, images: dict[str, tuple[int, int, int]] | None = None) -> Markup:
    if isinstance(item, Text):
        return _text(item, images)
    return Markup("<bdi>{}</bdi>").format(say(item) if isinstance(item, Sentence) else item)


def _say(sentence: Sentence | str) -> str:
    return say(sentence) if isinstance(sentence, Sentence) else translate(sentence)


def _standing_of_text(mine: Mine) -> str:
    return translate(_STANDING[mine.status])
