"""A gallery whose items come in by the use cases, as people send them."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PIL import Image as Pillow
from sqlalchemy import select, update

from core.activities import gallery_settings, item_pages, items, judging, tags
from core.activities.item_pages import Shown, Wall
from core.activities.items import Brought, New
from core.activities.judging import Turn
from core.activities.seats import Seat
from core.problems.images import CleanImage, clean_image
from core.store.database import Database
from core.store.tables import Contribution, Item, Judgement
from core.words import Sentence
from tests.core.activities.hall import Hall

HOW = "It shows scarcity: only three are left, it says, and so one wants to have one before others do."


def picture(colour: str = "red", side: int = 60) -> CleanImage:
    out = io.BytesIO()
    Pillow.new("RGB", (side, side), colour).save(out, "PNG")
    return clean_image(out.getvalue())


def found(title: str = "Only three left", **more: Any) -> New:
    """A found link; `more` changes it."""
    return New(**{"kind": "found", "title": title, "text": f"{title}. {HOW}", "url": "https://shop.example/x", **more})


class Bringing(Hall):
    """A gallery and its class."""

    def __init__(self, database: Database, *, students: int = 4, **settings: Any) -> None:
        super().__init__(database, "gallery", students=students, **settings)

    def bring(self, seat: Seat, new: New | None = None) -> Brought:
        return self._with(items.bring, seat, new or found(), now=self.now)

    def change(self, seat: Seat, item: int, new: New) -> Brought:
        return self._with(items.change, seat, item, new, now=self.now)

    def take_back(self, seat: Seat, item: int) -> None:
        self._with(items.take_back, seat, item, now=self.now)

    def next_item(self, seat: Seat, seed: int = 7, skipped: int | None = None) -> Turn | None:
        return self._with(judging.next_item, seat, now=self.now, rng=np.random.default_rng(seed), skipped=skipped)

    def judge(self, seat: Seat, item: int, stars: int = 4, applies: dict[int, bool] | None = None) -> Sentence:
        settings = self.see(lambda s, who, o: gallery_settings.of(o), seat)
        ratings = dict.fromkeys(judging.asked(settings), stars)
        return self._with(judging.judge, seat, item, ratings, applies or {}, now=self.now)

    def skip(self, seat: Seat, item: int) -> None:
        self._with(judging.skip, seat, item, now=self.now)

    def all_judge(self, item: int, stars: Sequence[int], first: int = 1) -> None:
        """The students from the `first` on draw the item, as it happens, and judge it."""
        for student, its in zip(self.students[first:], stars, strict=False):
            self.drawn(student, item)
            self.judge(student, item, its)

    def drawn(self, seat: Seat, item: int, **more: Any) -> None:
        """Chance put this item before this person."""
        with self.database.write() as session:
            values = {"policy": "share", "probability": 0.5, "eligible_size": 2, "scale": "attributes", "counts": True}
            session.add(
                Judgement(
                    activity_id=self.activity_id,
                    contribution_id=item,
                    person_id=seat.person_id,
                    shown_at=self.now,
                    **(values | more),
                )
            )

    def wall(self, seat: Seat, **more: Any) -> Wall:
        return self.see(lambda s, who, o: item_pages.wall(s, who, o, gallery_settings.of(o), **more), seat)

    def titles(self, seat: Seat, **more: Any) -> list[str]:
        return [item.title for item in self.wall(seat, **more).items]

    def one(self, seat: Seat, item: int) -> Shown:
        return self.see(lambda s, who, o: item_pages.one(s, who, o, gallery_settings.of(o), item), seat)

    def concepts(self, *names: str) -> list[int]:
        """The ids of the teacher's concepts of these names."""
        self.do(tags.add_concepts, self.teacher, names, now=self.now)
        known = {tag.name: tag.id for tag in self.see(lambda s, who, o: tags.of_gallery(s, o), self.teacher)}
        return [known[name] for name in names]

    def become(self, item: int, **values: Any) -> None:
        with self.database.write() as session:
            session.execute(update(Contribution).where(Contribution.id == item).values(**values))

    def row(self, item: int) -> Item:
        with self.database.read() as session:
            return session.execute(select(Item).where(Item.contribution_id == item)).scalar_one()

    def text(self, item: int) -> Contribution:
        with self.database.read() as session:
            return session.execute(select(Contribution).where(Contribution.id == item)).scalar_one()

    def judgements(self, **conditions: Any) -> list[Judgement]:
        with self.database.read() as session:
            return list(session.scalars(select(Judgement).filter_by(**conditions).order_by(Judgement.id)))

    def _with(self, use_case: Any, seat: Seat, *args: Any, **named: Any) -> Any:
        return self.do(lambda s, who, o: use_case(s, who, o, gallery_settings.of(o), *args, **named), seat)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run all of them at the same time; results, or the exceptions, in their order."""
    start, results = threading.Barrier(len(calls)), [None] * len(calls)

    def one(place: int) -> None:
        start.wait()
        try:
            results[place] = calls[place]()
        except Exception as error:  # the test looks at it
            results[place] = error  # type: ignore[call-overload]

    threads = [threading.Thread(target=one, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
