"""Channels are tied to courses, Slack accounts to people, by codes of either side; rights are the LMS's."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from core.activities import channels, identities, slack_codes
from core.activities.refusals import Refusal
from core.activities.seats import Seat
from core.activities.slack_codes import Place
from core.store.tables import Membership, Person, SlackIdentity
from tests.bot.slack import CHANNEL, TEACHER, Workspace
from tests.core.activities.hall import Hall
from tests.core.activities.test_people import together

CODE = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}")


@pytest.fixture
def hall(workspace: Workspace) -> Hall:
    return Hall(workspace.database, "poll")


def code_in(told: list[str]) -> str:
    found = CODE.search(told[-1])
    assert found
    return found.group()


def test_a_code_of_the_lms_binds_the_channel_where_it_is_typed(workspace: Workspace, hall: Hall) -> None:
    with workspace.database.write() as session:
        code = slack_codes.show_in_lms(session, hall.teacher, "channel", now=workspace.now)
    answer = workspace.command("U1", f"connect {code.lower()}")
    assert answer.status == 200
    assert workspace.told() == ["This channel belongs to “” now. Begin with “/heirloom poll”."]
    with workspace.database.read() as session:
        bound = channels.find(session, workspace.id, CHANNEL)
    assert bound is not None
    assert (bound.course_id, bound.has_lms, bound.name) == (hall.course_id, True, "class")
    workspace.command("U1", f"connect {code}")
    assert "not known" in workspace.told()[-1]


def test_a_code_of_slack_binds_its_channel_when_a_teacher_types_it(workspace: Workspace, hall: Hall) -> None:
    workspace.command("U1", "connect")
    code = code_in(workspace.told())
    with pytest.raises(Refusal), workspace.database.write() as session:
        slack_codes.take_in_lms(session, hall.students[0], code, language="en", zone="UTC", now=workspace.now)
    with workspace.database.write() as session:
        bound = slack_codes.take_in_lms(session, hall.teacher, code, language="de", zone="UTC", now=workspace.now)
    assert bound is not None
    assert (bound.course_id, bound.channel_id, bound.language) == (hall.course_id, CHANNEL, "de")


def test_who_links_is_the_same_person_with_the_role_of_the_lms(workspace: Workspace, hall: Hall) -> None:
    bound = workspace.bind(hall.course_id)
    workspace.click("U1", "person_link")
    code = code_in(workspace.told())
    student = hall.students[0]
    with workspace.database.write() as session:
        slack_codes.take_in_lms(session, student, code, language="en", zone="UTC", now=workspace.now)

    def seat() -> Seat | None:
        with workspace.database.write() as session:
            return identities.seat(
                session, workspace.id, "U1", platform_id=bound.platform_id, course_id=bound.course_id,
                has_lms=bound.has_lms, now=workspace.now,
            )  # fmt: skip

    assert seat() == student
    hall.join("s0", "teacher")
    assert seat() == Seat(student.platform_id, student.course_id, student.person_id, "teacher")
    with workspace.database.write() as session:
        session.query(Membership).filter_by(person_id=student.person_id).update({"status": "deleted"})
    assert seat() is None


def test_an_old_code_or_a_guess_opens_nothing_and_guessing_ends(workspace: Workspace, hall: Hall) -> None:
    with workspace.database.write() as session:
        code = slack_codes.show_in_lms(session, hall.students[0], "person", now=workspace.now)
    workspace.later(minutes=11)
    workspace.command("U1", f"link {code}")
    assert "not known" in workspace.told()[-1]
    for _ in range(slack_codes.MOST_WRONG):
        workspace.command("U1", "link AAAA-AAAA")
    assert workspace.told()[-1].startswith("Too many wrong codes.")
    with workspace.database.write() as session:
        good = slack_codes.show_in_lms(session, hall.students[0], "person", now=workspace.now)
    workspace.command("U1", f"link {good}")
    assert workspace.told()[-1].startswith("Too many wrong codes.")
    workspace.later(minutes=61)
    with workspace.database.write() as session:
        good = slack_codes.show_in_lms(session, hall.students[0], "person", now=workspace.now)
    workspace.command("U1", f"link {good}")
    assert workspace.told()[-1].startswith("Linked.")


def test_a_slack_account_is_one_person_and_a_person_one_account(workspace: Workspace, hall: Hall) -> None:
    one, other = hall.students[:2]
    workspace.bind(hall.course_id, U1=one)
    for seat, user in ((other, "U1"), (one, "U2")):
        with workspace.database.write() as session:
            code = slack_codes.show_in_lms(session, seat, "person", now=workspace.now)
        with pytest.raises(Refusal), workspace.database.write() as session:
            slack_codes.take_in_slack(session, Place(workspace.id, user), code, now=workspace.now)
    with workspace.database.write() as session:
        identities.unlink(session, one, workspace.id)
        code = slack_codes.show_in_lms(session, other, "person", now=workspace.now)
        slack_codes.take_in_slack(session, Place(workspace.id, "U1"), code, now=workspace.now)
        assert identities.person_of(session, workspace.id, "U1", hall.platform_id) == other.person_id


def test_a_class_made_in_slack_has_seats_for_all_and_its_maker_teaches(workspace: Workspace) -> None:
    workspace.command("U9", "class Statistics")
    with workspace.database.write() as session:
        bound = channels.find(session, workspace.id, CHANNEL)
        assert bound is not None
        assert (bound.course_title, bound.has_lms) == ("Statistics", False)
        roles = [
            identities.seat(
                session, workspace.id, user, platform_id=bound.platform_id, course_id=bound.course_id, has_lms=False,
                now=workspace.now,
            ).role
            for user in ("U9", "U1", "U1")
        ]  # fmt: skip
        assert roles == ["teacher", "student", "student"]
        assert session.scalar(select(func.count()).select_from(SlackIdentity)) == 2
    workspace.command("U1", "class Another")
    assert workspace.told()[-1].startswith("A class works in this channel already.")


def test_rights_of_a_slack_class_end_where_the_lms_begins(workspace: Workspace, hall: Hall) -> None:
    workspace.command("U9", "class Statistics")
    with workspace.database.write() as session:
        before = channels.find(session, workspace.id, CHANNEL)
        assert before is not None
        bound = channels.bind(
            session, workspace.id, CHANNEL, course_id=hall.course_id, bound_by=hall.teacher.person_id, language="en",
            zone="UTC", now=workspace.now,
        )  # fmt: skip
        seat = identities.seat(
            session, workspace.id, "U9", platform_id=bound.platform_id, course_id=bound.course_id, has_lms=True,
            now=workspace.now,
        )  # fmt: skip
        assert seat is None
        moved = session.scalars(select(Person).where(Person.subject.startswith("slack:"))).one()
        assert moved.platform_id == hall.platform_id


def test_a_class_of_slack_is_taken_to_a_course_by_its_own_teacher_alone(workspace: Workspace, hall: Hall) -> None:
    workspace.command("U9", "class Statistics")
    workspace.command("U1", "connect")  # a student of it, who teaches elsewhere
    code = code_in(workspace.told())
    with pytest.raises(Refusal), workspace.database.write() as session:
        slack_codes.take_in_lms(session, hall.teacher, code, language="en", zone="UTC", now=workspace.now)
    with workspace.database.write() as session:
        other = slack_codes.show_in_lms(session, hall.teacher, "channel", now=workspace.now)
    workspace.command("U1", f"connect {other}")
    assert workspace.told()[-1].startswith("A class works in this channel. Only whoever teaches it")
    with workspace.database.read() as session:
        bound = channels.find(session, workspace.id, CHANNEL)
    assert bound is not None
    assert not bound.has_lms
    workspace.command("U9", f"connect {other}")
    with workspace.database.read() as session:
        bound = channels.find(session, workspace.id, CHANNEL)
    assert bound is not None
    assert bound.course_id == hall.course_id


def test_who_archives_a_channel_does_not_get_its_class(workspace: Workspace) -> None:
    workspace.command("U9", "class Statistics")
    workspace.event({"type": "channel_archive", "channel": CHANNEL})
    workspace.command("U1", "class Mine")
    assert workspace.told()[-1].startswith("A class works in this channel already.")
    workspace.event({"type": "channel_deleted", "channel": CHANNEL})
    workspace.command("U1", "class Mine")
    assert workspace.told()[-1].startswith("A class worked in this channel before.")
    workspace.command("U9", "class Statistics")
    assert workspace.told()[-1].startswith("This channel is a class now")


def test_who_was_linked_can_make_a_class_in_the_same_channel_again(workspace: Workspace, hall: Hall) -> None:
    workspace.command("U9", "class Statistics")
    with workspace.database.write() as session:
        code = slack_codes.show_in_lms(session, hall.teacher, "person", now=workspace.now)
    workspace.command("U9", f"link {code}")
    with workspace.database.write() as session:
        code = slack_codes.show_in_lms(session, hall.teacher, "channel", now=workspace.now)
    workspace.command("U9", f"connect {code}")
    with workspace.database.write() as session:
        bound = channels.find(session, workspace.id, CHANNEL)
        assert bound is not None
        channels.release(session, hall.teacher, bound.id, now=workspace.now)
    workspace.command("U9", "class Statistics")
    assert workspace.told()[-1].startswith("This channel is a class now")
    workspace.command("U9", "connect")
    assert CODE.search(workspace.told()[-1])


def ghosts(workspace: Workspace, platform_id: int) -> int:
    """People and links that were left behind in the platform of a class of Slack's."""
    with workspace.database.read() as session:
        people = session.scalars(
            select(Person.subject).where(Person.platform_id == platform_id, Person.suspended_at.is_(None))
        ).all()
        links = session.scalars(select(SlackIdentity.user_id).where(SlackIdentity.platform_id == platform_id)).all()
    return len(people) + len(links)


