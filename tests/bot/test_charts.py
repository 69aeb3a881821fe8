"""`bot.charts`: Slack's chart where it takes one, and always the same numbers in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import charts
from core import languages
from core.activities.poll_movement import Move
from core.activities.poll_results import Line, Result
from core.polling import kinds
from core.polling.movement import Shift
from core.words import Amount, Sentence
from tests.bot import limits
from tests.bot.asked import HARD, KINDS, poll, result, say, some_answers


def values(chart) -> list:
    """The numbers of a chart by their labels."""
    drawn = chart["chart"]
    if drawn["type"] == "pie":
        return [(one["label"], one["value"]) for one in drawn["segments"]]
    return [(one["name"], [point["value"] for point in one["data"]]) for one in drawn["series"]]


def test_each_kind_has_its_chart() -> None:
    drawn = {}
    for kind in KINDS:
        asked = poll(kind)
        drawn[kind] = charts.chart(asked, result(asked, *some_answers(asked)), say)
    assert drawn.pop("text") is None
    assert {kind: chart["chart"]["type"] for kind, chart in drawn.items()} == {
        kind: "pie" if kind == "pair" else "bar" for kind in drawn
    }
    assert values(drawn["single"]) == [("People", [2, 1, 0])]
    assert values(drawn["pair"]) == [("Yes", 2), ("No", 1)]
    assert values(drawn["ranking"]) == [("Percent", [83, 67, 0])]
    assert values(drawn["words"]) == [("People", [2, 1])]
    assert [name for name, _ in values(drawn["quiz"])] == ["not yet", "with help", "on my own", "well enough to…"]


def test_lines_have_the_numbers_of_the_chart() -> None:
    said = {}
    for kind in KINDS:
        asked = poll(kind)
        said[kind] = [
            line.replace("\u2068", "").replace("\u2069", "")
            for line in charts.lines(asked, result(asked, *some_answers(asked)), say)
        ]
    assert said["single"] == ["Yes: 2 (67 %)", "No: 1 (33 %)", "Perhaps: 0 (0 %)"]
    assert said["pair"] == ["Yes: 2 (67 %)", "No: 1 (33 %)"]
    assert said["rating"][0] == "0 (not at all): 1 (33 %)"
    assert said["rating"][10:] == [
        "10 (very much): 2 (67 %)",
        "Average 6.67; middle 10, half of all from 5 to 10.",
    ]
    assert said["number"] == [
        "-1.5 – 0.5: 1 (33 %)",
        "1 – 3: 1 (33 %)",
        "18.5 – 20: 1 (33 %)",
        "Average 6.83 m/s; middle 2 m/s, half of all from 0.25 m/s to 11 m/s.",
    ]
    assert said["ranking"][0] == "1. Yes: first for 2, before another 83 % of the time"
    assert said["ranking"][-1] == "“Yes” beats every other option, one against one."
    assert said["words"] == ["hope: 2", "fear: 1"]
    assert said["text"] == ["• hope (2 times)", "• fear"]
    assert said["quiz"][0] == "Yes – not yet: 1; with help: 0; on my own: 1; well enough to explain it: 1"


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("text", HARD)
def test_any_options_make_a_chart_that_slack_takes(kind: str, text: str) -> None:
    asked = poll(kind, tuple(f"{text}{place}" for place in range(40)), prompt=text)
    found = result(asked, *some_answers(asked))
    if isinstance(asked.kind, kinds.BROUGHT):
        lines = tuple(Line(f"{text}{place}", 1, ("a",)) for place in range(400))
        found = Result(400, None, lines)
    chart = charts.chart(asked, found, say)
    if chart is not None:
        assert limits.of_message("x", [chart]) == []
    assert sum(map(limits.units, charts.lines(asked, found, say))) < 9_000


def test_of_too_many_bars_the_last_are_one_and_none_is_lost() -> None:
    asked = poll("single", tuple(f"option {place}" for place in range(30)))
    votes = [((option.id, "1"),) for option in asked.options]
    chart = charts.chart(asked, result(asked, *votes), say)
    ((_, counts),) = values(chart)
    assert (len(counts), counts[-1], sum(counts)) == (20, 11, 30)
    assert chart["chart"]["axis_config"]["categories"][-1] == "others"


def test_levels_that_are_too_many_to_tell_apart_have_words_only() -> None:
    asked = poll(kinds.Quiz(("a", "b", "c", "d", "e", "f", "g")))
    found = result(asked, *some_answers(poll("quiz")))
    assert charts.chart(asked, found, say) is None
    assert len(charts.lines(asked, found, say)) == 3


def test_nobody_answered_nothing_is_drawn() -> None:
    for kind in KINDS:
        asked = poll(kind)
        assert charts.chart(asked, result(asked), say) is None


def test_what_a_teacher_hid_is_not_in_a_channel() -> None:
    asked = poll("words")
    found = Result(3, None, (Line("hope", 2, ("hope",)), Line("rude", 1, ("rude",), shown=False)))
    assert "rude" not in str(charts.chart(asked, found, say)) + str(charts.lines(asked, found, say))


def test_long_lists_of_texts_say_how_many_more_there_are() -> None:
    asked = poll("text")
    found = Result(50, None, tuple(Line(f"{place} " + "long " * 110, 1, ("a",)) for place in range(50)))
    said = charts.lines(asked, found, say)
    assert said[-1] == "And 40 more."
    assert len(said) == 11


def test_how_a_class_moved_is_two_series_and_words() -> None:
    move = Move("", ("Yes", "No"), (8, 2), (3, 7), 10, 10, 9, ((2, 6), (1, 0)), 7, 0.03)
    assert values(charts.movement_chart(move, say)) == [("First", [8, 2]), ("Last", [3, 7])]
    said = "\n".join(charts.movement_lines(move, say))
    assert "8 first, 3 last" in said
    assert "Answered both times: 9." in said
    assert "The class as a whole moved" in said
    assert "not clearly moved" in "\n".join(charts.movement_lines(replace(move, chance=0.5), say))
    secret = "\n".join(charts.movement_lines(replace(move, twice=None), say))
    assert "nobody can say who changed" in secret
    scale = Move("", (), (), (), 6, 6, twice=6, shift=Shift(6, 0.5, 0.1, 0.9))
    assert charts.movement_chart(scale, say) is None
    assert charts.movement_lines(scale, say)[-1] == "On average by +0.50 (90 % interval +0.10 to +0.90)."
    few = replace(scale, shift=Shift(2, 0.5, None, None))
    assert charts.movement_lines(few, say)[-1] == "On average by +0.50."


def test_ties_are_called_ties() -> None:
    asked = poll("ranking")
    ids = [option.id for option in asked.options]
    found = result(asked, ((ids[0], "1"), (ids[1], "2")), ((ids[1], "1"), (ids[0], "2")))
    said = charts.lines(asked, found, say)
    assert "(tie)" in said[0]
    assert "(tie)" in said[1]
    assert said[-1] == "No option beats every other one, one against one."


def test_lines_have_the_decimal_mark_of_the_readers_language() -> None:
    def german(message: Sentence | str, /, **given: object) -> str:
        return languages.say(message if isinstance(message, Sentence) else Sentence(message, given), "de")

    said = {}
    for kind in ("rating", "number"):
        asked = poll(kind)
        said[kind] = charts.lines(asked, result(asked, *some_answers(asked)), german)
    assert "6,67" in said["rating"][-1]
    assert said["number"][0].startswith("-1,5 – 0,5: 1")
    assert "." not in "".join(said["number"][:-1])
    amount = Amount(2.5)
    assert (charts.with_unit(amount, "", german), charts.with_unit(amount, "m", german)) == ("2,5", "2,5 \u2068m\u2069")
