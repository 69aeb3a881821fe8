"""The key of a problem is in nothing that Slack is sent before its time, in no value, and in no order."""

from __future__ import annotations

import json
import re

from core.activities import slack_messages
from core.problems.kinds import Choice, OneChoice
from tests.bad_input.test_key_leaks import MARK, bank
from tests.bot import slack
from tests.bot.modals import Person, elements
from tests.bot.slack import Workspace
from tests.bot.test_practice import attempts, begin, classroom
from tests.core.activities.classroom import AFTER_DUE, words

DATABASES = ("sqlite",)

WRONG = [{"answer": "1"}, {"answer": ["2"]}, {"answer": "3"}, {"answer": "no"}, {"answer": "because"}]


def sent_to_students(workspace: Workspace, people: list[Person]) -> bytes:
    """Everything that Slack was sent, and every answer to what these people did."""
    said = [json.dumps(view, ensure_ascii=False) for person in people for view in person.seen]
    answered = [body for person in people for body in person.bodies]
    return "\n".join([*said, *answered, json.dumps(workspace.api.calls, ensure_ascii=False)]).encode()


def test_the_key_is_in_nothing_before_its_time(workspace: Workspace) -> None:
    room = classroom(workspace, *bank(), settings=AFTER_DUE)
    people = [Person(workspace, user) for user in ("U1", "U2")]
    for problem in room.problems:
        with workspace.database.write() as session:
            slack_messages.post(
                session, workspace.id, slack.CHANNEL, "problem", problem, room.activity_id, asked_by=None,
                now=workspace.now,
            )  # fmt: skip
        workspace.updater._pace._last.clear()
        workspace.update()
        for person in people:
            person.click("problem_answer", f"{problem}:{room.activity_id}")
            for action in ("practice_help", "practice_another"):
                view = {"id": "V1", "type": "modal", **person.view}
                workspace.click(person.user, action, "0", view=view, channel=None)
    assert MARK.findall(sent_to_students(workspace, people)) == []
    wrong, newcomer = people
    for problem, answer in zip(room.problems, WRONG, strict=True):
        wrong.click("problem_answer", f"{problem}:{room.activity_id}")
        wrong.send(**answer)
    assert len(attempts(room)) == len(WRONG)
    assert MARK.findall(sent_to_students(workspace, people)) == []
    workspace.later(days=8)
    newcomer.click("problem_answer", f"{room.problems[3]}:{room.activity_id}")
    assert MARK.findall(sent_to_students(workspace, people)) == []
    wrong.click("problem_answer", f"{room.problems[3]}:{room.activity_id}")
    found = set(MARK.findall(json.dumps(wrong.view).encode()))
    assert found >= {b"KEYACCEPTEDMARK", b"KEYSOLUTIONMARK"}
    assert not found & {b"KEYHINTMARK", b"KEYTAGMARK", b"KEYGRADERMARK", b"KEYHALFMARK"}


def test_two_problems_that_differ_in_their_key_alone_look_the_same(workspace: Workspace) -> None:
    twins = [
        OneChoice(
            name="Twin",
            text=words("Which?"),
            choices=tuple(Choice(words("abc"[place]), float(place == right)) for place in range(3)),
            shuffle=False,
        )
        for right in (0, 2)
    ]
    room = classroom(workspace, *twins, settings=AFTER_DUE)
    shown = []
    for problem in room.problems:
        person = Person(workspace, "U1")
        person.click("problem_answer", f"{problem}:{room.activity_id}")
        view = json.dumps(person.view)
        shown.append(re.sub(rf'(answer:|ways:|problem\\": ){problem}\b', r"\1N", view))
    assert shown[0] == shown[1]


def test_choices_come_in_ones_own_order_and_their_values_are_places_in_it(workspace: Workspace) -> None:
    room = classroom(workspace)
    orders = set()
    for user, seat in zip(("U1", "U2", "U3"), room.students, strict=True):
        person = begin(workspace, user)
        shown = next(one for _, one in elements(person.view) if "options" in one)["options"]
        assert [one["value"] for one in shown] == ["0", "1", "2", "3"]
        named = [one["text"]["text"] for one in shown]
        assert named == [choice.source for choice in room.task(seat).shown.choices]
        orders.add(tuple(named))
    assert len(orders) > 1
