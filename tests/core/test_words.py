"""Numbers in sentences."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.words import Amount, Sentence, percent


@pytest.mark.parametrize(
    ("amount", "says"),
    [
        (Amount(2.5), "2.5"),
        (Amount(2.0), "2"),
        (Amount(100), "100"),
        (Amount(1234.56789), "1234.5679"),
        (Amount(2.25, 1), "2.2"),
        (Amount(2.0, 1, 1), "2.0"),
        (Amount(0.5, 2, 2, signed=True), "+0.50"),
        (Amount(-0.5, 2, 2, signed=True), "-0.50"),
        (Amount(-0.001, 2), "0"),
        (Amount(-0.001, 2, 2), "0.00"),
        (Amount(Decimal("0.00000125"), 10), "0.00000125"),
        (Amount(10.0), "10"),
    ],
)
def test_a_number_has_the_decimals_that_it_needs(amount: Amount, says: str) -> None:
    assert str(amount) == says
    assert amount.written(",") == says.replace(".", ",")
    assert str(Sentence("{n} points", {"n": amount})) == f"{says} points"


@pytest.mark.parametrize(
    ("share", "decimals", "says"), [(0.5, (0, 0), "50 %"), (1, (2, 2), "100.00 %"), (0.12345, (1, 0), "12.3 %")]
)
def test_a_share_is_told_in_percent(share: float, decimals: tuple[int, int], says: str) -> None:
    made = percent(share, *decimals)
    assert made.message.format(**made.values) == says
