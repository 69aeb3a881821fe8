"""A problem as one person may see it now: the form to answer, the verdict, a classmate's explanation, their own.

One view that changes in place, so nothing is ever stacked. Everything in it comes from `tasks.Task`, which holds a key
only where it may be seen; values of buttons are ids, values of choices are places in this person's own order.
"""

from __future__ import annotations

from bot.blocks import (
    LONGEST_BUTTON,
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
    escape,
    header,
    isolate,
    length,
    marked,
    message,
    modal,
    moment,
    paragraphs,
    plain,
    section,
    select,
    utc,
)
from bot.views import written
from bot.views.practice_forms import Sheet, form, names_of, ways
from core.activities.exposures import Shown as ShownText
from core.activities.seats import Practice
from core.activities.tasks import Answer, Task
from core.problems.shown import Shown
from core.problems.texts import Text
from core.words import N_, Amount, Sentence


def problem(sheet: Sheet, say: Say, *, metadata: str) -> Block:
    """The view."""
    task = sheet.task
    blocks = [] if sheet.said is None else [section(plain(say(sheet.said)))]
    if sheet.role == "teacher":
        sentence = N_("You see this as a student does. What you answer and rate here is kept for you alone.")
        blocks += context(plain(say(sentence)))
    blocks += _asked(task.shown, say)
    if sheet.goal is not None:
        blocks += context(plain(say(sheet.goal)))
    if task.standing.voting:
        blocks += _votes(task, say)
    elif task.answers:
        blocks += _verdict(sheet, say)
    blocks += _help(sheet, say)
    if task.standing.key_visible:
        blocks += _explanations(sheet, say)
    submit, callback, fields = form(sheet, say)
    blocks += [*fields, *ways(sheet, say)]
    title, close = say(N_("Practice")), say(N_("Close"))
    return modal(title, blocks, say, callback_id=callback, submit=submit, close=close, metadata=metadata)


def done(practice: Practice, score: float | None, say: Say) -> Block:
    """The view when nothing is open."""
    lines = [say(N_("You have answered every problem here. New ones appear when your teacher adds them."))]
    if not practice.problems:
        lines = [say(N_("There are no problems here yet. Your teacher will add them; come back later."))]
    if score is not None:
        lines.append(
            say(
                N_("Your score: {score} of {points}."),
                score=Amount(score, 1),
                points=Amount(practice.settings.points),
            )
        )
    return modal(say(N_("Practice")), [header(practice.title), *paragraphs(lines)], say, callback_id="practice_done")


def shared(bare: Shown, say: Say, *, value: str, alone: bool = False) -> Message:
    """The message with which a problem is put to a channel, or to one person. Choices are not in it: each person has
    their own order.
    """
    blocks = [*_asked(bare, say, with_choices=False)]
    if bare.choices:
        how = N_("Several of {count} choices can be taken.") if bare.several else N_("Choose one of {count}.")
        blocks += context(plain(say(how, count=len(bare.choices))))
    label = say(N_("Answer the problem “{name}”"), name=clip(bare.name, 40))
    blocks += actions([button(say(N_("Answer")), "problem_answer", value, style="primary", label=label)])
    if alone:
        small = N_("Your problem for today. You chose to get one a day, and change that in Heirloom's tab “Home”.")
        sentence = N_("Your problem for today: {name}. {text}")
    else:
        small = N_("It counts as in your course. Nobody here sees what you answer.")
        sentence = N_("A problem for the class: {name}. {text}")
    blocks += context(plain(say(small)))
    text = say(sentence, name=bare.name, text=written.one_line(bare.text))
    return message(escape(text), blocks, say)


def _asked(shown: Shown, say: Say, *, with_choices: bool = True) -> list[Block]:
    """The problem itself; its choices in full where a button could not hold them."""
    blocks = [header(shown.name), *written.blocks(shown.text, say)]
    names = [] if not with_choices or shown.true_false else [written.one_line(choice) for choice in shown.choices]
    maths = any(written.has_maths(written.words(choice)[0]) for choice in shown.choices)
    pictured = any(written.words(choice)[1] for choice in shown.choices)
    if names and (maths or pictured or any(length(name) > LONGEST_BUTTON for name in names)):
        lines = [f"{place}. {written.words(choice)[0]}" for place, choice in enumerate(shown.choices, start=1)]
        blocks += written.blocks(Text("\n".join(lines), "plain"), say)
        if pictured:
            blocks += context(plain(say(N_("Some choices are pictures. Answer this problem in your course."))))
    return blocks


def given(task: Task, answer: Answer, say: Say) -> str:
    """An answer as it was given."""
    if not task.shown.choices:
        return answer.said
    names = names_of(task.shown, say)
    return "; ".join(names[place] for place in answer.positions)


def _votes(task: Task, say: Say) -> list[Block]:
    """Between two votes: why classmates chose otherwise. Nobody knows yet how the first answer was judged."""
    answer = isolate(given(task, task.answers[-1], say))
    first = say(N_("Your first answer is in: {answer}. It does not count yet."), answer=answer)
    reasons = task.slot("reason")
    if reasons:
        then = say(N_("Read why classmates chose other answers, then answer again."))
    else:
        then = say(
            N_("You are among the first here, so there are no reasons to read yet. Answer again, or keep your answer.")
        )
    blocks = [*paragraphs([first, then])]
    for shown in reasons:
        other = N_("Someone who chose another answer writes:")
        who = say(other) if shown.agrees is False else say(N_("Someone writes:"))
        blocks += _classmates(shown, who, say(N_("How convincing is this?")), say)
    return blocks


