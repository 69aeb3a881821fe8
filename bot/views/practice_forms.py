"""What can be sent and pressed in the view of a problem: the answer, one's own words, the buttons."""

from __future__ import annotations

from dataclasses import dataclass

from bot.blocks import (
    LONGEST_TYPED,
    Block,
    Choice,
    Say,
    actions,
    button,
    choose,
    divider,
    field,
    header,
    length,
    plain,
    section,
    tick,
    typed,
)
from bot.views import written
from bot.views.poll_answers import TYPED
from core.activities.contributions import SHORTEST
from core.activities.seats import Practice
from core.activities.tasks import Task
from core.problems.shown import Shown
from core.words import N_, Sentence

ANSWER, UNIT, REASON, WORDS, LIKELY = "answer", "unit", "reason", "words", "likely"  # blocks, with ids behind a ':'
LONGEST_LINE = 1_000  # what an input for one line takes
KINDS = ("explanation", "worked_example")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A problem before one person. `kind`: of the text that they write; `asked`: what their last click asked for."""

    practice: Practice
    task: Task
    role: str
    goal: Sentence | None = None
    said: Sentence | None = None
    asked: str = ""
    kind: str = "explanation"


def names_of(shown: Shown, say: Say) -> list[str]:
    """What the choices are called, in this person's order."""
    if shown.true_false:
        return [say(N_("True")), say(N_("False"))]
    return [written.one_line(choice) for choice in shown.choices]


def form(sheet: Sheet, say: Say) -> tuple[str, str, list[Block]]:
    """What can be sent: its button, what the sent view is called, and its inputs.

    An id in each input's name keeps Slack from filling the next problem's box with what was typed into this one's.
    """
    task, standing = sheet.task, sheet.task.standing
    if standing.may_answer:
        submit = say(N_("Answer again")) if standing.voting else say(N_("Answer"))
        return submit, "practice_answer", [divider(), *_answer(sheet, say)]
    if task.may_write:
        fields = _explain(sheet, say)
        submit = say(N_("Save")) if any(block["type"] == "input" for block in fields) else ""
        return submit, "practice_explain", [divider(), *fields]
    return "", "practice_seen", []


def _answer(sheet: Sheet, say: Say) -> list[Block]:
    task, shown, standing = sheet.task, sheet.task.shown, sheet.task.standing
    name = f"{task.problem_id}:{standing.next_number}"
    before = task.answers[-1] if standing.voting else None
    text = before.text if before else ""
    fields: list[Block] = []
    if shown.choices:
        chosen = [f"{place}" for place in before.positions] if before else []
        choices = [Choice(f"{place}", choice) for place, choice in enumerate(names_of(shown, say))]
        if shown.several:
            fields.append(field(say(N_("Choose all that are right")), tick(TYPED, choices, chosen), f"{ANSWER}:{name}"))
        else:
            element = choose(TYPED, choices, chosen[0] if chosen else None)
            fields.append(field(say(N_("Choose one")), element, f"{ANSWER}:{name}"))
    elif shown.kind == "number":
        with_unit = shown.unit_field == "typed"
        label = say(N_("Your answer, a number with its unit")) if with_unit else say(N_("Your answer, a number"))
        fields.append(field(label, typed(TYPED, text, longest=100), f"{ANSWER}:{name}"))
        if shown.unit_field in {"radio", "menu"} and shown.units:
            units = [Choice(f"{place}", unit) for place, unit in enumerate(shown.units)]
            picked = next((f"{at}" for at, unit in enumerate(shown.units) if before and unit == before.unit), None)
            fields.append(field(say(N_("Unit")), choose(TYPED, units, picked), f"{UNIT}:{name}", optional=True))
    elif shown.kind == "short_text":
        label = say(N_("Your answer, a word or a few"))
        fields.append(field(label, typed(TYPED, text, longest=LONGEST_LINE), f"{ANSWER}:{name}"))
    else:
        hint = say(N_("It is not marked right or wrong."))
        if shown.max_words:
            limit = N_("It is not marked right or wrong. At most {words} words.")
            hint = say(limit, words=shown.max_words)
        begun = text or (shown.template.source if shown.template.format == "plain" else "")
        box = typed(TYPED, begun, lines=True)
        fields.append(field(say(N_("Your answer in your own words")), box, f"{ANSWER}:{name}", hint=hint))
    if sheet.practice.settings.two_votes and not standing.voting:
        hint = say(N_("Classmates who answered differently can read it, without your name. You may leave it empty."))
        box = typed(TYPED, lines=True)
        fields.append(
            field(say(N_("Why did you choose this?")), box, f"{REASON}:{name}", hint=hint, optional=True)
        )  # fmt: skip
    return fields


