"""An answer in the thread of a poll: a mention of the app there, "@heirloom my words", counts as that person's answer.

It needs no more than the mentions that Slack sends us, so no history is read. The words stand in the thread for all to
see: so only polls for words and texts take them, and an anonymous one takes none.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot import blocks, markup
from bot.calls import Call
from bot.polls import Here, settle
from core.activities import poll_votes, polls, seats, slack_messages
from core.activities.polls import Poll
from core.activities.refusals import Refusal
from core.activities.slack_messages import Message
from core.polling import kinds
from core.words import N_, Sentence


def mentioned(call: Call) -> bool:
    """Take a mention in the thread of a poll's message as an answer; False where it stands elsewhere.

    Raises Refusal as `poll_votes.vote` does.
    """
    event = call.body.get("event") or {}
    words = markup.words(markup.without(str(event.get("text") or ""), call.workspace.bot_user_id))
    with call.wiring.database.write() as session:
        message = _above(call, session, event.get("thread_ts"))
        if message is None:
            return False
        bound = call.bound(session)
        seat = call.seat(session, bound, to_work=True)
        here = Here(bound, seat, seats.opened_of_id(session, seat, message.activity_id, "poll", to_work=True))
        poll = polls.find(session, seat, here.opened, message.target_id, call.now)
        if not isinstance(poll.kind, kinds.BROUGHT):
            return False
        if poll.is_anonymous:
            raise Refusal(
                N_(
                    "This poll is anonymous, and everybody sees who wrote in the thread, so this was not counted. Use "
                    "the button “Answer”; you may want to delete your message."
                )
            )
        voted = poll_votes.vote(
            session,
            seat,
            here.opened,
            poll.id,
            {"entry": [words]},
            language=call.language,
            now=call.now,
            clicked=call.clicked,
        )
    if voted.is_last:
        settle(call, here)
    _tell(call, poll, voted.message)
    return True


def _above(call: Call, session: Session, thread: object) -> Message | None:
    """The poll's message under which it was written."""
    if not thread or call.channel_id is None:
        return None
    message = slack_messages.at(session, call.workspace.id, call.channel_id, str(thread))
    return message if message is not None and message.noun == "poll" else None


def _tell(call: Call, poll: Poll, said: Sentence) -> None:
    """To them alone, and with the question, because it is read in another place."""
    lines = [call.say(N_("Your answer in the thread of “{question}”:"), question=poll.prompt), call.say(said)]
    call.respond(" ".join(lines), blocks.paragraphs(lines))
