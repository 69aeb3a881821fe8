"""Web links, and addresses below a service's own."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool import links

BASE = "https://lms.example/a/b?x=1"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('<https://lms.example/2>; rel="next"', "https://lms.example/2"),
        ("<2?p=a,b;c>; rel=next", "https://lms.example/a/2?p=a,b;c"),
        ('<?page=2>; rel="next"', "https://lms.example/a/b?page=2"),
        ('<https://lms.example/CaseMatters?b=XyZ>; rel="next"', "https://lms.example/CaseMatters?b=XyZ"),
        ('<a>; rel="last", <b>; rel="next"', "https://lms.example/a/b"),
        ('<a>; title="<c>; rel=next", <b>; rel="next"', "https://lms.example/a/b"),
        ('<a>;rel="prev next last"', "https://lms.example/a/a"),
        ("<a>; rel=\u201cnext\u201d", None),  # curly quotes, as Moodle sends for line items
        ("garbage", None),
        ("", None),
        ('<a>; rel="nextish"', None),
    ],
)
def test_find(header: str, expected: str | None) -> None:
    assert links.find(header, "next", base=BASE) == expected


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet='<>;,="\\ relnxt/:a1?', max_size=60))
def test_any_header_is_read(header: str) -> None:
    found = links.find(header, "next", base=BASE)
    assert found is None or isinstance(found, str)


@pytest.mark.parametrize(
    ("url", "parameters", "expected"),
    [
        ("https://l/item", {}, "https://l/item/scores"),
        ("https://l/item/", {}, "https://l/item/scores"),
        ("https://l/item?type_id=3", {}, "https://l/item/scores?type_id=3"),
        ("https://l/item?type_id=3", {"user_id": "a&b c"}, "https://l/item/scores?type_id=3&user_id=a%26b+c"),
    ],
)
def test_below(url: str, parameters: dict[str, str], expected: str) -> None:
    assert links.below(url, "scores", **parameters) == expected
