"""Practice from Slack is the course's: the same rows, the same policies, and no key before one's own attempt."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from core.activities import activities, channels, daily_problems, people, problems, slack_messages
from core.problems.kinds import Choice, OneChoice, Unit
from core.store.tables import Attempt, Contribution, Exposure, Report, TaskExposure
from core.survival.policies import POLICIES as TASK_POLICIES
from tests.bot import limits, slack
from tests.bot.modals import Person, elements
from tests.bot.slack import Workspace
from tests.core.activities.classroom import (
    AFTER_DUE,
    AFTER_TWO_TRIES,
    AT_ONCE,
    LONG,
    Classroom,
    count,
    free_text,
    number,
    numbered,
    one_choice,
    several_choices,
    short_text,
    words,
)

DATABASES = ("sqlite",)


def classroom(workspace: Workspace, *bank_: Any, **values: Any) -> Classroom:
    """A course whose channel is C1: U1 ... are its students, U9 teaches."""
    made = Classroom(workspace.database, *bank_, **values)
    students = {f"U{place}": seat for place, seat in enumerate(made.students, start=1)}
    workspace.bind(made.course_id, **students, U9=made.teacher)
    return made


def begin(workspace: Workspace, user: str = "U1") -> Person:
    person = Person(workspace, user)
    person.command("practice")
    return person


def attempts(room: Classroom) -> list[tuple[int, bool | None, bool]]:
    with room.database.read() as session:
        return [(one.number, one.right, one.counts) for one in session.scalars(select(Attempt).order_by(Attempt.id))]


def test_the_next_problem_by_the_policy_and_its_verdict(workspace: Workspace) -> None:
    room = classroom(workspace, one_choice("First"), short_text("Second"))
    person = begin(workspace)
    assert "First" in person.words
    assert room.shown_tasks(room.students[0])[0].problem_id == room.problems[0]
    person.send(answer="odd")
    assert "Not right." in person.words
    assert "The correct answer: \u2068even\u2069" in person.words
    assert "feedback on odd" in person.words
    assert attempts(room) == [(1, False, True)]
    person.press("practice_next")
    assert "Second" in person.words
    person.send(answer="Paris")
    assert "Right." in person.words
    assert room.score(room.students[0]) == (50.0, 100.0)
    person.press("practice_next")
    assert "You have answered every problem here." in person.words
    assert "Your score: 50 of 100." in person.words
    assert room.differences() == []


@pytest.mark.parametrize(
    ("locale", "says"), [("en-GB", "Your score: 33.3 of 100."), ("de-DE", "Ihre Punktzahl: 33,3 von 100.")]
)
def test_a_score_has_the_decimal_mark_of_the_readers_language(workspace: Workspace, locale: str, says: str) -> None:
    classroom(workspace, one_choice("First"), one_choice("Second"), short_text("Third"))
    workspace.known("U1", locale=locale)
    person = begin(workspace)
    for answer in ("odd", "odd", "Paris"):
        person.send(answer=answer)
        person.press("practice_next")
    assert says in person.words


def test_each_kind_is_answered_in_its_own_form(workspace: Workspace) -> None:
    room = classroom(workspace, several_choices(), number(), free_text())
    person = begin(workspace)
    person.send(answer=["two", "three"])
    person.press("practice_next")
    person.send(answer="42 km")
    person.press("practice_next")
    assert "It is not marked right or wrong." in json.dumps(person.view)
    person.send(answer="Because.")
    assert attempts(room) == [(1, True, True), (1, True, True), (1, None, True)]
    assert "Thank you. Your answer is saved." in person.words


def test_a_unit_that_is_picked(workspace: Workspace) -> None:
    problem = replace(number(), unit_input="menu", units=(Unit("km"), Unit("mi", 1.6)))
    room = classroom(workspace, problem)
    person = begin(workspace)
    person.send(answer="42", unit="km")
    assert attempts(room) == [(1, True, True)]


def test_true_and_false_are_said_in_words(workspace: Workspace) -> None:
    choices = (Choice(words("True"), 0.0), Choice(words("False"), 1.0))
    problem = OneChoice(
        name="T",
        text=words("Is it?"),
        choices=choices,
        shuffle=False,
        numbering="none",
        instruction=False,
        true_false=True,
    )
    room = classroom(workspace, problem)
    person = begin(workspace)
    person.send(answer="True")
    assert attempts(room) == [(1, False, True)]
    assert "The correct answer: False" in person.words


def test_what_cannot_be_judged_is_said_beside_the_box(workspace: Workspace) -> None:
    room = classroom(workspace, number())
    person = begin(workspace)
    person.send(answer="many")
    assert list(person.errors) == [f"answer:{room.problems[0]}:1"]
    assert attempts(room) == []


def test_an_explanation_is_drawn_rated_and_written(workspace: Workspace) -> None:
    room = classroom(workspace)
    texts = room.pool(2)
    person = begin(workspace)
    person.send(answer="even")
    drawn = room.exposures(Exposure.person_id == room.students[0].person_id)
    assert [(one.slot, one.contribution_id in texts) for one in drawn] == [("explanation", True)]
    assert 0 < (drawn[0].probability or 0) <= 1
    assert "How a classmate explained it" in person.words
    person.choose("practice_rate", ":7")
    person.choose("practice_rate", ":9")
    assert room.arm(drawn[0].contribution_id) == (1, 1, 9, 81)
    person.press("practice_another")
    assert len(room.exposures(Exposure.person_id == room.students[0].person_id)) == 2
    person.send(words=LONG, likely="yes")
    assert "Saved. It can now be shown to classmates, without your name." in person.words
    assert count(room.database, Contribution, Contribution.text == LONG, Contribution.status == "live") == 1
    person.press("practice_kind")
    person.send(words=numbered(9), likely="no")
    assert count(room.database, Contribution, Contribution.kind == "worked_example") == 1
    person.press("practice_kind")
    person.press("practice_withdraw")
    assert "Taken back. Nobody sees it any more." in person.words
    assert room.differences() == []


def test_words_that_are_too_short_stay_ones_own_and_none_are_refused_beside_the_box(workspace: Workspace) -> None:
    room = classroom(workspace)
    person = begin(workspace)
    person.send(answer="even")
    person.send(words=" ", likely="yes")
    assert list(person.errors) == [f"words:{room.problems[0]}:explanation"]
    person.send(words="Too short.", likely="yes")
    assert "texts longer than 60 can be shown" in person.words


def test_words_that_were_not_saved_are_there_again(workspace: Workspace) -> None:
    room = classroom(workspace, one_choice(), short_text())
    person = begin(workspace)
    person.send(answer="even")
    person.press("practice_kind", words="Half a thou")
    assert "Half a thou" not in person.words
    person.press("practice_next", words="First the")
    person.click("problem_answer", f"{room.problems[0]}:{room.activity_id}")
    assert "Half a thou" in person.words
    person.press("practice_kind")
    assert "First the" in person.words
    assert count(room.database, Contribution) == 0


def test_a_text_longer_than_slacks_box_is_not_cut(workspace: Workspace) -> None:
    room = classroom(workspace)
    room.answer(room.students[0])
    room.explain(room.students[0], "long " * 900)
    person = Person(workspace, "U1")
    person.click("problem_answer", f"{room.problems[0]}:{room.activity_id}")
    assert "Your text is longer than a box in Slack." in person.words
    assert "submit" not in person.view


def test_help_for_who_is_stuck_is_rewarded_by_the_next_answer(workspace: Workspace) -> None:
    room = classroom(workspace, one_choice(), short_text(), settings=AFTER_TWO_TRIES)
    hint = room.hint("Think of pairs.")
    person = begin(workspace)
    person.send(answer="odd")
    assert "You have one more try." in person.words
    person.press("practice_help")
    assert "A hint from your teacher" in person.words
    assert "Think of pairs." in person.words
    person.press("practice_next")
    person.send(answer="Paris")
    assert room.arm(hint.id)[1:3] == (1, 10)


def test_no_help_is_said(workspace: Workspace) -> None:
    classroom(workspace, settings=AFTER_TWO_TRIES)
    person = begin(workspace)
    person.press("practice_help")
    assert "There is no help for this problem yet." in person.words


def test_two_votes(workspace: Workspace) -> None:
    room = classroom(workspace, settings=replace(AT_ONCE, two_votes=True))
    other = begin(workspace, "U2")
    other.send(answer="odd", reason=LONG)
    person = begin(workspace)
    person.send(answer="even", reason="Pairs.")
    assert "It does not count yet." in person.words
    assert LONG in person.words
    assert "Right." not in person.words
    person.choose("practice_rate", ":3")
    person.send(answer="even")
    assert "Right." in person.words
    assert [one[2] for one in attempts(room)] == [False, False, True]


def test_a_text_is_reported_and_checked(workspace: Workspace) -> None:
    room = classroom(workspace, settings=replace(AT_ONCE, moderation="after_peers", peers_needed=1))
    author = room.students[1]
    room.answer(author)
    waiting = room.explain(author)
    person = begin(workspace)
    person.send(answer="even")
    assert "A new text waits for a second pair of eyes" in person.words
    person.press("practice_check:yes")
    assert room.status(waiting.id) == "live"
    person.press("practice_another")
    person.press("practice_report")
    assert "Reported. You will not see this text again" in person.words
    assert LONG not in person.words
    assert count(room.database, Report) == 1


def test_the_key_waits_for_the_due_date(workspace: Workspace) -> None:
    room = classroom(workspace, settings=AFTER_DUE)
    person = begin(workspace)
    person.send(answer="odd")
    assert "even" not in json.dumps([one for one in person.view["blocks"] if one["type"] != "input"])
    person.send(answer="even")
    assert "The correct answer is shown after" in person.words
    assert [one[0] for one in attempts(room)] == [1, 2]


def test_a_problem_in_the_channel_is_answered_by_each_person_alone(workspace: Workspace) -> None:
    room = classroom(workspace)
    with workspace.database.write() as session:
        slack_messages.post(
            session, workspace.id, slack.CHANNEL, "problem", room.problems[0], room.activity_id, asked_by="U9",
            now=workspace.now,
        )  # fmt: skip
    workspace.update()
    (posted,) = (one for one in workspace.api.of("chat.postMessage") if one["channel"] == slack.CHANNEL)
    assert limits.of_message(posted["text"], posted["blocks"]) == []
    assert "What is the sum of two odd numbers?" in posted["text"]
    assert not any(choice in json.dumps(posted) for choice in ("even", "prime", "zero"))
    button = next(element for _, element in elements(posted))
    for user in ("U1", "U2"):
        person = Person(workspace, user)
        person.click(button["action_id"], button["value"])
        person.send(answer="even")
        assert "Right." in person.words
    assert len(attempts(room)) == 2
    assert count(room.database, TaskExposure, TaskExposure.policy == "chosen") == 2
    workspace.update()
    assert len(workspace.api.of("chat.postMessage")) == 1
    assert workspace.api.of("chat.update") == []


def test_a_problem_a_day_comes_by_private_message_and_counts(workspace: Workspace) -> None:
    room = classroom(workspace, one_choice("First"), short_text("Second"))
    workspace.known("U1", time_zone="Europe/Berlin")
    workspace.known("U9")
    with workspace.database.write() as session:
        daily_problems.choose(session, workspace.id, "U1", 8 * 60, now=workspace.now)
        daily_problems.choose(session, workspace.id, "U9", 8 * 60, now=workspace.now)
    sent = []
    for _ in range(3):
        workspace.later(days=1)
        with workspace.database.write() as session:
            assert daily_problems.run_due(session, now=workspace.now) == 2
            assert daily_problems.run_due(session, now=workspace.now) == 0
        for _ in range(2):
            workspace.updater._pace._last.clear()
            workspace.update()
        sent = workspace.api.of("chat.postMessage")
        if len(sent) < 3 and room.states(room.students[0]).count("open"):
            button = next(element for _, element in elements(sent[-1]))
            person = Person(workspace, "U1")
            person.click(button["action_id"], button["value"], channel="DU1")
            person.send(answer="even" if "First" in person.words else "Paris")
            assert "Right." in person.words
    assert [one["channel"] for one in sent] == ["U1", "U1"]
    assert [limits.of_message(one["text"], one["blocks"]) for one in sent] == [[], []]
    assert room.score(room.students[0]) == (100.0, 100.0)


def test_a_problem_that_was_taken_away_says_so(workspace: Workspace) -> None:
    room = classroom(workspace, one_choice(), short_text())
    with room.write() as session:
        problems.remove(session, room.teacher, room.problems[0], now=room.now)
        slack_messages.post(
            session, workspace.id, slack.CHANNEL, "problem", room.problems[0], room.activity_id, asked_by="U9",
            now=workspace.now,
        )  # fmt: skip
    workspace.update()
    assert "taken this problem away" in workspace.api.of("chat.postMessage")[0]["text"]
    person = Person(workspace, "U1")
    person.click("problem_answer", f"{room.problems[0]}:{room.activity_id}")
    assert "taken this problem away" in workspace.told()[-1]


def test_nothing_of_another_course(workspace: Workspace) -> None:
    room = classroom(workspace)
    other = room.another_course("other", one_choice("Theirs"))
    person = Person(workspace, "U1")
    person.click("problem_answer", f"{other.problems[0]}:{other.activity_id}")
    assert person.view == {}
    assert workspace.told() == ["This activity is not in your course. Open it again from the course page."]
    assert count(room.database, TaskExposure) == 0


def test_who_is_not_linked_is_told_how(workspace: Workspace) -> None:
    classroom(workspace)
    workspace.command("U7", "practice")
    assert "Link your account once" in workspace.told()[-1]
    workspace.command("U7", "practice", channel="D7")
    assert "“/heirloom link”" in workspace.told()[-1]


def test_elsewhere_one_has_ones_class_or_chooses(workspace: Workspace) -> None:
    room = classroom(workspace)
    person = Person(workspace, "U1")
    person.command("practice", channel="D1")
    assert "Sum" in person.words
    other = room.another_course("other", one_choice("Theirs"))
    with workspace.database.write() as session:
        channels.bind(
            session, workspace.id, "C2", course_id=other.course_id, bound_by=None, language="en", zone="UTC",
            now=workspace.now,
        )  # fmt: skip
        people.enrol(
            session, course_id=other.course_id, person_id=room.students[0].person_id, role="student", now=room.now
        )
    person.command("practice", channel="D1")
    second = next(one for _, one in elements(person.view) if "options" in one)["options"][1]["value"]
    person.send(**{"class": second})
    assert "Theirs" in person.words


def test_who_only_looks_does_not_practise(workspace: Workspace) -> None:
    room = classroom(workspace)
    workspace.join("U5", room.course_id, room.platform_id, "observer")
    workspace.command("U5", "practice")
    assert "you do not practise" in workspace.told()[-1]
    assert count(room.database, TaskExposure) == 0


def test_an_activity_that_was_never_placed_is_not_offered(workspace: Workspace) -> None:
    room = classroom(workspace)
    with room.write() as session:
        activities.make(
            session, room.teacher, title="Later", settings=AT_ONCE, problem_ids=room.problems[:1], now=room.now
        )
    person = begin(workspace)
    assert person.metadata["activity"] == room.activity_id


@pytest.mark.parametrize("policy", sorted(TASK_POLICIES)[:3])
def test_the_activitys_order_chooses(workspace: Workspace, policy: str) -> None:
    room = classroom(workspace, one_choice(), short_text(), number(), settings=replace(AT_ONCE, order=policy))
    begin(workspace)
    (shown,) = room.shown_tasks(room.students[0])
    assert shown.policy == policy
