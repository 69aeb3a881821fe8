"""Logging of all processes: one JSON object a line on standard error."""

from __future__ import annotations

import logging
import sys

from core.events import JsonLines


def set_up(level: str) -> None:
    """Send every logger of ours to standard error. Calling it again changes the level only."""
    root = logging.getLogger()
    if not any(isinstance(handler.formatter, JsonLines) for handler in root.handlers):
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLines())
        root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("heirloom").setLevel(level)
