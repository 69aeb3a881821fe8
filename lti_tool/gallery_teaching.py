"""What a teacher does with a gallery beyond looking: talking points, slides, exam questions, the public archive; and
the author's word about that archive.
"""

from __future__ import annotations

import tempfile
import zipfile
from typing import IO, Any

from flask import Blueprint, Response, make_response, render_template, request, send_file, url_for
from sqlalchemy.orm import Session

from core.activities import archive, consents, exam_questions, gallery_settings, item_pages, problems, talking_points
from core.activities.archive import Face
from core.activities.consents import Consent
from core.activities.exam_questions import Wanted
from core.activities.licences import DEFAULT, LICENCES
from core.activities.paging import Paged
from core.activities.refusals import Refusal
from core.activities.seats import Opened
from core.problems import files
from core.problems.from_items import Wording
from core.words import N_
from lti_tool import archive_site
from lti_tool.addresses import row_number
from lti_tool.language import translate
from lti_tool.pages import entrance, opened, piece, seat
from lti_tool.sessions import current
from lti_tool.setup import EXPORTS
from lti_tool.wiring import wiring

blueprint = Blueprint("gallery_teaching", __name__, url_prefix="/p/<platform>/gallery")

MOST_IN_MEMORY = 8 * 1024 * 1024  # of an archive that is being packed; a larger one goes to a file
FIXED_DATE = (1980, 1, 1, 0, 0, 0)  # so that the same archive is the same file


# ---- talking points ----


@blueprint.get("/<activity>/talking")
@entrance("teacher")
def talking(activity: str) -> Response:
    """The talking points in their order, and what else could become one."""
    with wiring().database.read() as session:
        return _talking(session, opened(session, activity, "gallery"))


@blueprint.post("/<activity>/talking/<int:item>/<any(pick, drop, up, down):action>")
@entrance("teacher")
def change_talking(activity: str, item: int, action: str) -> Response:
    """Pick an item, take it out, or move it."""
    with wiring().database.write() as session:
        found = opened(session, activity, "gallery")
        if action == "pick":
            talking_points.pick(session, seat(), found, item)
        elif action == "drop":
            talking_points.drop(session, seat(), found, item)
        else:
            talking_points.move(session, seat(), found, item, by=-1 if action == "up" else 1)
        return _talking(session, found, moved=(item, action))


def _talking(session: Session, found: Opened, moved: tuple[int, str] | None = None) -> Response:
    settings = gallery_settings.of(found)
    others = talking_points.to_pick(session, seat(), found, settings, page=_page())
    return piece(
        "gallery/talking.html",
        address=url_for("gallery_teaching.talking", activity=found.public_id, page=_of(others)),
        activity=found,
        tab="talking",
        picked=talking_points.picked(session, seat(), found, settings),
        others=others,
        page=_of(others),
        moved=moved,
    )


def _page() -> int:
    """The page that was asked for."""
    return request.args.get("page", 1, type=row_number)


def _of(shown: Paged[Any]) -> int | None:
    """The page's number as an address has it, which the first one needs not."""
    return shown.page if shown.page > 1 else None


@blueprint.get("/<activity>/slides")
@entrance("teacher")
def slides(activity: str) -> Response:
    """The talking points as slides: one at a time in the browser, one a page on paper."""
    with wiring().database.read() as session:
        found = opened(session, activity, "gallery")
        shown = talking_points.slides(session, seat(), found, gallery_settings.of(found))
    return piece(
        "gallery/slides.html",
        address=url_for("gallery_teaching.slides", activity=activity),
        activity=found,
        slides=shown,
    )


# ---- exam questions ----


@blueprint.get("/<activity>/exam")
@entrance("teacher")
def exam(activity: str) -> Response:
    """The items that could become exam questions."""
    return _exam(activity)


@blueprint.get("/<activity>/exam/<int:item>")
@entrance("teacher")
def exam_item(activity: str, item: int) -> Response:
    """One item as a question: what is proposed, to be changed."""
    with wiring().database.read() as session:
        found = opened(session, activity, "gallery")
        draft = exam_questions.draft(session, seat(), found, item)
    return piece(
        "gallery/exam_item.html",
        address=url_for("gallery_teaching.exam_item", activity=activity, item=item),
        activity=found,
        tab="exam",
        draft=draft,
        wording=_wording(),
        most=exam_questions.MOST_IDEAS,
    )


