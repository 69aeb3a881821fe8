"""A browser without a window: launches through the campus by the real protocol, then asks for pages as the page's
script does.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import urllib3

_FORM = re.compile(r'<form[^>]*action="([^"]*)"', re.IGNORECASE)
_INPUT = re.compile(r"<input[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r'(name|value)="([^"]*)"', re.IGNORECASE)
REDIRECTS = {301, 302, 303, 307, 308}


class Stopped(Exception):
    """The way did not lead where it should; the text says at which step, with the answer's status."""


@dataclass
class Answer:
    """What came back."""

    status: int
    text: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Form:
    """What a page submits by itself: where to, the fields, and the page's own address."""

    address: str
    fields: Mapping[str, str]
    page: str


@dataclass
class Visitor:
    """One person's browser. Keep one `pool` for many visitors, so that connections are shared."""

    pool: urllib3.PoolManager
    cookies: dict[tuple[str, str], str] = field(default_factory=dict)  # (origin, name): value
    base: str = ""  # the tool's origin and "/p/<platform>", once launched
    token: str = ""
    start: str = ""

    def launch(self, campus_url: str, admin_token: str, person_id: int, link_id: int) -> Answer:
        """Open a link as a person of the campus; gives the session's answer."""
        return self._begin(campus_url, admin_token, f"/links/{link_id}/launch", {"person_id": person_id})

    def pick(self, campus_url: str, admin_token: str, person_id: int, course_id: int, deployment_id: int) -> Answer:
        """Open the tool's picker (deep linking) as a teacher of a course; gives the session's answer."""
        body = {"person_id": person_id, "deployment_id": deployment_id}
        return self._begin(campus_url, admin_token, f"/courses/{course_id}/deep_linking", body)

    def _begin(self, campus_url: str, admin_token: str, path: str, body: Mapping[str, int]) -> Answer:
        asked = self._send(
            "POST",
            f"{campus_url}/admin/api{path}",
            json.dumps(body).encode(),
            {"Authorization": f"Bearer {admin_token}", "Content-Type": "application/json"},
        )
        if asked.status >= 400:
            raise Stopped(f"the campus began no launch: {asked.status} {asked.text[:200]}")
        begin = json.loads(asked.text)
        where = begin["url"]
        if begin["method"] == "POST":
            answer = self.submit(Form(where, begin["parameters"], campus_url))
        else:
            where = f"{where}?{urlencode(begin['parameters'])}"
            answer = self._send("GET", where)
        return self.enter(self._message(answer, where))

    def visit(self, address: str) -> Form:
        """Begin a launch at any platform's address, up to the page that carries the signed message to the tool."""
        return self._message(self._send("GET", address), address)

    def _message(self, answer: Answer, where: str) -> Form:
        for _step in range(4):
            if answer.status == 200 and 'name="id_token"' in answer.text:
                action, fields = _form(answer.text)
                return Form(urljoin(where, action), fields, where)
            if answer.status not in REDIRECTS:
                raise Stopped(f"the launch ended at {urlsplit(where).path} with {answer.status}")
            where = urljoin(where, answer.headers["Location"])
            answer = self._send("GET", where)
        raise Stopped("the launch went in circles")

    def enter(self, message: Form) -> Answer:
        """Hand the signed message to the tool and open the session; gives the session's answer."""
        answer = self.submit(message)
        if answer.status not in REDIRECTS:
            raise Stopped(f"the launch ended at {urlsplit(message.address).path} with {answer.status}")
        return self.open(urljoin(message.address, answer.headers["Location"]))

    def submit(self, form: Form) -> Answer:
        """Submit a form as its page does."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": _origin(form.page),
            "Sec-Fetch-Site": "cross-site",
        }
        return self._send("POST", form.address, urlencode(form.fields).encode(), headers)

    def open(self, address: str) -> Answer:
        """Trade the code in an address of the tool for a session; gives the session's answer."""
        place, _, code = address.partition("#")
        self.base = place.removesuffix("/open")
        answer = self._send(
            "POST",
            f"{self.base}/session",
            json.dumps({"code": code}).encode(),
            {"Content-Type": "application/json", "Origin": _origin(place), "Sec-Fetch-Site": "same-origin"},
        )
        if answer.status != 200:
            raise Stopped(f"the launch's code was refused: {answer.status}")
        opened = json.loads(answer.text)
        self.token, self.start = opened["token"], opened["start"]
        return answer

    def get(self, path: str) -> Answer:
        """A page's piece; `path` as in links, or relative to the platform's pages."""
        return self._send("GET", self._address(path), headers=self._mine())

    def post(self, path: str, form: Mapping[str, Any] | list[tuple[str, Any]]) -> Answer:
        """A form of a page."""
        body = urlencode(form, doseq=True).encode()
        headers = {
            **self._mine(),
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": _origin(self.base),
            "Sec-Fetch-Site": "same-origin",
        }
        return self._send("POST", self._address(path), body, headers)

    def upload(self, path: str, name: str, data: bytes) -> Answer:
        """A file through a form's field `file`."""
        body, kind = urllib3.encode_multipart_formdata({"file": (name, data)})
        headers = {**self._mine(), "Content-Type": kind, "Origin": _origin(self.base), "Sec-Fetch-Site": "same-origin"}
        return self._send("POST", self._address(path), body, headers)

    def hand_over(self, page: str) -> Answer:
        """Submit the form by which a page of the tool returns to the campus."""
        return self.submit(Form(*_form(page), self.base))

    def _mine(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "HX-Request": "true"}

    def _address(self, path: str) -> str:
        return f"{_origin(self.base)}{path}" if path.startswith("/p/") else f"{self.base}{path}"

    def _send(
        self, method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        origin = _origin(url)
        sent = dict(headers or {})
        jar = "; ".join(f"{name}={value}" for (place, name), value in self.cookies.items() if place == origin)
        if jar and "Authorization" not in sent:
            sent["Cookie"] = jar
        answer = self.pool.request(method, url, body=body, headers=sent, redirect=False, retries=False, timeout=30.0)
        for line in answer.headers.getlist("Set-Cookie"):
            name, _, value = line.partition(";")[0].partition("=")  # http.cookies does not know Partitioned before 3.14
            self.cookies[origin, name.strip()] = value.strip()
        return Answer(answer.status, answer.data.decode("utf-8", "replace"), answer.headers)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _form(page: str) -> tuple[str, dict[str, str]]:
    found = _FORM.search(page)
    if not found:
        raise Stopped("there is no form on the page")
    fields = {}
    for tag in _INPUT.findall(page):
        attributes = {name.lower(): html.unescape(value) for name, value in _ATTRIBUTE.findall(tag)}
        if "name" in attributes:
            fields[attributes["name"]] = attributes.get("value", "")
    return html.unescape(found.group(1)), fields
