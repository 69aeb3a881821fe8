"""A poll as Slack shows it: within the limits whatever was written, everybody's message tells on nobody, and forms come
back as the answers that were meant.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.views import poll_answers, poll_desk, poll_forms, poll_words, polls
from bot.views.polls import Shown
from core.activities import poll_plans
from core.activities.poll_results import Hidden, Line, Result
from core.activities.poll_shapes import Move, Placed, Places, Taken, Takes, Texts
from core.activities.polls import Mine, Option
from core.polling import answers, kinds
from core.words import Sentence
from tests.bot import limits
from tests.bot.asked import AT, HARD, KINDS, poll, press, promises, result, say, some_answers

STATES = ("draft", "scheduled", "open", "closed")
WAIT = Hidden(Sentence("You see the results once you have answered."), 3)


def shown(of, *voted, **values) -> Shown:
    return Shown(replace(of, voted=len(voted)), result(of, *voted), promises(of), **values)


def ids(view) -> list[str]:
    """Everything that can be pressed."""
    found = []
    for block in view:
        elements = [*block.get("elements", ()), block.get("accessory"), block.get("element")]
        found += [element["action_id"] for element in elements if element and "action_id" in element]
    return found


def words(part: Any) -> str:
    """All that can be read in a view or message, without the marks around people's words."""
    return json.dumps(part, ensure_ascii=False).replace("\u2068", "").replace("\u2069", "")


@pytest.mark.parametrize("text", HARD)
@pytest.mark.parametrize("kind", ["single", "several", "ranking", "words", "text", "quiz"])
def test_every_screen_fits_whatever_was_written(kind: str, text: str) -> None:
    every_screen_fits(kind, text)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_screen_of_every_kind_fits(kind: str) -> None:
    every_screen_fits(kind, "plain")


def every_screen_fits(kind: str, text: str) -> None:
    of = poll(
        kind,
        tuple(f"{text[:298]}{place}" for place in range(40)),
        prompt=text[:500],
        closes_at=AT,
        quorum=5,
        members_add=True,
    )
    voted = some_answers(of)
    ones = (1,) * len(of.options)
    names = tuple(option.text for option in of.options)
    moves = (
        *(Move("", names, ones, ones, 40, 80),) * 3,
        Takes(tuple(Taken(name, 10**9, 10**9) for name in names * 20), 40, 80, None),
        Places(tuple(Placed(name, 1.5, 2.5) for name in names), 40, 80, None),
        Texts(40, 80, 30, 20),
    )
    found, mine = shown(of, *voted, moves=moves), Mine(voted[0], True)
    if isinstance(of.kind, kinds.BROUGHT):
        lines = tuple(Line(f"{text[:600]}{place}", 2, ("a",)) for place in range(300))
        found, mine = replace(found, found=Result(3, None, lines)), Mine(((0, text[:60]),), True)
    for state in STATES:
        now = replace(found, poll=replace(found.poll, state=state, opens_at=AT))
        message = polls.of_channel(now, say)
        assert limits.of_message(message.text, message.blocks) == []
    told = polls.told(Sentence("Saved."), found, mine, say)
    assert limits.of_message(told.text, told.blocks) == []
    desk, waiting = poll_desk.buttons(found.poll, say, has_last=False), poll_desk.waiting(found.poll, say)
    for view in (
        polls.own_view(found, mine, say, metadata="{}", desk=desk, waiting=waiting, said=Sentence("Saved.")),
        poll_answers.form(found, mine, say, metadata="{}"),
        poll_answers.form(found, None, say, metadata="{}"),
        poll_answers.new_option(found.poll, say, metadata="{}"),
        poll_forms.change(found.poll, say, metadata="{}"),
        poll_forms.change(replace(found.poll, voted=0), say, metadata="{}"),
        poll_desk.listed([found.poll] * 42, {17}, say, teaches=True, metadata="{}"),
    ):
        assert limits.of_view(view) == []


@pytest.mark.parametrize("teaches", [False, True])
@pytest.mark.parametrize("text", HARD)
def test_what_waits_for_a_teacher_and_what_can_be_reported_fits(text: str, teaches: bool) -> None:
    lines = [Line(f"{text[:598]}{place}", 1, (f"{place}",), shown=place > 5) for place in range(150)]
    view = poll_words.form(poll("text"), lines, say, teaches=teaches, metadata="{}")
    assert limits.of_view(view) == []
    assert "Slack shows 100 texts of 150." in words(view)
    first = view["blocks"][1]["element"]["options"][0]
    assert poll_words.chosen({"text": {"typed": {"selected_option": first}}}, lines) == lines[0]
    assert poll_words.chosen({"text": {"typed": {"selected_option": {"value": "x"}}}}, lines) is None
    pending = tuple(Option(place, f"{text[:118]}{place}", f"{place}", "pending", 1) for place in range(37))
    of = poll("single", options=(*poll("single").options, *pending))
    desk, waiting = poll_desk.buttons(of, say, has_last=False), poll_desk.waiting(of, say)
    assert limits.of_view(polls.own_view(shown(of), None, say, metadata="{}", desk=desk, waiting=waiting)) == []


