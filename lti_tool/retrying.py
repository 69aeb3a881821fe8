"""Retry-After (RFC 9110 section 10.2.3): how long a service asks us to wait."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime

from lti_tool.egress import Answer


def retry_after(answer: Answer) -> float | None:
    """Seconds, from a number or from a date compared with the answer's own Date; None where there is no usable
    value."""
    value = answer.headers.get("retry-after", "").strip()
    if value.isdigit():
        return float(value[:6])
    try:
        until, since = parsedate_to_datetime(value), parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return None
    seconds = (until.astimezone(UTC) - since.astimezone(UTC)).total_seconds()
    return max(seconds, 0.0)