def _verdict(sheet: Sheet, say: Say) -> list[Block]:
    """What came of the last answer, as far as this person may know."""
    task, standing = sheet.task, sheet.task.standing
    answers = "; ".join(isolate(given(task, answer, say)) for answer in task.answers)
    lines = [say(N_("You answered: {answer}"), answer=clip(answers, 1_000))]
    if standing.right:
        lines.append(say(N_("Right.")))
    elif standing.right is None:
        lines.append(say(N_("Thank you. Your answer is saved.")))
    else:
        partly = (task.answers[-1].fraction or 0) > 0
        lines.append(say(N_("Partly right.")) if partly else say(N_("Not right.")))
    if task.note is not None:
        lines.append(say(task.note))
    if standing.may_answer and standing.tries_left is None:
        lines.append(say(N_("Try again, or ask for help.")))
    elif standing.may_answer and standing.tries_left == 1:
        lines.append(say(N_("You have one more try.")))
    elif standing.may_answer:
        lines.append(say(N_("Tries left: {count}."), count=standing.tries_left))
    elif task.key and not standing.right:
        lines.append(_key(task, say))
    blocks = [*paragraphs(lines)]
    due = sheet.practice.settings.due_at
    if not standing.may_answer and not standing.key_visible and standing.right is not None and due is not None:
        sentence = say(N_("The correct answer is shown after {due}."), due="\x00")
        blocks.append(section(marked(escape(sentence).replace("\x00", moment(due, utc(due))))))
    for feedback in task.feedback:
        blocks += written.blocks(feedback, say)
    return blocks


def _key(task: Task, say: Say) -> str:
    if task.shown.true_false:
        names, first = names_of(task.shown, say), task.key[0]
        return say(N_("The correct answer: {answer}"), answer=names[0 if first == task.shown.choices[0] else 1])
    items = [isolate(_item(item, say)) for item in task.key]
    if task.shown.several:
        return say(N_("Correct are: {answers}"), answers="; ".join(items))
    if len(items) > 1:
        message = N_("The correct answer: {answer} (also accepted: {others})")
        return say(message, answer=items[0], others="; ".join(items[1:]))
    return say(N_("The correct answer: {answer}"), answer=items[0])


def _item(item: Text | str | Sentence, say: Say) -> str:
    if isinstance(item, Text):
        return written.one_line(item)
    return say(item) if isinstance(item, Sentence) else item


def _help(sheet: Sheet, say: Say) -> list[Block]:
    helps = sheet.task.slot("help")
    if not helps and sheet.asked == "help":
        message = N_(
            "There is no help for this problem yet. Try the part that you are sure of, or ask your teacher. You can "
            "skip it and come back."
        )
        return [section(plain(say(message)))]
    blocks: list[Block] = []
    for shown in helps:
        from_teacher = shown.kind == "hint"
        who = say(N_("A hint from your teacher")) if from_teacher else say(N_("How a classmate worked it out"))
        blocks += [header(who), *written.said(shown.text, say)]
        if not from_teacher:
            blocks += actions([_report(shown, say)])
    return blocks


def _explanations(sheet: Sheet, say: Say) -> list[Block]:
    """Classmates' explanations with their ratings, the teacher's, and a text that waits for a second pair of eyes."""
    task = sheet.task
    found = task.slot("explanation")
    blocks: list[Block] = []
    if found or task.has_explanations:
        blocks.append(header(say(N_("How a classmate explained it"))))
    elif not task.solution:
        sentence = N_("No classmate has explained this one yet. Yours can be the first: write it below.")
        blocks.append(section(plain(say(sentence))))
    for shown in found:
        blocks += _classmates(shown, "", say(N_("How helpful was this for you?")), say)
    if sheet.asked == "explanation" and not task.has_explanations:
        blocks.append(section(plain(say(N_("These are all the explanations there are.")))))
    if task.solution:
        blocks += [header(say(N_("Your teacher's explanation"))), *written.blocks(task.solution, say)]
    if task.to_check is not None:
        text = task.to_check
        blocks += [header(say(N_("A new text waits for a second pair of eyes"))), *written.said(text.text, say)]
        blocks.append(section(plain(say(N_("Is it fine to show to classmates?")))))
        blocks += actions(
            [
                button(say(N_("Yes, it is fine")), "practice_check:yes", f"{text.contribution_id}:1"),
                button(say(N_("No, not like this")), "practice_check:no", f"{text.contribution_id}:0"),
            ]
        )
    return blocks


def _classmates(shown: ShownText, who: str, question: str, say: Say) -> list[Block]:
    """A classmate's text, how helpful it was from 0 to 10, and a way to report it."""
    ends = {0: say(N_("0, not at all")), 10: say(N_("10, extremely"))}
    ratings = [Choice(f"{shown.exposure_id}:{value}", ends.get(value, f"{value}")) for value in range(11)]
    chosen = None if shown.points is None else f"{shown.exposure_id}:{shown.points}"
    rating = select(f"practice_rate:{shown.exposure_id}", ratings, chosen, say(N_("0 to 10")))
    return [
        *paragraphs([who] if who else []),
        *written.said(shown.text, say),
        section(plain(question), rating, f"rate:{shown.exposure_id}"),
        *actions([_report(shown, say)]),
    ]


def _report(shown: ShownText, say: Say) -> Element:
    sure = confirm(
        say(N_("Report this text?")),
        say(N_("Your teacher looks at it. You will not see the text again.")),
        say(N_("Report and hide")),
        say(N_("Keep it")),
    )
    number = shown.contribution_id
    return button(say(N_("Report")), f"practice_report:{shown.exposure_id}", f"{number}", confirm=sure)
