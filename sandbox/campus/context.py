"""What every request handler of one campus shares: its configuration, its database, its keys, its clock."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import current_app

from sandbox.campus import settings
from sandbox.campus.config import CampusConfig, Quirks
from sandbox.campus.keys import KeyRing
from sandbox.campus.store import Store
from sandbox.campus.tool_keys import ToolKeys
from sandbox.campus.urls import Urls

EXTENSION = "campus"


@dataclass(frozen=True, slots=True)
class Campus:
    """One running campus. It keeps no state of its own that a second process would need."""

    config: CampusConfig
    store: Store
    keys: KeyRing
    tool_keys: ToolKeys
    wall_clock: Callable[[], datetime]

    def now(self, db: sqlite3.Connection) -> datetime:
        """The campus's time: the clock that it was given, shifted by what an administrator set."""
        return self.wall_clock() + settings.clock_offset(db)

    def quirks(self, db: sqlite3.Connection) -> Quirks:
        return settings.quirks(db)

    def urls(self, quirks: Quirks) -> Urls:
        return Urls(self.config.base_url, quirks.line_item_query)

    def close(self) -> None:
        """Close the database and the connections to the tool."""
        self.store.close()
        self.tool_keys.close()


def current_campus() -> Campus:
    """The campus that serves this request."""
    campus = current_app.extensions[EXTENSION]
    assert isinstance(campus, Campus)
    return campus
