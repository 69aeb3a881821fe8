"""The reading questions: credited one by one as CC BY 4.0 asks, and unchanged in their wording."""

from __future__ import annotations

import hashlib
import re

import pytest

CREDIT = re.compile(
    r"Nangia et al\. 2021, nyu-mll/crowdsourcing-protocol-comparison, CC BY 4\.0, question \S+_assignment\d+"
)
# SHA-256 of the wording as published, white space at the ends removed
WORDING = "4212599ab826902296884481b607b43bf8176a9b2bd13764ba99cb4f2aa71548"


@pytest.fixture(scope="module")
def questions(entries):
    return [entry for entry in entries if entry.file == "reading.csv"]


def test_every_question_is_credited_and_none_twice(questions):
    assert [q.name for q in questions if not CREDIT.fullmatch(q.source)] == []
    assert len({q.source for q in questions}) == len(questions)


def test_every_question_has_four_choices_and_one_key(questions):
    assert {(q.kind, len(q.choices), len(q.right_choices())) for q in questions} == {("one_choice", 4, 1)}


def test_the_wording_is_as_published(questions):
    lines = ["\t".join([q.text, *(text for text, _ in q.choices), *q.right_choices()]) for q in questions]
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == WORDING


def test_white_space_is_trimmed(questions):
    texts = [text for q in questions for text in (q.name, q.text, *(choice for choice, _ in q.choices))]
    assert [text for text in texts if text != " ".join(text.split())] == []


@pytest.mark.parametrize(
    "words",
    [
        "Nikita Nangia",
        "Saku Sugawara",
        "Harsh Trivedi",
        "Alex Warstadt",
        "Clara Vania",
        "Samuel R. Bowman",
        "What Ingredients Make for an Effective Crowdsourcing Protocol for Difficult NLU Data Collection Tasks?",
        "https://github.com/nyu-mll/crowdsourcing-protocol-comparison",
        "https://creativecommons.org/licenses/by/4.0/",
        "ACL",
        "2021",
        "Changes",
    ],
)
def test_the_readme_names_what_the_licence_asks_for(course, words):
    assert words in (course / "README.md").read_text(encoding="utf-8")
