"""The program `python -m sandbox.campus`, and that it is a program apart from the tool."""

from __future__ import annotations

import ast
import json
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from sandbox.campus.__main__ import admin_token
from sandbox.campus.server import listen

ROOT = Path(__file__).parents[3]


def test_it_serves_until_it_is_told_to_stop(tmp_path):
    arguments = ["--port", "0", "--database", tmp_path / "c.sqlite3", "--students", "3", "--quirks", "moodle"]
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox.campus", *arguments, "--tool-url", "http://127.0.0.1:9/register"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout as output:
        told = json.loads(output.readline())
        headers = {"Authorization": f"Bearer {told['admin_token']}"}
        assert told["base_url"].startswith("http://localhost:")
        quirks = requests.get(f"{told['base_url']}/admin/api/quirks", headers=headers, timeout=10).json()
        assert quirks["family"] == "moodle"
        assert "http://127.0.0.1:9/register" in requests.get(f"{told['base_url']}/tools", timeout=10).text
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_the_admin_token_is_kept_in_a_file_of_ones_own(tmp_path):
    path = tmp_path / "token"
    token = admin_token(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert admin_token(path) == token
    assert admin_token(None) not in (admin_token(None), token)


@pytest.mark.parametrize("host", ["0.0.0.0", "", "192.0.2.7", "campus.example"])
def test_it_listens_to_this_machine_only(host):
    with pytest.raises(ValueError, match="this machine only"):
        listen(host, 0)


def test_it_shares_no_code_with_the_tool():
    foreign = {"core", "lti_tool", "heirloom", "bot", "migrations", "pylti1p3", "sqlalchemy"}
    found = set()
    for path in (ROOT / "sandbox" / "campus").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                found.add((node.module or "").partition(".")[0])
    assert found & foreign == set()
    assert {"flask", "jwt", "sqlite3"} <= found
