"""What a teacher sees of prompts: the list with what can be done, the form of one, and the two private messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.blocks import (
    MOST_SELECTED,
    Block,
    Choice,
    Element,
    Message,
    Say,
    actions,
    button,
    clip,
    confirm,
    context,
    field,
    marked,
    message,
    modal,
    moment,
    number,
    one_line,
    paragraphs,
    plain,
    section,
    select,
    tick,
    utc,
)
from bot.views import paging, poll_forms
from bot.views.poll_answers import TYPED, read
from core.activities import poll_plans, prompts
from core.activities.poll_plans import Plan
from core.activities.polls import Poll
from core.activities.prompts import Prompt, Wanted
from core.schedules.rules import WEEKDAYS
from core.words import N_, Sentence

KIND = "prompt_kind"  # the action_id by which a form is asked for the fields of another kind
PROBLEM, LAST = "problem", "last"
MOST_LISTED = 25
_OURS = {"kind", "channel", "first", "day", "time", "weekdays", "until", "open", "remind", "rules"}
_DAYS = {
    "mon": N_("Monday"), "tue": N_("Tuesday"), "wed": N_("Wednesday"), "thu": N_("Thursday"), "fri": N_("Friday"),
    "sat": N_("Saturday"), "sun": N_("Sunday"),
}  # fmt: skip
_OPEN = (
    (15, N_("15 minutes")), (60, N_("1 hour")), (240, N_("4 hours")), (480, N_("8 hours")), (1_440, N_("1 day")),
    (4_320, N_("3 days")), (10_080, N_("1 week")),
)  # fmt: skip
_REMIND = (
    (10, N_("10 minutes before")), (60, N_("1 hour before")), (240, N_("4 hours before")), (1_440, N_("1 day before")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Draft:
    """What a form begins with. `kind`: a poll's, `PROBLEM` or `LAST`; `channels`: (row, name); `plan`: of a poll."""

    kind: str
    channels: Sequence[tuple[int, str]]
    channel: int
    zone: str
    starts_on: date
    at_minute: int
    plan: Plan | None = None
    firsts: Sequence[Poll] = ()
    first_id: int | None = None
    weekdays: tuple[str, ...] = ()
    ends_on: date | None = None
    open_minutes: int | None = 1_440
    remind_minutes: int | None = None
    always_anonymous: bool = False


# ---- the form ----
def form(draft: Draft, say: Say, *, metadata: str, is_new: bool) -> Block:
    """The view of a prompt that is made or changed."""
    what = [Choice(option.name, say(option.label)) for option in poll_plans.KINDS]
    what += [
        Choice(PROBLEM, say(N_("The next problem of the practice"))),
        Choice(LAST, say(N_("Last impression of an earlier poll"))),
    ]
    places = [Choice(f"{row}", f"#{name}") for row, name in draft.channels]
    blocks = [
        field(say(N_("What")), select(KIND, what, draft.kind), "kind", tells=True),
        field(say(N_("Channel")), select(TYPED, places, f"{draft.channel}"), "channel"),
        *_content(draft, say),
        *_when(draft, say),
        *([] if draft.kind == PROBLEM else _how_long(draft, say)),
    ]
    return modal(
        say(N_("New prompt")) if is_new else say(N_("Change the prompt")),
        blocks,
        say,
        callback_id="prompt_make",
        submit=say(N_("Save")),
        close=say(N_("Cancel")),
        metadata=metadata,
    )


def _content(draft: Draft, say: Say) -> list[Block]:
    if draft.kind == PROBLEM:
        text = N_(
            "Each time the next problem in your order, until all were posted. Nobody sees the key before answering."
        )
        return [section(plain(say(text)))]
    if draft.kind == LAST:
        if not draft.firsts:
            return [section(plain(say(N_("There is no poll yet that could be asked again. Choose something else."))))]
        firsts = [Choice(f"{poll.id}", poll.prompt) for poll in draft.firsts[:MOST_SELECTED]]
        chosen = f"{draft.first_id or draft.firsts[0].id}"
        hint = say(N_("It is asked once more, and both together show how the class moved."))
        made = [field(say(N_("Which poll")), select(TYPED, firsts, chosen), "first", hint=hint)]
        if len(draft.firsts) > MOST_SELECTED:
            said = N_("These are the newest {shown} of {count}. The others are in your course.")
            made += context(plain(say(said, shown=MOST_SELECTED, count=len(draft.firsts))))
        return made
    if draft.plan is None:
        return []
    quorum = "" if draft.plan.quorum is None else f"{draft.plan.quorum}"
    return [
        *poll_forms.fields(draft.plan, say, always_anonymous=draft.always_anonymous),
        field(
            say(N_("Closes after so many answers")),
            number(TYPED, quorum, low=1, high=poll_plans.LONGEST_QUORUM),
            "quorum",
            hint=say(N_("Empty: no limit.")),
            optional=True,
        ),
    ]


