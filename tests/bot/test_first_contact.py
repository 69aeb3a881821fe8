"""The first thing that somebody does: in a class of Slack's they are met, in the LMS's they are told how to link."""

from __future__ import annotations

import json

import pytest
from sqlalchemy.exc import OperationalError

from core.activities import channels, deliveries, identities
from core.store.tables import Membership
from tests.bot.slack import Workspace
from tests.core.activities.hall import Hall


def test_who_only_looks_first_is_met_too(workspace: Workspace) -> None:
    workspace.command("U9", "class Statistics")
    workspace.command("U5", "polls")
    with workspace.database.read() as session:
        ((bound, _),) = channels.of_person(session, workspace.id, "U9")
        assert identities.person_of(session, workspace.id, "U5", bound.platform_id) is not None
    assert "Something broke" not in "".join(workspace.told())


def test_who_is_not_linked_is_told_with_a_button(workspace: Workspace) -> None:
    hall = Hall(workspace.database, "poll")
    workspace.bind(hall.course_id)
    workspace.command("U5", "polls")
    said = workspace.api.of("respond")[-1]
    assert said["text"].startswith("We do not know yet who you are")
    assert said["blocks"][-1]["elements"][0]["action_id"] == "person_link"


def test_who_only_looks_on_in_the_course_only_looks_on_here(workspace: Workspace) -> None:
    hall = Hall(workspace.database, "poll")
    workspace.bind(hall.course_id, U1=hall.students[0])
    with workspace.database.write() as session:
        session.query(Membership).filter_by(person_id=hall.students[0].person_id).update({"role": "observer"})
    workspace.click("U1", "poll_vote:1", "1:1")
    assert workspace.told()[-1] == "You can look here, but not change anything."


def test_a_form_that_is_sent_while_the_database_is_away_stays_open(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("away"))

    monkeypatch.setattr(deliveries, "look", away)
    answer = workspace.submit("U1", "question_ask", {})
    said = json.loads(answer.body)
    assert (answer.status, said["response_action"]) == (200, "push")
    assert "Too much happens at once" in json.dumps(said["view"])
    answer = workspace.command("U1", "polls")
    said = json.loads(answer.body)
    assert (answer.status, said["response_type"]) == (200, "ephemeral")
    assert said["text"].startswith("Too much happens at once")
