"""What a vote keeps of whoever gave it."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select

from core.store.database import Database
from core.store.tables import Seen, Vote
from tests.core.activities.test_questions import Asking


@pytest.mark.parametrize("anonymity", ["named", "teacher", "pseudonym", "anonymous"])
def test_where_nobody_is_to_be_known_a_vote_keeps_the_day_and_no_time(database: Database, anonymity: str) -> None:
    hall = Asking(database, anonymity=anonymity)
    hall.later(hours=3, minutes=7)
    question = hall.ask(hall.students[0])
    hall.later(seconds=2)
    voter = hall.students[0] if anonymity == "anonymous" else hall.students[1]
    hall.vote(voter, question)
    day = hall.now.replace(hour=0, minute=0, second=0, microsecond=0)
    kept: datetime = day if anonymity == "anonymous" else hall.now
    with database.read() as session:
        assert session.scalars(select(Vote.created_at)).all() == [kept]
        assert session.scalars(select(Seen.created_at)).all() == [kept]
