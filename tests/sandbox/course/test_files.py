"""The three files of the course: what is in them, and that they stay within what every reader can read."""

from __future__ import annotations

import re
from collections import Counter


def test_the_course_is_large_and_mixed(entries):
    files = Counter(entry.file for entry in entries)
    assert files == {"algebra.gift": 26, "probability.gift": 24, "reading.csv": 24}
    kinds = Counter(entry.kind for entry in entries if entry.file.endswith(".gift"))
    assert kinds == {
        "one_choice": 16,
        "several_choices": 5,
        "number": 19,
        "short_text": 4,
        "true_false": 3,
        "free_text": 3,
    }


def test_names_are_unique_and_short(entries):
    names = [entry.name for entry in entries]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= 40


def test_every_problem_of_the_gift_files_has_a_solution_and_a_category(entries):
    bare = [e.name for e in entries if e.file.endswith(".gift") and not (len(e.solution) > 50 and "/" in e.category)]
    assert bare == []


def test_numbers_come_with_tolerances_and_ranges(entries):
    widths = [entry.interval[1] - entry.interval[0] for entry in entries if entry.interval]
    assert min(widths) == 0
    assert sum(0 < width < 0.02 for width in widths) >= 5
    assert sum(width >= 0.02 for width in widths) >= 2


def test_choices_differ_and_their_weights_add_up(entries):
    for entry in entries:
        texts = [text for text, _ in entry.choices]
        assert len(set(texts)) == len(texts)
        if texts:
            assert len(texts) >= 3
            assert abs(sum(weight for _, weight in entry.choices if weight > 0) - 100) < 0.001
            assert 0 < sum(weight > 0 for _, weight in entry.choices) < len(texts)
            assert (entry.kind == "several_choices") == any(weight < 0 for _, weight in entry.choices)


def test_taking_every_choice_earns_nothing(entries):
    several = [entry for entry in entries if entry.kind == "several_choices"]
    assert several
    assert [e.name for e in several if sum(weight for _, weight in e.choices) > 0.001] == []


def test_the_right_choice_is_not_always_at_the_same_place(entries):
    places = Counter(
        [weight > 0 for _, weight in entry.choices].index(True)
        for entry in entries
        if entry.kind == "one_choice" and entry.file.endswith(".gift")
    )
    assert max(places.values()) <= 6
    assert len(places) == 4


def test_formulas_open_and_close(entries):
    for entry in entries:
        for text in (entry.text, entry.solution, *(text for text, _ in entry.choices)):
            marks = re.findall(r"\\[()]", text)
            assert marks == [r"\(", r"\)"] * (len(marks) // 2), entry.name


def test_lines_are_plain(course):
    for file in ("algebra.gift", "probability.gift", "reading.csv", "voices.json", "README.md"):
        data = (course / file).read_bytes()
        assert b"\r" not in data
        assert b"\t" not in data
        assert not data.startswith(b"\xef\xbb\xbf")
        assert data.endswith(b"\n")
        assert not data.endswith(b"\n\n")
