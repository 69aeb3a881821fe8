"""What a copied course keeps, and what is new in it."""

from __future__ import annotations

import pytest

from sandbox.campus.vocabulary import AGS_ENDPOINT_CLAIM, CLAIM

FIRST_TEACHER, FIRST_LEARNER = 101, 105
CUSTOM = {
    "activity": "a-1",
    "courses": "$Context.id.history",
    "links": "$ResourceLink.id.history",
}


@pytest.fixture
def original(tool):
    link = tool.place(custom=CUSTOM)
    tool.post_score(tool.line_item_of(link))
    return link


def copied(tool, course_id=11, **body):
    course = tool.admin("POST", f"/courses/{course_id}/copy", body)
    return course, tool.admin("GET", f"/courses/{course['id']}/links")


def test_ids_are_new_and_custom_parameters_tag_and_resource_id_survive(tool, original):
    course, (link,) = copied(tool)
    assert course["id"] != "11"
    assert course["title"] == "Introduction to statistics copy 1"
    assert link["id"] != original["id"]
    assert link["custom"] == CUSTOM
    claims = tool.launch(link)
    assert claims[CLAIM + "context"]["id"] == course["id"]
    assert claims[CLAIM + "custom"] == {"activity": "a-1", "courses": "11", "links": original["id"]}
    (column,) = tool.admin("GET", f"/courses/{course['id']}/gradebook")["line_items"]
    assert (column["resource_id"], column["tag"], column["link_id"]) == ("ps-1", "t-1", link["id"])
    assert claims[AGS_ENDPOINT_CLAIM]["lineitem"].endswith(f"/line_items/{column['id']}?deployment_id=1")


def test_history_goes_back_to_the_first_course(tool, original):
    course, (link,) = copied(tool)
    newest, (newest_link,) = copied(tool, course["id"])
    custom = tool.launch(newest_link)[CLAIM + "custom"]
    assert custom["courses"] == f"{course['id']},11"
    assert custom["links"] == f"{link['id']},{original['id']}"
    assert newest["title"].endswith("copy 1 copy 1")


def test_no_grade_is_copied_and_the_original_keeps_its_own(tool, original):
    course, (link,) = copied(tool)
    assert tool.admin.grade(course["id"], link["line_item_ids"][0], FIRST_LEARNER) is None
    assert tool.admin.grade(11, original["line_item_ids"][0], FIRST_LEARNER)["shown"] == 7


def test_the_same_people_or_new_students(tool, original):
    def people(course):
        return {member["person_id"] for member in tool.admin("GET", f"/courses/{course['id']}/members")}

    before = people({"id": "11"})
    tool.admin("PATCH", "/courses/11/members/116", {"status": "Deleted"})
    same, _ = copied(tool)
    new, _ = copied(tool, people="new")
    assert people(same) == before - {"116"}
    assert people(new) & before == {"101", "103", "104"}
    assert len(people(new)) == len(people(same))
    assert new["title"].endswith("copy 2")


def test_moodle_tells_the_old_course_but_not_the_old_link(tool, original):
    _, (link,) = copied(tool)
    tool.admin("PUT", "/quirks", {"preset": "moodle"})
    custom = tool.launch(link)[CLAIM + "custom"]
    assert custom["courses"] == "11"
    assert custom["links"] == "$ResourceLink.id.history"
