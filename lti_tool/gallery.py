"""A gallery's pages: the wall, one item, what to judge next. Thin: they read the form, call one use case, render.

Bringing an item: `gallery_items`. What only teachers see: `gallery_desk`, and what they make of it `gallery_teaching`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flask import Blueprint, Response, make_response, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from core.activities import (
    authors,
    comments,
    credit,
    gallery_settings,
    item_beliefs,
    item_ideas,
    item_pages,
    judging,
    tagging,
    tags,
    walls,
)
from core.activities.gallery_settings import COUNTED
from core.activities.item_beliefs import Belief
from core.activities.item_pages import Shown
from core.activities.posting import Typed
from core.activities.screening import Stored
from core.activities.seats import Opened
from core.crowd.scales import ATTRIBUTES, RATING
from core.words import N_, Sentence
from lti_tool import charts, rendering
from lti_tool.addresses import row_number
from lti_tool.language import language, translate
from lti_tool.pages import entrance, live_piece, opened, piece, quoted, seat
from lti_tool.sessions import current
from lti_tool.wiring import wiring

blueprint = Blueprint("gallery", __name__, url_prefix="/p/<platform>/gallery")

EVERY = 15  # seconds between two looks for news
PARTS = {option.name: option.label for option in COUNTED}
SIDES = {side.key: side for side in ATTRIBUTES}
blueprint.app_template_filter("excerpt")(lambda source, length=140: rendering.plain(source, "markdown", length))


# ---- the wall ----


@blueprint.get("/<activity>")
@entrance()
def gallery(activity: str) -> Response:
    """The items, in the order and of the tag that somebody chose."""
    with wiring().database.read() as session:
        return wall_page(session, opened(session, activity, "gallery"))


def wall_page(session: Session, found: Opened, *, told: Stored | Sentence | None = None) -> Response:
    """The wall, and what is told above it."""
    settings = gallery_settings.of(found)
    tag = request.args.get("tag", type=row_number)
    shown = item_pages.wall(
        session,
        seat(),
        found,
        settings,
        order=request.args.get("order", "newest"),
        tag_id=tag,
        page=request.args.get("page", 1, type=row_number),
    )
    chosen: dict[str, Any] = {"order": shown.order if shown.order != "newest" else None, "tag": tag}
    return piece(
        "gallery/wall.html",
        address=url_for(
            "gallery.gallery", activity=found.public_id, page=shown.page if shown.page > 1 else None, **chosen
        ),
        activity=found,
        settings=settings,
        role=current().role,
        wall=shown,
        chosen=chosen,
        tags=tags.of_gallery(session, found),
        judged=judging.judged(session, seat(), found),
        progress_of_mine=credit.mine(session, seat(), found, settings) if current().role == "student" else None,
        parts=PARTS,
        every=EVERY,
        news_tag=quoted(f"{_news_tag(session, found, shown.newest)}-{language()}"),
        told=told,
    )


@blueprint.get("/<activity>/news")
@entrance()
def news(activity: str) -> Response:
    """Whether there are newer items than the reader has; asked for again and again."""
    since = request.args.get("since", 0, type=row_number)
    with wiring().database.read() as session:
        found = opened(session, activity, "gallery")
        return live_piece(
            _news_tag(session, found, since),
            lambda: render_template(
                "gallery/_news.html", activity=found, number=item_pages.news(session, seat(), found, since)
            ),
        )


def _news_tag(session: Session, found: Opened, since: int) -> str:
    return f"news-{walls.version(session, found.id)}-{since}-{seat().person_id}"


# ---- one item ----


@blueprint.get("/<activity>/items/<int:item>")
@entrance()
def item_page(activity: str, item: int) -> Response:
    """One item."""
    with wiring().database.read() as session:
        return show_item(session, opened(session, activity, "gallery"), item)


def show_item(session: Session, found: Opened, item: int, *, told: Stored | Sentence | None = None) -> Response:
    """One item's page. What others say of it is shown to who has judged it, to its author and to teachers."""
    settings = gallery_settings.of(found)
    shown = item_pages.one(session, seat(), found, settings, item)
    teaches = current().role == "teacher"
    mine = judging.mine(session, seat(), item)
    sees = teaches or shown.is_mine or shown.i_judged or not settings.judgements
    reads = sees or current().role == "observer"  # who judges nothing is led by nothing
    said = comments.of_parents(session, seat(), found, settings, [item]).get(item, [])
    believed = item_beliefs.of_gallery(session, found) if sees else None
    belief = believed.of.get(item) if believed else None
    ideas = item_ideas.of_gallery(session, seat(), found).of(item) if sees else []
    return piece(
        "gallery/item.html",
        address=url_for("gallery.item_page", activity=found.public_id, item=item),
        activity=found,
        settings=settings,
        role=current().role,
        item=shown,
        mine=mine,
        sees=sees,
        belief=belief,
        belief_picture=picture_of(belief) if belief and belief.standing != "few" else None,
        ideas=sorted((idea for idea in ideas if idea.words or idea.teacher is not None), key=_rank),
        sides=SIDES,
        rating=RATING,
        own_words=tagging.mine(session, seat(), item),
        tags=tags.of_gallery(session, found),
        comments=[comment for comment in said if reads or comment.author.is_me],
        reads=reads,
        promise=authors.promise(settings),
        asked=[SIDES[key] for key in judging.asked(settings) if key in SIDES],
        enough=item_beliefs.ENOUGH,
        told=told,
    )