@blueprint.post("/<activity>/exam/<int:item>/preview")
@entrance("teacher")
def preview(activity: str, item: int) -> Response:
    """The problems as the form makes them; nothing is kept."""
    with wiring().database.read() as session:
        built = exam_questions.build(session, seat(), opened(session, activity, "gallery"), item, _wanted())
    images = {
        picture.name: (built.image_id or 0, picture.width, picture.height)
        for problem in built.problems
        for picture in problem.images
    }
    return make_response(render_template("gallery/exam_preview.html", problems=built.problems, images=images))


@blueprint.post("/<activity>/exam/<int:item>")
@entrance("teacher")
def save_exam(activity: str, item: int) -> Response:
    """Put the problems into the course's bank."""
    with wiring().database.write() as session:
        found = opened(session, activity, "gallery", to_work=True)
        made = exam_questions.save(session, seat(), found, item, _wanted(), now=wiring().now())
    return _exam(activity, made=len(made))


@blueprint.get("/<activity>/exam/export/<form>")
@entrance("teacher")
def export_exam(activity: str, form: str) -> Response:
    """All questions that were made from this gallery, as a file of another system."""
    if form not in EXPORTS:
        raise Refusal(N_("This format is not known. Choose GIFT or Moodle XML."))
    with wiring().database.read() as session:
        wanted = exam_questions.of_gallery(session, seat(), opened(session, activity, "gallery"))
        written = files.export(problems.bank(session, current().course_id, wanted), form)  # type: ignore[arg-type]  # checked above
    mime, name = EXPORTS[form]
    response = make_response(written.data)
    response.headers["Content-Type"] = mime
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _exam(activity: str, made: int = 0) -> Response:
    with wiring().database.read() as session:
        found = opened(session, activity, "gallery")
        candidates = exam_questions.candidates(session, seat(), found, page=_page())
        return piece(
            "gallery/exam.html",
            address=url_for("gallery_teaching.exam", activity=activity, page=_of(candidates)),
            activity=found,
            tab="exam",
            candidates=candidates,
            in_bank=len(exam_questions.of_gallery(session, seat(), found)),
            made=made,
        )


def _wording() -> Wording:
    return Wording(
        which=translate(N_("Which of these ideas of the course does it show? Choose all that apply.")),
        how=translate(N_("Which ideas of the course does it show, and how?")),
        graders=translate(N_("What a classmate who brought it wrote:")),
        ideas=translate(N_("Ideas to look for:")),
    )


def _wanted() -> Wanted:
    form, wording = request.form, _wording()
    chosen: dict[str, list[str]] = {"right": [], "wrong": []}
    for place, name in enumerate(form.getlist("idea")):
        chosen.get(form.get(f"use_{place}", ""), []).append(name)
    for side in chosen:
        chosen[side] += form.get(f"more_{side}", "").splitlines()
    return Wanted(
        title=form.get("title", ""),
        quote=form.get("quote", ""),
        alt=form.get("alt", ""),
        right=tuple(chosen["right"]),
        wrong=tuple(chosen["wrong"]),
        wording=Wording(form.get("which_text", ""), form.get("how_text", ""), wording.graders, wording.ideas),
        which="which" in form,
        how="how" in form,
        again="again" in form,
    )


# ---- the public archive ----


@blueprint.get("/<activity>/archive")
@entrance("teacher")
def public(activity: str) -> Response:
    """The archive: what it says, whether it is open, and what is in it."""
    with wiring().database.read() as session:
        return _public(session, opened(session, activity, "gallery"))


@blueprint.post("/<activity>/archive")
@entrance("teacher")
def save_public(activity: str) -> Response:
    """Open the archive, close it, or change what it says."""
    form = request.form
    with wiring().database.write() as session:
        found = opened(session, activity, "gallery", to_work=True)
        face = archive.save(
            session,
            seat(),
            found,
            title=form.get("title", ""),
            about=form.get("about", ""),
            contact=form.get("contact", ""),
            is_open="is_open" in form,
            is_indexed="is_indexed" in form,
            now=wiring().now(),
        )
        said = N_("Saved. The archive is open.") if face.is_open else N_("Saved. The archive is closed.")
        return _public(session, found, said)


