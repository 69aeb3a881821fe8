"""Questions in Slack: a question's message in the channel, its answers in the thread, one person's view, the forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.blocks import (
    LONGEST_TYPED,
    Block,
    Element,
    Message,
    Say,
    actions,
    button,
    clip,
    context,
    divider,
    escape,
    field,
    header,
    isolate,
    length,
    message,
    modal,
    one_line,
    plain,
    section,
    typed,
)
from bot.views import texts, written
from bot.views.texts import TYPED, Given, aloud, who
from core.activities.question_answers import Given as Answered
from core.activities.questions import LONGEST_TITLE, Answer, Line, Page
from core.activities.screening import Hints
from core.words import N_, Sentence

MOST_ANSWERS = 25  # in a view; the rest is in the course


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks at a question, as far as it decides which buttons there are."""

    teaches: bool
    metadata: str


def of_channel(line: Line, say: Say) -> Message:
    """The question's message: what somebody sees who has done nothing yet."""
    standing = [say(_MARKS[name]) for name in _MARKS if getattr(line, name)]
    votes = say(N_("Votes: {votes}"), votes=line.votes)
    answers = say(N_("Answers: {answers}"), answers=line.answers)
    ways = [button(say(N_("Vote")), "question_vote", f"{line.id}", label=_vote_for(line.title, say))]
    if not line.closed:
        ways.append(button(say(N_("Answer")), "question_answer", f"{line.id}"))
    ways.append(button(say(N_("Read all")), "question_see", f"{line.id}"))
    blocks = [
        header(line.title),
        *texts.beginning(line.text, say),
        *context(*(plain(text) for text in (who(line.author, say), votes, answers, *standing))),
        *actions(ways, f"question_ways:{line.id}"),
    ]
    said = [say(N_("Question: {question}"), question=isolate(line.title)), votes, answers, *standing]
    return message(aloud(said), blocks, say)


def _vote_for(title: str, say: Say) -> str:
    """What a screen reader says of a button."""
    return clip(say(N_("Vote for “{question}”"), question=one_line(title)), 75)


def of_thread(answer: Answered, say: Say) -> Message:
    """An answer in its question's thread."""
    votes = say(N_("Votes: {votes}"), votes=answer.votes)
    standing = _answer_marks(answer.settles, answer.endorsed, say)
    blocks = [
        *texts.beginning(answer.text, say),
        *context(*(plain(text) for text in (who(answer.author, say), votes, *standing))),
        *actions([button(say(N_("Vote")), "question_vote", f"{answer.id}", label=say(N_("Vote for this answer")))]),
    ]
    said = [say(N_("An answer: {answer}"), answer=isolate(one_line(answer.text))), votes, *standing]
    return message(aloud(said), blocks, say)


def _answer_marks(settles: bool, endorsed: bool, say: Say) -> list[str]:
    said = [say(N_("This answers the question."))] if settles else []
    return [*said, say(N_("Endorsed by your teacher."))] if endorsed else said


def gone(say: Say) -> Message:
    """A question that is not shown any more: held back, taken out or taken back."""
    return texts.gone(say(N_("This question is not shown any more.")), say)


def answer_gone(say: Say) -> Message:
    """The same of an answer."""
    return texts.gone(say(N_("This answer is not shown any more.")), say)


def merged(into: str, say: Say) -> Message:
    """A question that became part of another."""
    said = say(N_("This question is part of another one now: “{question}”"), question=isolate(one_line(into)))
    return message(escape(said), [section(plain(said))], say)


# ---- one person's view ----


