"""A person's tab of the app: published when they open it, and after what they do in it; never for others' deeds.

The tab shows one class at a time; which one, the view itself remembers.
"""

from __future__ import annotations

import json
from typing import Any

from slack_sdk.errors import SlackApiError
from sqlalchemy.orm import Session

from bot import blocks, charts
from bot.blocks import Block, Choice
from bot.calls import Call
from bot.listeners import Listener
from bot.views import home as views
from bot.views.home import Tab, Teaching
from bot.views.poll_answers import read
from core.activities import agenda, appeals, channels, daily_problems, identities, review, slack_users, weeks
from core.activities.channels import Bound
from core.activities.refusals import NotAllowed, Refusal
from core.activities.seats import Seat
from core.activities.weeks import Week
from core.words import N_

MOST_TEXTS = 40
_OBSERVES = N_("You can look at everything in your course and change nothing there.")


def _classes(call: Call, session: Session) -> list[tuple[Bound, Seat]]:
    """Every class of this person's in this workspace, once."""
    found: dict[int, tuple[Bound, Seat]] = {}
    for bound, seat in channels.of_person(session, call.workspace.id, call.user_id):
        found.setdefault(bound.course_id, (bound, seat))
    return list(found.values())


def _view(call: Call, session: Session, row: int, said: str = "") -> Block:
    """The tab with the class of this channel, or else with this person's first."""
    found = _classes(call, session)
    if not found:
        return views.stranger(call.say)
    wanted = channels.of_id(session, row)
    course = wanted.course_id if wanted is not None and wanted.workspace_id == call.workspace.id else 0
    bound, seat = next((one for one in found if one[0].course_id == course), found[0])
    shown = Tab(
        bound=bound,
        classes=tuple(Choice(f"{one.id}", views.name_of(one)) for one, _ in found),
        agenda=agenda.of(session, seat, practising=channels.practice(session, seat, bound), now=call.now),
        profile=slack_users.profile(session, call.workspace.id, call.user_id),
        teaching=_teaching(call, session, seat),
        said=said or (call.say(_OBSERVES) if seat.role == "observer" else ""),
    )
    return views.tab(shown, call.say, metadata=json.dumps({"channel": bound.id}))


def _teaching(call: Call, session: Session, seat: Seat) -> Teaching | None:
    if seat.role != "teacher":
        return None
    here = tuple(bound for bound in channels.of_course(session, seat) if bound.workspace_id == call.workspace.id)
    return Teaching(tuple(review.queue(session, seat)), here)


def _publish(call: Call, row: int, said: str = "") -> None:
    with call.wiring.database.read() as session:
        view = _view(call, session, row, said)
    call.client.views_publish(user_id=call.user_id, view=view)


def _row(call: Call) -> int:
    """The channel by which the tab shows a class."""
    return int(call.metadata.get("channel", 0))


def _mine(call: Call, session: Session) -> tuple[Bound, Seat]:
    """The class that the tab shows. Raises NoClass, NotLinked."""
    bound = call.bound(session, _row(call))
    return bound, call.seat(session, bound)


def _opened(call: Call) -> None:
    """The tab was opened; what it showed before says which class."""
    event: dict[str, Any] = dict(call.body.get("event") or {})
    if event.get("tab") != "home":
        return
    before = json.loads((event.get("view") or {}).get("private_metadata") or "{}")
    _publish(call, int(before.get("channel", 0)))


def _chosen(call: Call) -> None:
    """Another class was chosen."""
    call.ack()
    _publish(call, (*call.ids, 0)[0])


def _texts(call: Call) -> None:
    """More of what one wrote."""
    with call.wiring.database.read() as session:
        bound, seat = _mine(call, session)
        texts = appeals.newest(session, seat, most=MOST_TEXTS)
        view = views.all_texts(texts, appeals.number(session, seat), bound.id, call.say)
    call.ack()
    call.client.views_open(trigger_id=call.trigger_id, view=view)


# ---- settings ----
def _reminders(call: Call) -> None:
    wanted = (*call.ids, 0)[0] == 1
    with call.wiring.database.write() as session:
        slack_users.choose(session, call.workspace.id, call.user_id, wants_reminders=wanted)
    call.ack()
    _publish(call, _row(call))


