"""Questions in Slack: asked, voted for, answered, marked; the same rows as in the course."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from core.activities import (
    comments,
    question_changes,
    question_settings,
    questions,
    recount,
    review,
)
from core.activities.posting import Typed
from core.store.tables import Contribution, Question, Seen, SlackMessage, Vote
from tests.bot.asking import WHY, ask, in_course, page_of, reply
from tests.bot.classes import Class, action_ids, answer, selected, ticked, typed, words
from tests.bot.slack import CHANNEL, Workspace


@pytest.fixture
def room(workspace: Workspace) -> Class:
    return Class(workspace, "questions")


# ---- asking ----


def test_the_command_opens_the_form_with_what_was_typed_and_who_will_know(room: Class) -> None:
    room.workspace.command("U1", f"ask {WHY}")
    view = room.opened()
    assert view["callback_id"] == "question_ask"
    boxes = {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}
    assert boxes["title"]["initial_value"] == WHY
    assert "Classmates do not see your name; your teacher does." in words(view)
    assert json.loads(view["private_metadata"]) == room.metadata
    room.workspace.command("U1", "ask " + "a long story " * 40)
    boxes = {block["block_id"]: block["element"] for block in room.opened()["blocks"] if block["type"] == "input"}
    assert "initial_value" not in boxes["title"]
    assert boxes["text"]["initial_value"].startswith("a long story")


def test_a_question_of_the_channel_is_a_question_of_the_course(room: Class) -> None:
    question = ask(room, text="I tried 3 and 5.")
    (shown,) = room.update()
    assert shown["channel"] == CHANNEL
    assert WHY in words(shown["blocks"])
    assert "I tried 3 and 5." in words(shown["blocks"])
    assert "A classmate" in words(shown["blocks"])
    assert {"question_vote", "question_answer", "question_see"} <= action_ids(shown["blocks"])
    on_wall = room.hall.see(
        lambda s, who, o: questions.wall(s, who, o, question_settings.of(o), now=room.workspace.now), room.seat("U2")
    )
    assert [line.id for line in on_wall] == [question]


def test_a_shortcut_asks_for_the_class_where_there_are_several(room: Class) -> None:
    room.workspace.shortcut("U1", "ask_question")
    assert room.opened()["callback_id"] == "question_ask"
    other = room.hall.another_course("b")
    with room.workspace.database.write() as session:
        from core.activities import channels, people

        second = channels.bind(
            session, room.workspace.id, "C2", course_id=other.course_id,
            bound_by=room.hall.teacher.person_id, language="en", zone="UTC", now=room.workspace.now,
        )  # fmt: skip
        people.enrol(
            session, course_id=other.course_id, person_id=room.seat("U1").person_id, role="student",
            now=room.workspace.now,
        )  # fmt: skip
    room.workspace.shortcut("U1", "ask_question")
    view = room.opened()
    assert view["callback_id"] == "question_class"
    said = answer(room.workspace.submit("U1", "question_class", selected("class", str(second.id)) | typed(title=WHY)))
    assert json.loads(said["view"]["private_metadata"]) == {"channel": second.id}
    assert WHY in json.dumps(said["view"])
    room.workspace.submit("U1", "question_ask", typed(title=WHY), {"channel": second.id})
    with room.workspace.database.read() as session:
        assert session.scalars(select(SlackMessage.channel_id)).all() == ["C2"]


def test_who_has_no_class_or_no_link_is_told(room: Class) -> None:
    room.workspace.shortcut("U7", "ask_question")
    assert "We know no class of yours" in room.told()
    room.workspace.command("U7", "ask why")
    assert "We do not know yet who you are" in room.told()
    answered = answer(room.workspace.submit("U7", "question_ask", typed(title=WHY), room.metadata))
    assert "We do not know yet who you are" in words(answered["view"])
    assert room.count(Question) == 0


def test_a_question_like_another_is_first_shown_that_one(room: Class) -> None:
    first = ask(room, "U2")
    said = answer(
        room.workspace.submit("U1", "question_ask", typed(title="Why is a sum of odd numbers even?"), room.metadata)
    )
    view = said["view"]
    assert said["response_action"] == "update"
    assert "These look alike." in words(view)
    assert view["submit"]["text"] == "Post mine anyway"
    assert f"question_vote:{first}" in action_ids(view)
    assert room.count(Question) == 1
    room.press("U1", view, f"question_vote:{first}", f"{first}:1")
    assert "Your own question was not posted." in words(room.opened())
    assert (room.count(Vote), room.count(Question)) == (1, 1)
    metadata = json.loads(view["private_metadata"])
    room.workspace.submit("U1", "question_ask", typed(title="Why is a sum of odd numbers even?"), metadata)
    assert room.count(Question) == 2


def test_personal_data_is_asked_about_until_it_is_meant(room: Class) -> None:
    sent = typed(title="Who is alex.meier@example.org?")
    said = answer(room.workspace.submit("U1", "question_ask", sent, room.metadata))
    assert "looks like an e-mail address" in words(said["view"])
    assert any(block.get("block_id") == "anyway" for block in said["view"]["blocks"])
    metadata = json.loads(said["view"]["private_metadata"])
    assert "looks like" in words(answer(room.workspace.submit("U1", "question_ask", sent, metadata))["view"])
    assert room.count(Question) == 0
    room.workspace.submit("U1", "question_ask", sent | ticked("anyway", "yes"), metadata)
    assert room.count(Question) == 1


def test_what_is_refused_is_said_beside_the_box_and_nothing_is_stored(room: Class) -> None:
    said = answer(room.workspace.submit("U1", "question_ask", typed(text="?"), room.metadata))
    assert said == {
        "response_action": "errors",
        "errors": {"title": "The question has no words yet. Write it in the first box, in one sentence."},
    }
    question = ask(room)
    again = answer(
        room.workspace.submit("U1", "question_ask", typed(title=WHY), {**room.metadata, "checked": 1})
    )  # fmt: skip
    assert "These words of yours are here already." in again["errors"]["title"]
    assert "There is no text yet." in reply(room, question, text=" ")["errors"]["text"]
    assert room.count(Contribution) == 1


def test_coarse_words_are_named_and_then_wait_for_the_teacher(room: Class) -> None:
    sent = typed(title="What the fuck is a limit?")
    said = answer(room.workspace.submit("U1", "question_ask", sent, room.metadata))
    assert "may hurt somebody" in words(said["view"])
    said = answer(
        room.workspace.submit("U1", "question_ask", sent, json.loads(said["view"]["private_metadata"]))
    )  # fmt: skip
    assert "your teacher reads it before classmates see it" in words(said["view"])
    assert room.update() == []


# ---- from a mention ----


def test_a_mention_offers_to_ask_and_posts_nothing(room: Class) -> None:
    event = {"type": "app_mention", "user": "U1", "channel": CHANNEL, "ts": "5.5", "text": f"<@UB> {WHY}"}
    room.workspace.event(event, "Ev-once")
    room.workspace.event(event, "Ev-once", **{"x-slack-retry-num": "1"})
    (offer,) = room.workspace.api.of("chat.postMessage")
    assert offer["channel"] == "U1"
    assert "Nothing has been posted." in offer["text"]
    assert "will know that it is yours" in words(offer["blocks"])
    assert room.count(SlackMessage) == room.count(Question) == 0
    (button,) = [one for block in offer["blocks"] for one in block.get("elements", ()) if one["type"] == "button"]
    assert button["value"] == str(room.bound.id)
    room.workspace.payload(
        "U1",
        {
            "type": "block_actions", "actions": [button | {"block_id": "b"}], "channel": {"id": "D1"},
            "message": {"ts": "6.6", "blocks": offer["blocks"]}, "container": {"type": "message", "channel_id": "D1"},
        },
    )  # fmt: skip
    boxes = {block["block_id"]: block["element"] for block in room.opened()["blocks"] if block["type"] == "input"}
    assert boxes["title"]["initial_value"] == WHY


def test_a_mention_without_words_or_of_an_app_is_no_question(room: Class) -> None:
    room.workspace.event({"type": "app_mention", "user": "U1", "channel": CHANNEL, "text": "<@UB>"})
    assert "type “/heirloom ask”" in room.told()
    before = len(room.workspace.api.calls)
    room.workspace.event({"type": "app_mention", "user": "U1", "bot_id": "B2", "channel": CHANNEL, "text": "<@UB> why"})
    assert len(room.workspace.api.calls) == before


# ---- votes ----


def test_a_click_is_a_vote_and_another_takes_it_back(room: Class) -> None:
    question = ask(room)
    room.workspace.click("U2", "question_vote", str(question))
    assert room.told() == "Your vote counts. Votes now: 1."
    (shown,) = room.update()
    assert "Votes: 1" in words(shown["blocks"])
    room.workspace.click("U2", "question_vote", str(question))
    assert room.told() == "Your vote is taken back. Votes now: 0."
    (shown,) = room.update()
    assert "Votes: 0" in words(shown["blocks"])
    with room.workspace.database.read() as session:
        assert not list(recount.everything(session))


def test_many_clicks_at_once_are_one_vote_of_each(room: Class) -> None:
    question = ask(room)
    for number in range(10, 18):
        room.workspace.join(f"U{number}", room.hall.course_id, room.hall.platform_id)

    def click(user: str) -> None:
        room.workspace.click(user, f"question_vote:{question}", f"{question}:1", view=page_of(room, question))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(click, [f"U{number}" for number in range(10, 18)] * 2))
    room.workspace.wait()
    assert room.count(Vote) == 8
    with room.workspace.database.read() as session:
        assert session.scalar(select(Question.votes)) == 8
        assert not list(recount.everything(session))


@pytest.mark.parametrize(
    ("user", "said"),
    [("U1", "This is your own. Classmates vote for it."), ("U9", "Teachers do not vote."), ("U7", "who you are")],
)
def test_who_may_not_vote_is_told_why(room: Class, user: str, said: str) -> None:
    question = ask(room)
    room.workspace.click(user, "question_vote", str(question))
    assert said in room.told()
    assert room.count(Vote) == 0


def test_a_vote_for_a_question_that_went_is_refused_kindly(room: Class) -> None:
    question = ask(room)
    in_course(room, question_changes.take_back, "U1", question_settings.QuestionSettings(), question)
    room.workspace.click("U2", "question_vote", str(question))
    assert "your vote was not counted" in room.told()
    room.workspace.click("U2", "question_vote", "999999")
    assert "This is not in your course" in room.told()


def test_who_only_looks_changes_nothing(room: Class) -> None:
    question = ask(room)
    room.hall.join("s2", "observer")
    room.workspace.click("U3", "question_vote", str(question))
    assert "You can look here, but not change anything." in room.told()
    said = answer(room.workspace.submit("U3", "question_ask", typed(title="May I?"), room.metadata))
    assert "You can look here, but not change anything." in words(said["view"])
    assert "not change anything" in words(reply(room, question, "U3")["view"])
    assert (room.count(Vote), room.count(Contribution)) == (0, 1)


# ---- answers, and what is done in the view ----


def test_an_answer_goes_into_the_thread_and_the_course(room: Class) -> None:
    question = ask(room)
    room.update()
    room.workspace.click("U2", "question_answer", str(question))
    assert room.opened()["callback_id"] == "question_answer"
    assert "Saved. Classmates can see it now." in words(reply(room, question)["view"])
    asked, answered = room.update()
    assert "Answers: 1" in words(asked["blocks"])
    with room.workspace.database.read() as session:
        ts = session.scalars(select(SlackMessage.ts).where(SlackMessage.noun == "question")).one()
    assert answered["thread_ts"] == ts
    assert "Two ones make a pair." in words(answered["blocks"])
    assert room.spread() == 0


def test_an_answer_of_the_course_goes_into_the_thread_too(room: Class) -> None:
    question = ask(room)
    settings = question_settings.QuestionSettings()
    in_course(room, questions.answer, "U2", settings, Typed("By pairs."), question_id=question)
    assert room.spread() == 0  # the question has not been posted yet, so there is no thread
    room.update()
    assert room.spread() == 1
    assert len(room.update()) == 2


def test_one_view_shows_everything_and_who_may_do_what(room: Class) -> None:
    question = ask(room)
    reply(room, question)
    room.workspace.click("U3", "question_see", str(question))
    view = room.opened()
    assert "Two ones make a pair." in words(view)
    own, others = {"question_settle", "question_back"}, {"question_endorse", "question_pin", "question_close"}
    ids = {name.partition(":")[0] for name in action_ids(view)}
    assert ids & (own | others) == set()
    assert {"question_vote", "question_answer", "question_report"} <= ids
    assert room.count(Seen) == 1
    room.workspace.click("U1", "question_see", str(question))
    ids = {name.partition(":")[0] for name in action_ids(room.opened())}
    assert "question_settle" in ids
    assert ids & others == set()
    room.workspace.click("U9", "question_see", str(question))
    ids = {name.partition(":")[0] for name in action_ids(room.opened())}
    assert others | {"question_settle"} <= ids
    assert "question_vote" not in ids
    assert "s0" in words(room.opened())  # this activity tells its teacher


def test_a_teacher_endorses_pins_and_closes_and_the_message_says_so(room: Class) -> None:
    question = ask(room)
    view = page_of(room, question)
    for action in ("endorse", "pin", "close"):
        room.press("U9", view, f"question_{action}", f"{question}:1")
    (shown,) = room.update()
    text = words(shown["blocks"])
    assert "Endorsed by your teacher." in text
    assert "Pinned by your teacher." in text
    assert "Closed: no more answers are taken." in text
    assert "question_answer" not in action_ids(shown["blocks"])
    refused = reply(room, question)
    assert "Your teacher closed this question" in words(refused["view"])
    room.press("U9", view, "question_close", f"{question}:0")
    (shown,) = room.update()
    assert "question_answer" in action_ids(shown["blocks"])
    room.press("U2", view, "question_pin", f"{question}:0")
    assert "Only teachers can do that." in room.told()


def test_who_asked_says_what_answered_it(room: Class) -> None:
    question = ask(room)
    reply(room, question)
    with room.workspace.database.read() as session:
        given = session.scalars(select(Contribution.id).where(Contribution.kind == "answer")).one()
    view = page_of(room, question)
    room.press("U2", view, f"question_settle:{given}", f"{question}:{given}:1")
    assert "Who asked says what answered it" in room.told()
    room.press("U1", view, f"question_settle:{given}", f"{question}:{given}:1")
    assert "This answers the question." in words(room.opened())
    room.update()
    assert room.spread() == 1
    asked, answered = room.update()
    assert "Answered." in words(asked["blocks"])
    assert "This answers the question." in words(answered["blocks"])


def test_an_author_takes_a_question_back_and_its_message_is_empty_then(room: Class) -> None:
    question = ask(room)
    room.update()
    room.press("U1", page_of(room, question), "question_back", str(question))
    assert "Taken back." in words(room.opened())
    (shown,) = room.update()
    assert words(shown["blocks"]) == "This question is not shown any more."
    assert WHY not in json.dumps(shown)


def test_authors_take_their_answer_and_their_comment_back(room: Class) -> None:
    question = ask(room)
    reply(room, question)
    with room.workspace.database.read() as session:
        given = session.scalars(select(Contribution.id).where(Contribution.kind == "answer")).one()
    settings = question_settings.QuestionSettings()
    comment = in_course(room, comments.write, "U3", settings, Typed("Or by halves."), parent_id=given).id
    view = page_of(room, question)
    room.workspace.click("U3", "question_see", str(question))
    assert "Or by halves." in words(room.opened())
    assert f"question_uncomment:{comment}" in action_ids(room.opened())
    room.press("U2", view, f"question_uncomment:{comment}", str(comment))
    assert "This comment is not one of yours." in room.told()
    room.press("U3", view, f"question_uncomment:{comment}", str(comment))
    assert "Or by halves." not in words(room.opened())
    room.update()
    room.spread()
    room.update()
    room.press("U3", view, f"question_back:{given}", str(given))
    assert "This text is not one of yours." in room.told()
    room.press("U2", view, f"question_back:{given}", str(given))
    assert "Taken back." in words(room.opened())
    _, answered = room.update()
    assert words(answered["blocks"]) == "This answer is not shown any more."


def test_a_class_of_slack_alone_asks_and_answers(workspace: Workspace) -> None:
    for user in ("U1", "U2", "U9"):
        workspace.known(user)
    workspace.command("U9", "class Statistics")
    workspace.command("U1", f"ask {WHY}")
    (view,) = [said["view"] for said in workspace.api.of("views.open")]
    metadata = json.loads(view["private_metadata"])
    assert "Asked" in words(answer(workspace.submit("U1", "question_ask", typed(title=WHY), metadata))["view"])
    with workspace.database.read() as session:
        question = session.scalars(select(Question.contribution_id)).one()
    workspace.click("U2", "question_vote", str(question))
    assert workspace.told()[-1] == "Your vote counts. Votes now: 1."
    said = answer(workspace.submit("U2", "question_answer", typed(text="By pairs."), metadata | {"question": question}))
    assert "Saved." in words(said["view"])
    workspace.update()
    (asked,) = [said for said in workspace.api.of("chat.postMessage") if said["channel"] == CHANNEL]
    assert "Votes: 1" in words(asked["blocks"])


def test_reports_hold_a_question_back_in_the_channel_too(workspace: Workspace) -> None:
    room = Class(workspace, "questions", hold_at=2)
    question = ask(room)
    room.update()
    for user in ("U2", "U3"):
        room.press(user, page_of(room, question), "question_report", str(question))
        assert room.opened()["callback_id"] == "question_report"
        said = answer(
            workspace.submit(user, "question_report", typed(reason="unkind"), {**room.metadata, "text": question})
        )
        assert "Reported." in words(said["view"])
    (shown,) = room.update()
    assert WHY not in json.dumps(shown)
    with workspace.database.write() as session:
        review.decide(session, room.hall.teacher, question, "restore", now=workspace.now)
    (shown,) = room.update()
    assert WHY in words(shown["blocks"])
    mine = answer(workspace.submit("U1", "question_report", typed(), {**room.metadata, "text": question}))
    assert "This is your own text." in words(mine["view"])


def test_a_merged_question_names_the_one_that_it_became_part_of(room: Class) -> None:
    from core.activities import question_merging

    one = ask(room)
    other = ask(room, "U2", "What is a prime number?")
    room.update()
    in_course(room, question_merging.merge, "U9", one, other)
    merged, _ = room.update()
    assert "part of another one now: “\u2068What is a prime number?\u2069”" in words(merged["blocks"])
    room.workspace.click("U3", "question_vote", str(one))
    with room.workspace.database.read() as session:
        assert session.scalars(select(Vote.contribution_id)).all() == [other]
