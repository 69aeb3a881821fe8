"""A person's tab of the app: what waits for them, what they asked and wrote, how far they are, what they chose; for
teachers also what waits for review and the channels of the class.

A list shows its first lines and says how many there are, so the tab is small whatever a class has done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.blocks import (
    Block,
    Choice,
    Say,
    actions,
    button,
    clip,
    confirm,
    context,
    divider,
    escape,
    field,
    header,
    home,
    isolate,
    marked,
    modal,
    moment,
    one_line,
    paragraphs,
    plain,
    section,
    select,
    utc,
)
from bot.views import review
from bot.views.poll_answers import TYPED
from core.activities.agenda import Agenda, Graded, Practising
from core.activities.appeals import Own
from core.activities.channels import Bound
from core.activities.polls import Poll
from core.activities.review import Waiting
from core.activities.slack_users import Profile
from core.words import N_, Amount

MOST_LINES = 5
MOST_CHANNELS = 8
LONGEST_LINE = 150
NEVER = "-"  # of quiet hours: none
_PARTS = {
    "question": N_("Questions: {done} of {asked}"),
    "answer": N_("Answers: {done} of {asked}"),
    "comment": N_("Comments: {done} of {asked}"),
    "found": N_("Items found: {done} of {asked}"),
    "produced": N_("Items made: {done} of {asked}"),
    "vote": N_("Votes: {done} of {asked}"),
    "rating": N_("Items judged: {done} of {asked}"),
    "ballot": N_("Polls answered: {done} of {asked}"),
}


@dataclass(frozen=True, slots=True)
class Teaching:
    """What only a teacher has: what waits for review, and the class's channels in this workspace."""

    waiting: tuple[Waiting, ...]
    channels: tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class Tab:
    """All that a person's tab shows. `classes`: each of theirs by a channel of it, with its name."""

    bound: Bound
    classes: tuple[Choice, ...]
    agenda: Agenda
    profile: Profile
    teaching: Teaching | None = None
    said: str = ""


def stranger(say: Say) -> Block:
    """The tab of somebody who is in no class that we know of."""
    lines = [
        say(N_("We do not know yet who you are in your course, so there is nothing to show.")),
        say(
            N_(
                "Link your account once: press the button, then type the code that you get in your course, in any "
                "Heirloom activity under “Slack”. Or type “/heirloom link” and the code that the course shows you."
            )
        ),
    ]
    blocks = [header(say(N_("Welcome to Heirloom"))), *paragraphs(lines)]
    blocks += actions([button(say(N_("Link my account")), "person_link", style="primary")])
    return home(blocks, say)


def tab(shown: Tab, say: Say, *, metadata: str) -> Block:
    """The tab of somebody who is in a class."""
    blocks = [] if not shown.said else [section(plain(shown.said))]
    if len(shown.classes) > 1:
        which = select("home_class", shown.classes, f"{shown.bound.id}", say(N_("Your class")))
        blocks.append(section(plain(say(N_("You are in several classes here. This is:"))), which))
    blocks.append(header(name_of(shown.bound)))
    if shown.teaching is not None:
        blocks += _teaching(shown, shown.teaching, say)
    blocks += _waiting(shown, say)
    blocks += _questions(shown.agenda, shown.bound.id, say)
    blocks += _texts(shown.agenda, shown.bound.id, say)
    blocks += _progress(shown.agenda, say)
    blocks += _settings(shown, say)
    return home(blocks, say, metadata=metadata)


def name_of(bound: Bound) -> str:
    """What a class is called."""
    return bound.course_title or bound.name or bound.channel_id


def _line(text: str) -> str:
    return isolate(clip(one_line(text), LONGEST_LINE))


def _waiting(shown: Tab, say: Say) -> list[Block]:
    """Open polls, problems, items to judge: each with the way to it."""
    agenda, bound = shown.agenda, shown.bound
    blocks: list[Block] = []
    for poll in agenda.polls[:MOST_LINES]:
        label = say(N_("Answer the poll “{prompt}”"), prompt=clip(one_line(poll.prompt), 40))
        way = button(say(N_("Answer")), f"poll_answer:{poll.id}", f"{poll.id}:{bound.id}", label=label)
        blocks.append(section(_poll(poll, say), way))
    blocks += _more(len(agenda.polls), say)
    practising = [practice for practice in agenda.practice if practice.open]
    for practice in practising[:MOST_LINES]:
        label = say(N_("Practise in “{title}”"), title=clip(practice.title, 40))
        value = f"{bound.id}:{practice.activity_id}"
        way = button(say(N_("Practise")), f"practice_start:{practice.activity_id}", value, label=label)
        sentence = N_("Problems to solve in “{title}”: {count}")
        blocks.append(section(plain(say(sentence, title=_line(practice.title), count=practice.open)), way))
    blocks += _more(len(practising), say)
    for judging in agenda.judging[:MOST_LINES]:
        label = say(N_("Judge items in “{title}”"), title=clip(judging.title, 40))
        value = f"{bound.id}:{judging.activity_id}"
        way = button(say(N_("Judge")), f"item_next:{judging.activity_id}", value, label=label)
        sentence = N_("Items to judge in “{title}”: {count}")
        blocks.append(section(plain(say(sentence, title=_line(judging.title), count=judging.due)), way))
    blocks += _more(len(agenda.judging), say)
    ready = [asked for asked in agenda.questions if asked.answers and not asked.settled]
    if ready:
        sentence = N_("Questions of yours that have answers: {count}. They are below.")
        blocks.append(section(plain(say(sentence, count=len(ready)))))
    if not blocks:
        blocks.append(section(plain(say(N_("Nothing waits for you.")))))
    return [header(say(N_("What waits for you"))), *blocks]