def test_everybodys_message_never_has_ones_own_answer() -> None:
    of = poll("single")
    before, after = polls.of_channel(shown(of), say), polls.of_channel(shown(of, ((100, "1"),)), say)
    assert "You have answered" not in words(after.blocks)
    assert ids(before.blocks) == ids(after.blocks) == ["poll_vote:100", "poll_vote:101", "poll_vote:102", "poll_see"]


def test_a_button_holds_ids_only_however_many_have_voted() -> None:
    of = poll("single")
    message = polls.of_channel(shown(of, *[((100, "1"),)] * 800), say)
    values = [
        element["value"] for block in message.blocks for element in block.get("elements", ()) if "value" in element
    ]
    assert values == ["17:100", "17:101", "17:102", "17"]


@pytest.mark.parametrize(
    ("kind", "number", "expected"),
    [
        ("single", 20, [f"poll_vote:{100 + place}" for place in range(20)] + ["poll_see"]),
        ("single", 21, ["poll_answer", "poll_see"]),
        ("several", 3, ["poll_answer", "poll_see"]),
        ("pair", 2, ["poll_vote:100", "poll_vote:101", "poll_see"]),
        ("rating", 0, ["poll_answer", "poll_see"]),
        ("text", 0, ["poll_answer", "poll_see"]),
        ("single", 0, ["poll_see"]),
    ],
)
def test_one_click_answers_where_it_can_be_one(kind: str, number: int, expected: list[str]) -> None:
    of = poll(kind, tuple(f"option {place}" for place in range(number)))
    assert ids(polls.of_channel(shown(of), say).blocks) == expected


def test_members_add_options_where_they_may() -> None:
    assert "poll_add" in ids(polls.of_channel(shown(poll("single", members_add=True)), say).blocks)
    assert "poll_add" not in ids(polls.of_channel(shown(poll("pair", members_add=True)), say).blocks)
    waiting = (*poll("single").options, Option(200, "not yet seen", "x", "pending", 1))
    of = poll("single", members_add=True)
    assert "not yet seen" not in words(polls.of_channel(shown(replace(of, options=waiting)), say).blocks)


def test_a_closed_poll_says_so_and_takes_no_answers() -> None:
    of = poll("single", state="closed")
    message = polls.of_channel(shown(of, ((100, "1"),)), say)
    assert ids(message.blocks) == ["poll_see"]
    assert "This poll is closed. People who answered: 1." in words(message.blocks)
    assert message.text.startswith("Poll, closed: What do you think?")
    form = poll_answers.form(shown(of), None, say, metadata="{}")
    assert form["callback_id"] == "poll_said"
    assert "This poll is closed." in words(form)


def test_hidden_results_are_in_no_part_of_the_message() -> None:
    of = poll("single", results="after_vote", voted=3)
    message = polls.of_channel(Shown(of, WAIT, promises(of)), say)
    assert "You see the results once you have answered." in words(message.blocks)
    assert not any(block["type"] == "data_visualization" for block in message.blocks)
    assert "%" not in words(message.blocks) + message.text
    assert "People who have answered: 3." in words(message.blocks)


def test_the_fallback_reads_like_the_message() -> None:
    of = poll("single", closes_at=AT)
    assert polls.of_channel(shown(of), say).text == (
        "Poll: What do you think?\nYes\nNo\nPerhaps\nChoose one.\nPeople who have answered: 0."
    )
    open_ = polls.of_channel(shown(of, ((100, "1"),)), say).text
    assert "Yes: 1 (100 %)" in open_.replace("\u2068", "").replace("\u2069", "")


def test_what_people_wrote_calls_nobody_and_changes_no_layout() -> None:
    of = poll("single", (HARD[1], "other"), prompt=HARD[1])
    message = polls.of_channel(shown(of, ((100, "1"),)), say)
    assert "<!channel>" not in message.text
    assert "&lt;!channel&gt;" in message.text
    for block in message.blocks:
        texts = [block.get("text"), *block.get("elements", ())]
        for text in texts:
            if text and text["type"] == "mrkdwn":
                assert "channel" not in text["text"]


