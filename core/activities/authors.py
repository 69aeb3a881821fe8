"""Who is named where: what is stored about an author, and what each reader learns.

| activity | stored with the text | classmates see | the teacher sees |
| --- | --- | --- | --- |
| named | the person | the name | the name |
| teacher | the person | "A classmate" | the name |
| pseudonym | the person | the made-up name | the made-up name |
| anonymous | nobody, and the day instead of the time | "Somebody" | "Somebody" |

A teacher's own texts are always a teacher's: it matters who says it, and there are few of them. But who wrote here as
a student and teaches later keeps what they were promised then: a row of `Pseudonym` says so, also where no made-up name
is shown. What they write here from then on looks like that of a student, too.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.activities.seats import Seat
from core.activities.shared_settings import SharedSettings
from core.store.database import insert
from core.store.tables import Membership, Person, Pseudonym
from core.words import N_, Sentence

_PROMISES = {
    "named": N_("Everybody in the course sees your name beside what you write."),
    "teacher": N_("Classmates do not see your name; your teacher does."),
    "pseudonym": N_(
        "You appear under a made-up name, the same throughout this activity. Neither classmates nor your teacher see "
        "who it is; the database knows it, and whoever runs this server could look it up."
    ),
    "anonymous": N_(
        "Who wrote this is stored nowhere: your teacher cannot find it out, and nobody can who reads the database "
        "later. It is only counted that you took part. You cannot change or take back what you sent."
    ),
}
_ADJECTIVES = (
    "Amber", "Azure", "Brave", "Bright", "Calm", "Clever", "Coral", "Crimson", "Curious", "Eager", "Early", "Emerald",
    "Fair", "Fleet", "Gentle", "Golden", "Grand", "Green", "Happy", "Indigo", "Ivory", "Jolly", "Keen", "Kind",
    "Lively", "Lucky", "Merry", "Mild", "Noble", "Olive", "Patient", "Pearl", "Polite", "Proud", "Quick",
    "Quiet", "Ready",
    "Rosy", "Royal", "Scarlet", "Silver", "Steady", "Sunny", "Swift", "Tidy", "True", "Violet", "Warm", "Wise", "Witty",
)  # fmt: skip
_NOUNS = (
    "Alder", "Aspen", "Badger", "Beech", "Birch", "Bison", "Cedar", "Clover", "Crane", "Cricket", "Dolphin", "Dove",
    "Eagle", "Elm", "Falcon", "Fern", "Finch", "Fox", "Gull", "Hare", "Hawk", "Hazel", "Heron", "Ibis", "Iris", "Jay",
    "Lark", "Linden", "Lynx", "Maple", "Marten", "Oak", "Orchid", "Otter", "Owl", "Panda", "Pine", "Plover", "Poppy",
    "Raven", "Robin", "Rowan", "Seal", "Sparrow", "Stork", "Swan", "Thrush", "Tulip", "Willow", "Wren",
)  # fmt: skip

_HIDE_FROM_CLASSMATES = {"teacher", "pseudonym"}


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is stored about who wrote something, and when."""

    person_id: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Author:
    """What a reader learns about an author. `name` is a person's own or made-up name, `words` stand where none is."""

    name: str | None
    words: Sentence
    is_me: bool = False
    is_teacher: bool = False


_SOMEBODY = Author(None, Sentence(N_("Somebody")))
_CLASSMATE = Sentence(N_("A classmate"))
_TEACHER = Sentence(N_("Your teacher"))
_YOU = Sentence(N_("You"))
_EARLIER = Author(None, Sentence(N_("Somebody of an earlier class")))


@dataclass(frozen=True, slots=True)
class Authors:
    """The authors of a page's texts."""

    known: Mapping[int, Author]

    def of(self, person_id: int | None, *, inherited: bool = False) -> Author:
        """The author of a text that was stored with this person."""
        if person_id is None:
            return _EARLIER if inherited else _SOMEBODY
        return self.known.get(person_id, _SOMEBODY)


def promise(settings: SharedSettings) -> Sentence:
    """What a form says about who will see that it was you."""
    return Sentence(_PROMISES[settings.anonymity])


def stamp(session: Session, seat: Seat, activity_id: int, settings: SharedSettings, *, now: datetime) -> Stamp:
    """What to store with a new text. Draws the made-up name of whom classmates must never know."""
    if settings.anonymity == "anonymous" and seat.role != "teacher":
        return nobody(now)
    if settings.anonymity in _HIDE_FROM_CLASSMATES and seat.role != "teacher":
        _name(session, seat, activity_id)
    return Stamp(seat.person_id, now)


def nobody(now: datetime) -> Stamp:
    """Nobody, on this day."""
    return Stamp(None, now.replace(hour=0, minute=0, second=0, microsecond=0))


def _name(session: Session, seat: Seat, activity_id: int) -> None:
    """Give this person a made-up name here unless they have one; two tabs agree on the first one stored."""
    mine = select(Pseudonym.name).where(Pseudonym.activity_id == activity_id, Pseudonym.person_id == seat.person_id)
    while session.scalar(mine) is None:
        name = f"{secrets.choice(_ADJECTIVES)} {secrets.choice(_NOUNS)}"
        if session.scalar(select(Pseudonym.name).where(Pseudonym.activity_id == activity_id, Pseudonym.name == name)):
            name = f"{name} {2 + secrets.randbelow(998)}"
        session.execute(
            insert(session, Pseudonym)
            .values(activity_id=activity_id, person_id=seat.person_id, name=name)
            .on_conflict_do_nothing()
            .returning(Pseudonym.name)
        )


def names(
    session: Session, seat: Seat, activity_id: int, settings: SharedSettings, person_ids: Iterable[int | None]
) -> Authors:
    """What this reader learns about these authors."""
    wanted = {person for person in person_ids if person is not None}
    if not wanted:
        return Authors({})
    made_up = {}
    if settings.anonymity in _HIDE_FROM_CLASSMATES:
        drawn = select(Pseudonym.person_id, Pseudonym.name).where(
            Pseudonym.activity_id == activity_id, Pseudonym.person_id.in_(wanted)
        )
        made_up = {row.person_id: row.name for row in session.execute(drawn)}
    rows = session.execute(
        select(Person.id, Person.name, Membership.role)
        .join(Membership, (Membership.person_id == Person.id) & (Membership.course_id == seat.course_id))
        .where(Person.id.in_(wanted), Person.platform_id == seat.platform_id)
    )
    sees_names = settings.anonymity == "named" or (settings.anonymity == "teacher" and seat.role == "teacher")
    known = {}
    for row in rows:
        teaches, me = row.role == "teacher" and row.id not in made_up, row.id == seat.person_id
        name = row.name if sees_names or teaches else made_up.get(row.id) if settings.anonymity == "pseudonym" else None
        words = _YOU if me else _TEACHER if teaches else _CLASSMATE
        known[row.id] = Author(name, words, is_me=me, is_teacher=teaches)
    return Authors(known)