@blueprint.post("/<activity>/archive/<int:item>/<any(publish, unpublish):action>")
@entrance("teacher")
def decide_public(activity: str, item: int, action: str) -> Response:
    """Put an item into the archive or take it out."""
    with wiring().database.write() as session:
        found = opened(session, activity, "gallery")
        if action == "publish":
            seen = request.form.get("seen", "")
            archive.publish(session, seat(), found, item, seen=seen, now=wiring().now())
            said = N_("Published. It is in the archive while the archive is open and its author agrees.")
        else:
            reason = request.form.get("reason", "")
            archive.unpublish(session, seat(), found, item, reason=reason, now=wiring().now())
            said = N_("Taken out of the archive.")
        return _public(session, found, said)


@blueprint.get("/<activity>/archive/<int:item>/look")
@entrance("teacher")
def look(activity: str, item: int) -> Response:
    """An item as it would be shown, to be read before it is published."""
    with wiring().database.read() as session:
        found = opened(session, activity, "gallery")
        settings = gallery_settings.of(found)
        shown = talking_points.one(session, seat(), found, settings, item)
        tags = item_pages.one(session, seat(), found, settings, item).tags
    return make_response(render_template("archive/_look.html", item=shown, tags=tags))


@blueprint.get("/<activity>/archive/site.zip")
@entrance("teacher")
def download(activity: str) -> Response:
    """The archive as a folder of plain pages, packed."""
    with wiring().database.read() as session:
        face = archive.of(session, opened(session, activity, "gallery"))
        if face is None or not face.is_open:
            raise Refusal(N_("The archive is not open, so there is nothing to download. Open it first."))
        packed = _packed(session, face)
    response = send_file(packed, "application/zip", as_attachment=True, download_name=f"{face.slug}.zip")
    response.headers["Cache-Control"] = "no-store"
    return response


def _packed(session: Session, face: Face) -> IO[bytes]:
    """The archive's files in a zip file, which whoever sends it closes."""
    packed = tempfile.SpooledTemporaryFile(max_size=MOST_IN_MEMORY)  # noqa: SIM115 - see above
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as box:
        for name, data in archive_site.files(session, face, wiring().settings.url):
            box.writestr(zipfile.ZipInfo(f"{face.slug}/{name}", FIXED_DATE), data, zipfile.ZIP_DEFLATED)
    packed.seek(0)
    return packed


def _public(session: Session, found: Opened, said: str = "") -> Response:
    face = archive.of(session, found)
    address = url_for("archive.index", slug=face.slug) if face else ""
    lines = archive.lines(session, seat(), found, gallery_settings.of(found), page=_page())
    return piece(
        "archive/teach.html",
        address=url_for("gallery_teaching.public", activity=found.public_id, page=_of(lines)),
        activity=found,
        tab="archive",
        face=face,
        lines=lines,
        page=_of(lines),
        licences=LICENCES,
        public_address=wiring().settings.url + address,
        support=wiring().settings.support,
        said=said,
    )


# ---- the author's word ----


@blueprint.get("/<activity>/items/<int:item>/consent")
@entrance()
def consent(activity: str, item: int) -> Response:
    """Whether the public may see one's own item."""
    with wiring().database.read() as session:
        found = opened(session, activity, "gallery")
        return _consent(found, item, consents.standing(session, seat(), found, item))


@blueprint.post("/<activity>/items/<int:item>/consent")
@entrance("student", "teacher")
def change_consent(activity: str, item: int) -> Response:
    """Agree, change it, or take it back."""
    licence = request.form.get("licence", "") if "agreed" in request.form else ""
    with wiring().database.write() as session:
        found = opened(session, activity, "gallery", to_work=True)
        settings = gallery_settings.of(found)
        given = Consent(licence, request.form.get("credit_name", "") if licence else "")
        standing = consents.change(session, seat(), found, settings, item, given, now=wiring().now())
        return _consent(found, item, standing, said=N_("Saved.") if licence else N_("Saved. It stays in the course."))


def _consent(found: Opened, item: int, standing: consents.Standing | None, said: str = "") -> Response:
    """The form, or nothing where the item is not this person's."""
    page = render_template(
        "archive/_consent.html", activity=found, item=item, standing=standing, said=said, **consent_fields(found)
    )
    return make_response(page)


def consent_fields(found: Opened) -> dict[str, Any]:
    """What `archive/_consent_fields.html` needs besides `item` and `standing`."""
    anonymity = gallery_settings.of(found).anonymity
    return {
        "licences": LICENCES,
        "default": DEFAULT,
        "may_be_named": anonymity == "named",
        "anonymous": anonymity == "anonymous",
    }
