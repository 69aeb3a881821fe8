"""A lesson to spoil."""

from __future__ import annotations

import pytest

from tests.bad_input.lesson import Lesson
from tests.tool import Tool


@pytest.fixture
def lesson(tool: Tool) -> Lesson:
    return Lesson(tool)
