"""What a teacher asks: a poll before it is stored, read from plain form values by every front end alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.activities import setting_fields, texts
from core.activities.polls import Poll
from core.activities.refusals import Refusal
from core.activities.setting_fields import Option
from core.polling import kinds
from core.polling.kinds import BadKind, Kind, Number, Pair, Quiz, Ranking, Rating, Several, Single, Text, Words
from core.words import N_, Sentence

LONGEST_PROMPT = 500
LONGEST_OPTION = 300
LONGEST_QUORUM = 100_000
A_FEW = 5  # who passes by and answers an A|B question
LEVELS = (N_("not yet"), N_("with help"), N_("on my own"), N_("well enough to explain it"))
KINDS = (
    Option("single", N_("One choice"), N_("Each person chooses one option.")),
    Option("several", N_("Several choices"), N_("Each person chooses some of the options, within the limits you set.")),
    Option("pair", N_("A or B"), N_("Two options; it closes by itself when a few people have answered.")),
    Option("rating", N_("Rating"), N_("A whole number on a scale, with words at both ends.")),
    Option("number", N_("Number"), N_("An estimate or a measurement, between bounds that you set.")),
    Option("ranking", N_("Ranking"), N_("The options in order, the best first.")),
    Option("words", N_("Word cloud"), N_("A few words each; what many say is written large.")),
    Option("text", N_("Open text"), N_("A sentence or a few in one's own words.")),
    Option("quiz", N_("Competence quiz"), N_("Several statements such as “I can …”, each on the same scale of words.")),
)
RESULTS = (
    Option("at_once", N_("At once"), N_("Everybody sees the results grow.")),
    Option("after_vote", N_("After answering"), N_("Who has answered sees them, so nobody is swayed before.")),
    Option("after_close", N_("After the close"), N_("Only you see them until the poll is closed.")),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A poll as its teacher wants it. Valid: made by `plan`, or from a stored poll by `of_poll`."""

    kind: Kind
    prompt: str
    options: tuple[str, ...] = ()
    is_anonymous: bool = False
    results: str = "after_vote"
    may_change: bool = True
    members_add: bool = False
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    quorum: int | None = None


@dataclass(frozen=True, slots=True)
class _Form:
    """Form values by name, one each; what a form does not have is empty."""

    values: Mapping[str, str]

    def text(self, name: str) -> str:
        return self.values.get(name, "").strip()

    def number(self, name: str, label: str, low: int, high: int, default: int | None = None) -> int | None:
        text = self.text(name)
        return int(setting_fields.number(text, label, low, high, whole=True)) if text else default

    def some(self, name: str, label: str, low: int, high: int, default: int) -> int:
        found = self.number(name, label, low, high, default)
        return default if found is None else found


def blank(kind: str) -> Plan:
    """What the form of a new poll begins with. Raises Refusal for a kind that there is not."""
    if kind not in kinds.KINDS:
        raise Refusal(N_("There is no such kind of poll. Go back and choose one."))
    made = Quiz(("1", "2", "3", "4")) if kind == Quiz.kind else kinds.KINDS[kind]()  # type: ignore[call-arg]
    return Plan(made, "", quorum=A_FEW if kind == Pair.kind else None)


def plan(kind: str, values: Mapping[str, str], *, always_anonymous: bool = False) -> Plan:
    """The poll that a form describes: options and levels one a line. Raises Refusal that says what to change.

    `always_anonymous`: the activity promises it for everything that is in it.
    """
    form = _Form(values)
    blank(kind)
    prompt = texts.clean(form.text("prompt"), LONGEST_PROMPT)
    if not prompt:
        raise Refusal(N_("The poll has no question yet. Write it in the first box."))
    options = _lines(form.text("options"))
    try:
        made = _kind(kind, form)
        grows = isinstance(made, kinds.GROWS) and "members_add" in values
        if not (grows and not options):  # members may bring all of the options
            kinds.check_options(made, options)
    except BadKind as error:
        raise Refusal(error.sentence.message, **error.sentence.values) from None
    anonymous = always_anonymous or "is_anonymous" in values
    results = form.text("results") or "after_vote"
    if results not in {option.name for option in RESULTS}:
        raise Refusal(N_("“{value}” is not one of the choices. Choose one of the list and save again."), value=results)
    return Plan(
        kind=made,
        prompt=prompt,
        options=options,
        is_anonymous=anonymous,
        results=results,
        may_change="may_change" in values and not anonymous,
        members_add=grows,
        **_schedule(form),  # type: ignore[arg-type]  # the names are those of Plan's fields
    )


