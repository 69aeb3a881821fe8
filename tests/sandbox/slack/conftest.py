"""What several tests of the small Slack begin with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.slack.bolt_app import Stand, stand


@pytest.fixture
def slack() -> Iterator[Stand]:
    """A small Slack with the ballot app's site."""
    with stand() as found:
        yield found
