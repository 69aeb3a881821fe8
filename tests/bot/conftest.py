"""The bot in one workspace, on each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.store.database import Database
from tests.bot import slack


@pytest.fixture
def workspace(database: Database) -> Iterator[slack.Workspace]:
    with slack.workspace(database) as made:
        yield made