def _poll(poll: Poll, say: Say) -> Block:
    prompt = _line(poll.prompt)
    if poll.closes_at is None:
        return plain(say(N_("Poll: {prompt}"), prompt=prompt))
    when = "\x00"
    sentence = say(N_("Poll: {prompt} (closes {when})"), prompt=prompt, when=when)
    return marked(escape(sentence).replace(when, moment(poll.closes_at, utc(poll.closes_at))))


def _more(number: int, say: Say) -> list[Block]:
    left = number - MOST_LINES
    return context(plain(say(N_("And {count} more."), count=left))) if left > 0 else []


def _questions(agenda: Agenda, row: int, say: Say) -> list[Block]:
    if not agenda.questions:
        return []
    blocks = []
    for asked in agenda.questions[:MOST_LINES]:
        message = N_("{title} (votes: {votes}, answers: {answers})")
        if asked.settled:
            message = N_("{title} (answered; votes: {votes}, answers: {answers})")
        words = say(message, title=_line(asked.title), votes=asked.votes, answers=asked.answers)
        label = say(N_("Open the question “{title}”"), title=clip(one_line(asked.title), 40))
        way = button(say(N_("Open")), f"question_see:{asked.id}", f"{asked.id}:{row}", label=label)
        blocks.append(section(plain(words), way))
    left = agenda.questions_asked - len(blocks)
    if left > 0:
        sentence = N_("And {count} older ones: they are among all that you wrote, below.")
        blocks += context(plain(say(sentence, count=left)))
    return [header(say(N_("My questions"))), *blocks]


def _texts(agenda: Agenda, row: int, say: Say) -> list[Block]:
    """One's newest texts, each with how it stands."""
    if not agenda.texts:
        return []
    blocks = [header(say(N_("My contributions"))), *_own(agenda.texts[:MOST_LINES], row, say)]
    if agenda.texts_written > MOST_LINES:
        words = say(N_("All that I wrote ({count})"), count=agenda.texts_written)
        blocks += actions([button(words, "home_texts")])
    return blocks


def _own(texts: Sequence[Own], row: int, say: Say) -> list[Block]:
    """Each text with its kind and how it stands; questions and items, which have a view, with the way to it."""
    blocks = []
    for text in texts:
        words = say(
            N_("{kind}: {words} – {standing}"),
            kind=say(review.KINDS[text.kind]),
            words=_line(text.title or text.text),
            standing=say(text.standing),
        )
        opens = _OPENS.get(text.kind)
        if opens is None or text.stands == "taken out":
            blocks.append(section(plain(words)))
            continue
        label = say(N_("Open what you wrote: “{title}”"), title=clip(one_line(text.title), 40))
        way = button(say(N_("Open")), f"{opens}:{text.id}", f"{text.id}:{row}", label=label)
        blocks.append(section(plain(words), way))
    return blocks


_OPENS = {"question": "question_see", "found": "item_see", "produced": "item_see"}


def all_texts(texts: Sequence[Own], number: int, row: int, say: Say) -> Block:
    """The view with one's newest texts."""
    blocks = _own(texts, row, say)
    if number > len(texts):
        sentence = N_("These are the newest {shown} of {count}. The others are in your course.")
        blocks += context(plain(say(sentence, shown=len(texts), count=number)))
    return modal(say(N_("My contributions")), blocks, say, callback_id="home_texts")


def _progress(agenda: Agenda, say: Say) -> list[Block]:
    lines = [_score(practice, say) for practice in agenda.practice if practice.score is not None]
    lines += [graded_line(graded, say) for graded in agenda.graded]
    return [header(say(N_("Toward full points"))), *paragraphs(lines)] if lines else []


