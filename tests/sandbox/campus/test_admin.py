"""The admin API: who may use it, and what it refuses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sandbox import campus as campus_package
from sandbox.campus import CampusConfig, close_campus, create_campus
from sandbox.campus.__main__ import parser
from sandbox.campus.calls import ENDPOINTS
from sandbox.campus.faults import KINDS
from sandbox.campus.vocabulary import CLAIM

TOOL = {
    "name": "By hand",
    "login_url": "http://127.0.0.1:9/login",
    "redirect_uris": ["http://127.0.0.1:9/launch"],
    "jwks_url": "http://127.0.0.1:9/jwks",
    "target_link_uri": "http://127.0.0.1:9/launch",
}


@pytest.mark.parametrize("header", [None, "Bearer ", "Bearer wrong", "Basic {token}", "Bearer {token}x"])
def test_the_token_is_needed(campus, session, header):
    headers = {} if header is None else {"Authorization": header.format(token=campus.config.admin_token)}
    answer = session.get(f"{campus.base_url}/admin/api/tools", headers=headers, timeout=10)
    assert answer.status_code == 401
    assert answer.json()["reason"] == "Unauthorized"


def test_only_this_machine_is_answered(campus):
    client = campus.app.test_client()
    for address, status in (("127.0.0.1", 200), ("127.8.8.8", 200), ("::1", 200), ("192.0.2.7", 403)):
        answer = client.get("/admin/api/tools", headers=campus.admin_headers, environ_base={"REMOTE_ADDR": address})
        assert answer.status_code == status


def test_tokens_differ_from_start_to_start():
    configs = [CampusConfig(base_url="http://localhost:1", database_path="x") for _ in range(2)]
    assert configs[0].admin_token != configs[1].admin_token
    assert configs[0].admin_token not in repr(configs[0])


@pytest.mark.parametrize(
    "settings",
    [
        {"base_url": "http://campus.example:8101"},
        {"base_url": "http://0.0.0.0:8101"},
        {"base_url": "ftp://localhost"},
        {"base_url": "http://localhost:8101/"},
        {"admin_token": ""},
        {"students": 0},
    ],
)
def test_a_campus_stays_on_this_machine(settings):
    with pytest.raises(ValueError, match=r".+"):
        CampusConfig(**{"base_url": "http://localhost:1", "database_path": "x", **settings})


@pytest.mark.parametrize("missing", ["name", "login_url", "redirect_uris", "jwks_url", "target_link_uri"])
def test_a_tool_needs_its_addresses(admin, missing):
    body = {name: value for name, value in TOOL.items() if name != missing}
    assert missing in admin("POST", "/tools", body, status=400)["reason"]


@pytest.mark.parametrize(
    "changes",
    [
        {"login_url": "javascript:alert(1)"},
        {"redirect_uris": "http://127.0.0.1:9/launch"},
        {"redirect_uris": [5]},
        {"shares_names": "yes"},
        {"login_method": "PUT"},
        {"custom": {"a": 1}},
        {"misspelt": 1},
    ],
)
def test_wrong_or_misspelt_members_are_refused(admin, changes):
    admin("POST", "/tools", {**TOOL, **changes}, status=400)
    assert admin("GET", "/tools") == []


def test_a_tool_can_be_changed_in_part(admin):
    client_id = admin("POST", "/tools", TOOL)["client_id"]
    changed = admin("PATCH", f"/tools/{client_id}", {"shares_names": False, "custom": {"a": "b"}})
    assert (changed["shares_names"], changed["custom"], changed["name"]) == (False, {"a": "b"}, "By hand")
    admin("PATCH", "/tools/nobody", {"shares_names": False}, status=404)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/courses/999/links", None, 404),
        ("GET", "/courses/999/gradebook", None, 404),
        ("POST", "/courses/999/copy", {}, 404),
        ("POST", "/courses/11/copy", {"people": "nobody"}, 400),
        ("POST", "/courses/11/links", {"title": "x"}, 400),
        ("POST", "/courses/11/links", {"title": "x", "target_link_uri": "http://a/", "deployment_id": 9}, 404),
        ("DELETE", "/links/999", None, 404),
        ("PATCH", "/courses/11/members/999", {"status": "Active"}, 404),
        ("PATCH", "/courses/11/members/105", {"status": "Gone"}, 400),
        ("PATCH", "/courses/11/members/105", {"roles": "Learner"}, 400),
        ("POST", "/courses/11/members", {"person_id": 999}, 404),
        ("POST", "/links/999/launch", {"person_id": 105}, 404),
        ("POST", "/links/999/launch", {}, 400),
        ("POST", "/courses/11/deep_linking", {"person_id": 999, "deployment_id": 1}, 404),
        ("POST", "/courses/11/deep_linking", {"person_id": 101, "deployment_id": 9}, 409),
        ("POST", "/people/999/sign_out", None, 404),
        ("PUT", "/line_items/999/grades/105", {"value": 1}, 404),
        ("PUT", "/clock", {"offset_seconds": "late"}, 400),
        ("PUT", "/clock", {"offset_seconds": 10**400}, 400),
        ("GET", f"/courses/{'9' * 30}/links", None, 404),
        ("POST", "/links/201/launch", {"person_id": "9" * 30}, 400),
        ("PATCH", "/quirks", {"made_up": True}, 400),
        ("PATCH", "/quirks", {"page_size": "ten"}, 400),
        ("PATCH", "/quirks", {"page_size": -1}, 400),
        ("PATCH", "/quirks", {"stale_scores": "never"}, 400),
        ("PATCH", "/quirks", {"not_gradable_status": 200}, 400),
        ("PUT", "/quirks", {"preset": "blackboard"}, 400),
        ("POST", "/tools", [], 400),
        ("GET", "/nothing", None, 404),
        ("DELETE", "/tools", None, 405),
    ],
)
def test_refusals_are_json_with_a_reason(admin, method, path, body, status):
    assert admin(method, path, body, status=status)["reason"]


def test_the_clock_can_be_set_forward_and_stays_so(tool, clock):
    moved = tool.admin("PUT", "/clock", {"offset_seconds": 90})
    assert moved["now"] == "2026-11-21T12:01:30+00:00"
    fields = tool.form_of(tool.authorize(tool.request_of(tool.initiate(tool.place()))))["fields"]
    with pytest.raises(AssertionError):
        tool.verified(fields["id_token"])
    clock.forward(seconds=90)
    assert tool.verified(fields["id_token"])["sub"] == "105"


def test_a_persons_language_reaches_the_launch(tool):
    changed = tool.admin("PATCH", "/courses/11/members/105", {"locale": "de"})
    assert changed["locale"] == "de"
    assert tool.launch(tool.place())[CLAIM + "launch_presentation"]["locale"] == "de"


def test_quirks_are_those_of_the_start_again_after_a_restart(tmp_path, clock):
    config = CampusConfig(base_url="http://localhost:1", database_path=tmp_path / "c.sqlite3", students=1)
    for _ in range(2):
        app = create_campus(config, clock)
        client = app.test_client()
        headers = {"Authorization": f"Bearer {config.admin_token}"}
        assert client.get("/admin/api/quirks", headers=headers).json["page_size"] == 0
        assert client.patch("/admin/api/quirks", headers=headers, json={"page_size": 3}).json["page_size"] == 3
        assert client.get("/admin/api/quirks", headers=headers).json["page_size"] == 3
        close_campus(app)


def test_the_readme_lists_every_call_option_and_fault(campus):
    text = (Path(campus_package.__file__).parent / "README.md").read_text(encoding="utf-8")
    calls = {
        f"{method} {rule.rule.removeprefix('/admin/api').replace('<int:', '<')}"
        for rule in campus.app.url_map.iter_rules()
        if rule.rule.startswith("/admin/api")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert set(re.findall(r"^\| `([A-Z]+ /\S+)`", text, re.MULTILINE)) == calls
    options = {name for action in parser()._actions for name in action.option_strings if name.startswith("--")}
    assert set(re.findall(r"^\| `(--\S+)`", text, re.MULTILINE)) == options - {"--help"}
    assert all(f"`{word}`" in text for word in (*KINDS, *ENDPOINTS))
