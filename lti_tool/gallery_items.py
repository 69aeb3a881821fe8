"""Bringing an item to a gallery, changing it, taking it back; and asking a linked page for its title."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from sqlalchemy.orm import Session

from core.activities import authors, gallery_settings, item_pages, items, pace, tags
from core.activities.consents import Consent
from core.activities.item_pages import Shown
from core.activities.items import New
from core.activities.refusals import NotAllowed, Refusal
from core.activities.seats import Opened
from core.problems.images import BadImage, CleanImage, clean_image
from core.words import N_, Sentence
from lti_tool import previews
from lti_tool.addresses import row_number
from lti_tool.gallery import show_item, wall_page
from lti_tool.gallery_teaching import consent_fields
from lti_tool.language import language, translate
from lti_tool.pages import entrance, opened, piece, seat
from lti_tool.sessions import current
from lti_tool.wiring import wiring

blueprint = Blueprint("gallery_items", __name__, url_prefix="/p/<platform>/gallery")

PREVIEWS_A_DAY = 30


@blueprint.get("/<activity>/new/<any(found, produced):kind>")
@entrance("student", "teacher")
def new(activity: str, kind: str) -> Response:
    """The form for a new item."""
    with wiring().database.read() as session:
        found = opened(session, activity, "gallery")
        return _form(session, found, kind)


@blueprint.post("/<activity>/new/<any(found, produced):kind>")
@entrance("student", "teacher")
def bring(activity: str, kind: str) -> Response:
    """Put an item into the gallery."""
    sent = _sent(activity, kind)
    with wiring().database.write() as session:
        found = opened(session, activity, "gallery", to_work=True)
        brought = items.bring(session, seat(), found, gallery_settings.of(found), sent, now=wiring().now())
        if gallery_settings.of(found).anonymity == "anonymous":  # nobody has a page of their own items
            return wall_page(session, found, told=brought.stored)
        return show_item(session, found, brought.id, told=brought.stored)


@blueprint.get("/<activity>/items/<int:item>/edit")
@entrance("student", "teacher")
def edit(activity: str, item: int) -> Response:
    """The form with one's own item."""
    with wiring().database.read() as session:
        found = opened(session, activity, "gallery")
        shown = item_pages.one(session, seat(), found, gallery_settings.of(found), item)
        if not shown.is_mine:
            raise NotAllowed(N_("This item is not one of yours, so you cannot change it."))
        return _form(session, found, shown.kind, shown)


@blueprint.post("/<activity>/items/<int:item>/edit")
@entrance("student", "teacher")
def change(activity: str, item: int) -> Response:
    """Keep the changed item."""
    sent = _sent(activity)
    with wiring().database.write() as session:
        found = opened(session, activity, "gallery", to_work=True)
        brought = items.change(session, seat(), found, gallery_settings.of(found), item, sent, now=wiring().now())
        return show_item(session, found, item, told=brought.stored)


@blueprint.post("/<activity>/items/<int:item>/withdraw")
@entrance("student", "teacher")
def withdraw(activity: str, item: int) -> Response:
    """Take one's own item back."""
    with wiring().database.write() as session:
        found = opened(session, activity, "gallery", to_work=True)
        items.take_back(session, seat(), found, gallery_settings.of(found), item, now=wiring().now())
        return wall_page(session, found, told=Sentence(N_("Taken back. Nobody sees it any more.")))


def _form(session: Session, found: Opened, kind: str, shown: Shown | None = None) -> Response:
    settings = gallery_settings.of(found)
    address = (
        url_for("gallery_items.edit", activity=found.public_id, item=shown.id)
        if shown
        else url_for("gallery_items.new", activity=found.public_id, kind=kind)
    )
    known = tags.of_gallery(session, found)
    chosen = {tag.id for tag in shown.tags} if shown else set()
    return piece(
        "gallery/new.html",
        address=address,
        activity=found,
        settings=settings,
        role=current().role,
        kind=kind,
        shown=shown,
        concepts=[tag for tag in known if tag.kind == "concept"],
        chosen=chosen,
        words=", ".join(tag.name for tag in shown.tags if tag.kind == "free") if shown else "",
        promise=authors.promise(settings),
        item=shown.id if shown else "new",
        standing=None,
        **consent_fields(found),
    )


def _sent(activity: str, kind: str = "") -> New:
    """The form as it came. The picture is decoded before a transaction is opened, for that takes a while."""
    form = request.form
    with wiring().database.read() as session:
        opened(session, activity, "gallery")
    licence = form.get("licence_of_mine", form.get("licence", "")) if "agreed" in form else ""
    return New(
        kind=kind,
        title=form.get("title", ""),
        text=form.get("text", ""),
        url=form.get("url", ""),
        body=form.get("body", ""),
        picture=_picture(),
        no_picture="no_picture" in form,
        image_alt=form.get("image_alt", ""),
        source=form.get("source", ""),
        licence=form.get("terms", ""),
        concepts=tuple(form.getlist("concept", type=row_number)),
        words=tuple(form.get("words", "").replace(";", ",").split(",")),
        consent=Consent(licence, form.get("credit_name", "") if licence else ""),
        anyway=form.get("anyway") == "yes",
        language=language(),
    )


def _picture() -> CleanImage | None:
    """The picture of the form, made harmless. Its name is not kept. Raises Refusal for what is none."""
    upload = request.files.get("picture")
    data = upload.read() if upload else b""
    if not data:
        return None
    try:
        return clean_image(data, name=translate(N_("The picture")))
    except BadImage as error:
        raise Refusal("{reason}", reason=error.sentence) from error


@blueprint.post("/<activity>/items/<int:item>/preview")
@entrance("student", "teacher")
def preview(activity: str, item: int) -> Response:
    """Ask the linked page for its title, where the teacher allows it. The network is asked between two transactions."""
    with wiring().database.write() as session:
        found = opened(session, activity, "gallery", to_work=True)
        settings = gallery_settings.of(found)
        shown = item_pages.one(session, seat(), found, settings, item)
        if not settings.previews or not (shown.is_mine or current().role == "teacher") or not shown.url:
            raise NotAllowed(N_("Links are not looked up here."))
        pace.spend(session, seat(), found.id, "preview", limit=PREVIEWS_A_DAY, now=wiring().now())
    said = previews.fetch(wiring().egress, shown.url, any_port=wiring().settings.development)
    with wiring().database.write() as session:
        found = opened(session, activity, "gallery", to_work=True)
        if said:
            items.keep_preview(session, seat(), found, item, shown.url, said)
        told = (
            N_("This is what the page says of itself.")
            if said
            else N_("The page could not be read, or it says nothing.")
        )
        return show_item(session, found, item, told=Sentence(told))