def of_reader(page: Page, reader: Reader, say: Say, *, said: Sequence[str] = ()) -> Block:
    """A question with its answers, and what this person can do."""
    line = page.question
    standing = [say(_MARKS[name]) for name in _MARKS if getattr(line, name)]
    votes = say(N_("Votes: {votes}"), votes=line.votes)
    small = (who(line.author, say), votes, *standing, *texts.waits(line.status, say))
    blocks: list[Block] = [section(plain(text)) for text in said]
    blocks += [header(line.title), *written.said(line.text, say), *context(*(plain(text) for text in small))]
    blocks += actions(_ways(page, reader, say), f"question_desk:{line.id}")
    blocks += texts.commented(page.comments, say, noun="question", teaches=reader.teaches)
    if page.merged:
        titles = "\n".join(f"• {isolate(one_line(title))}" for title in page.merged)
        blocks += [section(plain(say(N_("Also asked as:")))), section(plain(titles))]
    blocks.append(divider())
    blocks.append(section(plain(say(N_("Answers: {answers}"), answers=len(page.answers)))))
    for answer in page.answers[:MOST_ANSWERS]:
        blocks += _answer(answer, line, reader, say)
    if len(page.answers) > MOST_ANSWERS:
        blocks += context(plain(say(N_("There are more answers. All of them are in your course."))))
    return modal(say(N_("Question")), blocks, say, callback_id="question_page", metadata=reader.metadata)


def _ways(page: Page, reader: Reader, say: Say) -> list[Element]:
    line, is_mine = page.question, page.question.author.is_me
    at, is_live = f"{line.id}", line.status == "live"
    ways = _voting(line, reader, say)
    if is_live and (reader.teaches or not line.closed):
        ways.append(button(say(N_("Answer")), "question_answer", at))
    if is_live and (reader.teaches or is_mine):
        text = N_("Not answered after all") if line.answered else N_("It is answered")
        ways.append(button(say(text), "question_settle", f"{at}:0:{int(not line.answered)}"))
    if reader.teaches and is_live:
        for action, is_so in (("endorse", line.endorsed), ("pin", line.pinned), ("close", line.closed)):
            ways.append(button(say(_TEACHING[action][is_so]), f"question_{action}", f"{at}:{int(not is_so)}"))
    if is_mine and not page.answers:
        if not line.votes:
            ways.append(button(say(N_("Change it")), "question_change", at))
        ways.append(texts.take_back("question_back", at, say))
    if is_live and not is_mine and not reader.teaches:
        ways.append(button(say(N_("Report")), "question_report", at))
    return ways


def _voting(one: Line | Answer, reader: Reader, say: Say) -> list[Element]:
    if reader.teaches or one.author.is_me or one.status != "live":
        return []
    text = N_("Take my vote back") if one.voted else N_("Vote")
    return [button(say(text), f"question_vote:{one.id}", f"{one.id}:{int(not one.voted)}")]


def _answer(answer: Answer, line: Line, reader: Reader, say: Say) -> list[Block]:
    is_live, at = answer.status == "live", f"{answer.id}"
    small = (
        who(answer.author, say),
        say(N_("Votes: {votes}"), votes=answer.votes),
        *_answer_marks(answer.settles, answer.endorsed, say),
        *texts.waits(answer.status, say),
    )
    ways = _voting(answer, reader, say)
    if is_live and line.status == "live" and (reader.teaches or line.author.is_me):
        text = N_("This does not answer it") if answer.settles else N_("This answers it")
        ways.append(button(say(text), f"question_settle:{at}", f"{line.id}:{at}:{int(not answer.settles)}"))
    if is_live and reader.teaches:
        text = _TEACHING["endorse"][answer.endorsed]
        ways.append(button(say(text), f"question_endorse:{at}", f"{at}:{int(not answer.endorsed)}"))
    if answer.author.is_me:
        ways.append(texts.take_back(f"question_back:{at}", at, say))
    elif is_live and not reader.teaches:
        ways.append(button(say(N_("Report")), f"question_report:{at}", at))
    return [
        *written.said(answer.text, say),
        *context(*(plain(text) for text in small)),
        *(actions(ways) if ways else []),
        *texts.commented(answer.comments, say, noun="question", teaches=reader.teaches),
    ]


# ---- forms ----