def _rank(idea: Any) -> tuple[float, str]:
    return (-(idea.chance if idea.teacher is None else float(idea.teacher)), idea.name.casefold())


def picture_of(belief: Belief) -> Markup:
    """An interval on the gallery's scale; the words beside it say the same."""
    return charts.interval(
        10 * belief.mean,
        10 * belief.low,
        10 * belief.high,
        title=translate(N_("What the class thinks of it")),
        description=translate(
            N_("From 0 to 100: {mean:.0f}, and with nine chances in ten between {low:.0f} and {high:.0f}.")
        ).format(mean=100 * belief.mean, low=100 * belief.low, high=100 * belief.high),
    )


@blueprint.post("/<activity>/items/<int:item>/comment")
@entrance("student", "teacher")
def comment(activity: str, item: int) -> Response:
    """Say something about an item."""
    typed = Typed(request.form.get("text", ""), anyway=request.form.get("anyway") == "yes", language=language())
    with wiring().database.write() as session:
        found = opened(session, activity, "gallery", to_work=True)
        posted = comments.write(
            session, seat(), found, gallery_settings.of(found), typed, parent_id=item, now=wiring().now()
        )
        return show_item(session, found, item, told=posted.stored)


@blueprint.post("/<activity>/items/<int:item>/comments/<int:comment>/withdraw")
@entrance("student", "teacher")
def withdraw_comment(activity: str, item: int, comment: int) -> Response:
    """Take one's own comment back."""
    with wiring().database.write() as session:
        found = opened(session, activity, "gallery", to_work=True)
        comments.take_back(session, seat(), found, gallery_settings.of(found), comment, now=wiring().now())
        return show_item(session, found, item, told=Sentence(N_("Taken back. Nobody sees it any more.")))


@blueprint.post("/<activity>/items/<int:item>/tags")
@entrance("student", "teacher")
def tag_item(activity: str, item: int) -> Response:
    """Say which tags apply, and add some."""
    with wiring().database.write() as session:
        found = opened(session, activity, "gallery", to_work=True)
        words = tuple(request.form.get("words", "").replace(";", ",").split(","))
        settings, now = gallery_settings.of(found), wiring().now()
        tagging.say(session, seat(), found, settings, item, _applies(), words, now=now, language=language())
        return show_item(session, found, item, told=Sentence(N_("Saved.")))


