"""Web links in headers (RFC 8288), and addresses below a service's own."""

from __future__ import annotations

import re
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

# Possessive: nothing is tried twice, so that a header of any length takes time as it is long.
_LINK = re.compile(
    r"\s*+,?\s*+<(?P<target>[^>]*+)>"
    r"(?P<parameters>(?:\s*+;\s*+[^\s=;,]++(?:\s*+=\s*+(?:\"(?:\\.|[^\"\\])*+\"|[^\s;,\"]*+))?+)*+)"
)
_PARAMETER = re.compile(
    r";\s*+(?P<name>[^\s=;,]++)(?:\s*+=\s*+(?:\"(?P<quoted>(?:\\.|[^\"\\])*+)\"|(?P<token>[^\s;,\"]*+)))?+"
)


def find(header: str, relation: str, *, base: str) -> str | None:
    """The target of the first link with this relation, in any order of links and parameters, quoted or not.

    A relation is compared without regard to case and may stand among several; a relative target is resolved against
    `base`.
    """
    position = 0
    while match := _LINK.match(header, position):
        position = match.end()
        for parameter in _PARAMETER.finditer(match["parameters"]):
            if parameter["name"].lower() == "rel":
                relations = (parameter["quoted"] or parameter["token"] or "").lower().split()
                if relation in relations:
                    return str(urljoin(base, match["target"].strip()))
                break  # only the first `rel` of a link counts (section 3.3)
    return None


def below(url: str, segment: str, **parameters: str) -> str:
    """The address of a part of a resource: its segment goes before the query (Moodle's line items have one),
    parameters into it."""
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(parameters))))
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{segment}", query=query))
