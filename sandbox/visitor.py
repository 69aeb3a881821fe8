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
_HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>', re.IGNORECASE)
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
        where, fields = begin["url"], urlencode(begin["parameters"])
        answer = (
            self._post_form(where, fields, campus_url)
            if begin["method"] == "POST"
            else self._send("GET", f"{where}?{fields}")
        )
        for _step in range(6):
            if answer.status in REDIRECTS:
                where = urljoin(where, answer.headers["Location"])
                if "#" in where:
                    return self._open(where)
                answer = self._send("GET", where)
            elif answer.status == 200 and 'name="id_token"' in answer.text:
                action, hidden = _form(answer.text)
                sender, where = where, urljoin(where, action)
                answer = self._post_form(where, urlencode(hidden), sender)
            else:
                raise Stopped(f"the launch ended at {urlsplit(where).path} with {answer.status}")
        raise Stopped("the launch went in circles")

    def _post_form(self, address: str, fields: str, sender: str) -> Answer:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": _origin(sender),
            "Sec-Fetch-Site": "cross-site",
        }
        return self._send("POST", address, fields.encode(), headers)

    def _open(self, address: str) -> Answer:
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
        address, fields = _form(page)
        return self._post_form(address, urlencode(fields), self.base)

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
    for hidden in _HIDDEN.findall(page):
        attributes = {name.lower(): html.unescape(value) for name, value in _ATTRIBUTE.findall(hidden)}
        if "name" in attributes:
            fields[attributes["name"]] = attributes.get("value", "")
    return html.unescape(found.group(1)), fields
