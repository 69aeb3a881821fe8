"""Practice in Slack: the next problem by the activity's own policy, a problem that was put to the channel, and all that
a person does with it. The same use cases as the course's pages, so the same attempts, exposures, rewards and grades.

Everything happens in one view that changes in place. A button's value is what it is about (a text, an exposure and its
points); which problem of which activity it is, the view remembers.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

from sqlalchemy.orm import Session

from bot import poll_messages, texts
from bot.blocks import Block, paragraphs
from bot.calls import Call
from bot.listeners import Listener
from bot.rendering import Blocks, Rendered, everybody
from bot.views import practice as views
from bot.views import practice_forms as forms
from bot.views import texts as shared
from bot.views.poll_answers import read
from bot.views.practice_forms import Sheet
from bot.wiring import Wiring
from core.activities import (
    channels,
    contributions,
    exposures,
    moderation,
    next_tasks,
    practice,
    scores,
    seats,
    tasks,
)
from core.activities.channels import Bound
from core.activities.refusals import NotAllowed, NotFound, Refusal
from core.activities.seats import Practice, Seat
from core.activities.slack_messages import Direct, Message
from core.problems.grading import BadResponse
from core.words import N_, Sentence

NOUN = "problem"  # of messages


# ---- who, and where ----
def _here(call: Call, session: Session) -> tuple[Bound, Seat, Practice]:
    """The class and the activity that the view remembers. Raises NoClass, NotLinked, NotFound, NotAllowed."""
    remembered = call.metadata
    bound = call.bound(session, int(remembered.get("channel", 0)))
    seat = _who(call, session, bound)
    return bound, seat, seats.practice_of_id(session, seat, int(remembered.get("activity", 0)))


def _who(call: Call, session: Session, bound: Bound) -> Seat:
    seat = call.seat(session, bound)
    if seat.role == "observer":
        raise NotAllowed(N_("You can look at everything in your course and change nothing, so you do not practise."))
    return seat


def _problem_id(call: Call) -> int:
    return int(call.metadata.get("problem", 0))


# ---- what is shown ----
def _view(
    call: Call,
    session: Session,
    bound: Bound,
    seat: Seat,
    opened: Practice,
    problem_id: int,
    *,
    said: Sentence | None = None,
    asked: str = "",
    kind: str = "explanation",
) -> Block:
    """The view of a problem, made while its transaction is open."""
    task = tasks.task(session, seat, opened, problem_id, call.now)
    goal = next_tasks.goal(session, seat, opened, problem_id)
    sheet = Sheet(opened, task, seat.role, goal, said, asked, kind)
    remembered = {
        "channel": bound.id, "activity": opened.id, "problem": problem_id, "number": task.standing.next_number,
        "kind": kind,
    }  # fmt: skip
    return views.problem(sheet, call.say, metadata=json.dumps(remembered))


def _next(call: Call, session: Session, bound: Bound, seat: Seat, opened: Practice, after: int | None = None) -> Block:
    """The problem that the activity's policy shows next."""
    found = next_tasks.offer(session, seat, opened, after=after, rng=call.wiring.rng(), now=call.now)
    if found is None:
        return views.done(opened, scores.score_of(session, opened, seat.person_id), call.say)
    return _view(call, session, bound, seat, opened, found)


def _show(call: Call, view: Block) -> None:
    """Open a view; in place of the one in which the button was, if it was in one."""
    call.ack()
    if call.view.get("type") == "modal":
        call.client.views_update(view_id=str(call.view["id"]), view=view)
    else:
        call.client.views_open(trigger_id=call.trigger_id, view=view)


# ---- beginning ----
def begin(call: Call, _typed: str = "") -> None:
    """`/heirloom practice`, in a channel or anywhere."""
    with call.wiring.database.write() as session:
        found = texts.classes(call, session)
        if len(found) == 1:
            view = _first(call, session, found[0])
        else:
            choices = texts.choices(call, found)
            view = shared.choose_class(choices, call.say, callback_id="practice_class", boxes=())
    _show(call, view)


def _first(call: Call, session: Session, bound: Bound) -> Block:
    seat = _who(call, session, bound)
    public_id = channels.practice(session, seat, bound)
    if public_id is None:
        raise NotFound(N_("There is nothing to practise in “{course}” yet."), course=bound.course_title)
    return _next(call, session, bound, seat, seats.practice_to_work_on(session, seat, public_id))


def _class_chosen(call: Call) -> None:
    """Of several classes one was chosen."""
    with call.wiring.database.write() as session:
        view = _first(call, session, texts.chosen(call, session))
    call.ack(response_action="update", view=view)


