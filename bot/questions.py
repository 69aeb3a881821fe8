"""Questions in Slack: ask by command, shortcut or mention; vote, answer, mark, report.

Each listener calls the use case that the course's page calls. What is asked goes into the class's questions and, in the
same transaction, becomes a message that is due (`channel_news`); the app posts it, so nothing of Slack names who asked.
A button's value is TEXT, TEXT:WANTED (1 or 0), QUESTION:ANSWER:WANTED, or, in App Home, QUESTION:CHANNEL (its row).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlalchemy.orm import Session

from bot import markup, texts
from bot.blocks import Block, clip, length
from bot.calls import Call
from bot.listeners import Listener
from bot.polls import beside
from bot.texts import NO_HINTS, Here, asked_for, target, wanted, where
from bot.views import questions as views
from bot.views import texts as shared
from bot.views.questions import Reader
from bot.views.texts import Given
from core.activities import (
    authors,
    channel_news,
    comments,
    question_changes,
    question_order,
    question_settings,
    question_teaching,
    question_votes,
    questions,
    seats,
)
from core.activities.channels import Bound
from core.activities.posting import Posted, Typed
from core.activities.questions import LONGEST_TITLE, Line, Page
from core.activities.refusals import Refusal
from core.activities.screening import Hints
from core.activities.texts import LONGEST_TEXT
from core.wording.similar import similar
from core.words import N_, Sentence

KIND = "questions"
KNOWN = 1_000  # the newest questions, among which similar ones are looked for


# ---- asking ----


def ask(call: Call, typed: str) -> None:
    """`/heirloom ask [question]`."""
    _begin(call, _split(markup.words(typed)))


def _shortcut(call: Call) -> None:
    """The global shortcut "Ask a question"."""
    _begin(call, Given())


def _split(words: str) -> Given:
    """One line that fits is the question, anything longer is what there is to say about it."""
    is_short = length(words) <= LONGEST_TITLE and "\n" not in words
    return Given(title=words) if is_short else Given(text=words)


def _begin(call: Call, given: Given, bound: Bound | None = None) -> None:
    """Open the form; or first ask for which class."""
    with call.wiring.database.write() as session:
        found = [bound] if bound is not None else texts.classes(call, session)
        if len(found) == 1:
            view = _form(call, texts.of_channel(call, session, found[0], KIND), given)
        else:
            boxes = views.title_box(given.title, call.say)
            view = shared.choose_class(
                texts.choices(call, found), call.say, callback_id="question_class", boxes=boxes
            )  # fmt: skip
    texts.open_view(call, view)


def _class_chosen(call: Call) -> None:
    """Go on to the form of the class that was chosen."""
    with call.wiring.database.write() as session:
        here = texts.of_channel(call, session, texts.chosen(call, session), KIND)
    call.ack(response_action="update", view=_form(call, here, Given(title=shared.value(call.values, "title"))))


def _form(call: Call, here: Here, given: Given, hints: Hints = NO_HINTS, alike: Sequence[Line] = ()) -> Block:
    return views.ask_form(
        given,
        call.say,
        metadata=here.metadata(checked=1) if hints or alike else here.metadata(),
        promise=authors.promise(here.settings),
        course=here.bound.course_title,
        hints=hints,
        alike=alike,
        teaches=here.teaches,
    )


def _asked(call: Call) -> None:
    """The form was sent: after what there is to know first, the question is stored and becomes due in its channel."""
    sent = texts.given(call)
    try:
        with call.wiring.database.write() as session:
            here = texts.of_channel(call, session, call.bound(session, asked_for(call, "channel")), KIND, to_work=True)
            hints = texts.hints(call, session, here, f"{sent.title}\n{sent.text}")
            alike = [] if asked_for(call, "checked") else _alike(call, session, here, sent.title)
            posted = None
            if not alike and not texts.is_to_be_shown(call, hints, sent):
                posted = _post(call, session, here, sent)
    except Refusal as refusal:
        beside(call, refusal, "title")
        return
    if posted is None:
        call.ack(response_action="update", view=_form(call, here, sent, hints, alike))
        return
    lines = shared.stored(posted.stored, call.say, has_lms=here.bound.has_lms)
    if posted.stored.status == "live":
        lines.append(call.say(texts.AT_ONCE if posted.stamp.person_id is not None else texts.BLURRED))
    call.ack(response_action="update", view=shared.told(call.say(N_("Asked")), lines, call.say))


def _post(call: Call, session: Session, here: Here, sent: Given) -> Posted:
    settings = question_settings.of(here.opened)
    typed = Typed(sent.text, sent.title, sent.anyway, call.language)
    posted = questions.ask(session, here.seat, here.opened, settings, typed, now=call.now)
    channel_news.post(
        session,
        here.bound,
        channel_news.QUESTION,
        posted.id,
        here.opened.id,
        status=posted.stored.status,
        is_anonymous=posted.stamp.person_id is None,
        asked_by=call.user_id,
        now=call.now,
    )
    return posted


def _alike(call: Call, session: Session, here: Here, title: str) -> list[Line]:
    """Questions like the one that is about to be asked, to vote for instead."""
    known = questions.titles(session, here.seat, here.opened, now=call.now)[:KNOWN]
    near = similar(title, [text for _, text in known], language=call.language)
    settings = question_settings.of(here.opened)
    return [
        line
        for place, _ in near
        for line in questions.wall(session, here.seat, here.opened, settings, now=call.now, only=known[place][0])
    ]


def mentioned(call: Call) -> None:
    """Somebody spoke to the app in a channel: an offer to them alone. Nothing is posted by itself."""
    event = call.body.get("event") or {}
    words = markup.words(markup.without(str(event.get("text") or ""), call.workspace.bot_user_id))
    with call.wiring.database.write() as session:
        here = texts.of_channel(call, session, call.bound(session), KIND)
    if not words:
        call.respond(call.say(N_("To ask the class, type “/heirloom ask” and your question.")))
        return
    hides = here.settings.anonymity != "named"
    made = views.offer(clip(words, 3_000), call.say, channel_row=here.bound.id, hides_names=hides)
    call.respond(made.text, list(made.blocks))


def _offered(call: Call) -> None:
    """The offer's button: the form with the words of the message, which Slack sends along and we have not kept."""
    blocks = (call.body.get("message") or {}).get("blocks") or []
    words = next((str(block["text"]["text"]) for block in blocks if block.get("block_id") == "words"), "")
    words = markup.unescape(words)  # Slack gives back even plain text with these three signs escaped
    with call.wiring.database.read() as session:
        bound = call.bound(session, target(call))
    _begin(call, _split(words), bound)


