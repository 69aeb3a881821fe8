"""What happens at once in Slack happens once, on both databases."""

from __future__ import annotations

import threading

from core.store.database import Database
from tests.bot import slack
from tests.bot.test_practice import attempts, begin, classroom
from tests.core.activities.classroom import AFTER_TWO_TRIES, one_choice


def test_two_clicks_at_once_are_one_attempt(database: Database) -> None:
    with slack.workspace(database) as workspace:
        room = classroom(workspace, one_choice(), settings=AFTER_TWO_TRIES)
        person = begin(workspace)
        values, metadata = person.filled(answer="odd"), person.metadata
        gate = threading.Barrier(4)
        answers: list[int] = []

        def send() -> None:
            gate.wait()
            answers.append(workspace.submit("U1", "practice_answer", values, metadata).status)

        threads = [threading.Thread(target=send) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == [200] * 4
        assert attempts(room) == [(1, False, True)]
        assert workspace.told() == []
