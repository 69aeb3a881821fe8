"""What is looked at before a text is stored: personal data, coarse words, copies, and a cry for help.

Nothing is refused for good. Personal data asks once whether it is meant; coarse words and copies wait for the teacher;
words of somebody who may not be well are stored like any others, and a teacher reads them first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core.activities import contributions, decisions, moderation, texts, visibility
from core.activities.authors import Stamp
from core.activities.receipts import Receipt
from core.activities.refusals import NotAllowed, Refusal
from core.activities.seats import Opened, Seat
from core.activities.shared_settings import SharedSettings
from core.store.tables import Contribution, Item, Question
from core.wording import coarse, personal, similar, worry
from core.words import N_, Sentence

NEWEST = 400  # texts of a kind with which a new one is compared
LONG_ENOUGH_TO_COPY = 120  # characters; shorter ones are alike by chance
COPY = 0.95  # of the letters
MOST_SHOWN = 3

KINDS = {
    "email": Sentence(N_("an e-mail address")),
    "phone": Sentence(N_("a telephone number")),
    "iban": Sentence(N_("an account number")),
    "card": Sentence(N_("a card number")),
    "id": Sentence(N_("a number of an identity card, a student or the like")),
    "profile": Sentence(N_("a profile in a network")),
}


@dataclass(frozen=True, slots=True)
class Screened:
    """What a text is, and so how it is stored."""

    status: Literal["live", "pending"]
    coarse: bool = False
    alike: int | None = None  # the text that it repeats
    worry: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """What its author is told. `comfort` is for somebody who may not be well; `receipt` is for who stays unknown."""

    status: str
    message: Sentence
    comfort: Sentence | None = None
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Hint:
    """Personal data in a text that is being written."""

    kind: Sentence
    words: str


@dataclass(frozen=True, slots=True)
class Hints:
    """What a text would be told if it were sent now."""

    personal: tuple[Hint, ...] = ()
    coarse: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()
    comfort: Sentence | None = None

    def __bool__(self) -> bool:
        return bool(self.personal or self.coarse or self.alike or self.comfort)


def screen(
    session: Session,
    seat: Seat,
    opened: Opened,
    settings: SharedSettings,
    stamp: Stamp,
    text: str,
    *,
    kind: str,
    parent_id: int | None = None,
    language: str = "",
    anyway: bool = False,
    instead_of: int | None = None,
) -> Screened:
    """How a new text of a shared activity, or the new words of one (`instead_of`), is to be stored.

    Raises Refusal for personal data that its writer has not confirmed (`anyway`), and for words that they have sent to
    the same place already; NotAllowed for words of theirs that the teacher took out or that are held back: to take a
    text back and send it anew does not undo that. Teachers' texts are taken as they are.
    """
    if seat.role == "teacher":
        return Screened("live")
    _ask_about_personal(text, anyway)
    earlier = _earlier(session, opened.id, kind, instead_of)
    if stamp.person_id is not None:
        _must_not_be_out(session, opened.id, stamp.person_id, kind, text)
        for other in earlier:
            if (other.person_id, other.parent_id) == (stamp.person_id, parent_id) and _same(other.text, text):
                raise Refusal(N_("These words of yours are here already. Nothing was sent a second time."))
    is_coarse = bool(coarse.found(text, language))
    alike = _copied(text, [other for other in earlier if stamp.person_id is None or other.person_id != stamp.person_id])
    status = moderation.first_status(session, seat, opened, settings, stamp)
    return Screened(
        "pending" if is_coarse or alike is not None else status, is_coarse, alike, worry.sounds_like_it(text)
    )


def record(
    session: Session,
    seat: Seat,
    settings: SharedSettings,
    stamp: Stamp,
    contribution_id: int,
    screened: Screened,
) -> Stored:
    """Keep what the rules decided about a text that was just stored, and what its author is told."""
    rules = {"coarse": screened.coarse, "alike": screened.alike is not None, "worry": screened.worry}
    for rule, applies in rules.items():
        if applies:
            reason = str(screened.alike) if rule == "alike" else ""
            decisions.by_rule(session, seat.course_id, rule, contribution_id, when=stamp.created_at, reason=reason)
    return Stored(screened.status, _told(screened), comfort(settings) if screened.worry else None)


def _told(screened: Screened) -> Sentence:
    if screened.coarse:
        return Sentence(contributions.COARSE)
    if screened.alike is not None:
        return Sentence(
            N_("Saved. It is much like a text that is here already, so your teacher reads it before classmates see it.")
        )
    if screened.status == "pending":
        return Sentence(N_("Saved. Classmates see it once your teacher has checked it."))
    return Sentence(N_("Saved. Classmates can see it now."))


def comfort(settings: SharedSettings) -> Sentence:
    """A person to turn to, as the teacher named them."""
    if settings.contact:
        words = N_("If you are not well, you do not have to be alone with it. You can turn to: {contact}")
        return Sentence(words, {"contact": settings.contact})
    return Sentence(
        N_(
            "If you are not well, you do not have to be alone with it. Talk to somebody you trust, or to your teacher; "
            "when it is urgent, call the emergency number of where you are."
        )
    )


def hints(
    session: Session,
    seat: Seat,
    opened: Opened,
    settings: SharedSettings,
    text: str,
    *,
    language: str = "",
    alike: bool = True,
) -> Hints:
    """What to tell somebody while they type. Nothing is stored."""
    text = text[: texts.LONGEST_TEXT]
    known = _shown(session, seat, opened.id) if alike else []
    return Hints(
        personal=tuple(_hint(text, hit) for hit in personal.found(text)[:MOST_SHOWN]),
        coarse=tuple(dict.fromkeys(text[hit.start : hit.end] for hit in coarse.found(text, language)))[:MOST_SHOWN],
        alike=tuple(known[place] for place, _ in similar.similar(text, known, MOST_SHOWN, language=language)),
        comfort=comfort(settings) if worry.sounds_like_it(text) else None,
    )


def _shown(session: Session, seat: Seat, activity_id: int) -> Sequence[str]:
    """The newest texts by themselves (no answers, no comments) that everybody can see: no questions about one problem,
    which wait for its key.
    """
    words = func.coalesce(Question.title, Item.title, Contribution.text)
    seen = (
        select(words)
        .select_from(Contribution)
        .outerjoin(Question, Question.contribution_id == Contribution.id)
        .outerjoin(Item, Item.contribution_id == Contribution.id)
        .where(
            Contribution.activity_id == activity_id,
            Contribution.parent_id.is_(None),
            Question.problem_id.is_(None),
            visibility.TO_CLASS,
        )
    )
    return session.scalars(seen.order_by(Contribution.id.desc()).limit(NEWEST), {"reader": seat.person_id}).all()


def _hint(text: str, hit: personal.Personal) -> Hint:
    return Hint(KINDS[hit.kind], text[hit.start : hit.end])


def _ask_about_personal(text: str, anyway: bool) -> None:
    found = personal.found(text)
    if found and not anyway:
        raise Refusal(
            N_(
                "“{words}” looks like {kind}. Everybody who sees your text could use it. It is still in the box: take "
                "it out, or tick “Save it all the same” below it, and save again."
            ),
            words=text[found[0].start : found[0].end],
            kind=KINDS[found[0].kind],
        )


@dataclass(frozen=True, slots=True)
class _Earlier:
    id: int
    person_id: int | None
    parent_id: int | None
    text: str


def _earlier(session: Session, activity_id: int, kind: str, but: int | None) -> list[_Earlier]:
    """The newest texts of a kind that are or will be seen."""
    statement = _WRITTEN.where(
        Contribution.activity_id == activity_id, Contribution.kind == kind, Contribution.status.in_(("live", "pending"))
    )
    if but is not None:
        statement = statement.where(Contribution.id != but)
    return [_Earlier(*row) for row in session.execute(statement.order_by(Contribution.id.desc()).limit(NEWEST))]


def _must_not_be_out(session: Session, activity_id: int, person_id: int, kind: str, text: str) -> None:
    held = decisions.open_rule("hold")
    rows = session.execute(
        _WRITTEN.add_columns(held.label("held")).where(
            Contribution.activity_id == activity_id,
            Contribution.person_id == person_id,
            Contribution.kind == kind,
            or_(Contribution.retired_because == "teacher", held),
        )
    )
    for row in rows:
        if _same(row.words, text):
            raise NotAllowed(
                N_("Several people reported these words. Your teacher looks at them before classmates see them again.")
                if row.held
                else N_("Your teacher took these words out. Change them, or ask your teacher to look again.")
            )


_WRITTEN = select(
    Contribution.id,
    Contribution.person_id,
    Contribution.parent_id,
    (func.coalesce(Question.title + "\n", "") + Contribution.text).label("words"),  # as `questions` hands them over
).outerjoin(Question, Question.contribution_id == Contribution.id)


def _same(one: str, other: str) -> bool:
    return bool(one.split()) and one.casefold().split() == other.casefold().split()


def _copied(text: str, others: list[_Earlier]) -> int | None:
    if texts.visible_length(text) < LONG_ENOUGH_TO_COPY:
        return None
    place = similar.copied(text, [other.text for other in others], least=COPY)
    return None if place is None else others[place].id
