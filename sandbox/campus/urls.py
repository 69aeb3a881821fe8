"""Every address of the campus that a tool is told, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit, urlunsplit

CONFIGURATION_PATH = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Urls:
    """Addresses below `base`, which is also the issuer."""

    base: str
    line_item_query: bool = True

    @property
    def issuer(self) -> str:
        return self.base

    @property
    def configuration(self) -> str:
        return self.base + CONFIGURATION_PATH

    @property
    def jwks(self) -> str:
        return f"{self.base}/lti/jwks"

    @property
    def authorization(self) -> str:
        return f"{self.base}/lti/authorize"

    @property
    def token(self) -> str:
        return f"{self.base}/lti/token"

    @property
    def registration(self) -> str:
        return f"{self.base}/lti/register"

    def line_items(self, course_id: int, deployment_id: int) -> str:
        return self._deployed(f"{self.base}/lti/courses/{course_id}/line_items", deployment_id)

    def line_item(self, course_id: int, line_item_id: int, deployment_id: int, part: str = "") -> str:
        """A line item, or with `part` its `scores` or `results`: the part comes before the query (AGS 3.3.1)."""
        path = f"{self.base}/lti/courses/{course_id}/line_items/{line_item_id}"
        return self._deployed(f"{path}/{part}" if part else path, deployment_id)

    def memberships(self, course_id: int, deployment_id: int) -> str:
        return f"{self.base}/lti/courses/{course_id}/bindings/{deployment_id}/memberships"

    def deep_link_return(self, request_id: str) -> str:
        return f"{self.base}/lti/deep_linking/{request_id}"

    def returned(self, person_id: int, course_id: int) -> str:
        return f"{self.base}/as/{person_id}/courses/{course_id}/returned"

    def _deployed(self, url: str, deployment_id: int) -> str:
        return f"{url}?deployment_id={deployment_id}" if self.line_item_query else url


def with_query(url: str, parameters: dict[str, str]) -> str:
    """`url` with more query parameters; those that it has stay, byte for byte."""
    parts = urlsplit(url)
    query = "&".join(piece for piece in (parts.query, urlencode(parameters)) if piece)
    return urlunsplit(parts._replace(query=query))


def is_web_url(value: object) -> bool:
    """Whether `value` is an absolute http or https URL without a fragment."""
    if not isinstance(value, str) or any(character <= " " for character in value):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.fragment


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
