"""What the listeners of questions and of found things share: where something happened, which class, forms, reports."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.blocks import Block, Choice
from bot.calls import Call, NoClass
from bot.polls import beside, channel_row
from bot.views import texts as views
from bot.views.texts import Given
from core.activities import channel_news, channels, moderation, places, screening, seats
from core.activities.channels import Bound
from core.activities.refusals import Refusal
from core.activities.screening import Hints
from core.activities.seats import Opened, Seat
from core.activities.shared_settings import SharedSettings
from core.words import N_

NO_HINTS = Hints()

AT_ONCE = N_("It appears in the channel in a moment.")
BLURRED = N_(
    "It appears in the channel within five minutes: not at once, so that the time does not tell that it is yours."
)


@dataclass(frozen=True, slots=True)
class Here:
    """Who did something, in which channel's class, in which activity, and by which settings."""

    bound: Bound
    seat: Seat
    opened: Opened

    @property
    def settings(self) -> SharedSettings:
        """Who is named, and the rest of what every shared activity has."""
        return places.settings(self.opened)

    @property
    def teaches(self) -> bool:
        return self.seat.role == "teacher"

    def metadata(self, **ids: object) -> str:
        """What a view of ours remembers."""
        return json.dumps({"channel": self.bound.id, **ids})


def where(call: Call, session: Session, text_id: int, kind: str, *, to_work: bool = False) -> Here:
    """The seat and the activity of a text. Raises NoClass, NotLinked, NotFound."""
    bound = call.bound(session, channel_row(call, 1))
    seat = call.seat(session, bound, to_work=to_work)
    number = places.activity_of(session, seat, text_id)
    return Here(bound, seat, seats.opened_of_id(session, seat, number, kind, to_work=to_work))


def of_channel(call: Call, session: Session, bound: Bound, kind: str, *, to_work: bool = False) -> Here:
    """The activity of this kind that a channel's class uses; made if it is the first time. Raises NotLinked."""
    seat = call.seat(session, bound, to_work=to_work)
    opened = channels.activity(session, seat, bound, kind, now=call.now)
    if to_work:
        opened = seats.opened_to_work_on(session, seat, opened.public_id, kind)
    return Here(bound, seat, opened)


def classes(call: Call, session: Session) -> list[Bound]:
    """The class of the channel in which it happened; elsewhere all classes of this person. Raises NoClass."""
    here = channels.find(session, call.workspace.id, call.channel_id) if call.channel_id else None
    found = [here] if here else [bound for bound, _ in channels.of_person(session, call.workspace.id, call.user_id)]
    if not found:
        raise NoClass(
            N_(
                "We know no class of yours in this workspace. Go to the channel of your class and type "
                "“/heirloom link” there; then do it again."
            )
        )
    return found


def choices(call: Call, found: list[Bound]) -> list[Choice]:
    """Classes to choose from, by their rows."""
    named = N_("{course} (#{channel})")
    return [
        Choice(
            f"{bound.id}",
            call.say(named, course=bound.course_title, channel=bound.name) if bound.name else _title(bound),
        )
        for bound in found
    ]


def _title(bound: Bound) -> str:
    return bound.course_title or bound.channel_id


def chosen(call: Call, session: Session) -> Bound:
    """The class that was chosen in a form. Raises NoClass."""
    number = views.value(call.values, "class")
    return call.bound(session, int(number) if number.isdecimal() else 0)


def given(call: Call) -> Given:
    """What a form was sent with."""
    values = call.values
    return Given(views.value(values, "title"), views.value(values, "text"), views.value(values, "anyway") == "yes")


def asked_for(call: Call, name: str) -> int:
    """A number that a view of ours remembers; 0 where it remembers none."""
    found = call.metadata.get(name)
    return found if isinstance(found, int) else 0


def target(call: Call) -> int:
    """The text that a button is about."""
    return call.ids[0] if call.ids else 0


def wanted(call: Call) -> bool | None:
    """Whether a button says yes or no; None for one that says neither."""
    return bool(call.ids[-1]) if len(call.ids) > 1 and call.view.get("type") == "modal" else None


def hints(call: Call, session: Session, here: Here, text: str) -> Hints:
    """What to tell somebody about a text before it is sent; teachers' are taken as they are."""
    if here.teaches:
        return NO_HINTS
    return screening.hints(
        session, here.seat, here.opened, here.settings, text, language=call.language, alike=False
    )  # fmt: skip


def is_to_be_shown(call: Call, found: Hints, sent: Given) -> bool:
    """Whether the form is shown again with hints: each kind once, and personal data until it is meant."""
    return bool(found.personal and not sent.anyway) or bool(found.coarse and not asked_for(call, "checked"))


def open_view(call: Call, view: Block) -> None:
    """Open a view: over the one in which the button was, or by itself."""
    call.ack()
    if call.view.get("type") == "modal":
        call.client.views_push(trigger_id=call.trigger_id, view=view)
    else:
        call.client.views_open(trigger_id=call.trigger_id, view=view)


def new_in(call: Call, here: Here) -> None:
    """Have shown in channels what has just been committed; if this fails, the worker does it a moment later."""
    with call.wiring.database.write() as session:
        channel_news.spread(session, now=call.now, activity_id=here.opened.id)


def report_form(noun: str) -> Callable[[Call], None]:
    """The listener that opens the form for a report."""

    def handle(call: Call) -> None:
        metadata = json.dumps({"channel": channel_row(call, 1), "text": target(call)})
        open_view(call, views.report_form(call.say, callback_id=f"{noun}_report", metadata=metadata))

    return handle


def report(kind: str) -> Callable[[Call], None]:
    """The listener that stores a report about a text of such an activity."""

    def handle(call: Call) -> None:
        reason = views.value(call.values, "reason")
        try:
            with call.wiring.database.write() as session:
                here = where(call, session, asked_for(call, "text"), kind, to_work=True)
                said = moderation.report_shared(
                    session, here.seat, here.opened, here.settings, asked_for(call, "text"), reason=reason, now=call.now
                )
        except Refusal as refusal:
            beside(call, refusal, "reason")
            return
        call.ack(response_action="update", view=views.told(call.say(N_("Reported")), [call.say(said)], call.say))

    return handle
