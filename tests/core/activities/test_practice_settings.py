"""What a teacher may choose, and what a form that says something else is told."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.activities import practice_settings
from core.activities.practice_settings import CHOICE_SETTINGS, PracticeSettings, choices, from_form, from_json
from core.activities.refusals import Refusal

DUE = datetime(2026, 12, 24, 18, 30, tzinfo=UTC)

VALUES = st.builds(
    PracticeSettings,
    **{name: st.sampled_from([option.name for option in choices(name)]) for name in CHOICE_SETTINGS},
    points=st.decimals(min_value="0.01", max_value=1000, places=4).map(float),
    attempts=st.integers(0, 20),
    peers_needed=st.integers(1, 20),
    due_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    two_votes=st.booleans(),
    inherit=st.booleans(),
)


@settings(deadline=None, max_examples=100)
@given(VALUES)
def test_settings_are_read_as_they_were_stored(value: PracticeSettings) -> None:
    assert from_json(value.to_json()) == value


def test_what_an_older_or_newer_version_stored() -> None:
    assert from_json({}) == PracticeSettings()
    assert from_json({"points": 5.0, "of_a_later_version": 1}) == PracticeSettings(points=5.0)


@settings(deadline=None, max_examples=100)
@given(VALUES)
def test_a_form_gives_what_it_shows(value: PracticeSettings) -> None:
    form = {name: str(getattr(value, name)) for name in (*CHOICE_SETTINGS, "points", "attempts", "peers_needed")}
    form |= {"due_at": value.due_at.isoformat() if value.due_at else "", "has_two_votes": "", "has_inherit": ""}
    form |= {name: "on" for name in ("two_votes", "inherit") if getattr(value, name)}
    assert set(form) - {"has_two_votes", "has_inherit"} <= {field.name for field in fields(PracticeSettings)}
    try:
        assert from_form(form) == value
    except Refusal:
        no_date = value.key_shown == "after_due" and value.due_at is None
        assert no_date or (value.key_shown == "after_attempts" and value.attempts < 1)


def test_a_field_that_the_form_did_not_have_keeps_its_value() -> None:
    base = PracticeSettings(points=7.0, two_votes=True, due_at=DUE)
    assert from_form({"attempts": "3"}, base) == PracticeSettings(points=7.0, two_votes=True, due_at=DUE, attempts=3)
    assert from_form({"has_two_votes": "1", "due_at": " "}, base) == PracticeSettings(points=7.0)


@pytest.mark.parametrize(
    "form",
    [
        {"points": "0"},
        {"points": "-1"},
        {"points": "1001"},
        {"points": "nan"},
        {"points": "inf"},
        {"points": "1e400"},
        {"points": "ten"},
        {"points": ""},
        {"attempts": "1.5"},
        {"attempts": "21"},
        {"attempts": "-1"},
        {"peers_needed": "0"},
        {"moderation": "after_lunch"},
        {"moderation": "x" * 100_000},
        {"explanation_policy": "best "},
        {"key_shown": "after_due"},
        {"key_shown": "after_attempts", "attempts": "0"},
        {"due_at": "tomorrow"},
        {"due_at": "2026-13-01T00:00"},
    ],
)
def test_what_cannot_be_chosen_is_refused_with_a_sentence(form: dict[str, str]) -> None:
    with pytest.raises(Refusal) as refused:
        from_form(form)
    assert 20 < len(str(refused.value)) < 300


def test_numbers_and_dates_as_people_write_them() -> None:
    assert from_form({"points": " 12,5 "}).points == 12.5
    assert from_form({"points": "33.333333"}).points == 33.3333  # what a grade row can hold
    assert from_form({"due_at": "2026-12-24T18:30"}).due_at == DUE
    assert from_form({"due_at": "2026-12-24T19:30+01:00"}).due_at == DUE


@pytest.mark.parametrize("name", CHOICE_SETTINGS)
def test_every_choice_has_a_name_and_words(name: str) -> None:
    options = choices(name)
    assert len({option.name for option in options}) == len(options) >= 1
    assert all(option.label and option.meaning.endswith(".") for option in options)
    default: Any = getattr(PracticeSettings(), name)
    assert default in {option.name for option in options}


def test_defaults_make_sense_together() -> None:
    assert practice_settings.check(PracticeSettings()) == PracticeSettings()