def _times_form(call: Call) -> None:
    with call.wiring.database.read() as session:
        who = slack_users.profile(session, call.workspace.id, call.user_id)
    view = views.times(who, call.say, metadata=json.dumps({"channel": _row(call)}))
    call.ack()
    call.client.views_open(trigger_id=call.trigger_id, view=view)


def _times(call: Call) -> None:
    """Quiet hours and the daily problem. Half of a span is refused beside the field that is missing."""
    sent = {name: "".join(values) for name, values in read(call.values).items()}
    begin, end, problem = (
        int(sent[name]) if sent.get(name) else None for name in ("quiet_from", "quiet_until", "problem_at")
    )
    try:
        with call.wiring.database.write() as session:
            slack_users.choose(session, call.workspace.id, call.user_id, quiet_from=begin, quiet_until=end)
            daily_problems.choose(session, call.workspace.id, call.user_id, problem, now=call.now)
    except Refusal as refusal:
        block_id = "quiet_from" if begin is None else "quiet_until"
        call.ack(response_action="errors", errors={block_id: call.say(refusal.sentence)})
        return
    call.ack()
    _publish(call, _row(call))


def _unlink(call: Call) -> None:
    with call.wiring.database.write() as session:
        bound, seat = _mine(call, session)
        if not bound.has_lms:
            raise NotAllowed(N_("This class lives in Slack alone, so there is nothing to unlink."))
        identities.unlink(session, seat, call.workspace.id)
    call.ack()
    _publish(call, _row(call), call.say(N_("Unlinked. What you did stays yours in the course.")))


# ---- the week ----
def _week(call: Call) -> None:
    """The week's pictures, to this teacher alone: Slack shows charts in messages, not in the tab."""
    with call.wiring.database.read() as session:
        bound, seat = _mine(call, session)
        zone = slack_users.zone(session, call.workspace.id, call.user_id)
        week = weeks.last(session, seat, zone=zone, now=call.now)
    call.ack()
    title = call.say(N_("The last seven days in “{course}”"), course=blocks.isolate(views.name_of(bound)))
    words, drawn = _pictures(call, week)
    parts = [blocks.header(title), *blocks.paragraphs(words)]
    made = blocks.message(blocks.escape("\n".join([title, *words])), [*parts, *drawn], call.say)
    plain = blocks.message(made.text, parts, call.say)
    try:
        call.client.chat_postMessage(channel=call.user_id, text=made.text, blocks=list(made.blocks))
    except SlackApiError as error:
        if error.response.get("error") != "invalid_blocks":  # a workspace that takes no charts reads the same words
            raise
        call.client.chat_postMessage(channel=call.user_id, text=plain.text, blocks=list(plain.blocks))


def _pictures(call: Call, week: Week) -> tuple[list[str], list[Block]]:
    """The week in words, and at most two charts of the same: Slack takes no more in a message."""
    say = call.say
    words = [
        say(
            N_("{day}: answers to problems {answers}, texts {texts}"),
            day=day.date,
            answers=day.answers,
            texts=day.texts,
        )
        for day in week.days
    ]
    words.append(say(N_("People who answered problems: {count}."), count=week.people))
    series = [
        (say(N_("Answers")), [day.answers for day in week.days]),
        (say(N_("Texts")), [day.texts for day in week.days]),
    ]
    drawn = [charts.bars(say(N_("Answers and texts a day")), [f"{day.date:%m-%d}" for day in week.days], series, say)]
    for poll, result in week.polls:
        words += [say(N_("Poll: {prompt}"), prompt=blocks.isolate(blocks.clip(poll.prompt, 150)))]
        words += charts.lines(poll, result, say)
    drawn += [charts.chart(poll, result, say) for poll, result in week.polls[:1]]
    return words, [chart for chart in drawn if chart is not None]


LISTENERS = (
    Listener("event", "app_home_opened", _opened),
    Listener("action", "home_class", _chosen),
    Listener("action", "home_texts", _texts),
    Listener("action", "home_reminders", _reminders),
    Listener("action", "home_times", _times_form),
    Listener("submit", "home_times", _times),
    Listener("action", "home_unlink", _unlink),
    Listener("action", "home_week", _week),
)
