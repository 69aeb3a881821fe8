"""JSON of the admin API: reading what was asked, writing what there is."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

from flask import request

from sandbox.campus import courses, gradebook, services
from sandbox.campus.ags import read_line_item
from sandbox.campus.config import PRESETS, Quirks
from sandbox.campus.courses import Course, Member
from sandbox.campus.gradebook import Grade, LineItem, LineItemDetails
from sandbox.campus.links import DOCUMENT_TARGETS, Link, LinkDetails
from sandbox.campus.services import ServiceError
from sandbox.campus.tools import Deployment, Tool, ToolDetails
from sandbox.campus.urls import Urls, is_web_url
from sandbox.campus.values import as_number, finite_number, whole_number

Choice = TypeVar("Choice", bound=str)
Found = TypeVar("Found")
REQUIRED_OF_A_TOOL = ("name", "login_url", "redirect_uris", "jwks_url", "target_link_uri")


class Fields:
    """The members of a JSON body, each read once with its type. Every reader raises ServiceError for a wrong one."""

    def __init__(self, members: dict[str, Any]) -> None:
        self._left = dict(members)

    @classmethod
    def of_request(cls) -> Fields:
        return cls(services.json_body() if request.get_data(cache=True) else {})

    def require(self, *names: str) -> None:
        for name in names:
            if name not in self._left:
                raise ServiceError(400, f"{name} is missing.")

    def _take(self, name: str, default: Any, kinds: type | tuple[type, ...], what: str) -> Any:
        if name not in self._left:
            return default
        value = self._left.pop(name)
        # bool is an int in Python; here a flag is no number.
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
            raise ServiceError(400, f"{name} must be {what}.")
        return value

    def text(self, name: str) -> str:
        self.require(name)
        return self.text_or(name, "")

    def text_or(self, name: str, default: str) -> str:
        text: str = self._take(name, default, str, "a text")
        return text

    def flag_or(self, name: str, default: bool) -> bool:
        flag: bool = self._take(name, default, bool, "true or false")
        return flag

    def whole(self, name: str) -> int:
        """A whole number; an id may come as text, as LTI has it."""
        self.require(name)
        number = self.maybe_whole(name)
        if number is None:
            raise ServiceError(400, f"{name} must be a whole number.")
        return number

    def maybe_whole(self, name: str) -> int | None:
        value = self._take(name, None, (int, str, type(None)), "a whole number")
        number = whole_number(str(value))
        if value is not None and number is None:
            raise ServiceError(400, f"{name} must be a whole number.")
        return number

    def maybe_number(self, name: str) -> float | None:
        value = self._take(name, None, (int, float, type(None)), "a number")
        number = finite_number(value)
        if value is not None and number is None:
            raise ServiceError(400, f"{name} must be a number.")
        return number

    def texts_or(self, name: str, default: Sequence[str]) -> list[str]:
        values = list(self._take(name, list(default), list, "a list of texts"))
        if not all(isinstance(value, str) for value in values):
            raise ServiceError(400, f"{name} must be a list of texts.")
        return values

    def one_of(self, name: str, choices: Sequence[Choice], default: Choice) -> Choice:
        text = self.text_or(name, default)
        for choice in choices:
            if choice == text:
                return choice
        raise ServiceError(400, f"{name} must be one of {', '.join(choices)}.")

    def custom_or(self, name: str, default: Mapping[str, str]) -> dict[str, str]:
        custom: dict[str, str] = self._take(name, dict(default), dict, "an object")
        if not all(isinstance(value, str) for value in custom.values()):
            raise ServiceError(400, f"The values of {name} must be texts.")
        return custom

    def url_or(self, name: str, default: str) -> str:
        url = self.text_or(name, default)
        if url and not is_web_url(url):
            raise ServiceError(400, f"{name} must be an http or https address.")
        return url

    def rest(self) -> dict[str, Any]:
        """Whatever was not read yet."""
        rest, self._left = self._left, {}
        return rest

    def check_all_read(self) -> None:
        """A misspelt member is an error, not a silence."""
        if self._left:
            raise ServiceError(400, f"Unknown: {', '.join(sorted(self._left))}.")

    def tool_details(self, old: Tool | None = None) -> ToolDetails:
        """A tool by hand; with `old`, what is not named stays."""
        if old is None:
            self.require(*REQUIRED_OF_A_TOOL)
        base = old or ToolDetails(name="", login_url="", redirect_uris=(), jwks_url="", target_link_uri="")
        return ToolDetails(
            name=self.text_or("name", base.name),
            description=self.text_or("description", base.description),
            login_url=self.url_or("login_url", base.login_url),
            redirect_uris=self.texts_or("redirect_uris", base.redirect_uris),
            jwks_url=self.url_or("jwks_url", base.jwks_url),
            target_link_uri=self.url_or("target_link_uri", base.target_link_uri),
            deep_link_uri=self.url_or("deep_link_uri", base.deep_link_uri),
            custom=self.custom_or("custom", base.custom),
            scopes=self.texts_or("scopes", base.scopes),
            shares_names=self.flag_or("shares_names", base.shares_names),
            shares_emails=self.flag_or("shares_emails", base.shares_emails),
            login_method=self.one_of("login_method", ("GET", "POST"), base.login_method),
        )

    def link_details(self) -> LinkDetails:
        self.require("title", "target_link_uri")
        return LinkDetails(
            title=self.text_or("title", ""),
            target_link_uri=self.url_or("target_link_uri", ""),
            description=self.text_or("description", ""),
            custom=self.custom_or("custom", {}),
            document_target=self.one_of("document_target", DOCUMENT_TARGETS, "iframe"),
            dates=self.custom_or("dates", {}),
        )

    def line_item_details(self) -> LineItemDetails | None:
        members = self._take("line_item", None, dict, "an object")
        return None if members is None else read_line_item(members)

    def quirks(self, old: Quirks, *, whole: bool) -> Quirks:
        """A preset (`whole`), or the old quirks with changes."""
        try:
            if whole:
                preset = PRESETS[self.one_of("preset", list(PRESETS), "standard")]
                return preset.changed(self.rest())
            return old.changed(self.rest())
        except ValueError as problem:
            raise ServiceError(400, str(problem)) from problem


def found(value: Found | None, what: str) -> Found:
    """The value, if it was found. Raises ServiceError otherwise."""
    if value is None:
        raise ServiceError(404, f"There is no such {what}.")
    return value


def tool_json(tool: Tool, deployments: Sequence[Deployment], urls: Urls) -> dict[str, Any]:
    """A tool, with what it must be told about the campus."""
    return {
        **{name: value for name, value in asdict(tool).items() if name != "id"},
        "deployment_ids": [str(deployment.id) for deployment in deployments],
        "platform": {
            "issuer": urls.issuer,
            "authorization_endpoint": urls.authorization,
            "token_endpoint": urls.token,
            "jwks_uri": urls.jwks,
        },
    }


def course_json(course: Course) -> dict[str, Any]:
    return {
        "id": str(course.id),
        "label": course.label,
        "title": course.title,
        "history": [str(course_id) for course_id in course.history],
    }


def member_json(member: Member) -> dict[str, Any]:
    return {
        "person_id": str(member.person.id),
        "name": member.person.name,
        "username": member.person.username,
        "email": member.person.email,
        "locale": member.person.locale,
        "roles": list(member.roles),
        "status": member.status,
    }


def link_json(link: Link, coupled: Sequence[LineItem]) -> dict[str, Any]:
    return {
        "id": str(link.id),
        "course_id": str(link.course_id),
        "deployment_id": str(link.deployment_id),
        "title": link.title,
        "description": link.description,
        "target_link_uri": link.target_link_uri,
        "custom": dict(link.custom),
        "dates": dict(link.dates),
        "document_target": link.document_target,
        "history": [str(link_id) for link_id in link.history],
        "line_item_ids": [str(item.id) for item in coupled],
    }


def gradebook_json(db: sqlite3.Connection, course_id: int) -> dict[str, Any]:
    """Columns, and for each learner what the cells show."""
    columns = gradebook.line_items(db, course_id)
    cells = {item.id: {grade.person_id: grade for grade in gradebook.grades(db, item.id)} for item in columns}
    rows = [member for member in courses.members(db, course_id) if member.gradable]
    return {
        "line_items": [
            {
                "id": str(item.id),
                "link_id": None if item.link_id is None else str(item.link_id),
                "label": item.label,
                "maximum": as_number(item.maximum),
                "resource_id": item.resource_id,
                "tag": item.tag,
            }
            for item in columns
        ],
        "rows": [
            {
                "person_id": str(member.person.id),
                "name": member.person.name,
                "grades": {
                    str(item.id): _grade_json(cells[item.id][member.person.id])
                    for item in columns
                    if member.person.id in cells[item.id]
                },
            }
            for member in rows
        ],
    }


def _grade_json(grade: Grade) -> dict[str, Any]:
    return {
        "shown": None if grade.shown is None else as_number(grade.shown),
        "value": None if grade.value is None else as_number(grade.value),
        "comment": grade.comment,
        "activity_progress": grade.activity_progress,
        "grading_progress": grade.grading_progress,
        "scored_at": grade.scored_at,
        "received_at": grade.received_at,
        "overridden": grade.overridden,
        "overridden_at": grade.overridden_at,
    }