def schedule(values: Mapping[str, str]) -> dict[str, datetime | int | None]:
    """When a poll opens and closes, and after how many answers: all that can change once somebody has answered."""
    return _schedule(_Form(values))


def _schedule(form: _Form) -> dict[str, datetime | int | None]:
    opens_at = setting_fields.instant(form.text("opens_at"), N_("Opens at"))
    closes_at = setting_fields.instant(form.text("closes_at"), N_("Closes at"))
    if opens_at and closes_at and closes_at <= opens_at:
        raise Refusal(N_("The poll would close before it opens. Choose a later time for its close."))
    quorum = form.number("quorum", N_("Closes after so many answers"), 1, LONGEST_QUORUM)
    return {"opens_at": opens_at, "closes_at": closes_at, "quorum": quorum}


def of_poll(poll: Poll) -> Plan:
    """A stored poll as a plan, without what members added."""
    return Plan(
        kind=poll.kind,
        prompt=poll.prompt,
        options=tuple(option.text for option in poll.options if option.added_by is None and option.status == "live"),
        is_anonymous=poll.is_anonymous,
        results=poll.results,
        may_change=poll.may_change,
        members_add=poll.members_add,
        opens_at=poll.opens_at,
        closes_at=poll.closes_at,
        quorum=poll.quorum,
    )


def _kind(kind: str, form: _Form) -> Kind:
    if kind == Several.kind:
        least = form.some("least", N_("At least"), 1, kinds.MOST_OPTIONS, 1)
        return Several(least, form.number("most", N_("At most"), 1, kinds.MOST_OPTIONS))
    if kind == Rating.kind:
        low = form.some("low", N_("Lowest"), -10, 99, 1)
        high = form.some("high", N_("Highest"), -9, 100, 5)
        return Rating(low, high, form.text("low_words"), form.text("high_words"))
    if kind == Number.kind:
        return Number(
            form.text("low").replace(",", ".") or "0",  # type: ignore[arg-type]  # read as exact decimals
            form.text("high").replace(",", ".") or "100",  # type: ignore[arg-type]
            form.text("step").replace(",", ".") or "1",  # type: ignore[arg-type]
            form.text("unit"),
        )
    if kind == Ranking.kind:
        return Ranking(form.number("places", N_("Places to give"), 1, kinds.MOST_RANKED))
    if kind == Words.kind:
        return Words(
            form.some("entries", N_("Entries from each"), 1, 10, 3),
            form.some("words", N_("Words in an entry"), 1, 3, 3),
            form.text("language") or "en",
        )
    if kind == Text.kind:
        return Text(form.some("longest", N_("Longest text"), 1, kinds.LONGEST_TEXT, 300))
    if kind == Quiz.kind:
        return Quiz(_lines(form.text("levels")))
    return Pair() if kind == Pair.kind else Single()


def _lines(text: str) -> tuple[str, ...]:
    lines = (" ".join(line.split()) for line in texts.plain(text).split("\n"))
    found = tuple(line for line in lines if line)
    long = next((line for line in found if len(line) > LONGEST_OPTION), None)
    if long is not None:
        message = N_("“{text} …” is too long for one line; {most} characters are the most.")
        raise Refusal(message, text=long[:40], most=LONGEST_OPTION)
    return found


def label(kind: str) -> Sentence:
    """What a kind of poll is called."""
    return Sentence(next(option.label for option in KINDS if option.name == kind))
