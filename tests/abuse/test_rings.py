"""What five of a hundred reach who work together: by votes on a wall, and by judging in a gallery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pytest

from core.activities import gallery_settings, item_beliefs, judging, question_order
from core.activities.seats import Seat
from core.store.database import Database
from core.store.tables import Judgement
from tests.core.activities.classroom import NOW, count
from tests.core.activities.gallery_hall import Gallery

DATABASES = ("sqlite",)
RING, CLASS = 5, 100


@dataclass
class Line:
    """A question as the order looks at it."""

    id: int
    votes: int
    seen: int
    created_at: datetime
    answered: bool = False
    pinned: bool = False


def wall_order(rng: np.random.Generator, *, ring: bool) -> list[int]:
    """Thirty questions before a hundred people; the first five are dull, and a ring's. Gives the order of the wall."""
    interest = np.concatenate([np.full(RING, 0.05), np.linspace(0.1, 0.6, 25)])
    honest = CLASS - (RING if ring else 0)
    votes = rng.binomial(honest, interest)
    if ring:
        votes[:RING] += RING - 1  # each votes for the others', and for nothing else
    lines = [
        Line(number, int(votes[number]), CLASS, NOW - timedelta(days=float(rng.uniform(0, 5)))) for number in range(30)
    ]
    return [line.id for line in question_order.ordered(lines, "best", now=NOW)]


def test_a_ring_of_five_in_a_hundred_lifts_its_dull_questions_by_few_places() -> None:
    """Mean rank of the ring's questions with the ring less without, over 60 classes: at most 2 of 30 places, and never
    into the first twelve.
    """
    lifted, best = [], 30
    for turn in range(60):
        places = {
            ring: [wall_order(np.random.default_rng(turn), ring=ring).index(number) for number in range(RING)]
            for ring in (False, True)
        }
        lifted.append(np.mean(places[False]) - np.mean(places[True]))
        best = min(best, *places[True])
    assert np.mean(lifted) <= 2
    assert best >= 12


@pytest.mark.parametrize("ring", [False, True])
def test_in_a_gallery_a_ring_hardly_moves_what_is_believed(database: Database, ring: bool) -> None:
    """Forty people, twelve items, five judgements each; four of the people rate each other's items 10 and others' 0,
    where these are drawn for them. Chosen judgements do not count at all.
    """
    rng = np.random.default_rng(3)
    gallery = Gallery(database, students=40, scale="ten", judgements=12)
    friends = {seat.person_id for seat in gallery.students[:4]}
    items = [gallery.item(seat, f"Item {place}") for place, seat in enumerate(gallery.students[:12])]
    worth = dict(zip(items, [3.0] * 4 + list(np.linspace(3, 8, 8)), strict=True))
    settings = gallery_settings.from_json({"scale": "ten", "judgements": 12})

    def judge(seat: Seat, item: int) -> None:
        honest = int(np.clip(round(rng.normal(worth[item], 1.5)), 0, 10))
        rated = (10 if item in items[:4] else 0) if ring and seat.person_id in friends else honest
        name = judging.asked(settings)[0]
        gallery.do(
            lambda session, seat, opened: judging.judge(
                session, seat, opened, settings, item, {name: rated}, {}, now=gallery.now
            ),
            seat,
        )

    for seat in gallery.students:
        for _ in range(5):
            turn = gallery.do(
                lambda session, seat, opened: judging.next_item(
                    session, seat, opened, settings, now=gallery.now, rng=rng
                ),
                seat,
            )
            if turn is not None:
                judge(seat, turn.item_id)
    if ring:
        for place, seat in enumerate(gallery.students[:4]):
            for item in items[:4]:
                if item != items[place]:
                    judge(seat, item)  # chosen by themselves, where not drawn before
    beliefs = gallery.see(lambda session, seat, opened: item_beliefs.of_gallery(session, opened), gallery.teacher)
    by_worth = sorted(items, key=lambda item: -beliefs.of[item].mean)
    ranks = [by_worth.index(item) for item in items[:4]]
    assert count(database, Judgement) >= 190
    assert np.mean(ranks) >= 7, ranks  # of the twelve places 0..11; without a ring about 9