def test_when_it_closes_is_told_in_each_readers_own_time() -> None:
    message = polls.of_channel(shown(poll("pair", closes_at=AT, quorum=5)), say)
    assert "<!date^1795348800^{date_short_pretty}, {time}|2026-11-22 12:00 UTC>" in words(message.blocks)
    assert "It closes by itself after 5 answers." in words(message.blocks)


def test_who_will_know_is_said_before_somebody_answers() -> None:
    of = poll("text", is_anonymous=True)
    found = Shown(of, result(of), promises(of), in_grade=True)
    for told in (words(polls.of_channel(found, say).blocks), words(poll_answers.form(found, None, say, metadata="{}"))):
        assert "nothing ties it to your answer" in told
        assert "Whoever knows you may still recognise your words." in told
    assert "It counts toward your grade when the poll is closed." in words(polls.of_channel(found, say).blocks)


def test_charts_can_be_left_out_and_the_numbers_stay() -> None:
    found = shown(poll("single"), ((100, "1"),))
    with_, without = polls.of_channel(found, say), polls.of_channel(found, say, with_charts=False)
    kinds_ = [block["type"] for block in with_.blocks]
    assert kinds_.count("data_visualization") == 1
    assert [block for block in with_.blocks if block["type"] != "data_visualization"] == list(without.blocks)


def test_beside_a_clouds_picture_stand_its_words_and_no_chart() -> None:
    found = shown(poll("words"), ((0, "hope"),))
    assert "data_visualization" in {block["type"] for block in polls.of_channel(found, say).blocks}
    message = polls.of_channel(replace(found, has_picture=True), say)
    assert "data_visualization" not in {block["type"] for block in message.blocks}
    assert "hope: 1" in words(message.blocks)


def test_first_and_last_impression_stand_together() -> None:
    move = Move("", ("Yes", "No"), (3, 1), (1, 3), 4, 4, 4, ((1, 2), (0, 1)), 2, None)
    message = polls.of_channel(shown(poll("pair"), ((100, "1"),), moves=(move,)), say)
    assert "How the class moved" in words(message.blocks)
    assert sum(block["type"] == "data_visualization" for block in message.blocks) == 2


def test_options_places_and_texts_move_in_words() -> None:
    """Several and word clouds have their picture, too; no text of anybody is put beside another."""
    takes = Takes((Taken("Yes", 3, 1, 1, 0, 2), Taken("*No*", 1, 3)), 4, 4, 4)
    several = polls.of_channel(shown(poll("several"), ((100, "1"),), moves=(takes,)), say)
    assert "Yes: 3 first, 1 last" in isolated(words(several.blocks))
    assert sum(block["type"] == "data_visualization" for block in several.blocks) == 2
    ranked = Places((Placed("Tea", 2.5, 1.0), Placed("Water", 1.0, 2.0)), 4, 4, None)
    ranking = polls.of_channel(shown(poll("ranking"), ((100, "1"), (101, "2")), moves=(ranked,)), say)
    assert "Tea: on average place 2.5 first, 1.0 last" in isolated(words(ranking.blocks))
    assert "nobody can say who changed their mind" in words(ranking.blocks)
    texts = Texts(4, 4, 4, 3, (("Before.", "After."),))
    written = words(polls.of_channel(shown(poll("text"), ((0, "So."),), moves=(texts,)), say).blocks)
    assert "Changed their answer: 3." in written
    assert "After." not in written


def isolated(text: str) -> str:
    """Without the signs that keep names of either direction apart."""
    return text.replace("\u2068", "").replace("\u2069", "")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_form_that_is_sent_as_it_stands_is_the_answer_that_was_given(kind: str) -> None:
    of = poll(kind)
    for answer in some_answers(of):
        view = poll_answers.form(shown(of), Mine(answer, True), say, metadata="{}")
        assert view["callback_id"] == "poll_answer"
        form = poll_answers.read(press(view))
        assert answers.read(of.kind, form, {option.id for option in of.live}) == answer


def test_an_empty_form_is_refused_beside_a_field() -> None:
    for kind in KINDS:
        of = poll(kind)
        view = poll_answers.form(shown(of), None, say, metadata="{}")
        form = poll_answers.read(press(view))
        with pytest.raises(answers.BadAnswer) as told:
            answers.read(of.kind, form, {option.id for option in of.live})
        view["state"] = {"values": press(view)}
        beside = poll_answers.faulty(view, told.value.sentence)
        assert beside in {block["block_id"] for block in view["blocks"] if block["type"] == "input"}


