"""A lesson, for what is looked for in real pages."""

from __future__ import annotations

import pytest

from tests.bad_input.lesson import Lesson
from tests.tool import Tool


@pytest.fixture
def lesson(tool: Tool) -> Lesson:
    return Lesson(tool)
