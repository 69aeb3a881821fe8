"""What happened, for the operator: one JSON line for each event, with fields instead of sentences.

Never a token, a secret, a name, or the body of someone else's answer; identifiers are our own public ids.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

_SECURITY = logging.getLogger("heirloom.security")
_WORK = logging.getLogger("heirloom.work")


def security_event(event: str, *, level: int = logging.WARNING, **fields: object) -> None:
    """A line about access: refused or granted."""
    _SECURITY.log(level, event, extra={"fields": fields})


def work_event(event: str, *, level: int = logging.INFO, **fields: object) -> None:
    """A line about work after the answer: what was sent or read, and what came of it."""
    _WORK.log(level, event, extra={"fields": fields})


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, event, its fields, and a traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)
