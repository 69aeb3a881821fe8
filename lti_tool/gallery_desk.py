"""What a gallery's teacher sees besides the wall: what the class believes, where it does not agree, and the tags."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, request, url_for
from sqlalchemy.orm import Session

from core.activities import decisions, gallery_settings, item_beliefs, item_ideas, item_pages, review, tags
from core.activities.refusals import Refusal
from core.activities.seats import Opened
from core.crowd.scales import RATING
from core.words import N_, Sentence
from lti_tool.addresses import row_number
from lti_tool.gallery import SIDES, picture_of, show_item, wall_page
from lti_tool.pages import entrance, opened, piece, seat
from lti_tool.wiring import wiring

blueprint = Blueprint("gallery_desk", __name__, url_prefix="/p/<platform>/gallery")

A_PAGE = 50  # items


@blueprint.get("/<activity>/beliefs")
@entrance("teacher")
def beliefs(activity: str) -> Response:
    """What the class thinks of each item, how surely, and where it does not agree."""
    with wiring().database.read() as session:
        found = opened(session, activity, "gallery")
        settings = gallery_settings.of(found)
        believed = item_beliefs.of_gallery(session, found)
        numbers = item_pages.numbers(session, seat(), found)
        numbers.sort(key=lambda number: -(believed.of[number].mean if number in believed.of else -1.0))
        pages = max(-(-len(numbers) // A_PAGE), 1)
        page = min(max(request.args.get("page", 1, type=row_number), 1), pages)
        split = [number for number in numbers if number in believed.of and believed.of[number].standing == "disputed"]
        wanted = [*split, *numbers[(page - 1) * A_PAGE : page * A_PAGE]]
        shown = {item.id: item for item in item_pages.several(session, seat(), found, settings, wanted)}
        ideas = item_ideas.of_gallery(session, seat(), found)
    listed = [shown[number] for number in numbers[(page - 1) * A_PAGE : page * A_PAGE]]
    return piece(
        "gallery/beliefs.html",
        address=url_for("gallery_desk.beliefs", activity=activity),
        activity=found,
        settings=settings,
        items=listed,
        page=page,
        pages=pages,
        disputed=[shown[number] for number in split],
        pictures={number: picture_of(belief) for number, belief in believed.of.items() if number in shown},
        ideas={item.id: [idea for idea in ideas.of(item.id) if idea.words] for item in listed},
        doubts=ideas.doubts if ideas.words else (),
        believed=believed,
        enough=item_beliefs.ENOUGH,
        sides=SIDES,
        rating=RATING,
    )


@blueprint.post("/<activity>/items/<int:item>/decide/<int:text>/<any(approve, keep, retire):action>")
@entrance("teacher")
def decide(activity: str, item: int, text: int, action: str) -> Response:
    """Let an item, or a comment on it, be seen or not; an item that goes leads to the wall."""
    told, reason = decisions.done(action), request.form.get("reason", "")
    with wiring().database.write() as session:
        found = opened(session, activity, "gallery", to_work=True)
        review.decide(session, seat(), text, action, reason=reason, now=wiring().now())
        gone = text == item and action == "retire"
        return wall_page(session, found, told=told) if gone else show_item(session, found, item, told=told)


@blueprint.get("/<activity>/tags")
@entrance("teacher")
def all_tags(activity: str) -> Response:
    """The tags, for who tidies them up."""
    with wiring().database.read() as session:
        return _tags(session, opened(session, activity, "gallery"))


@blueprint.post("/<activity>/tags")
@entrance("teacher")
def add_tags(activity: str) -> Response:
    """Add ideas of the course, one a line."""
    with wiring().database.write() as session:
        found = opened(session, activity, "gallery", to_work=True)
        names = request.form.get("names", "").splitlines()
        added = tags.add_concepts(session, seat(), found, names, now=wiring().now())
        return _tags(session, found, told=Sentence(N_("Saved. New ideas: {added}."), {"added": added}))


@blueprint.post("/<activity>/tags/<int:tag>/<any(rename, merge, kind, retire, restore):action>")
@entrance("teacher")
def change_tag(activity: str, tag: int, action: str) -> Response:
    """Rename a tag, merge it into another, make it an idea of the course or a free one, take it out or back in."""
    form = request.form
    into = form.get("into", type=row_number)
    if action == "merge" and into is None:
        raise Refusal(N_("Choose the tag that it becomes part of."))
    does: dict[str, Callable[[Session, Opened], None]] = {
        "rename": lambda session, found: tags.rename(session, seat(), found, tag, form.get("name", "")),
        "merge": lambda session, found: tags.merge(session, seat(), found, tag, into or 0),
        "kind": lambda session, found: tags.change_kind(session, seat(), found, tag, form.get("kind", "")),
        "retire": lambda session, found: tags.take_out(session, seat(), found, tag, now=wiring().now()),
        "restore": lambda session, found: tags.take_out(session, seat(), found, tag, now=wiring().now(), back=True),
    }
    with wiring().database.write() as session:
        found = opened(session, activity, "gallery", to_work=True)
        does[action](session, found)
        return _tags(session, found, told=Sentence(N_("Saved.")))


def _tags(session: Session, found: Opened, told: Sentence | None = None) -> Response:
    return piece(
        "gallery/tags.html",
        address=url_for("gallery_desk.all_tags", activity=found.public_id),
        activity=found,
        used=tags.used(session, seat(), found),
        told=told,
    )
