"""Polls as frozen values for tests of what Slack shows: made without a database, answered by lists of answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from core.activities import polls
from core.activities.poll_results import Line, Result
from core.activities.polls import Option, Poll
from core.languages import say as say_in
from core.polling import kinds, tally
from core.words import Sentence

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
FAMILY = "\U0001f469\U0001f3fd\u200d\U0001f467\U0001f3fd\u200d\U0001f466\U0001f3fd"  # one sign of eight code points
FLAG = "\U0001f1e9\U0001f1ea"
HARD = (
    "plain",
    "<!channel> & <@U123> <https://evil.example|your bank> *bold* _it_ ~no~ `code` > quote :smile:",
    "x" * 3_100,
    "many words " * 300,
    "هل هذا صحيح؟ " * 40,
    "שאלה (12) ארוכה מאוד " * 30,
    FAMILY * 120,
    FLAG * 300,
    "e" + "\u0301" * 400,
    "line\nbreaks\r\nand\ttabs\n" * 60,
    "zero\u200bwidth\u202eand override",
    "漢字" * 900,
)
KINDS: dict[str, kinds.Kind] = {
    "single": kinds.Single(),
    "several": kinds.Several(1, 3),
    "pair": kinds.Pair(),
    "rating": kinds.Rating(0, 10, "not at all", "very much"),
    "number": kinds.Number("-1.5", 20, "0.5", "m/s"),  # type: ignore[arg-type]  # read as exact decimals
    "ranking": kinds.Ranking(2),
    "words": kinds.Words(10, 3, "en"),
    "text": kinds.Text(600),
    "quiz": kinds.Quiz(("not yet", "with help", "on my own", "well enough to explain it")),
}


def say(sentence: Sentence | str, /, **values: object) -> str:
    """English."""
    return say_in(sentence if isinstance(sentence, Sentence) else Sentence(sentence, values), "en")


def poll(kind: str | kinds.Kind, texts: tuple[str, ...] = ("Yes", "No", "Perhaps"), **values: Any) -> Poll:
    """A poll of this kind, open, with these options where the kind has some."""
    made = KINDS[kind] if isinstance(kind, str) else kind
    most = made.options[1]
    options = tuple(
        Option(100 + place, text, kinds.alike(text), "live", None) for place, text in enumerate(texts[:most])
    )
    standing: dict[str, Any] = {
        "id": 17, "kind": made, "prompt": "What do you think?", "is_anonymous": False, "results": "at_once",
        "may_change": True, "members_add": False, "opens_at": None, "closes_at": None, "quorum": None,
        "first_id": None, "voted": 0, "version": 3, "state": "open", "open_since": None, "is_settled": False,
        "options": options,
    }  # fmt: skip
    return Poll(**{**standing, **values})


def result(of: Poll, *answers: tuple[tuple[int, str], ...]) -> Result:
    """What these answers add up to, as `poll_results.result` tells it."""
    ids = [option.id for option in of.options]
    counts, voters = tally.count(of.kind, answers, ids), len(answers)
    if isinstance(of.kind, kinds.BROUGHT):
        found = sorted(tally.written(counts).items(), key=lambda one: -one[1])
        return Result(voters, None, tuple(Line(text, count, (text,)) for text, count in found))
    if isinstance(of.kind, kinds.Rating | kinds.Number):
        return Result(voters, tally.numbers(of.kind, counts, voters))
    if isinstance(of.kind, kinds.Ranking):
        return Result(voters, tally.order(counts, voters, ids))
    if isinstance(of.kind, kinds.Quiz):
        return Result(voters, tally.levels(counts, voters, ids, len(of.kind.levels)))
    return Result(voters, tally.choices(counts, voters, ids))


def promises(of: Poll) -> tuple[Sentence, ...]:
    return polls.promise(of, "named")


def some_answers(of: Poll) -> tuple[tuple[tuple[int, str], ...], ...]:
    """Three answers that fit the kind."""
    ids = [option.id for option in of.options]
    if isinstance(of.kind, kinds.Rating):
        return ((0, "0"),), ((0, "10"),), ((0, "10"),)
    if isinstance(of.kind, kinds.Number):
        return ((0, "0"),), ((0, "7"),), ((0, "43"),)
    if isinstance(of.kind, kinds.Ranking):
        return ((ids[0], "1"), (ids[1], "2")), ((ids[0], "2"), (ids[1], "1")), ((ids[0], "1"), (ids[1], "2"))
    if isinstance(of.kind, kinds.Quiz):
        return ((ids[0], "3"),), tuple((one, "0") for one in ids), ((ids[0], "2"),)
    if isinstance(of.kind, kinds.BROUGHT):
        return ((0, "hope"),), ((0, "fear"),), ((0, "hope"),)
    return ((ids[0], "1"),), ((ids[1], "1"),), ((ids[0], "1"),)


def press(view: dict[str, Any], **typed: Any) -> dict[str, Any]:
    """`state.values` of a view as Slack would send it: what stood there, or what is typed instead."""
    values = {}
    for block in view["blocks"]:
        if block["type"] != "input":
            continue
        element = block["element"]
        sent: dict[str, Any] = {"type": element["type"]}
        new = typed.get(block["block_id"].replace("-", "_"))
        if element["type"] in {"radio_buttons", "static_select"}:
            sent["selected_option"] = element.get("initial_option")
            if new is not None:
                sent["selected_option"] = next(one for one in element["options"] if one["value"] == new)
        elif element["type"] in {"checkboxes", "multi_static_select"}:
            sent["selected_options"] = element.get("initial_options", [])
            if new is not None:
                sent["selected_options"] = [one for one in element["options"] if one["value"] in new]
        elif element["type"] == "datetimepicker":
            sent["selected_date_time"] = element.get("initial_date_time") if new is None else new
        else:
            sent["value"] = element.get("initial_value") if new is None else new
        values[block["block_id"]] = {element["action_id"]: sent}
    return values
