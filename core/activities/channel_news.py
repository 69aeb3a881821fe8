"""What a class's channels are to show of its questions and its gallery: messages that are due, each of them once.

- What was asked or brought in a channel is shown there: at once, or when the teacher has let it in.
- Of what was asked in the LMS the best reaches the channel: what a teacher pinned or endorsed, or ENOUGH voted for.
- Of a gallery's items those that the teacher picked to talk about.
- Answers go into their question's thread, wherever they were given.

Only what came after the channel was bound: a channel that is bound late is not flooded with what everybody has read.
Two that look at once take turns: each holds the channels' rows, and looks again.

Where nobody is to know who wrote, a message has no time of its own but the next full BLUR, so that it does not stand
beside the minute in which somebody was seen to type.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, func, literal, null, or_, select, update
from sqlalchemy.orm import Session, aliased

from core.activities import slack_messages
from core.activities.channels import Bound
from core.store.tables import Activity, Channel, Contribution, Item, Question, SlackMessage, Workspace

ENOUGH = 5  # votes
BLUR = timedelta(minutes=5)
QUESTION, ANSWER, ITEM = "question", "answer", "item"


def post(
    session: Session, bound: Bound, noun: str, target_id: int, activity_id: int, *, status: str, is_anonymous: bool,
    asked_by: str, now: datetime,
) -> None:  # fmt: skip
    """What somebody asked or brought in this channel is to be shown there; what waits for the teacher waits here, too.

    What is kept for its author alone is shown nowhere. `asked_by`, the Slack user to tell if it cannot be posted, is
    not kept where nobody is to know.
    """
    if status not in {"live", "pending"}:
        return
    made = slack_messages.post(
        session,
        bound.workspace_id,
        bound.channel_id,
        noun,
        target_id,
        activity_id,
        asked_by=None if is_anonymous else asked_by,
        now=blurred(now) if is_anonymous else now,
    )
    if status == "pending":
        session.execute(update(SlackMessage).where(SlackMessage.id == made).values(due_at=None))


def blurred(now: datetime) -> datetime:
    """The next full BLUR."""
    step = int(BLUR.total_seconds())
    return now.fromtimestamp((int(now.timestamp()) // step + 1) * step, now.tzinfo)


def spread(session: Session, *, now: datetime, activity_id: int | None = None) -> int:
    """Have shown what is new, of all channels or of one activity; how many messages that is."""
    let_in = _let_in(session, now, activity_id)
    found = _found(session, activity_id)
    if not found:
        return let_in
    numbers = {row.channel_row for row in found}
    held = select(Channel.id).where(Channel.id.in_(numbers)).order_by(Channel.id).with_for_update(key_share=True)
    session.execute(held).all()
    fresh = [row for row in _found(session, activity_id) if row.channel_row in numbers]
    for row in fresh:
        slack_messages.post(
            session,
            row.workspace_id,
            row.channel_id,
            row.noun,
            row.target_id,
            row.activity_id,
            asked_by=None,
            thread_ts=row.thread_ts,
            now=blurred(now) if row.person_id is None else now,
        )
    return let_in + len(fresh)


def _let_in(session: Session, now: datetime, activity_id: int | None) -> int:
    """Messages whose text waited for the teacher, and is shown now."""
    live = select(Contribution.id).where(Contribution.status == "live")
    statement = update(SlackMessage).where(
        SlackMessage.status == "waiting",
        SlackMessage.due_at.is_(None),
        SlackMessage.noun.in_((QUESTION, ITEM)),
        SlackMessage.target_id.in_(live),
    )
    if activity_id is not None:
        statement = statement.where(SlackMessage.activity_id == activity_id)
    return len(session.execute(statement.values(due_at=now).returning(SlackMessage.id)).all())


def _found(session: Session, activity_id: int | None) -> list[Any]:
    """What is to be shown and is not yet, the oldest first."""
    rows: list[Any] = []
    for statement in (_QUESTIONS, _ITEMS, _ANSWERS):
        wanted = statement if activity_id is None else statement.where(Contribution.activity_id == activity_id)
        rows += session.execute(wanted.order_by(Contribution.id)).all()
    return rows


def _used(column: Any, kind: str) -> Any:
    """The activity that a channel uses: the chosen one, else its course's newest, as `channels.activity` has it."""
    newest = select(func.max(Activity.id)).where(Activity.course_id == Channel.course_id, Activity.kind == kind)
    return func.coalesce(column, newest.correlate(Channel).scalar_subquery())


def _new(noun: str, thread_ts: Any) -> Select[*tuple[Any, ...]]:
    stands = exists().where(
        SlackMessage.workspace_id == Channel.workspace_id,
        SlackMessage.channel_id == Channel.channel_id,
        SlackMessage.noun == noun,
        SlackMessage.target_id == Contribution.id,
    )
    return (
        select(
            Channel.id.label("channel_row"),
            Channel.workspace_id,
            Channel.channel_id,
            literal(noun).label("noun"),
            Contribution.id.label("target_id"),
            Contribution.activity_id,
            Contribution.person_id,
            thread_ts.label("thread_ts"),
        )
        .select_from(Channel)
        .join(Workspace, Workspace.id == Channel.workspace_id)
        .where(
            Channel.ended_at.is_(None),
            Workspace.ended_at.is_(None),
            Contribution.course_id == Channel.course_id,
            Contribution.status == "live",
            ~stands,
        )
    )


_asked = aliased(SlackMessage)
_QUESTIONS = (
    _new(QUESTION, null())
    .join(Question, Question.activity_id == _used(Channel.questions_id, "questions"))
    .join(Contribution, Contribution.id == Question.contribution_id)
    .where(
        Question.merged_into_id.is_(None),
        Question.problem_id.is_(None),
        Contribution.inherited_from_id.is_(None),
        or_(
            Contribution.pinned_at >= Channel.bound_at,
            Contribution.endorsed_at >= Channel.bound_at,
            (Question.votes >= ENOUGH) & (Contribution.joined_at >= Channel.bound_at),
        ),
    )
)
_ITEMS = (
    _new(ITEM, null())
    .join(Item, Item.activity_id == _used(Channel.gallery_id, "gallery"))
    .join(Contribution, Contribution.id == Item.contribution_id)
    .where(Item.talking_point.is_not(None), Contribution.joined_at >= Channel.bound_at)
)
_ANSWERS = (
    _new(ANSWER, _asked.ts)
    .join(
        _asked,
        (_asked.workspace_id == Channel.workspace_id)
        & (_asked.channel_id == Channel.channel_id)
        & (_asked.noun == QUESTION)
        & (_asked.status == "live")
        & _asked.ts.is_not(None),
    )
    .join(Contribution, (Contribution.parent_id == _asked.target_id) & (Contribution.kind == "answer"))
)