# ---- votes, answers, marks ----


def _vote(call: Call) -> None:
    """Vote for a question or an answer. The message's button turns it round, a view's says which it is to be."""
    up, text = wanted(call), target(call)
    with call.wiring.database.write() as session:
        here = where(call, session, text, KIND, to_work=True)
        settings = question_settings.of(here.opened)
        if up is None:
            root, up = question_votes.toggle(session, here.seat, here.opened, settings, text, now=call.now)
        else:
            root = question_votes.vote(session, here.seat, here.opened, settings, text, up=up, now=call.now)
        page = questions.page(session, here.seat, here.opened, settings, root, now=call.now)
    said = call.say(_COUNTED if up else _TAKEN_BACK, votes=_votes(page, text))
    call.ack()
    callback = call.view.get("callback_id")
    if callback == "question_page":
        _refresh(call, here, page, [said])
    elif callback == "question_ask":
        lines = [said, call.say(N_("Your own question was not posted."))]
        call.client.views_update(
            view_id=str(call.view["id"]), view=shared.told(call.say(N_("Voted")), lines, call.say)
        )  # fmt: skip
    else:
        call.respond(said)


_COUNTED = N_("Your vote counts. Votes now: {votes}.")
_TAKEN_BACK = N_("Your vote is taken back. Votes now: {votes}.")


def _votes(page: Page, text: int) -> int:
    return next((answer.votes for answer in page.answers if answer.id == text), page.question.votes)


def _see(call: Call) -> None:
    """A question with its answers, for this person."""
    with call.wiring.database.write() as session:
        here = where(call, session, target(call), KIND)
        page = questions.page(
            session, here.seat, here.opened, question_settings.of(here.opened), target(call), now=call.now
        )
        _note_seen(call, session, here, page.question)
    texts.open_view(call, page_view(call, here, page))


def _note_seen(call: Call, session: Session, here: Here, line: Line) -> None:
    """That it was before this person. Not where nobody is to be known: who sees a question first may have asked it."""
    if here.seat.role != "student" or here.settings.anonymity == "anonymous":
        return
    if line.status == "live" and not line.author.is_me:
        counts = seats.hold(session, here.seat)
        question_order.note_seen(session, here.seat, [line.id], counts=counts, now=call.now)


def page_view(call: Call, here: Here, page: Page, said: Sequence[str] = ()) -> Block:
    """A question as this person finds it."""
    return views.of_reader(page, Reader(here.teaches, here.metadata(question=page.question.id)), call.say, said=said)


def _refresh(call: Call, here: Here, page: Page, said: Sequence[str]) -> None:
    """The view in which something was done, as it is now. After `ack`."""
    call.client.views_update(view_id=str(call.view["id"]), view=page_view(call, here, page, said))


def _answer_form(call: Call) -> None:
    """The form for an answer."""
    with call.wiring.database.write() as session:
        here = where(call, session, target(call), KIND)
        settings = question_settings.of(here.opened)
        page = questions.page(session, here.seat, here.opened, settings, target(call), now=call.now)
    texts.open_view(call, _answering(call, here, page.question, Given(), NO_HINTS))