def test_who_is_met_in_the_moment_in_which_the_class_moves_leaves_nobody_behind(
    workspace: Workspace, hall: Hall
) -> None:
    workspace.command(TEACHER, "class Statistics")
    with workspace.database.read() as session:
        before = channels.find(session, workspace.id, CHANNEL)
    assert before is not None
    workspace.bind(hall.course_id)
    with workspace.database.write() as session:  # it was a class of Slack's when this click was read
        found = identities.seat(
            session, workspace.id, "U5", platform_id=before.platform_id, course_id=before.course_id,
            has_lms=before.has_lms, now=workspace.now,
        )  # fmt: skip
    assert found is None
    assert ghosts(workspace, before.platform_id) == 0


def test_a_class_that_clicks_for_the_first_time_while_it_is_tied_to_the_lms_is_whole_there(
    workspace: Workspace, hall: Hall
) -> None:
    workspace.command(TEACHER, "class Statistics")
    with workspace.database.read() as session:
        before = channels.find(session, workspace.id, CHANNEL)
    assert before is not None
    users = [f"U{number}" for number in range(20, 28)]

    def act(place: int) -> object:
        if place == len(users):
            return workspace.bind(hall.course_id)
        with workspace.database.write() as session:
            return identities.seat(
                session, workspace.id, users[place], platform_id=before.platform_id, course_id=before.course_id,
                has_lms=False, now=workspace.now,
            )  # fmt: skip

    met = together(len(users) + 1, act)
    assert ghosts(workspace, before.platform_id) == 0
    with workspace.database.read() as session:
        there = {user for user in users if identities.person_of(session, workspace.id, user, hall.teacher.platform_id)}
    assert there == {user for user, found in zip(users, met, strict=False) if found is not None}
