"""The form in which a teacher asks something new, or changes it, and how it is read back.

Its blocks are called as the fields of `core.activities.poll_plans.plan`. Choosing another kind changes the fields; what
was typed into those that stay is kept by Slack, because their names stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.blocks import (
    Block,
    Choice,
    Say,
    choose,
    context,
    field,
    header,
    modal,
    number,
    plain,
    select,
    tick,
    typed,
    when,
)
from bot.views.poll_answers import TYPED, read
from core.activities import poll_plans
from core.activities.poll_plans import LONGEST_PROMPT, Plan
from core.activities.polls import Poll
from core.polling import kinds
from core.wording import languages
from core.words import N_, Sentence

KIND = "poll_kind"  # the action_id by which a form is asked for the fields of another kind
RULES = ("is_anonymous", "may_change", "members_add")
OPEN, DRAFT = "open", "draft"


def new(plan: Plan, say: Say, *, metadata: str, always_anonymous: bool = False) -> Block:
    """The view of a new poll; `plan` (`poll_plans.blank`) says of which kind."""
    kind = plan.kind.kind
    kinds_ = [Choice(option.name, say(option.label)) for option in poll_plans.KINDS]
    meaning = next(option.meaning for option in poll_plans.KINDS if option.name == kind)
    then = [
        Choice(OPEN, say(N_("Open it and post it here"))),
        Choice(DRAFT, say(N_("Keep it as a draft"))),
    ]
    blocks = [
        field(say(N_("Kind")), select(KIND, kinds_, kind), "kind", hint=say(meaning), tells=True),
        *fields(plan, say, always_anonymous=always_anonymous),
        *_times(plan, say),
        field(say(N_("And then")), choose(TYPED, then, OPEN), "then"),
    ]
    return modal(
        say(N_("New poll")),
        blocks,
        say,
        callback_id="poll_make",
        submit=say(N_("Save")),
        close=say(N_("Cancel")),
        metadata=metadata,
    )


def change(poll: Poll, say: Say, *, metadata: str, always_anonymous: bool = False) -> Block:
    """The view to change a poll: everything before the first answer, afterwards when it closes."""
    plan = poll_plans.of_poll(poll)
    if poll.voted:
        sentence = N_("Somebody has answered this poll, so its words stay as they are. Copy it and change the copy.")
        words = [header(poll.prompt), *context(plain(say(sentence)))]
    else:
        words = fields(plan, say, always_anonymous=always_anonymous)
    return modal(
        say(N_("Change the poll")),
        [*words, *_times(plan, say)],
        say,
        callback_id="poll_change",
        submit=say(N_("Save")),
        close=say(N_("Cancel")),
        metadata=metadata,
    )


def fields(plan: Plan, say: Say, *, always_anonymous: bool) -> list[Block]:
    """The question, its options, and the rules under which it is answered."""
    kind = plan.kind
    blocks = [field(say(N_("The question")), typed(TYPED, plan.prompt, lines=True, longest=LONGEST_PROMPT), "prompt")]
    if kind.options[1]:
        label = N_("Statements, one a line") if isinstance(kind, kinds.Quiz) else N_("Options, one a line")
        box = typed(TYPED, "\n".join(plan.options), lines=True)
        grows = isinstance(kind, kinds.GROWS)
        blocks.append(field(say(label), box, "options", hint=say(_HINTS[kind.kind]), optional=grows))
    blocks += _bounds(plan, say)
    results = [Choice(option.name, say(option.label), say(option.meaning)) for option in poll_plans.RESULTS]
    blocks.append(field(say(N_("When the class sees the results")), choose(TYPED, results, plan.results), "results"))
    rules = []
    if always_anonymous:
        blocks += context(plain(say(N_("This activity is anonymous, so each of its polls is."))))
    else:
        rules = [
            Choice(
                "is_anonymous", say(N_("Anonymous")), say(N_("Nobody can find out who answered what. Stays closed."))
            ),
            Choice(
                "may_change", say(N_("Answers may be changed")), say(N_("Until the close; not in anonymous polls."))
            ),
        ]
    if isinstance(kind, kinds.GROWS):
        rules.append(Choice("members_add", say(N_("Members may add options"))))
    if rules:
        ticked = [name for name in RULES if getattr(plan, name)]
        blocks.append(field(say(N_("Rules")), tick(TYPED, rules, ticked), "rules", optional=True))
    return blocks


def _bounds(plan: Plan, say: Say) -> list[Block]:
    """What only this kind of poll has. The boxes of a number take signs and decimals as people write them."""
    kind = plan.kind
    if isinstance(kind, kinds.Several):
        most = "" if kind.most is None else f"{kind.most}"
        return [
            field(say(N_("At least")), number(TYPED, f"{kind.least}", low=1, high=kinds.MOST_OPTIONS), "least"),
            field(
                say(N_("At most")),
                number(TYPED, most, low=1, high=kinds.MOST_OPTIONS),
                "most",
                hint=say(N_("Empty: no limit.")),
                optional=True,
            ),
        ]
    if isinstance(kind, kinds.Rating):
        return [
            field(say(N_("Lowest")), number(TYPED, f"{kind.low}", low=-10, high=99), "low"),
            _line(N_("Words for the lowest"), kind.low_words, "low_words", say),
            field(say(N_("Highest")), number(TYPED, f"{kind.high}", low=-9, high=100), "high"),
            _line(N_("Words for the highest"), kind.high_words, "high_words", say),
        ]
    if isinstance(kind, kinds.Number):
        return [
            field(say(N_("Lowest")), typed(TYPED, f"{kind.low}", longest=20), "low"),
            field(say(N_("Highest")), typed(TYPED, f"{kind.high}", longest=20), "high"),
            field(say(N_("Step")), typed(TYPED, f"{kind.step}", longest=20), "step"),
            _line(N_("Unit"), kind.unit, "unit", say),
        ]
    if isinstance(kind, kinds.Ranking):
        places = "" if kind.places is None else f"{kind.places}"
        box = number(TYPED, places, low=1, high=kinds.MOST_RANKED)
        hint = say(N_("Empty: all options are put in order."))
        return [field(say(N_("Places to give")), box, "places", hint=hint, optional=True)]
    if isinstance(kind, kinds.Words):
        spoken = [Choice(code, name) for code, name in languages.NAMES.items()]
        spoken.append(Choice(languages.SEVERAL, say(N_("another, or several"))))
        return [
            field(say(N_("Entries from each")), number(TYPED, f"{kind.entries}", low=1, high=10), "entries"),
            field(say(N_("Words in an entry")), number(TYPED, f"{kind.words}", low=1, high=3), "words"),
            field(
                say(N_("Language of the words")),
                select(TYPED, spoken, kind.language),
                "language",
                hint=say(N_("Inflections of one word are counted together; coarse words wait for you.")),
            ),
        ]
    if isinstance(kind, kinds.Text):
        box = number(TYPED, f"{kind.longest}", low=1, high=kinds.LONGEST_TEXT)
        return [field(say(N_("Longest text")), box, "longest", hint=say(N_("In characters.")))]
    if isinstance(kind, kinds.Quiz):
        label = say(N_("The scale, one step a line, from least to most"))
        blank = kind.levels == ("1", "2", "3", "4")  # what `poll_plans.blank` begins with
        levels = [say(level) for level in poll_plans.LEVELS] if blank else list(kind.levels)
        return [field(label, typed(TYPED, "\n".join(levels), lines=True), "levels")]
    return []


def _line(label: str, text: str, name: str, say: Say) -> Block:
    return field(say(label), typed(TYPED, text, longest=kinds.LONGEST_WORDS), name, optional=True)


def _times(plan: Plan, say: Say) -> list[Block]:
    quorum = "" if plan.quorum is None else f"{plan.quorum}"
    return [
        field(
            say(N_("Closes at")),
            when(TYPED, plan.closes_at),
            "closes_at",
            hint=say(N_("Empty: when you close it.")),
            optional=True,
        ),
        field(
            say(N_("Closes after so many answers")),
            number(TYPED, quorum, low=1, high=poll_plans.LONGEST_QUORUM),
            "quorum",
            hint=say(N_("Empty: no limit.")),
            optional=True,
        ),
    ]


def sent(values: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, str]:
    """What was sent as the plain form values that `poll_plans` reads: of rules those that were ticked."""
    found = {name: chosen[0] for name, chosen in read(values).items() if chosen and name not in {"rules", "then"}}
    return {**found, **dict.fromkeys(read(values).get("rules", ()), "on")}


def then(values: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    """What becomes of a new poll: `OPEN` or `DRAFT`."""
    return next(iter(read(values).get("then", ())), DRAFT)


def kind_of(values: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    """Of which kind the form is now."""
    return next(iter(read(values).get("kind", ())), "")


def faulty(view: Mapping[str, Any], refusal: Sentence, say: Say) -> str | None:
    """The block of the form beside which a refusal is said: the one that it names, else the options, else the question.

    None where the view has no input.
    """
    blocks = {block["block_id"]: block for block in view.get("blocks", ()) if block.get("type") == "input"}
    label = refusal.values.get("label")
    if isinstance(label, Sentence):
        named = next((name for name, block in blocks.items() if block["label"]["text"] == say(label)), None)
        if named is not None:
            return str(named)
    given = sent((view.get("state") or {}).get("values", {}))
    if "prompt" in blocks and not given.get("prompt", "").strip():
        return "prompt"
    return next((name for name in ("options", "levels", "prompt", "closes_at") if name in blocks), None)


_HINTS = {
    "single": N_("Two to forty. May stay empty where members add them."),
    "several": N_("Two to forty. May stay empty where members add them."),
    "pair": N_("Exactly two."),
    "ranking": N_("Two to ten."),
    "quiz": N_("Such as: I can explain it to a friend."),
}