def _answering(call: Call, here: Here, line: Line, given: Given, hints: Hints) -> Block:
    return shared.one_box(
        call.say(N_("Your answer")),
        line.title,
        call.say(N_("Your answer")),
        call.say,
        callback_id="question_answer",
        metadata=here.metadata(question=line.id, **({"checked": 1} if hints else {})),
        promise=authors.promise(here.settings),
        given=given,
        hints=hints,
        longest=LONGEST_TEXT,
    )


def _answered(call: Call) -> None:
    """The answer was sent: it goes into the question's thread."""
    sent, question = texts.given(call), asked_for(call, "question")
    try:
        with call.wiring.database.write() as session:
            here = where(call, session, question, KIND, to_work=True)
            settings = question_settings.of(here.opened)
            hints, posted = texts.hints(call, session, here, sent.text), None
            if not texts.is_to_be_shown(call, hints, sent):
                typed = Typed(sent.text, anyway=sent.anyway, language=call.language)
                posted = questions.answer(
                    session, here.seat, here.opened, settings, typed, question_id=question, now=call.now
                )
            page = questions.page(session, here.seat, here.opened, settings, question, now=call.now)
    except Refusal as refusal:
        beside(call, refusal, "text")
        return
    if posted is None:
        call.ack(response_action="update", view=_answering(call, here, page.question, sent, hints))
        return
    lines = shared.stored(posted.stored, call.say, has_lms=here.bound.has_lms)
    call.ack(response_action="update", view=shared.told(call.say(N_("Answered")), lines, call.say))
    texts.new_in(call, here)


def _mark(call: Call, yes: str, no: str) -> None:
    """A teacher endorses, pins or closes, or takes that back."""
    action = yes if wanted(call) else no
    with call.wiring.database.write() as session:
        here = where(call, session, target(call), KIND, to_work=True)
        does = question_teaching.end if action in question_teaching.ENDS else question_teaching.mark
        does(session, here.seat, here.opened, target(call), action, now=call.now)
        page = _reread(call, session, here)
    call.ack()
    _refresh(call, here, page, [call.say(_SAVED)])
    texts.new_in(call, here)


_SAVED = N_("Saved.")


def _reread(call: Call, session: Session, here: Here) -> Page:
    """The question of the view in which something was done."""
    settings, question = question_settings.of(here.opened), asked_for(call, "question")
    return questions.page(session, here.seat, here.opened, settings, question, now=call.now)


def _settle(call: Call) -> None:
    """Who asked, or a teacher, says that a question is answered and by which answer; or that it is not."""
    question, answer, _ = (*call.ids, 0, 0, 0)[:3]
    with call.wiring.database.write() as session:
        here = where(call, session, question, KIND, to_work=True)
        question_teaching.settle(
            session, here.seat, here.opened, question, answer or None, answered=bool(wanted(call)), now=call.now
        )
        page = _reread(call, session, here)
    call.ack()
    _refresh(call, here, page, [call.say(_SAVED)])


def _back(call: Call) -> None:
    """An author takes a question or an answer back."""
    with call.wiring.database.write() as session:
        here = where(call, session, target(call), KIND, to_work=True)
        settings = question_settings.of(here.opened)
        said = question_changes.take_back(session, here.seat, here.opened, settings, target(call), now=call.now)
        page = None if target(call) == asked_for(call, "question") else _reread(call, session, here)
    _taken_back(call, here, page, said)


def _uncomment(call: Call) -> None:
    """An author takes a comment back."""
    with call.wiring.database.write() as session:
        here = where(call, session, target(call), KIND, to_work=True)
        comments.take_back(session, here.seat, here.opened, here.settings, target(call), now=call.now)
        page = _reread(call, session, here)
    _taken_back(call, here, page, Sentence(N_("Taken back. Nobody sees it any more.")))


def _taken_back(call: Call, here: Here, page: Page | None, said: Sentence) -> None:
    call.ack()
    if page is not None:
        _refresh(call, here, page, [call.say(said)])
        return
    view = shared.told(call.say(N_("Question")), [call.say(said)], call.say)
    call.client.views_update(view_id=str(call.view["id"]), view=view)


LISTENERS = (
    Listener("shortcut", "ask_question", _shortcut),
    Listener("action", "question_offer", _offered),
    Listener("submit", "question_class", _class_chosen),
    Listener("submit", "question_ask", _asked),
    Listener("action", "question_vote", _vote),
    Listener("action", "question_see", _see),
    Listener("action", "question_answer", _answer_form),
    Listener("submit", "question_answer", _answered),
    Listener("action", "question_endorse", partial(_mark, yes="endorse", no="unendorse")),
    Listener("action", "question_pin", partial(_mark, yes="pin", no="unpin")),
    Listener("action", "question_close", partial(_mark, yes="close", no="reopen")),
    Listener("action", "question_settle", _settle),
    Listener("action", "question_back", _back),
    Listener("action", "question_uncomment", _uncomment),
    Listener("action", "question_report", texts.report_form("question")),
    Listener("submit", "question_report", texts.report(KIND)),
)
