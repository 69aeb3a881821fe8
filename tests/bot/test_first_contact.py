"""The first thing that somebody does: in a class of Slack's they are met, in the LMS's they are told how to link."""

from __future__ import annotations

from core.activities import channels, identities
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
