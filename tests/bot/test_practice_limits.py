"""Problems of any words stay within Slack's limits, before one person and in the channel."""

from __future__ import annotations

from core.activities import slack_messages
from core.problems.kinds import Choice
from tests.bot import limits, slack
from tests.bot.asked import HARD
from tests.bot.slack import Workspace
from tests.bot.test_practice import begin, classroom
from tests.core.activities.classroom import one_choice, words

DATABASES = ("sqlite",)


def test_texts_of_any_kind_stay_within_slacks_limits(workspace: Workspace) -> None:
    hard = [
        one_choice(
            f"Hard {place}",
            text=words(said),
            choices=tuple(Choice(words(f"{at} {said}"), float(at == 0)) for at in range(12)),
            solution=words(said),
        )
        for place, said in enumerate((*HARD, r"\(x^2\) and \[\frac{1}{2}\] " * 300))
    ]
    room = classroom(workspace, *hard)
    person = begin(workspace)
    for _ in hard:
        person.send(answer="0")
        assert "Next problem" in person.words
        person.press("practice_next")
    assert "every problem" in person.words
    for problem in room.problems:
        with workspace.database.write() as session:
            slack_messages.post(
                session, workspace.id, slack.CHANNEL, "problem", problem, room.activity_id, asked_by=None,
                now=workspace.now,
            )  # fmt: skip
    for _ in hard:
        workspace.later(seconds=2)
        workspace.updater._pace._last.clear()
        workspace.update(1)
    posted = workspace.api.of("chat.postMessage")
    assert len(posted) == len(hard)
    assert [limits.of_message(one["text"], one["blocks"]) for one in posted] == [[]] * len(hard)
