"""Registered tools and their deployments."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.campus.vocabulary import SCOPES


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolDetails:
    """What a tool says about itself, or an administrator about it."""

    name: str
    login_url: str
    redirect_uris: Sequence[str]
    jwks_url: str
    target_link_uri: str
    deep_link_uri: str = ""
    """Where deep linking is launched; `target_link_uri` when empty."""
    description: str = ""
    custom: Mapping[str, str] = field(default_factory=dict)
    scopes: Sequence[str] = SCOPES
    shares_names: bool = True
    shares_emails: bool = True
    login_method: Literal["GET", "POST"] = "POST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool(ToolDetails):
    """A registered tool."""

    id: int
    client_id: str
    status: Literal["pending", "active"]

    @property
    def active(self) -> bool:
        return self.status == "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A tool as it is available: everywhere, or in one course. Its id is what the deployment_id claim says."""

    id: int
    tool_id: int
    label: str
    course_id: int | None

    def reaches(self, course_id: int) -> bool:
        return self.course_id is None or self.course_id == course_id


def _columns(details: ToolDetails) -> dict[str, Any]:
    return {
        "name": details.name,
        "description": details.description,
        "login_url": details.login_url,
        "login_method": details.login_method,
        "redirect_uris": json.dumps(list(details.redirect_uris)),
        "jwks_url": details.jwks_url,
        "target_link_uri": details.target_link_uri,
        "deep_link_uri": details.deep_link_uri,
        "custom": json.dumps(dict(details.custom)),
        "scopes": json.dumps(list(details.scopes)),
        "shares_names": details.shares_names,
        "shares_emails": details.shares_emails,
    }


def _tool(row: sqlite3.Row) -> Tool:
    return Tool(
        id=row["id"],
        client_id=row["client_id"],
        status=row["status"],
        name=row["name"],
        description=row["description"],
        login_url=row["login_url"],
        login_method=row["login_method"],
        redirect_uris=tuple(json.loads(row["redirect_uris"])),
        jwks_url=row["jwks_url"],
        target_link_uri=row["target_link_uri"],
        deep_link_uri=row["deep_link_uri"],
        custom=json.loads(row["custom"]),
        scopes=tuple(json.loads(row["scopes"])),
        shares_names=bool(row["shares_names"]),
        shares_emails=bool(row["shares_emails"]),
    )


def _deployment(row: sqlite3.Row) -> Deployment:
    return Deployment(id=row["id"], tool_id=row["tool_id"], label=row["label"], course_id=row["course_id"])


def add(db: sqlite3.Connection, details: ToolDetails, *, active: bool) -> tuple[Tool, Deployment]:
    """Register a tool under a new client id, with one deployment that is available in every course."""
    columns = {
        "client_id": secrets.token_urlsafe(12),
        "status": "active" if active else "pending",
        **_columns(details),
    }
    names = ", ".join(columns)
    marks = ", ".join(f":{name}" for name in columns)
    tool_id = db.execute(f"INSERT INTO tool ({names}) VALUES ({marks})", columns).lastrowid
    assert tool_id is not None
    deployment = deploy(db, tool_id, label=details.name, course_id=None)
    tool = find(db, tool_id)
    assert tool is not None
    return tool, deployment


def change(db: sqlite3.Connection, tool_id: int, details: ToolDetails) -> None:
    columns = _columns(details)
    assignments = ", ".join(f"{name} = :{name}" for name in columns)
    db.execute(f"UPDATE tool SET {assignments} WHERE id = :id", {**columns, "id": tool_id})


def activate(db: sqlite3.Connection, tool_id: int) -> None:
    db.execute("UPDATE tool SET status = 'active' WHERE id = ?", (tool_id,))


def deploy(db: sqlite3.Connection, tool_id: int, *, label: str, course_id: int | None) -> Deployment:
    row = db.execute(
        "INSERT INTO deployment (tool_id, label, course_id) VALUES (?, ?, ?) RETURNING *", (tool_id, label, course_id)
    ).fetchone()
    return _deployment(row)


def find(db: sqlite3.Connection, tool_id: int) -> Tool | None:
    row = db.execute("SELECT * FROM tool WHERE id = ?", (tool_id,)).fetchone()
    return None if row is None else _tool(row)


def by_client_id(db: sqlite3.Connection, client_id: str) -> Tool | None:
    row = db.execute("SELECT * FROM tool WHERE client_id = ?", (client_id,)).fetchone()
    return None if row is None else _tool(row)


def every(db: sqlite3.Connection) -> list[Tool]:
    return [_tool(row) for row in db.execute("SELECT * FROM tool ORDER BY id")]


def deployments(db: sqlite3.Connection, tool_id: int) -> list[Deployment]:
    rows = db.execute("SELECT * FROM deployment WHERE tool_id = ? ORDER BY id", (tool_id,))
    return [_deployment(row) for row in rows]


def deployment_with_tool(db: sqlite3.Connection, deployment_id: int) -> tuple[Deployment, Tool] | None:
    row = db.execute("SELECT * FROM deployment WHERE id = ?", (deployment_id,)).fetchone()
    if row is None:
        return None
    tool = find(db, row["tool_id"])
    assert tool is not None
    return _deployment(row), tool


def available_in(db: sqlite3.Connection, course_id: int) -> list[tuple[Deployment, Tool]]:
    """Deployments of active tools that a teacher of the course can choose from."""
    rows = db.execute(
        "SELECT deployment.* FROM deployment JOIN tool ON tool.id = deployment.tool_id"
        " WHERE tool.status = 'active' AND (deployment.course_id IS NULL OR deployment.course_id = ?)"
        " ORDER BY deployment.id",
        (course_id,),
    ).fetchall()
    found = (deployment_with_tool(db, row["id"]) for row in rows)
    return [pair for pair in found if pair is not None]
