"""A long list as pages: nothing twice, nothing left out, and no number leads nowhere."""

from __future__ import annotations

import pytest

from core.activities.paging import Paged, cut


@pytest.mark.parametrize("number", range(8))
def test_pages_are_the_list(number: int) -> None:
    found = list(range(number))
    pages = [cut(found, page, 3) for page in range(1, cut(found, 1, 3).pages + 1)]
    assert [one for page in pages for one in page.items] == found
    assert all(len(page.items) <= 3 for page in pages)
    assert {page.total for page in pages} == {number}


@pytest.mark.parametrize(("asked", "page"), [(-1, 1), (0, 1), (1, 1), (2, 2), (3, 2), (10**17, 2)])
def test_beyond_an_end_is_that_end(asked: int, page: int) -> None:
    assert cut("abcde", asked, 3) == Paged(tuple("abcde"[3 * (page - 1) : 3 * page]), page, 2, 5)


def test_an_empty_list_has_one_page() -> None:
    assert cut([], 1, 3) == Paged((), 1, 1, 0)
