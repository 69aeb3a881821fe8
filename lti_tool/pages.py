"""The frame of all pages with data: the empty shell, the pieces that fill it, and what templates can say.

A browser that opens an address under `/p/<platform>/` gets the shell, which holds nothing about anybody; its script
then asks for the same address with the launch token, and gets the piece. So no page needs a cookie, and a reload
works.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Flask, Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from core.activities import seats
from core.activities.contributions import Mine
from core.activities.seats import Practice, Seat
from core.problems.texts import Text
from core.words import N_, Sentence
from lti_tool import rendering
from lti_tool.language import language, say, translate
from lti_tool.refusals import ELSEWHERE, Refused
from lti_tool.sessions import current, signed_in

RIGHT_TO_LEFT = {"ar", "fa", "he", "ur", "yi"}
_STANDING = {
    "live": N_("In the pool: classmates may be shown it."),
    "pending": N_("Saved. It waits to be checked before classmates see it."),
    "kept": N_("Saved for you alone."),
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
        number=_number,
        plain=lambda text, length=120: rendering.plain(text.source, text.format, length),
        standing_of_text=_standing_of_text,
    )

    @app.context_processor
    def words() -> dict[str, Any]:
        spoken = language()
        return {
            "language": spoken,
            "direction": "rtl" if spoken.partition("-")[0] in RIGHT_TO_LEFT else "ltr",
            "asset": asset,
        }


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


def _number(value: float) -> str:
    """A number as short as it is exact, to four decimals."""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _standing_of_text(mine: Mine) -> str:
    return translate(_STANDING[mine.status])
