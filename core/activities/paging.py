"""A long list as pages. A number beyond either end is that end: what is listed may have become less since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Paged(Generic[T]):
    """One page of a list: its `page`, counted from 1, of `pages`, and how many there are in `total`."""

    items: tuple[T, ...]
    page: int
    pages: int
    total: int


def cut(found: Sequence[T], page: int, size: int) -> Paged[T]:
    """The page of this number."""
    pages = max(-(-len(found) // size), 1)
    page = min(max(page, 1), pages)
    return Paged(tuple(found[(page - 1) * size : page * size]), page, pages, len(found))