def _explain(sheet: Sheet, say: Say) -> list[Block]:
    """One's own words: what was saved, or is still a draft in the course, and a box for them."""
    task, kind = sheet.task, sheet.kind
    mine = task.mine.get(kind)
    text = mine.text if mine else task.drafts.get(kind, "")
    title = N_("Explain it in your own words") if kind == KINDS[0] else N_("Share how you worked it out")
    blocks = [header(say(title))]
    if length(text) > LONGEST_TYPED:
        sentence = N_("Your text is longer than a box in Slack. It is kept as it is; change it in your course.")
        return [*blocks, section(plain(say(sentence)))]
    label = N_("Why is this the correct answer?") if kind == KINDS[0] else N_("Your steps, one a line")
    hint = say(
        N_("Explaining helps you remember. Texts longer than {least} characters may be shown, without your name."),
        least=SHORTEST,
    )
    name = f"{task.problem_id}:{kind}"
    likely = [Choice("yes", say(N_("Yes, show it to classmates"))), Choice("no", say(N_("Not yet, keep it for me")))]
    said = "no" if mine is not None and mine.likely_to_help is False else "yes"
    return [
        *blocks,
        field(say(label), typed(TYPED, text, lines=True), f"{WORDS}:{name}", hint=hint),
        field(say(N_("Is it likely to help a classmate?")), choose(TYPED, likely, said), f"{LIKELY}:{name}"),
    ]


def ways(sheet: Sheet, say: Say) -> list[Block]:
    """Where one can go from here."""
    task, standing = sheet.task, sheet.task.standing
    helped, help_on = task.slot("help"), sheet.practice.settings.help_policy != "off"
    found = []
    if standing.may_answer and not standing.voting:
        if help_on:
            found.append(button(say(N_("I am stuck")), "practice_help", f"{task.occasion('help')}"))
        found.append(button(say(N_("Skip for now")), "practice_next"))
    if standing.key_visible and task.has_explanations:
        asked = N_("Show me another explanation") if task.slot("explanation") else N_("Show me an explanation")
        found.append(button(say(asked), "practice_another", f"{task.occasion('explanation')}"))
    if standing.key_visible and help_on and standing.right is False and not helped:
        sentence = N_("Show me how a classmate worked it out")
        found.append(button(say(sentence), "practice_help", f"{task.occasion('help')}"))
    if task.may_write and not standing.may_answer and standing.right:
        other = KINDS[1] if sheet.kind == KINDS[0] else KINDS[0]
        words = N_("Share how I worked it out") if other == KINDS[1] else N_("Explain why")
        found.append(button(say(words), f"practice_kind:{other}", f"{KINDS.index(other)}"))
    mine = task.mine.get(sheet.kind)
    if task.may_write and mine is not None and mine.status in {"live", "pending"}:
        found.append(button(say(N_("Take my text back")), "practice_withdraw", f"{mine.id}"))
    if not standing.may_answer:
        found.append(button(say(N_("Next problem")), "practice_next", style="primary"))
    return actions(found, f"ways:{task.problem_id}") if found else []