def test_a_place_that_is_given_twice_is_told_beside_the_second_one() -> None:
    of = poll(kinds.Ranking())
    view = poll_answers.form(shown(of), None, say, metadata="{}")
    view["state"] = {"values": press(view, place_100="1", place_101="2", place_102="1")}
    assert poll_answers.faulty(view, Sentence("Place 1 is given twice.")) == "place-102"
    view["state"] = {"values": press(view, place_100="1", place_102="2")}
    assert poll_answers.faulty(view, Sentence("Place 3 is still free.")) == "place-101"
    assert poll_answers.faulty({"blocks": []}, Sentence("x")) is None


def test_an_entry_that_is_too_long_is_told_beside_its_box() -> None:
    view = poll_answers.form(shown(poll("words")), None, say, metadata="{}")
    view["state"] = {"values": press(view, entry_1="fine", entry_3="far too many words here")}
    refusal = Sentence("“{entry}” has too many words.", {"entry": "far too many words here"})
    assert poll_answers.faulty(view, refusal) == "entry-3"


def test_a_place_can_be_taken_back() -> None:
    of = poll(kinds.Ranking(2))
    view = poll_answers.form(shown(of), Mine(((100, "1"), (101, "2")), True), say, metadata="{}")
    form = poll_answers.read(press(view, place_100=poll_answers.NO_PLACE, place_102="1"))
    assert answers.read(of.kind, form, {100, 101, 102}) == ((101, "2"), (102, "1"))


def test_who_cannot_change_an_answer_sees_it() -> None:
    of = poll("single", may_change=False)
    view = poll_answers.form(shown(of), Mine(((101, "1"),), True), say, metadata="{}")
    assert view["callback_id"] == "poll_said"
    assert "• No" in words(view)
    secret = poll("single", is_anonymous=True, may_change=False)
    view = poll_answers.form(shown(secret), Mine(None, True), say, metadata="{}")
    assert "only in the totals" in words(view)
    tried = poll_answers.form(shown(of), Mine(((101, "1"),), False), say, metadata="{}")
    assert tried["callback_id"] == "poll_answer"


def test_after_answering_one_reads_ones_answer_and_the_results_that_were_hidden() -> None:
    of = poll("single", results="after_vote")
    told = words(polls.told(Sentence("Saved."), shown(of, ((101, "1"),)), Mine(((101, "1"),), True), say).blocks)
    assert "• No" in told
    assert "No: 1 (100 %)" in told
    at_once = polls.told(Sentence("Saved."), shown(poll("single"), ((101, "1"),)), Mine(((101, "1"),), True), say)
    assert "100 %" not in words(at_once.blocks)
    tried = polls.told(Sentence("Thank you."), shown(of), Mine(((101, "1"),), False), say)
    assert ids(tried.blocks) == ["poll_again"]


@pytest.mark.parametrize(
    ("state", "values", "expected"),
    [
        ("draft", {}, ["poll_open", "poll_edit", "poll_copy", "poll_last", "poll_list"]),
        (
            "open",
            {"voted": 2},
            [
                "poll_close", "poll_post", "poll_remind", "poll_edit", "poll_copy", "poll_last", "poll_export",
                "poll_list",
            ],
        ),
        ("closed", {"voted": 2}, ["poll_open", "poll_post", "poll_copy", "poll_last", "poll_export", "poll_list"]),
        ("closed", {"is_anonymous": True, "first_id": 3}, ["poll_post", "poll_copy", "poll_list"]),
    ],
)  # fmt: skip
def test_a_teacher_can_do_what_the_state_allows(state: str, values: dict[str, Any], expected: list[str]) -> None:
    buttons = poll_desk.buttons(poll("single", state=state, **values), say, has_last=False)
    assert [button["action_id"] for button in buttons] == expected


