"""Messages that are due and yet show what is so, told apart from those that Slack must be told about.

One change of a question makes the messages of all questions of its activity due, because they share the wall's version.
They are looked at in one transaction and noted in another: one by one, a hundred of them would keep a poll's votes
waiting for seconds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from bot.rendering import Render
from bot.wiring import Wiring
from core.activities import channels, slack_messages
from core.activities.channels import Bound
from core.activities.slack_messages import Message

NOUNS = frozenset({"question", "answer", "item"})  # which change with their wall alone, and with no clock


def sift(wiring: Wiring, workspace_id: int, renderers: Mapping[str, Render], due: Sequence[Message]) -> list[Message]:
    """Those of the due messages that are to be sent. The others are noted as shown."""
    asked = [message for message in due if message.noun in NOUNS and message.ts is not None]
    same: dict[int, list[int]] = defaultdict(list)  # by the version that they show
    bounds: dict[str, Bound | None] = {}
    with wiring.database.read() as session:
        for message in asked:
            if message.channel_id not in bounds:
                bounds[message.channel_id] = channels.find(session, workspace_id, message.channel_id)
            bound = bounds[message.channel_id]
            try:
                made = renderers[message.noun](session, wiring, bound, message) if bound is not None else None
            except Exception:  # sent alone, it is logged and put off
                made = None
            if made is not None and not made.over and made.digest == message.shown_hash:
                same[made.version].append(message.id)
    if not same:
        return list(due)
    with wiring.database.write() as session:
        for version, numbers in same.items():
            slack_messages.still_so(session, numbers, version=version)
    noted = {number for numbers in same.values() for number in numbers}
    return [message for message in due if message.id not in noted]
