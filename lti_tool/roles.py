"""Rights from LTI roles: one table, one function (LTI Core 1.3, appendix A).

Only context roles give rights in a course; institution and system roles (also the deprecated
`.../lis/v2/person#Administrator`) give none. A sub-role `membership/<principal>#<sub-role>` has the rights of its
principal role: `membership/Learner#Instructor` is a learner.
"""

from __future__ import annotations

from collections.abc import Iterable

TEACHER, STUDENT, OBSERVER, PARTICIPANT = "teacher", "student", "observer", "participant"

# Principal context role -> what it may do here. A participant works as a student when nothing else is known of the
# person.
CONTEXT_ROLES = {
    "Administrator": TEACHER,  # of this course
    "Instructor": TEACHER,
    "Learner": STUDENT,
    "Mentor": OBSERVER,  # a parent or adviser: looks, changes nothing, sees nobody's data
    "ContentDeveloper": PARTICIPANT,
    "Manager": PARTICIPANT,
    "Member": PARTICIPANT,
    "Officer": PARTICIPANT,
}
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"  # section A.2.4

_MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
_OLD_URN = "urn:lti:role:ims/lis/"


def principal(role: str) -> str | None:
    """The principal context role of a role value; None where it is no context role that we know."""
    if role.startswith(_MEMBERSHIP + "#"):
        name = role.removeprefix(_MEMBERSHIP + "#")
    elif role.startswith(_MEMBERSHIP + "/"):
        name = role.removeprefix(_MEMBERSHIP + "/").partition("#")[0]
    elif role.startswith(_OLD_URN):
        name = role.removeprefix(_OLD_URN).partition("/")[0]
    else:
        name = role  # "Instructor": a short name, deprecated and still certified
    return name if name in CONTEXT_ROLES else None


def effective(roles: Iterable[str]) -> str:
    """'teacher', 'student' or 'observer': the strongest right that the context roles give; without any, a student."""
    rights = {CONTEXT_ROLES[name] for name in map(principal, roles) if name is not None}
    for right in (TEACHER, STUDENT, OBSERVER):
        if right in rights:
            return right
    return STUDENT


def is_test_user(roles: Iterable[str]) -> bool:
    """Whether the platform marks the person as a test user: works like any, never counted or graded."""
    return TEST_USER in roles