def test_the_close_of_an_anonymous_poll_is_asked_about() -> None:
    (first, *_) = poll_desk.buttons(poll("single", is_anonymous=True), say, has_last=False)
    assert "stays closed" in words(first["confirm"])
    (first, *_) = poll_desk.buttons(poll("single"), say, has_last=False)
    assert "confirm" not in first


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_form_of_a_new_poll_says_what_the_core_reads(kind: str) -> None:
    view = poll_forms.new(poll_plans.blank(kind), say, metadata="{}")
    assert limits.of_view(view) == []
    options = {"pair": "A\nB", "quiz": "I can add"}.get(kind, "A\nB\nC")
    typed = {"prompt": "Why?", "options": options} if KINDS[kind].options[1] else {"prompt": "Why?"}
    values = press(view, **typed, closes_at=1795348800)
    assert poll_forms.kind_of(values) == kind
    assert poll_forms.then(values) == poll_forms.OPEN
    plan = poll_plans.plan(kind, poll_forms.sent(values))
    blank = poll_plans.blank(kind)
    assert (plan.prompt, plan.results, plan.may_change, plan.is_anonymous) == ("Why?", "after_vote", True, False)
    assert (plan.closes_at, plan.quorum) == (AT, blank.quorum)
    assert plan.options == tuple(typed.get("options", "").splitlines())
    if kind == "quiz":
        assert plan.kind.levels[0] == "not yet"  # type: ignore[union-attr]
    else:
        assert plan.kind == blank.kind


def test_a_changed_poll_comes_back_as_it_was() -> None:
    of = poll("several", closes_at=AT, quorum=9, members_add=True, is_anonymous=True, may_change=False)
    values = press(poll_forms.change(of, say, metadata="{}"))
    assert poll_plans.plan("several", poll_forms.sent(values)) == poll_plans.of_poll(of)
    answered = press(poll_forms.change(replace(of, voted=1), say, metadata="{}"))
    assert set(answered) == {"closes_at", "quorum"}
    times = poll_plans.schedule(poll_forms.sent(answered))
    assert times == {"opens_at": None, "closes_at": AT, "quorum": 9}


def test_rules_that_are_not_ticked_are_not_sent() -> None:
    view = poll_forms.new(poll_plans.blank("single"), say, metadata="{}")
    values = press(view, prompt="Why?", options="A\nB", rules=["is_anonymous", "members_add"], then="draft")
    plan = poll_plans.plan("single", poll_forms.sent(values))
    assert (plan.is_anonymous, plan.members_add, plan.may_change) == (True, True, False)
    assert poll_forms.then(values) == poll_forms.DRAFT
    only = poll_forms.new(poll_plans.blank("rating"), say, metadata="{}", always_anonymous=True)
    assert "rules" not in press(only)
    assert "so each of its polls is" in words(only)


def test_the_list_says_what_waits() -> None:
    found = [poll("single", id=1), poll("pair", id=2, state="closed", prompt="Over?")]
    mine = words(poll_desk.listed(found, {2}, say, teaches=False, metadata="{}"))
    assert "What do you think? (open)" in mine
    assert "Over? (closed; you have answered)" in mine
    assert "poll_new" not in mine
    desk = poll_desk.listed(found, (), say, teaches=True, metadata="{}")
    assert ids(desk["blocks"]) == ["poll_see:1", "poll_see:2", "poll_new"]
    assert "no poll yet" in words(poll_desk.listed([], (), say, teaches=True, metadata="{}"))
    assert "No poll is open" in words(poll_desk.listed([], (), say, teaches=False, metadata="{}"))


def test_a_list_of_polls_is_turned_page_by_page_and_what_is_open_comes_first() -> None:
    states = ("closed",) * 60 + ("draft", "open", "scheduled", "open")
    found = [poll("single", id=number, state=state) for number, state in enumerate(states, start=1)]
    seen: list[str] = []
    for page in range(2):
        view = poll_desk.listed(found, (), say, teaches=True, metadata="{}", page=page)
        assert limits.of_view(view) == []
        seen += [name for name in ids(view["blocks"]) if name.startswith("poll_see")]
        assert ("poll_page:back" in ids(view["blocks"]), "poll_page:on" in ids(view["blocks"])) == (
            page == 1,
            page == 0,
        )
        assert ("1 to 40 of 64", "41 to 64 of 64")[page] in words(view)
    order = [62, 64, 63, 61, *range(60, 0, -1)]
    assert seen == [f"poll_see:{number}" for number in order]
    assert poll_desk.listed(found, (), say, teaches=True, metadata="{}", page=9) == view


def test_a_class_without_an_lms_is_not_sent_to_one() -> None:
    for state in ("open", "closed"):
        found = shown(poll("single", state=state))
        assert "in your course, too" in words(polls.of_channel(found, say).blocks)
        assert "your course" not in words(polls.of_channel(replace(found, has_lms=False), say).blocks)


def test_a_refusal_stands_alone() -> None:
    message = polls.refused(Sentence("This poll is closed, so your answer was not counted."), say)
    assert limits.of_message(message.text, message.blocks) == []
    assert limits.of_view(polls.said_in_view(Sentence("Added."), say)) == []