def _when(draft: Draft, say: Say) -> list[Block]:
    zone = say(N_("In the time zone {zone}."), zone=draft.zone)
    blocks = [
        field(say(N_("First day")), _day(draft.starts_on), "day"),
        field(say(N_("Time")), _time(draft.at_minute), "time", hint=zone),
    ]
    if draft.kind == LAST:
        return blocks
    days = [Choice(name, say(_DAYS[name])) for name in WEEKDAYS]
    hint = say(N_("None: once. Otherwise along the term, without its free days."))
    return [
        *blocks,
        field(say(N_("Again on")), tick(TYPED, days, draft.weekdays), "weekdays", hint=hint, optional=True),
        field(say(N_("Last day")), _day(draft.ends_on), "until", hint=say(N_("Empty: the term's.")), optional=True),
    ]


def _how_long(draft: Draft, say: Say) -> list[Block]:
    lengths = [Choice("0", say(N_("until you close it"))), *_minutes(_OPEN, draft.open_minutes, say)]
    before = [Choice("0", say(N_("not at all"))), *_minutes(_REMIND, draft.remind_minutes, say)]
    hint = say(
        N_("Those who have not answered, in private; who does not want it is not reminded. Never anonymous polls.")
    )
    return [
        field(say(N_("Stays open")), select(TYPED, lengths, f"{draft.open_minutes or 0}"), "open"),
        field(say(N_("Remind")), select(TYPED, before, f"{draft.remind_minutes or 0}"), "remind", hint=hint),
    ]


def _minutes(known: Sequence[tuple[int, str]], chosen: int | None, say: Say) -> list[Choice]:
    """The choices; with what was chosen elsewhere, so that saving changes nothing else."""
    choices = [Choice(f"{number}", say(label)) for number, label in known]
    if chosen and chosen not in dict(known):
        choices.append(Choice(f"{chosen}", say(N_("{count} minutes"), count=chosen)))
    return choices


def _day(chosen: date | None) -> Element:
    element: Element = {"type": "datepicker", "action_id": TYPED}
    return element if chosen is None else {**element, "initial_date": chosen.isoformat()}


def _time(minute: int) -> Element:
    return {"type": "timepicker", "action_id": TYPED, "initial_time": f"{minute // 60:02}:{minute % 60:02}"}


State = Mapping[str, Mapping[str, Mapping[str, Any]]]


def channel_of(values: State) -> int | None:
    """The row of the channel that is chosen in a form."""
    chosen = next(iter(read(values).get("channel", ())), "")
    return int(chosen) if chosen.isdecimal() else None


def kind_of(values: State) -> str:
    """What the form is about."""
    return next(iter(read(values).get("kind", ())), "")


def sent(values: State, today: date) -> Wanted:
    """What was sent. A day that was not chosen is today."""
    found, kind = read(values), kind_of(values)
    first = next(iter(found.get("first", ())), "")
    is_poll = kind not in {PROBLEM, LAST}
    return Wanted(
        what="problem" if kind == PROBLEM else "poll",
        at_minute=_minute(_picked(values, "time", "selected_time")),
        starts_on=_date(_picked(values, "day", "selected_date")) or today,
        ends_on=_date(_picked(values, "until", "selected_date")),
        weekdays=tuple(found.get("weekdays", ())),
        kind=kind if is_poll else "",
        values={name: text for name, text in poll_forms.sent(values).items() if name not in _OURS} if is_poll else None,
        # 0 is no poll: it is refused as one that is not there
        first_id=(int(first) if first.isdecimal() else 0) if kind == LAST else None,
        open_minutes=_count(found.get("open", ())) if kind != PROBLEM else None,
        remind_minutes=_count(found.get("remind", ())) if kind != PROBLEM else None,
    )


def _picked(values: State, name: str, key: str) -> str:
    return next((str(one[key]) for one in values.get(name, {}).values() if one.get(key)), "")


def _minute(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute) if hour.isdecimal() and minute.isdecimal() else 0


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _count(sent_: Sequence[str]) -> int | None:
    return int(sent_[0]) or None if sent_ and sent_[0].isdecimal() else None


_BESIDE = {
    prompts.NO_TIME: "day", prompts.TOO_FAR: "day", prompts.ENDS_EARLY: "until", prompts.TOO_LONG: "open",
    prompts.ANONYMOUS: "remind", prompts.NO_REMINDER: "remind",
}  # fmt: skip


def faulty(view: Mapping[str, Any], refusal: Sentence, say: Say) -> str:
    """The block of the form beside which a refusal is said."""
    there = (view.get("state") or {}).get("values", {})
    named = _BESIDE.get(refusal.message, "")
    if named in there:
        return named
    return poll_forms.faulty(view, refusal, say) or ("first" if "first" in there else "kind")