def _applies() -> dict[int, bool]:
    """Yes for each tag that was ticked, no for those that were asked about and were not."""
    ticked = set(request.form.getlist("applies", type=row_number))
    return {tag: tag in ticked for tag in request.form.getlist("asked", type=row_number)}


# ---- judging ----


@blueprint.get("/<activity>/judge")
@entrance()
def judge(activity: str) -> Response:
    """The item that this person judges next."""
    if current().role == "observer" or request.method == "HEAD":  # who only looks is shown nothing to judge
        with wiring().database.read() as session:
            return _turn(session, opened(session, activity, "gallery"), None)
    with wiring().database.write() as session:
        return _next(session, opened(session, activity, "gallery", to_work=True))


@blueprint.post("/<activity>/judge/<int:item>")
@entrance("student", "teacher")
def judged(activity: str, item: int) -> Response:
    """Keep what somebody says of an item, and show the next one (or, where they came from its page, that page)."""
    with wiring().database.write() as session:
        found = opened(session, activity, "gallery", to_work=True)
        settings = gallery_settings.of(found)
        ratings = {key: request.form.get(f"side_{key}", type=_stars) for key in judging.asked(settings)}
        told = judging.judge(session, seat(), found, settings, item, ratings, _applies(), now=wiring().now())
        if "back" in request.form:
            return show_item(session, found, item, told=told)
        return _next(session, found, told=told)


@blueprint.post("/<activity>/judge/<int:item>/skip")
@entrance("student", "teacher")
def skip(activity: str, item: int) -> Response:
    """Leave an item out and show the next one."""
    with wiring().database.write() as session:
        found = opened(session, activity, "gallery", to_work=True)
        judging.skip(session, seat(), found, gallery_settings.of(found), item, now=wiring().now())
        return _next(session, found, skipped=item)


def _stars(text: str) -> int:
    """0 for what is no number of stars, which the use case refuses."""
    return int(text) if text.isascii() and text.isdigit() and len(text) == 1 else 0


def _next(session: Session, found: Opened, told: Sentence | None = None, *, skipped: int | None = None) -> Response:
    settings, rng = gallery_settings.of(found), np.random.default_rng()
    turn = judging.next_item(session, seat(), found, settings, now=wiring().now(), rng=rng, skipped=skipped)
    return _turn(session, found, turn, told)


def _turn(session: Session, found: Opened, turn: judging.Turn | None, told: Sentence | None = None) -> Response:
    settings = gallery_settings.of(found)
    shown = item_pages.one(session, seat(), found, settings, turn.item_id) if turn else None
    return piece(
        "gallery/judge.html",
        address=url_for("gallery.judge", activity=found.public_id),
        activity=found,
        settings=settings,
        role=current().role,
        turn=turn,
        item=shown,
        asked=[SIDES[key] for key in judging.asked(settings) if key in SIDES],
        rating=RATING,
        tags=_asked_about(session, found, shown) if shown else [],
        progress_of_mine=credit.mine(session, seat(), found, settings) if current().role == "student" else None,
        parts=PARTS,
        told=told,
    )


def _asked_about(session: Session, found: Opened, shown: Shown) -> list[tags.Named]:
    """The ideas of the course, and what the author says, in one order: who judges is not told which is which."""
    known = [tag for tag in tags.of_gallery(session, found) if tag.kind == "concept"]
    free = [tag for tag in shown.tags if tag.kind == "free"]
    return sorted([*known, *free], key=lambda tag: tag.name.casefold())


# ---- suggestions ----


@blueprint.get("/<activity>/tags/like")
@entrance("student", "teacher")
def like(activity: str) -> Response:
    """Tags that somebody may mean, while they type; of several words with commas between them the last."""
    typed = request.args.get("words", "").replace(";", ",").rpartition(",")[2]
    with wiring().database.read() as session:
        found = tags.like(session, opened(session, activity, "gallery"), typed)
    return make_response(render_template("gallery/_like.html", found=found, typed=tags.normal(typed)))
