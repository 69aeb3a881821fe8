"""A teacher adds questions, a gallery or polls from inside the LMS, and changes their settings."""

from __future__ import annotations

import pytest

from core.activities import kinds
from core.store.tables import Activity, ResourceLink
from lti_tool.sessions import SHARED_AT
from tests.lms import INSTRUCTOR, LEARNER
from tests.tool import Tool

DATABASES = ("sqlite",)
KINDS = sorted(kinds.SHARED)


def make(tool: Tool, kind: str, **form: str) -> tuple[Activity, str]:
    """An activity made by the first launch of an empty link; gives it and its teacher's token."""
    teacher = tool.session(roles=INSTRUCTOR)
    answer = tool.send("POST", f"/p/p1/teach/new/{kind}", teacher["token"], {"title": "Ours", **form})
    assert answer.status_code == 200, answer.text
    made = tool.one(Activity)
    assert f"/p/p1/{SHARED_AT[kind]}/{made.public_id}" in answer.headers["HX-Location"]
    return made, teacher["token"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_wizard_offers_every_kind_and_makes_it(tool: Tool, kind: str) -> None:
    teacher = tool.session(roles=INSTRUCTOR)
    wizard = tool.get("/p/p1/teach/new", teacher["token"]).text
    assert f'href="/p/p1/teach/new/{kind}"' in wizard
    form = tool.get(f"/p/p1/teach/new/{kind}", teacher["token"]).text
    assert f'name="{kinds.SHARED[kind].fields[-1].name}"' in form
    made, _ = make(tool, kind, anonymity="named", points="12")
    assert (made.kind, made.title, made.settings["anonymity"], made.settings["points"]) == (kind, "Ours", "named", 12.0)
    assert tool.one(ResourceLink).activity_id == made.id


@pytest.mark.parametrize("kind", KINDS)
def test_everybody_starts_on_the_same_page(tool: Tool, kind: str) -> None:
    made, _ = make(tool, kind)
    address = f"/p/p1/{SHARED_AT[kind]}/{made.public_id}"
    for roles in (INSTRUCTOR, LEARNER):
        launched = tool.session(roles=roles)
        assert launched["start"] == address
        page = tool.get(address, launched["token"])
        assert page.status_code == 200, page.text
        assert page.headers["Content-Language"] == "en"


@pytest.mark.parametrize("kind", KINDS)
def test_settings_are_kept_and_wrong_ones_name_their_field(tool: Tool, kind: str) -> None:
    made, token = make(tool, kind)
    path = f"/p/p1/teach/{made.public_id}/{kind}/settings"
    assert tool.get(path, token).status_code == 200
    saved = tool.send("POST", path, token, {"title": "Renamed", "hold_at": "5", "has_inherit": "1"})
    assert "Saved." in saved.text
    now = tool.one(Activity)
    assert (now.title, now.settings["hold_at"], now.settings["inherit"]) == ("Renamed", 5, False)
    refused = tool.send("POST", path, token, {"hold_at": "0"})
    assert refused.status_code == 422
    assert "Reports that hide a text: write a whole number from 1 to 50." in refused.text
    other = next(one for one in KINDS if one != kind)
    assert tool.get(f"/p/p1/teach/{made.public_id}/{other}/settings", token).status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_students_neither_make_nor_change_nor_see_the_class(tool: Tool, kind: str) -> None:
    made, _ = make(tool, kind)
    token = tool.session(roles=LEARNER)["token"]
    for method, path in (
        ("GET", f"/p/p1/teach/new/{kind}"),
        ("POST", f"/p/p1/teach/pick/{kind}"),
        ("GET", f"/p/p1/teach/{made.public_id}/{kind}/settings"),
        ("POST", f"/p/p1/teach/{made.public_id}/{kind}/settings"),
        ("GET", f"/p/p1/teach/{made.public_id}/{kind}/credit"),
    ):
        assert tool.send(method, path, token, {"title": "Mine"} if method == "POST" else None).status_code == 403
    assert tool.one(Activity).title == "Ours"


@pytest.mark.parametrize("kind", KINDS)
def test_the_class_page_shows_the_rule_and_every_student(tool: Tool, kind: str) -> None:
    part = next(field for field in kinds.SHARED[kind].fields if field.name == "credit").parts[0]  # type: ignore[union-attr]
    made, token = make(tool, kind, points="10", **{f"credit_{part.name}": "3"})
    path = f"/p/p1/teach/{made.public_id}/{kind}/credit"
    tool.session(roles=LEARNER, sub="learner", name="Ada")
    page = tool.get(path, token).text
    assert f"{part.label}: 3" in page
    assert "Ada" in page
    assert "0 of 3" in page


def test_where_names_are_hidden_the_class_page_shows_no_counts(tool: Tool) -> None:
    made, token = make(tool, "questions", points="10", credit_question="3", anonymity="anonymous")
    tool.session(roles=LEARNER, sub="learner", name="Ada")
    page = tool.get(f"/p/p1/teach/{made.public_id}/questions/credit", token).text
    assert "0 of 3" not in page
    assert "Names are hidden here" in page


def test_the_access_log_does_not_tell_whose_request_it_was(tool: Tool, caplog: pytest.LogCaptureFixture) -> None:
    made, token = make(tool, "questions", anonymity="anonymous")
    with caplog.at_level("INFO", logger="heirloom.access"):
        tool.get(f"/p/p1/questions/{made.public_id}", token)
        tool.get("/p/p1/probe/anyone", token)
    fields = {record.fields["path"]: record.fields for record in caplog.records if hasattr(record, "fields")}  # type: ignore[attr-defined]
    assert "session" not in fields[f"/p/p1/questions/{made.public_id}"]
    assert "session" in fields["/p/p1/probe/anyone"]
