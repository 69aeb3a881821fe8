"""Copied texts: what is the same but for small changes waits for the teacher, who sees both; what is merely about the
same does not.
"""

from __future__ import annotations

import random

import pytest

from core.activities import cases, review
from core.store.database import Database
from core.wording import similar
from tests.core.activities.hall import Hall
from tests.core.activities.said import marks, say, status

DATABASES = ("sqlite",)

SUBJECTS = (
    "The poster",
    "This advertisement",
    "The headline",
    "A photograph of the harbour",
    "The letter to the editor",
)
VERBS = ("makes us trust a stranger", "hides who pays for it", "speaks to our fear of missing out", "borrows authority")
REASONS = (
    "because a white coat stands for knowledge, whoever wears it on that day",
    "because nobody asks who chose the ten people that the sentence is about",
    "because it says that only three are left, and gives no time to think about it",
    "because the colours and the music say more than the words that are spoken over them",
)
ENDS = (
    "In the second week we called this social proof, and the example in the book is much like it.",
    "I looked for the source of the number, and the page that it names does not exist any more.",
    "What would change my mind is a study in which the people were chosen by chance.",
)


def essays(rng: random.Random, number: int) -> list[str]:
    """Texts that students could have written about a few examples, all of them different."""
    found: set[str] = set()
    while len(found) < number:
        parts = [f"{rng.choice(SUBJECTS)} {rng.choice(VERBS)}, {rng.choice(REASONS)}." for _ in range(2)]
        found.add(" ".join([*parts, rng.choice(ENDS), f"My page was {rng.randrange(400)}."]))
    return sorted(found)


def disguised(text: str, rng: random.Random) -> str:
    """A copy as it is made in a hurry: other capitals, a slip of the hand here and there, other signs."""
    letters = list(text)
    for _ in range(3):
        place = rng.randrange(len(letters) - 1)
        letters[place], letters[place + 1] = letters[place + 1], letters[place]
    return "".join(letters).replace(",", rng.choice([",", ";", ""])).lower().capitalize()


@pytest.mark.parametrize("seed", range(3))
def test_seeded_copies_are_found_and_other_texts_are_let_through(database: Database, seed: int) -> None:
    rng = random.Random(seed)
    hall = Hall(database, "questions", students=60, daily=500)
    originals = essays(rng, 30)
    live = [say(hall, seat, text, kind="answer") for seat, text in zip(hall.students, originals, strict=False)]
    wrongly = [number for number in live if status(hall, number) == "pending"]
    copied = rng.sample([text for number, text in zip(live, originals, strict=True) if number not in wrongly], 15)
    copies = [
        say(hall, seat, disguised(text, rng), kind="answer")
        for seat, text in zip(hall.students[30:], copied, strict=False)
    ]
    caught = [number for number in copies if marks(hall).get(number) == ("alike",)]
    assert len(caught) >= 14  # of 15
    assert len(wrongly) <= 2  # of 30 that share most of their sentences
    with database.read() as session:
        found = cases.of(session, hall.teacher, review.queue(session, hall.teacher))
    by_number = {case.waiting.contribution_id: case.repeats for case in found}
    right = sum(by_number[number] == text for number, text in zip(copies, copied, strict=True) if number in caught)
    assert right >= len(caught) - 1


def test_in_another_course_the_same_text_is_no_copy(database: Database) -> None:
    """The search ends at the activity: what another class wrote is none of this one's business."""
    hall = Hall(database, "questions")
    elsewhere = hall.another_course("other")
    (text,) = essays(random.Random(1), 1)
    say(hall, hall.students[0], text)
    assert status(elsewhere, say(elsewhere, elsewhere.students[0], text)) == "live"


def test_reworded_texts_are_named_to_their_writer() -> None:
    """`similar` finds what `copied` does not: the same question in other words."""
    known = ["How do I compute the variance of a sum?", "When is the exam?", "What is a p-value?"]
    assert similar.copied("variance of sums: how is it computed", known) is None
    assert similar.similar("variance of sums: how is it computed", known, language="en")[0][0] == 0