def _score(practice: Practising, say: Say) -> str:
    score, points = Amount(practice.score or 0, 1), Amount(practice.points)
    message = N_("{title}: {score} of {points} points")
    return say(message, title=_line(practice.title), score=score, points=points)


def graded_line(graded: Graded, say: Say) -> str:
    """How far somebody is in a shared activity, and with what."""
    progress = graded.progress
    parts = "; ".join(
        say(_PARTS[part.what], done=min(part.done, part.asked), asked=part.asked) for part in progress.parts
    )
    return say(
        N_("{title}: {score} of {points} points. {parts}"),
        title=_line(graded.title),
        score=Amount(progress.score, 1),
        points=Amount(progress.points),
        parts=parts,
    )


def _teaching(shown: Tab, teaching: Teaching, say: Say) -> list[Block]:
    """What waits for review, the week, the channels."""
    blocks = [header(say(N_("Your class")))]
    waiting = teaching.waiting
    if waiting:
        way = button(say(N_("Review")), "review_open", f"{shown.bound.id}", style="primary")
        blocks.append(section(plain(say(N_("Texts that wait for you: {count}"), count=len(waiting))), way))
        blocks += paragraphs(review.lines(waiting[:MOST_LINES], say))
    else:
        blocks.append(section(plain(say(N_("No text waits for you.")))))
    blocks += actions([button(say(N_("The week in pictures")), "home_week", f"{shown.bound.id}")])
    for bound in teaching.channels[:MOST_CHANNELS]:
        way = button(say(N_("New poll")), f"poll_new:{bound.id}", f"{bound.id}")
        blocks.append(section(marked(f"<#{bound.channel_id}>"), way))
    left = len(teaching.channels) - MOST_CHANNELS
    if left > 0:
        sentence = N_("And {count} more channels. In each of them you can type “/heirloom poll”.")
        blocks += context(plain(say(sentence, count=left)))
    return [*blocks, divider()]


def _settings(shown: Tab, say: Say) -> list[Block]:
    profile = shown.profile
    if profile.wants_reminders:
        reminders, change = say(N_("You are reminded of polls that you have not answered.")), N_("No reminders")
    else:
        reminders, change = say(N_("You are not reminded of anything.")), N_("Remind me")
    if profile.quiet_from is None or profile.quiet_until is None or profile.quiet_from == profile.quiet_until:
        quiet = say(N_("You have no quiet hours."))
    else:
        message = N_("Quiet hours: {begin} to {end}. What comes meanwhile waits until they end.")
        quiet = say(message, begin=clock(profile.quiet_from), end=clock(profile.quiet_until))
    daily = say(N_("You get no problem a day by private message."))
    if profile.problem_at is not None:
        daily = say(N_("You get a problem a day by private message, at {time}."), time=clock(profile.problem_at))
    ways = [
        button(say(change), "home_reminders", "0" if profile.wants_reminders else "1"),
        button(say(N_("Quiet hours, daily problem")), "home_times"),
    ]
    if shown.bound.has_lms:
        sure = confirm(
            say(N_("Unlink your account?")),
            say(N_("What you did stays yours in the course. Here you are nobody until you link yourself again.")),
            say(N_("Unlink")),
            say(N_("Stay linked")),
        )
        ways.append(button(say(N_("Unlink my account")), "home_unlink", f"{shown.bound.id}", confirm=sure))
    language = say(N_("Heirloom speaks the language that you chose in Slack, where it can."))
    return [
        divider(),
        header(say(N_("Settings"))),
        *paragraphs([reminders, quiet, daily]),
        *actions(ways),
        *context(plain(language)),
    ]


def clock(minute: int) -> str:
    """A time of day."""
    return f"{minute // 60:02}:{minute % 60:02}"


def times(profile: Profile, say: Say, *, metadata: str) -> Block:
    """The form for quiet hours and the daily problem, in half hours."""
    hours = [Choice(f"{at}", clock(at)) for at in range(0, 1440, 30)]
    quiet = [Choice(NEVER, say(N_("No quiet hours"))), *hours]
    daily = [Choice(NEVER, say(N_("No problem a day"))), *hours]
    begin, end, problem = (
        NEVER if minute is None else f"{minute}"
        for minute in (profile.quiet_from, profile.quiet_until, profile.problem_at)
    )
    hint = say(N_("In the time zone of your Slack account."))
    blocks = [
        field(say(N_("Quiet hours from")), select(TYPED, quiet, begin), "quiet_from", hint=hint),
        field(say(N_("Quiet hours until")), select(TYPED, quiet, end), "quiet_until"),
        field(say(N_("A problem a day, at")), select(TYPED, daily, problem), "problem_at"),
    ]
    title, save, close = say(N_("Times")), say(N_("Save")), say(N_("Cancel"))
    return modal(title, blocks, say, callback_id="home_times", submit=save, close=close, metadata=metadata)