def ask_form(
    given: Given, say: Say, *, metadata: str, promise: Sentence, course: str, hints: Hints, alike: Sequence[Line] = (),
    teaches: bool = False,
) -> Block:  # fmt: skip
    """The form for a question; after a first try with what there is to know before it is sent."""
    blocks = [
        *_alike(alike, say, teaches=teaches),
        *texts.hinted(hints, say),
        *_boxes(given, hints, say),
        *context(plain(say(N_("For “{course}”."), course=isolate(course))), plain(say(promise))),
    ]
    return modal(
        say(N_("Ask the class")),
        blocks,
        say,
        callback_id="question_ask",
        submit=say(N_("Post mine anyway")) if alike else say(N_("Ask")),
        close=say(N_("Cancel")),
        metadata=metadata,
    )


def change_form(given: Given, say: Say, *, metadata: str, promise: Sentence, hints: Hints) -> Block:
    """The form with a question of one's own."""
    return modal(
        say(N_("Change my question")),
        [*texts.hinted(hints, say), *_boxes(given, hints, say), *context(plain(say(promise)))],
        say,
        callback_id="question_change",
        submit=say(N_("Save")),
        close=say(N_("Cancel")),
        metadata=metadata,
    )


def _boxes(given: Given, hints: Hints, say: Say) -> list[Block]:
    title = typed(TYPED, given.title, longest=LONGEST_TITLE)
    return [
        field(say(N_("Your question, in one sentence")), title, "title"),
        field(say(N_("More about it")), typed(TYPED, given.text, lines=True), "text", optional=True),
        *texts.anyway(hints, say, ticked=given.anyway),
    ]


def fits(line: Line) -> bool:
    """Whether Slack's boxes hold a question whole: what they cut off would be lost when it is saved."""
    return length(line.title) <= LONGEST_TITLE and length(line.text) <= LONGEST_TYPED


def _alike(alike: Sequence[Line], say: Say, *, teaches: bool) -> list[Block]:
    if not alike:
        return []
    blocks: list[Block] = [
        section(plain(say(N_("These look alike. Vote for one instead of asking again, or post yours anyway."))))
    ]
    for line in alike:
        may = not teaches and not line.author.is_me and line.status == "live" and not line.voted
        vote = button(
            say(N_("Vote")), f"question_vote:{line.id}", f"{line.id}:1", label=_vote_for(line.title, say)
        )  # fmt: skip
        blocks.append(section(plain(line.title), vote if may else None))
        votes = plain(say(N_("Votes: {votes}"), votes=line.votes))
        blocks += context(votes, plain(say(N_("Answers: {answers}"), answers=line.answers)))
    return [*blocks, divider()]


def title_box(title: str, say: Say) -> list[Block]:
    """The question, where the class is chosen first."""
    label = say(N_("Your question, in one sentence"))
    return [field(label, typed(TYPED, title, longest=LONGEST_TITLE), "title", optional=True)]


def offer(words: str, say: Say, *, channel_row: int, hides_names: bool) -> Message:
    """To somebody who spoke to the app in a channel: their words, and a button that opens the form with them."""
    said = say(N_("Do you want to ask the class this? Nothing has been posted."))
    small = [say(N_("You can change the words before they are sent."))]
    if hides_names:
        small.append(
            say(
                N_(
                    "Your message in the channel stands there with your name. Whoever reads the same words in the "
                    "question will know that it is yours."
                )
            )
        )
    blocks = [
        section(plain(said)),
        section(plain(words), block_id="words"),
        *actions([button(say(N_("Post this as a question")), "question_offer", f"{channel_row}", style="primary")]),
        *context(*(plain(text) for text in small)),
    ]
    return message(escape(said), blocks, say)


_MARKS = {
    "pinned": N_("Pinned by your teacher."),
    "endorsed": N_("Endorsed by your teacher."),
    "answered": N_("Answered."),
    "closed": N_("Closed: no more answers are taken."),
}
_TEACHING = {
    "endorse": {False: N_("Endorse"), True: N_("Endorse no longer")},
    "pin": {False: N_("Pin to the top"), True: N_("Pin no longer")},
    "close": {False: N_("Close"), True: N_("Open again")},
}