def _start(call: Call) -> None:
    """The button "Practise" outside of a channel: CHANNEL:ACTIVITY."""
    row, activity_id = (*call.ids, 0, 0)[:2]
    with call.wiring.database.write() as session:
        bound = call.bound(session, row)
        seat = _who(call, session, bound)
        view = _next(call, session, bound, seat, seats.practice_of_id(session, seat, activity_id))
    _show(call, view)


def _open(call: Call) -> None:
    """The button below a problem: PROBLEM:ACTIVITY, and in a private message :CHANNEL."""
    problem_id, activity_id, row = (*call.ids, 0, 0, 0)[:3]
    with call.wiring.database.write() as session:
        bound = call.bound(session, row or None)
        seat = _who(call, session, bound)
        opened = seats.practice_of_id(session, seat, activity_id)
        next_tasks.picked(session, seat, opened, problem_id, now=call.now)
        view = _view(call, session, bound, seat, opened, problem_id)
    _show(call, view)


def _go_on(call: Call) -> None:
    """The next problem, or to skip this one."""
    with call.wiring.database.write() as session:
        bound, seat, opened = _here(call, session)
        _keep_words(call, session, seat, opened)
        view = _next(call, session, bound, seat, opened, after=_problem_id(call))
    _show(call, view)


# ---- answering ----
def _answer(call: Call) -> None:
    """Judge and keep an answer. What cannot be judged is said beside the box, and what was typed stays in it."""
    sent = _sent(call)
    answer = sent.get(forms.ANSWER, [])
    try:
        with call.wiring.database.write() as session:
            bound, seat, opened = _here(call, session)
            shown = tasks.bare(session, opened, _problem_id(call))
            units = [shown.units[int(place)] for place in sent.get(forms.UNIT, ()) if int(place) < len(shown.units)]
            practice.answer(
                session,
                seat,
                opened,
                _problem_id(call),
                number=int(call.metadata.get("number", 0)),
                positions=[int(place) for place in answer] if shown.choices else (),
                text="" if shown.choices else "".join(answer),
                unit="".join(units),
                reason="".join(sent.get(forms.REASON, ())),
                rng=call.wiring.rng(),
                now=call.now,
            )
            view = _view(call, session, bound, seat, opened, _problem_id(call))
    except BadResponse as error:
        _beside(call, forms.ANSWER, error.sentence)
        return
    call.ack(response_action="update", view=view)


def _beside(call: Call, name: str, sentence: Sentence) -> None:
    block_id = next(one for one in call.values if one.partition(":")[0] == name)
    call.ack(response_action="errors", errors={block_id: call.say(sentence)})


# ---- learning from classmates ----
Work = Callable[[Call, Session, Seat, Practice], Sentence | None]


def _doing(work: Work, asked: str = "") -> Callable[[Call], None]:
    """A listener for a button of the view: do it, and show the problem as it is then."""
    return partial(_did, work, asked)


def _did(work: Work, asked: str, call: Call) -> None:
    with call.wiring.database.write() as session:
        bound, seat, opened = _here(call, session)
        said = work(call, session, seat, opened)
        kind = str(call.metadata.get("kind", "explanation"))
        view = _view(call, session, bound, seat, opened, _problem_id(call), said=said, asked=asked, kind=kind)
    _show(call, view)


def _help(call: Call, session: Session, seat: Seat, opened: Practice) -> None:
    """Somebody is stuck. The value is how many texts were shown: a second click shows no second one."""
    practice.ask_for_help(
        session, seat, opened, _problem_id(call), occasion=(*call.ids, 0)[0], rng=call.wiring.rng(), now=call.now
    )


def _another(call: Call, session: Session, seat: Seat, opened: Practice) -> None:
    practice.another_explanation(
        session, seat, opened, _problem_id(call), occasion=(*call.ids, 0)[0], rng=call.wiring.rng(), now=call.now
    )


def _report(call: Call, session: Session, seat: Seat, opened: Practice) -> Sentence:
    return moderation.report(session, seat, (*call.ids, 0)[0], activity_id=opened.id, reason="", now=call.now)


def _check(call: Call, session: Session, seat: Seat, opened: Practice) -> Sentence:
    number, fine = (*call.ids, 0, 0)[:2]
    return moderation.check(session, seat, opened.settings, number, fine=bool(fine), now=call.now)


def _withdraw(call: Call, session: Session, seat: Seat, opened: Practice) -> Sentence:
    del opened  # a text is its author's, wherever it stands
    contributions.withdraw(session, seat, (*call.ids, 0)[0], now=call.now)
    return Sentence(N_("Taken back. Nobody sees it any more."))