# ---- the list ----
def listed(
    found: Sequence[Prompt], channels: Mapping[int, str], say: Say, *, metadata: str, said: str = "", page: int = 0
) -> Block:  # fmt: skip
    """A page of the course's prompts with what can be done; `channels`: names by row."""
    shown = paging.page(found, page, MOST_LISTED)
    blocks: list[Block] = [section(plain(said))] if said else []
    for prompt in shown.lines:
        blocks += _line(prompt, channels, say)
    if not found:
        text = N_("Nothing comes by itself yet. A prompt asks the class at a time, once or along the term.")
        blocks.append(section(plain(say(text))))
    blocks += paging.turning(shown, say, "prompt_page")
    blocks += actions([button(say(N_("New prompt")), "prompt_new", style="primary")], "prompt_list")
    return modal(say(N_("Prompts")), blocks, say, callback_id="prompt_listed", metadata=metadata)


def _line(prompt: Prompt, channels: Mapping[int, str], say: Say) -> list[Block]:
    lines = [_title(prompt, say), _rhythm(prompt, channels, say)]
    if prompt.stopped is not None:
        paused = prompt.status == "paused"
        lines.append(say(N_("Paused by itself: {why}"), why=prompt.stopped) if paused else say(prompt.stopped))
    blocks = [section(plain("\n".join(lines)))]
    if prompt.status == "paused":
        blocks += context(plain(say(N_("Paused."))))
    elif prompt.next_at is None:
        blocks += context(plain(say(N_("No time is left in this term."))))
    else:
        blocks += context(marked(say(N_("Next: {when}"), when=moment(prompt.next_at, utc(prompt.next_at)))))
    return [*blocks, *actions(_buttons(prompt, say), f"prompt:{prompt.id}")]


def _title(prompt: Prompt, say: Say) -> str:
    if prompt.wanted.what == "problem":
        return say(N_("The next problem of the practice"))
    question = clip(one_line(prompt.question), 300)
    if prompt.wanted.first_id is not None:
        return say(N_("Last impression: {question}"), question=question)
    return question


def _rhythm(prompt: Prompt, channels: Mapping[int, str], say: Say) -> str:
    wanted = prompt.wanted
    values = {
        "time": f"{wanted.at_minute // 60:02}:{wanted.at_minute % 60:02}",
        "zone": prompt.time_zone,
        "channel": f"#{channels.get(prompt.channel, '…')}",
        "days": ", ".join(say(_DAYS[name]) for name in wanted.weekdays),
        "day": wanted.starts_on.isoformat(),
    }
    if not wanted.weekdays:
        return say(N_("Once, on {day} at {time} ({zone}), in {channel}."), **values)
    if wanted.ends_on is None:
        return say(N_("{days} at {time} ({zone}), in {channel}."), **values)
    return say(N_("{days} at {time} ({zone}) until {end}, in {channel}."), **values, end=wanted.ends_on.isoformat())


def _buttons(prompt: Prompt, say: Say) -> list[Element]:
    """What can be done with it now. The values say what was seen, so that a second click does nothing."""
    name, number = _title(prompt, say), f"{prompt.id}"

    def one(label: str, verb: str, value: str = "", ask: Element | None = None) -> Element:
        text = say(label)
        read_aloud = say(N_("{action}: {prompt}"), action=text, prompt=name)
        return button(text, f"prompt_{verb}:{number}", value or number, label=read_aloud, confirm=ask)

    found = []
    if prompt.status == "paused":
        found.append(one(N_("Go on"), "resume"))
    else:
        found.append(one(N_("Pause"), "pause"))
        if prompt.wanted.weekdays and prompt.next_at is not None:
            found.append(one(N_("Leave out the next"), "skip", f"{number}:{int(prompt.next_at.timestamp())}"))
    found.append(one(N_("Post it now"), "post", f"{number}:{prompt.posted}"))
    found.append(one(N_("Change it"), "edit"))
    ask = confirm(
        say(N_("End this prompt?")),
        say(N_("It comes no more. What it asked stays.")),
        say(N_("End it")),
        say(N_("Not yet")),
    )
    found.append(one(N_("End it"), "end", ask=ask))
    return found


# ---- private messages ----
def reminder(poll: Poll, channel_row: int, say: Say) -> Message:
    """To one who has not answered a poll that closes soon."""
    question = clip(one_line(poll.prompt), 500)
    if poll.closes_at is None:
        text = say(N_("You have not answered yet: “{question}”"), question=question)
        blocks = paragraphs([text])
    else:
        sentence = N_("You have not answered yet: “{question}” It closes at {time}.")
        text = say(sentence, question=question, time=utc(poll.closes_at))
        blocks = [
            *paragraphs([say(N_("You have not answered yet: “{question}”"), question=question)]),
            *context(marked(say(N_("It closes: {when}"), when=moment(poll.closes_at, utc(poll.closes_at))))),
        ]
    ways = [
        button(say(N_("Answer")), "poll_answer", f"{poll.id}:{channel_row}", style="primary"),
        button(say(N_("No more reminders")), "reminder_stop"),
    ]
    return message(text, [*blocks, *actions(ways, "reminder")], say)


def stopped(why: Sentence, say: Say) -> Message:
    """To the teacher whose prompt was paused by itself."""
    text = say(N_("A prompt of yours was paused: {why} Type “/heirloom schedule” in the channel to go on."), why=why)
    return message(text, paragraphs([text]), say)
