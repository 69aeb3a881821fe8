"""The workspace that a small Slack starts with: a teacher, students and two channels."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.slack.state import Channel, Enterprise, Slack, Team, User

LOCALES = ("en-US", "en-US", "en-GB", "de-DE")
"""Languages that members have set, over and over."""
MOST_STUDENTS = 5000


@dataclass(frozen=True, slots=True)
class Seeded:
    """What there is at the start. `course` is public and everybody is in it; `staff` is private."""

    team: Team
    teacher: User
    students: tuple[User, ...]
    general: Channel
    course: Channel
    staff: Channel


def seed(slack: Slack, *, students: int = 20, name: str = "Demonstration", in_organisation: bool = False) -> Seeded:
    """Fill an empty Slack. People have roles for names: they are nobody."""
    if not 1 <= students <= MOST_STUDENTS:
        raise ValueError(f"Between 1 and {MOST_STUDENTS} students, not {students}.")
    with slack.lock:
        enterprise = Enterprise("E0DEMONSTRA", "Demonstration organisation") if in_organisation else None
        team = slack.add_team(name, "demonstration", enterprise=enterprise)
        teacher = slack.add_user(team.id, "teacher", "Teacher", email="teacher@campus.invalid", display_name="Teacher")
        owner = slack.add_user(
            team.id, "admin", "Workspace admin", email="admin@campus.invalid", is_admin=True, is_owner=True
        )
        learners = tuple(_student(slack, team, number, students) for number in range(1, students + 1))
        everybody = tuple(person.id for person in (teacher, *learners))
        general = slack.add_channel(team.id, "general", creator=owner.id, members=everybody, is_general=True)
        course = slack.add_channel(team.id, "course", creator=teacher.id, members=everybody, purpose="The course")
        staff = slack.add_channel(team.id, "staff", creator=teacher.id, kind="private", members=(owner.id,))
        return Seeded(team, teacher, learners, general, course, staff)


def _student(slack: Slack, team: Team, number: int, of: int) -> User:
    width = max(2, len(str(of)))
    label = f"{number:0{width}d}"
    return slack.add_user(
        team.id,
        f"learner-{label}",
        f"Learner {label}",
        display_name=f"Learner {label}",
        email=f"learner-{label}@campus.invalid",
        locale=LOCALES[number % len(LOCALES)],
    )