def _rate(call: Call) -> None:
    """A rating: EXPOSURE:POINTS. The list keeps showing it, so nothing has to be shown anew."""
    exposure, points = (*call.ids, 0, 0)[:2]
    with call.wiring.database.write() as session:
        _, seat, _ = _here(call, session)
        exposures.rate(session, seat, exposure, points, now=call.now)
    call.ack()


def _kind(call: Call) -> None:
    """The other kind of text to write."""
    kind = forms.KINDS[min((*call.ids, 0)[0], len(forms.KINDS) - 1)]
    with call.wiring.database.write() as session:
        bound, seat, opened = _here(call, session)
        _keep_words(call, session, seat, opened)
        view = _view(call, session, bound, seat, opened, _problem_id(call), kind=kind)
    _show(call, view)


def _keep_words(call: Call, session: Session, seat: Seat, opened: Practice) -> None:
    """What was typed and not saved when its box goes is a draft, here and in the course."""
    kind = str(call.metadata.get("kind", "explanation"))
    typed = "".join(_sent(call).get(forms.WORDS, ()))
    mine = contributions.mine(session, seat, _problem_id(call)).get(kind)
    if typed.strip() and (mine is None or mine.text != typed):
        contributions.save_draft(
            session, seat, activity_id=opened.id, problem_id=_problem_id(call), kind=kind, text=typed, now=call.now
        )


def _sent(call: Call) -> dict[str, list[str]]:
    """What stands in the inputs, by their names without ids."""
    return {name.partition(":")[0]: values for name, values in read(call.values).items()}


def _explain(call: Call) -> None:
    """Keep one's own words."""
    sent = _sent(call)
    kind = str(call.metadata.get("kind", "explanation"))
    try:
        with call.wiring.database.write() as session:
            bound, seat, opened = _here(call, session)
            kept = practice.explain(
                session,
                seat,
                opened,
                _problem_id(call),
                kind=kind,
                text="".join(sent.get(forms.WORDS, ())),
                likely_to_help=sent.get(forms.LIKELY) == ["yes"],
                now=call.now,
                language=call.language,
            )
            view = _view(call, session, bound, seat, opened, _problem_id(call), said=kept.message, kind=kind)
    except Refusal as refusal:
        if type(refusal) is not Refusal:
            raise
        _beside(call, forms.WORDS, refusal.sentence)
        return
    call.ack(response_action="update", view=view)


# ---- in the channel ----
def render(session: Session, wiring: Wiring, bound: Bound, message: Message) -> Rendered:
    """A problem that was put to a channel: it never changes, so it is sent once."""
    del wiring
    say = poll_messages.in_language(bound.language)
    try:
        opened = seats.practice_of_id(session, everybody(bound), message.activity_id)
        bare = tasks.bare(session, opened, message.target_id)
    except Refusal as gone:  # its teacher took it away before it was sent
        text = say(gone.sentence)
        return Rendered(text, paragraphs([text]), version=0, over=True)
    made = views.shared(bare, say, value=f"{message.target_id}:{opened.id}")
    return Rendered(made.text, list(made.blocks), version=0, over=True)


def daily(session: Session, wiring: Wiring, direct: Direct, language: str) -> tuple[str, Blocks] | None:
    """Today's problem for one person: what the policy of their class shows next, of the first class that has one left.

    None: there is none, so nothing is sent today.
    """
    say = poll_messages.in_language(language)
    for bound, seat in channels.of_person(session, direct.workspace_id, direct.user_id):
        public_id = channels.practice(session, seat, bound)
        if public_id is None or seat.role != "student":
            continue
        opened = seats.practice_to_work_on(session, seat, public_id)
        found = next_tasks.offer(session, seat, opened, rng=wiring.rng(), now=wiring.now())
        if found is not None:
            bare = tasks.bare(session, opened, found)
            made = views.shared(bare, say, value=f"{found}:{opened.id}:{bound.id}", alone=True)
            return made.text, list(made.blocks)
    return None


LISTENERS = (
    Listener("action", "problem_answer", _open),
    Listener("action", "practice_start", _start),
    Listener("submit", "practice_class", _class_chosen),
    Listener("action", "practice_next", _go_on),
    Listener("submit", "practice_answer", _answer),
    Listener("action", "practice_help", _doing(_help, "help")),
    Listener("action", "practice_another", _doing(_another, "explanation")),
    Listener("action", "practice_report", _doing(_report)),
    Listener("action", "practice_check", _doing(_check)),
    Listener("action", "practice_withdraw", _doing(_withdraw)),
    Listener("action", "practice_rate", _rate),
    Listener("action", "practice_kind", _kind),
    Listener("submit", "practice_explain", _explain),
)
