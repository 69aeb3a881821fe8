"""Puts the rows of the table on tests: `@rows("OIDC-04", "OIDC-05")` runs a test once for each, with the row in its
id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from tests.spec.lti.cases import CASES


def rows(*names: str) -> pytest.MarkDecorator:
    """Run the test for these rows; it takes the row's name as `row`. A name that is not in the table is a mistake."""
    _check(names)
    return pytest.mark.parametrize("row", names)


def rows_with(argument: str, values: Mapping[str, Iterable[Any]]) -> pytest.MarkDecorator:
    """Run the test for each value of each row; it takes `row` and the value as `argument`."""
    _check(values)
    cases = [
        pytest.param(name, value, id=f"{name}-{value if isinstance(value, str) and value.isalnum() else number}")
        for name, found in values.items()
        for number, value in enumerate(found)
    ]
    return pytest.mark.parametrize(("row", argument), cases)


def _check(names: Iterable[str]) -> None:
    unknown = [name for name in names if name not in CASES]
    if unknown:
        raise ValueError(f"not in the table of cases: {unknown}")
