"""Feeds keep the rules of RFC 4287, whatever people type."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.atom import NAMESPACE, Entry, Feed, tag_id, written
from lti_tool.rendering import html
from tests.lti_tool.atom_rules import complaints
from tests.lti_tool.test_rendering import HOSTILE

WHEN = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
ENTRY = Entry(
    id="tag:tool.example,2026-11-01:archive/persuasion/abc",
    title="A poster",
    url="https://tool.example/archive/persuasion/abc",
    html="<p>White coats & authority.</p>",
    updated=WHEN + timedelta(days=1),
    rights="CC BY 4.0",
    categories=("authority", "scarcity"),
)
FEED = Feed(
    id="tag:tool.example,2026-11-01:archive/persuasion",
    title="Persuasion",
    url="https://tool.example/archive/persuasion",
    own_url="https://tool.example/archive/persuasion/feed.atom",
    author="A class",
    updated=WHEN,
    language="en",
    entries=(ENTRY, replace(ENTRY, id="tag:tool.example,2026-11-01:archive/persuasion/d", author="Mai", rights="")),
    subtitle="What we found",
)
typed = st.text(st.characters(exclude_categories=()), max_size=30)


def test_a_feed_keeps_the_rules() -> None:
    assert complaints(written(FEED)) == []
    assert complaints(written(replace(FEED, entries=(), subtitle=""))) == []


def test_the_rules_notice_what_is_missing() -> None:
    """The checker is worth something: each of these is a fault that it names."""
    for wrong, said in (
        (replace(FEED, author=""), "3.2"),
        (replace(FEED, id="archive"), "4.2.6"),
        (replace(FEED, entries=(ENTRY, ENTRY)), "one id and one time"),
        (replace(FEED, entries=(replace(ENTRY, categories=("",)),)), "4.2.2.1"),
        (replace(FEED, own_url=""), "4.2.7.1"),
    ):
        assert any(said in complaint for complaint in complaints(written(wrong)))


def test_the_newest_comes_first_and_times_are_utc() -> None:
    east = timezone(timedelta(hours=9))
    newer = replace(ENTRY, id="tag:x,2026-01-01:n", title="Newer", updated=datetime(2026, 11, 5, 1, tzinfo=east))
    data = written(replace(FEED, entries=(ENTRY, newer)))
    assert data.index(b"Newer") < data.index(b"A poster")
    assert b"<updated>2026-11-04T16:00:00Z</updated>" in data


@pytest.mark.parametrize("source", HOSTILE)
def test_content_is_text_to_xml_and_harmless_to_html(source: str) -> None:
    data = written(replace(FEED, title=source, entries=(replace(ENTRY, html=str(html(source, "markdown"))),)))
    assert complaints(data) == []
    root = fromstring(data)
    content = root.find(f".//{{{NAMESPACE}}}content")
    assert content is not None
    assert (content.text or "") == str(html(source, "markdown")).strip()
    for never in (b"<script", b"<img", b"<svg", b"<iframe"):
        assert never not in data


@given(typed, typed, typed)
@settings(max_examples=200, deadline=None)
def test_whatever_is_typed_is_well_formed(title: str, category: str, body: str) -> None:
    entry = replace(ENTRY, title=title, html=body, categories=(f"x{category}",))
    assert complaints(written(replace(FEED, title=f"{title}.", subtitle=body, entries=(entry,)))) == []


def test_an_id_survives_a_move() -> None:
    made = tag_id("https://tool.example:8443/base", WHEN, "archive/persuasion")
    assert made == "tag:tool.example,2026-11-01:archive/persuasion"
