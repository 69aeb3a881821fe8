"""Ties: a channel to a course, a Slack user to a person; the command, and what it can do."""

from __future__ import annotations

from bot import blocks
from bot.calls import Call
from bot.listeners import Listener
from core.activities import channels, identities, slack_codes
from core.activities.refusals import Refusal
from core.words import N_


def connect(call: Call, typed: str) -> None:
    """`/heirloom connect [code]`: tie this channel to a course, by a code of the LMS or with one for it."""
    if typed:
        _take(call, typed)
        return
    with call.wiring.database.write() as session:
        code = slack_codes.show_in_slack(session, call.place(session), "channel", now=call.now)
    call.ack()
    call.respond(
        call.say(
            N_(
                "To tie this channel to a course, a teacher of the course opens “Slack” there, in Heirloom, and types "
                "this code: {code}. It works once, for ten minutes."
            ),
            code=code,
        )
    )


def link(call: Call, typed: str = "") -> None:
    """`/heirloom link [code]`, or the button "Link my account"."""
    if typed:
        _take(call, typed)
        return
    with call.wiring.database.write() as session:
        code = slack_codes.show_in_slack(session, call.place(session), "person", now=call.now)
    text = call.say(
        N_(
            "Open any Heirloom activity in your course, choose “Slack”, and type this code there: {code}. It works "
            "once, for ten minutes, and ties this Slack account to you. Give it to nobody else."
        ),
        code=code,
    )
    call.ack()
    call.respond(text, blocks.paragraphs([text]))


def make_class(call: Call, name: str) -> None:
    """`/heirloom class [name]`: a class without an LMS, in this channel."""
    channel = call.channel_id
    if channel is None or not channel.startswith(("C", "G")):
        raise Refusal(N_("A class meets in a channel. Type this in the channel of your class."))
    told = str(call.body.get("channel_name") or "") or channel
    with call.wiring.database.write() as session:
        place = call.place(session)
        channels.make_class(
            session,
            call.workspace.id,
            channel,
            call.user_id,
            name=name[:200] or told,
            language=call.language,
            zone=place.zone,
            now=call.now,
        )
    call.ack()
    call.respond(
        call.say(
            N_(
                "This channel is a class now, and you teach it. Begin with “/heirloom poll” or “/heirloom ask”. It "
                "can join a course of an LMS later with everything it did: “/heirloom connect”."
            )
        )
    )


def _take(call: Call, typed: str) -> None:
    with call.wiring.database.write() as session:
        place = call.place(session)
        if not slack_codes.may_try(session, place, now=call.now):
            raise Refusal(N_("Too many wrong codes. Wait an hour, or get help from your teacher."))
    try:
        with call.wiring.database.write() as session:
            bound = slack_codes.take_in_slack(session, place, typed, now=call.now)
    except Refusal:
        with call.wiring.database.write() as session:
            slack_codes.note_wrong(session, place, now=call.now)
        raise
    call.ack()
    if bound is None:
        call.respond(call.say(N_("Linked. What you do in Slack counts in your course from now on.")))
    else:
        call.respond(
            call.say(
                N_("This channel belongs to “{course}” now. Begin with “/heirloom poll”."), course=bound.course_title
            )
        )


def unlink(call: Call, _typed: str) -> None:
    """`/heirloom unlink`: this Slack account is nobody's in the courses of this channel."""
    with call.wiring.database.write() as session:
        bound = call.bound(session)
        seat = call.seat(session, bound)
        if not bound.has_lms:
            raise Refusal(N_("This class lives in Slack alone, so there is nothing to unlink."))
        identities.unlink(session, seat, call.workspace.id)
    call.ack()
    call.respond(call.say(N_("Unlinked. What you did stays yours in the course.")))


def _linking(call: Call) -> None:
    link(call)


LISTENERS = (Listener("action", "person_link", _linking),)
