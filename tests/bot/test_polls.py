"""Polls over Slack's deliveries: what is clicked or sent counts in the course, once; each person alone is told."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from bot import uploads
from bot.updater import Pace
from core import languages
from core.activities import poll_closing, poll_plans, poll_writing, polls, seats, slack_messages
from core.polling.kinds import KINDS
from core.words import Sentence
from tests.bot import limits
from tests.bot.asked import press
from tests.bot.slack import CHANNEL, TEACHER, Workspace
from tests.core.activities import ballots
from tests.core.activities.ballots import SAYS, form_for, look, make, shares
from tests.core.activities.hall import Hall

DATABASES = ("sqlite",)


@pytest.fixture
def hall(workspace: Workspace) -> Hall:
    made = Hall(workspace.database, "poll")
    people = {f"U{place}": seat for place, seat in enumerate(made.students, start=1)}
    workspace.bind(made.course_id, **{TEACHER: made.teacher}, **people)
    for user in (TEACHER, *people):
        workspace.known(user)
    return made


def post(workspace: Workspace, hall: Hall, poll_id: int) -> None:
    """Have a poll's message in the channel."""
    with workspace.database.write() as session:
        slack_messages.post(
            session, workspace.id, CHANNEL, "poll", poll_id, hall.activity_id, asked_by=None, now=workspace.now
        )
    update(workspace)


def update(workspace: Workspace) -> None:
    """What the updater sends when it has not sent anything for a while."""
    workspace.updater._pace = Pace()
    workspace.update()


def newest(workspace: Workspace, method: str) -> dict[str, Any]:
    return workspace.api.of(method)[-1]


def view_of(workspace: Workspace) -> dict[str, Any]:
    """The view that was opened or updated last."""
    return next(said["view"] for name, said in reversed(workspace.api.calls) if name in {"views.open", "views.update"})


def answer(response: Any) -> dict[str, Any]:
    return json.loads(response.body or "{}")


def send(
    workspace: Workspace, user: str, view: dict[str, Any], values: dict[str, Any] | None = None, **typed: Any
) -> dict:
    """Send a form, with what stands there or is typed instead; what Slack is answered."""
    state = {"values": press(view, **typed) if values is None else values}
    sent = {**view, "id": "V1", "hash": "h", "state": state}
    return answer(workspace.payload(user, {"type": "view_submission", "view": sent}))


def of_view(view: dict[str, Any], callback_id: str) -> dict[str, Any]:
    assert view["callback_id"] == callback_id
    assert limits.of_view(view) == []
    return view


def desk(workspace: Workspace, user: str, poll_id: int) -> dict[str, Any]:
    workspace.click(user, "poll_see", f"{poll_id}")
    return of_view(view_of(workspace), "poll_seen")


def act(workspace: Workspace, user: str, action: str, poll_id: int, view: dict[str, Any], **how: Any) -> dict[str, Any]:
    """Press a button of an open view; the view that is then there."""
    workspace.click(user, action, f"{poll_id}", view={**view, "id": "V1"}, **how)
    return view_of(workspace)


@pytest.mark.both_databases
def test_a_click_is_a_vote_and_only_who_clicked_is_told(workspace: Workspace, hall: Hall) -> None:
    poll_id = make(hall, "single")
    option = look(hall, poll_id).options[0].id
    response = workspace.click("U1", f"poll_vote:{option}", f"{poll_id}:{option}")
    assert response.status == 200
    assert shares(hall, poll_id) == {"Yes": 1, "No": 0, "Perhaps": 0}
    said = newest(workspace, "respond")
    assert said["text"] == "Saved. You can change your answer until the poll closes."
    assert said["response_type"] == "ephemeral"
    assert said["replace_original"] is False
    assert "• ⁨Yes⁩" in json.dumps(said["blocks"], ensure_ascii=False)
    assert (
        not workspace.api.of("chat.postMessage")
        + workspace.api.of("chat.update")
        + workspace.api.of("chat.postEphemeral")
    )


@pytest.mark.both_databases
def test_clicking_again_changes_the_vote_and_never_adds_one(workspace: Workspace, hall: Hall) -> None:
    poll_id = make(hall, "single")
    first, second, _ = (option.id for option in look(hall, poll_id).options)
    for option in (first, first, second, second):
        workspace.click("U1", f"poll_vote:{option}", f"{poll_id}:{option}")
    assert shares(hall, poll_id) == {"Yes": 0, "No": 1, "Perhaps": 0}
    assert look(hall, poll_id).voted == 1


@pytest.mark.both_databases
def test_a_closed_poll_refuses_kindly(workspace: Workspace, hall: Hall) -> None:
    poll_id = make(hall, "single")
    option = look(hall, poll_id).options[0].id
    hall.do(poll_closing.close, hall.teacher, poll_id, now=hall.now)
    workspace.click("U1", f"poll_vote:{option}", f"{poll_id}:{option}")
    assert workspace.told() == ["This poll is closed, so your answer was not counted."]
    assert look(hall, poll_id).voted == 0


@pytest.mark.both_databases
def test_the_quorum_closes_the_poll_and_what_closing_brings_along_is_done(workspace: Workspace, hall: Hall) -> None:
    poll_id = make(hall, "pair", quorum="2", is_anonymous=True)
    option = look(hall, poll_id).options[0].id
    for user in ("U1", "U2", "U3"):
        workspace.click(user, f"poll_vote:{option}", f"{poll_id}:{option}")
    found = look(hall, poll_id)
    assert (found.voted, found.state, found.is_settled) == (2, "closed", True)
    assert "Enough people have answered" in workspace.told()[-1] or "is closed" in workspace.told()[-1]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_is_answered_in_its_form_and_changed_there(workspace: Workspace, hall: Hall, kind: str) -> None:
    poll_id = make(hall, kind)
    for user, said in zip(("U1", "U2", "U3"), SAYS[kind], strict=True):
        workspace.click(user, "poll_answer", f"{poll_id}")
        form = of_view(view_of(workspace), "poll_answer")
        told = send(workspace, user, form, typed_as(press(form), form_for(look(hall, poll_id), *said)))
        assert told["response_action"] == "update"
        assert "Saved." in json.dumps(of_view(told["view"], "poll_seen"))
    through_slack = ballots.result(hall, poll_id)
    other = make(hall, kind)
    for seat, said in zip(hall.students, SAYS[kind], strict=True):
        ballots.vote(hall, other, seat, *said)
    assert repr(through_slack.lines) == repr(ballots.result(hall, other).lines)  # type: ignore[union-attr]
    assert look(hall, poll_id).voted == 3
    workspace.click("U1", "poll_answer", f"{poll_id}")
    again = of_view(view_of(workspace), "poll_answer")
    assert again["submit"]["text"] == "Change my answer"
    assert send(workspace, "U1", again)["response_action"] == "update"
    assert look(hall, poll_id).voted == 3


def typed_as(values: dict[str, Any], form: dict[str, list[str]]) -> dict[str, Any]:
    """The state of a view in which `form` was filled in."""
    for name, texts in form.items():
        blocks = [name] if name in values else [block for block in values if block.startswith(f"{name}-")]
        for block, text in zip(blocks, texts, strict=False):
            sent = values[block]["typed"]
            if "selected_options" in sent:
                sent["selected_options"] = [{"value": one} for one in texts]
            elif "selected_option" in sent:
                sent["selected_option"] = {"value": text}
            else:
                sent["value"] = text
    return values


def test_what_cannot_be_counted_is_told_beside_its_field_and_nothing_is_lost(workspace: Workspace, hall: Hall) -> None:
    poll_id = make(hall, "ranking")
    workspace.click("U1", "poll_answer", f"{poll_id}")
    form = view_of(workspace)
    blocks = [block["block_id"] for block in form["blocks"] if block["type"] == "input"]
    typed = {block.replace("-", "_"): place for block, place in zip(blocks, ("1", "2", "1"), strict=True)}
    told = send(workspace, "U1", form, **typed)
    assert told == {
        "response_action": "errors",
        "errors": {blocks[2]: "Place 1 is given twice. Give each place to one option."},
    }
    assert look(hall, poll_id).voted == 0


def test_a_form_that_comes_after_the_close_says_so(workspace: Workspace, hall: Hall) -> None:
    poll_id = make(hall, "rating")
    workspace.click("U1", "poll_answer", f"{poll_id}")
    form = view_of(workspace)
    hall.do(poll_closing.close, hall.teacher, poll_id, now=hall.now)
    told = send(workspace, "U1", form, value="3")
    assert told["response_action"] == "push"
    assert "is closed, so your answer was not counted" in json.dumps(told["view"])
    workspace.click("U2", "poll_answer", f"{poll_id}")
    assert view_of(workspace)["callback_id"] == "poll_said"


@pytest.mark.both_databases
def test_an_anonymous_answer_is_said_to_nobody_not_even_back(workspace: Workspace, hall: Hall) -> None:
    poll_id = make(hall, "text", is_anonymous=True)
    post(workspace, hall, poll_id)
    for place, user in enumerate(("U1", "U2", "U3")):
        workspace.click(user, "poll_answer", f"{poll_id}")
        before = len(workspace.api.calls)
        told = send(workspace, user, view_of(workspace), entry_1=f"zebra {place}")
        if place < 2:  # before three have answered nothing is shown to anybody
            assert "zebra" not in json.dumps([told, workspace.api.calls[before:]])
    update(workspace)
    everything = json.dumps(workspace.api.of("chat.update"))
    assert "zebra 0" in everything
    assert "U1" not in everything
    workspace.click("U1", "poll_answer", f"{poll_id}")
    assert "only in the totals" in json.dumps(view_of(workspace))


def test_results_that_wait_are_shown_to_who_has_answered_and_not_in_the_channel(
    workspace: Workspace, hall: Hall
) -> None:
    poll_id = make(hall, "single", results="after_vote")
    post(workspace, hall, poll_id)
    option = look(hall, poll_id).options[0].id
    workspace.click("U1", f"poll_vote:{option}", f"{poll_id}:{option}")
    update(workspace)
    assert "100 %" in json.dumps(newest(workspace, "respond"))
    assert "100 %" not in json.dumps(newest(workspace, "chat.update"))
    assert "People who have answered: 1." in json.dumps(newest(workspace, "chat.update"))
    workspace.click("U2", "poll_see", f"{poll_id}")
    assert "100 %" not in json.dumps(view_of(workspace))
    hall.do(poll_closing.close, hall.teacher, poll_id, now=hall.now)
    workspace.later(seconds=1)
    update(workspace)
    assert "100 %" in json.dumps(newest(workspace, "chat.update"))


@pytest.mark.both_databases
def test_a_vote_in_the_course_is_seen_in_the_channel(workspace: Workspace, hall: Hall) -> None:
    poll_id = make(hall, "single")
    post(workspace, hall, poll_id)
    said = newest(workspace, "chat.postMessage")
    assert limits.of_message(said["text"], said["blocks"]) == []
    ballots.vote(hall, poll_id, hall.students[0], "No")
    update(workspace)
    said = newest(workspace, "chat.update")
    assert limits.of_message(said["text"], said["blocks"]) == []
    assert "⁨No⁩: 1 (100 %)" in said["text"]


def test_a_workspace_that_takes_no_charts_gets_the_numbers_in_words(workspace: Workspace, hall: Hall) -> None:
    poll_id = make(hall, "single")
    ballots.vote(hall, poll_id, hall.students[0], "No")
    workspace.api.answers["chat.postMessage"] = [{"ok": False, "error": "invalid_blocks"}]
    post(workspace, hall, poll_id)
    first, second = workspace.api.of("chat.postMessage")
    assert "data_visualization" in json.dumps(first)
    assert "data_visualization" not in json.dumps(second)
    assert "(100 %)" in json.dumps(second)


def test_it_closes_at_its_time_in_the_channel_too(workspace: Workspace, hall: Hall) -> None:
    poll_id = make(hall, "single", closes_at=(hall.now + timedelta(minutes=5)).isoformat())
    post(workspace, hall, poll_id)
    assert "It closes" in json.dumps(newest(workspace, "chat.postMessage"))
    workspace.later(minutes=5)
    update(workspace)
    said = json.dumps(newest(workspace, "chat.update"))
    assert "This poll is closed." in said
    assert "poll_vote" not in said


def test_a_poll_that_was_taken_out_says_so(workspace: Workspace, hall: Hall) -> None:
    poll_id = make(hall, "single")
    post(workspace, hall, poll_id)
    hall.do(poll_writing.remove, hall.teacher, poll_id, now=hall.now)
    update(workspace)
    assert newest(workspace, "chat.update")["text"] == "The teacher has taken this poll out."


def test_a_cloud_is_drawn_when_the_class_is_calm(workspace: Workspace, hall: Hall) -> None:
    poll_id = make(hall, "words")
    post(workspace, hall, poll_id)
    ballots.vote(hall, poll_id, hall.students[0], "hope")
    update(workspace)
    assert "data_visualization" in json.dumps(newest(workspace, "chat.update"))
    assert not workspace.api.of("files.getUploadURLExternal")
    workspace.api.answers["files.getUploadURLExternal"] = [
        {"ok": True, "upload_url": f"{workspace.api.url}/upload", "file_id": "F1"}
    ]
    not_ready = {"ok": False, "error": "invalid_blocks"}
    workspace.api.answers["chat.update"] = [not_ready]
    workspace.later(seconds=6)
    update(workspace)
    said = newest(workspace, "chat.update")
    assert not workspace.api.of("files.info")  # it would need the scope to read everybody's files
    image = next(block for block in said["blocks"] if block["type"] == "image")
    assert image["slack_file"] == {"id": "F1"}
    assert image["alt_text"] == "Word cloud; how many said each: ⁨hope⁩ (1)"
    assert "hope⁩: 1" in json.dumps(said["blocks"], ensure_ascii=False)
    assert limits.of_message(said["text"], said["blocks"]) == []


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal", "chat.update"])
def test_a_picture_that_slack_does_not_take_is_done_without(
    workspace: Workspace, hall: Hall, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "APART", 0)
    poll_id = make(hall, "words")
    ballots.vote(hall, poll_id, hall.students[0], "hope")
    hall.do(poll_closing.close, hall.teacher, poll_id, now=hall.now)
    workspace.api.answers["files.getUploadURLExternal"] = [
        {"ok": True, "upload_url": f"{workspace.api.url}/upload", "file_id": "F1"}
    ]
    refused = "chat.postMessage" if method == "chat.update" else method
    error = "invalid_blocks" if method == "chat.update" else "missing_scope"
    workspace.api.answers[refused] = [{"ok": False, "error": error}] * (uploads.LOOKS if method == "chat.update" else 1)
    post(workspace, hall, poll_id)
    said = newest(workspace, "chat.postMessage")
    assert "slack_file" not in json.dumps(said)
    assert "hope⁩: 1" in json.dumps(said["blocks"], ensure_ascii=False)
    assert message_of(workspace, poll_id)[0].ts


@pytest.mark.both_databases
def test_members_add_an_option_where_they_may(workspace: Workspace, hall: Hall) -> None:
    poll_id = make(hall, "single", members_add=True)
    workspace.click("U1", "poll_add", f"{poll_id}")
    form = of_view(view_of(workspace), "poll_add")
    assert send(workspace, "U1", form)["errors"].keys() == {"text"}
    assert "Added. You can choose it now." in json.dumps(send(workspace, "U1", form, text="Tea <!channel>"))
    assert [option.text for option in look(hall, poll_id).live][-1] == "Tea <!channel>"
    closed = make(hall, "single")
    workspace.click("U1", "poll_add", f"{closed}")
    assert "Only your teacher adds options" in json.dumps(send(workspace, "U1", view_of(workspace), text="Tea"))


@pytest.mark.both_databases
def test_an_option_that_waits_is_let_in_by_a_teacher(workspace: Workspace, hall: Hall) -> None:
    poll_id = make(hall, "single", members_add=True)
    workspace.click("U1", "poll_add", f"{poll_id}")
    send(workspace, "U1", view_of(workspace), text="shit")
    pending = look(hall, poll_id).options[-1]
    assert pending.status == "pending"
    view = desk(workspace, TEACHER, poll_id)
    assert "Somebody would like to add" in json.dumps(view)
    assert "Somebody would like to add" not in json.dumps(desk(workspace, "U1", poll_id))
    value = f"{poll_id}:{pending.id}:1"
    workspace.click(TEACHER, f"poll_option:{pending.id}", value, view={**view, "id": "V1"})
    assert look(hall, poll_id).options[-1].status == "live"


@pytest.mark.parametrize(("command", "kind"), [("poll", "single"), ("ab", "pair"), ("cloud", "words")])
def test_a_teacher_asks_from_the_channel(workspace: Workspace, hall: Hall, command: str, kind: str) -> None:
    workspace.command(TEACHER, f"{command} How was it?")
    form = of_view(newest(workspace, "views.open")["view"], "poll_make")
    typed = {"options": "Good\nBad"} if kind != "words" else {}
    told = send(workspace, TEACHER, form, **typed)
    assert told["response_action"] == "update"
    update(workspace)
    said = newest(workspace, "chat.postMessage")
    assert said["channel"] == CHANNEL
    assert said["text"].startswith("Poll: How was it?")
    (made,) = hall.see(polls.listed, hall.teacher, hall.now)
    assert (made.kind.kind, made.state, made.quorum) == (kind, "open", poll_plans.A_FEW if kind == "pair" else None)


@pytest.mark.both_databases
def test_the_same_form_delivered_again_makes_no_second_poll(workspace: Workspace, hall: Hall) -> None:
    workspace.command(TEACHER, "poll Tea?")
    form = newest(workspace, "views.open")["view"]
    assert "errors" in send(workspace, TEACHER, form, options="Yes\nYes")
    for _ in range(4):
        send(workspace, TEACHER, form, options="Yes\nNo")
    assert len(hall.see(polls.listed, hall.teacher, hall.now)) == 1


def test_a_closed_poll_is_left_alone_after_a_month(workspace: Workspace, hall: Hall) -> None:
    poll_id = make(hall, "single", closes_at=(hall.now + timedelta(minutes=5)).isoformat())
    post(workspace, hall, poll_id)
    workspace.later(minutes=6)
    update(workspace)  # closed by the clock, not settled yet
    with workspace.database.write() as session:
        poll_closing.settle_all(session, now=workspace.now)
    update(workspace)
    assert message_of(workspace, poll_id)
    workspace.later(days=31)
    update(workspace)
    assert not message_of(workspace, poll_id)


def message_of(workspace: Workspace, poll_id: int) -> list[Any]:
    """Messages that are still kept up to date."""
    with workspace.database.read() as session:
        return slack_messages.of_target(session, "poll", poll_id)


@pytest.mark.both_databases
def test_what_somebody_wrote_is_reported_hidden_and_shown_again(workspace: Workspace, hall: Hall) -> None:
    poll_id = make(hall, "text")
    post(workspace, hall, poll_id)
    for seat, said in zip(hall.students, ("fine", "nasty " * 30, "fine"), strict=True):
        ballots.vote(hall, poll_id, seat, said)
    form = of_view(act(workspace, "U1", "poll_words", poll_id, desk(workspace, "U1", poll_id)), "poll_words")
    nasty = form["blocks"][1]["element"]["options"][1]["value"]
    told = json.dumps(send(workspace, "U1", form, text=nasty))
    assert "Reported. You will not see this text again" in told
    assert "nasty" not in told
    assert "nasty" in json.dumps(desk(workspace, "U2", poll_id))
    form = of_view(act(workspace, TEACHER, "poll_words", poll_id, desk(workspace, TEACHER, poll_id)), "poll_words")
    assert "is hidden" in json.dumps(send(workspace, TEACHER, form, text=nasty))
    update(workspace)
    assert "nasty" not in json.dumps(newest(workspace, "chat.update"))
    form = act(workspace, TEACHER, "poll_words", poll_id, desk(workspace, TEACHER, poll_id))
    assert "(hidden)" in json.dumps(form)
    assert "is shown" in json.dumps(send(workspace, TEACHER, form, text=nasty))
    update(workspace)
    assert "nasty" in json.dumps(newest(workspace, "chat.update"))
    form["blocks"][1]["element"]["options"][0]["value"] = "0" * 32
    assert "Nobody wrote this here" in json.dumps(send(workspace, "U2", form, text="0" * 32))


def test_nothing_written_is_nothing_to_report(workspace: Workspace, hall: Hall) -> None:
    poll_id = make(hall, "text")
    assert "poll_words" not in json.dumps(desk(workspace, "U1", poll_id))
    workspace.click("U1", "poll_words", f"{poll_id}")
    assert of_view(view_of(workspace), "poll_said")


@pytest.mark.both_databases
def test_four_deliveries_of_each_click_at_once_are_one_vote_each(workspace: Workspace, hall: Hall) -> None:
    poll_id = make(hall, "single")
    first, second, _ = (option.id for option in look(hall, poll_id).options)
    with ThreadPoolExecutor(12) as threads:
        for user, option in (("U1", first), ("U2", second), ("U3", first)):
            for _ in range(4):
                threads.submit(workspace.click, user, f"poll_vote:{option}", f"{poll_id}:{option}")
    workspace.wait()
    assert shares(hall, poll_id) == {"Yes": 2, "No": 1, "Perhaps": 0}
    assert look(hall, poll_id).voted == 3
    assert {said["text"] for said in workspace.api.of("respond")} == {
        "Saved. You can change your answer until the poll closes."
    }


def test_it_says_that_slack_carries_an_anonymous_answer(workspace: Workspace, hall: Hall) -> None:
    poll_id = make(hall, "text", is_anonymous=True)
    workspace.click("U1", "poll_answer", f"{poll_id}")
    assert "it comes to us through Slack" in json.dumps(view_of(workspace))


def test_another_kind_has_other_fields_and_keeps_what_was_typed(workspace: Workspace, hall: Hall) -> None:
    workspace.command(TEACHER, "poll")
    form = newest(workspace, "views.open")["view"]
    for kind, made in KINDS.items():
        chosen = {"type": "static_select", "selected_option": {"value": kind}}
        state = {"values": press(form, prompt="Tea?", options="Yes\nNo")}
        workspace.click(TEACHER, "poll_kind", view={**form, "id": "V1", "state": state}, **chosen)
        values = press(of_view(view_of(workspace), "poll_make"))
        assert values["kind"]["poll_kind"]["selected_option"]["value"] == kind
        assert values["prompt"]["typed"]["value"] == "Tea?"
        if made.options[1]:
            assert values["options"]["typed"]["value"] == "Yes\nNo"


@pytest.mark.both_databases
def test_a_draft_is_kept_changed_opened_closed_and_opened_again(workspace: Workspace, hall: Hall) -> None:
    workspace.command(TEACHER, "poll Tea?")
    form = newest(workspace, "views.open")["view"]
    told = send(workspace, TEACHER, form, then="draft", options="Yes\nYes")
    assert told["errors"].keys() == {"options"}
    view = send(workspace, TEACHER, form, then="draft", options="Yes\nNo")["view"]
    (draft,) = hall.see(polls.listed, hall.teacher, hall.now)
    assert draft.state == "draft"
    assert not workspace.api.of("chat.postMessage")
    change = of_view(act(workspace, TEACHER, "poll_edit", draft.id, view), "poll_change")
    view = send(workspace, TEACHER, change, prompt="Coffee?")["view"]
    assert look(hall, draft.id).prompt == "Coffee?"
    view = act(workspace, TEACHER, "poll_open", draft.id, view)
    update(workspace)
    assert newest(workspace, "chat.postMessage")["text"].startswith("Poll: Coffee?")
    view = act(workspace, TEACHER, "poll_close", draft.id, view)
    assert look(hall, draft.id).state == "closed"
    update(workspace)
    assert "poll_vote" not in json.dumps(newest(workspace, "chat.update"))
    view = act(workspace, TEACHER, "poll_open", draft.id, view)
    assert look(hall, draft.id).state == "open"
    update(workspace)
    assert len(workspace.api.of("chat.postMessage")) == 1
    assert "poll_vote" in json.dumps(newest(workspace, "chat.update"))


@pytest.mark.both_databases
def test_once_somebody_has_answered_only_the_times_change_and_it_stays_open(workspace: Workspace, hall: Hall) -> None:
    poll_id = make(hall, "single", is_open=False, opens_at=(hall.now - timedelta(hours=1)).isoformat())
    ballots.vote(hall, poll_id, hall.students[0], "Yes")
    view = desk(workspace, TEACHER, poll_id)
    change = of_view(act(workspace, TEACHER, "poll_edit", poll_id, view), "poll_change")
    assert send(workspace, TEACHER, change, quorum="9")["response_action"] == "update"
    found = look(hall, poll_id)
    assert (found.quorum, found.state) == (9, "open")


def test_words_changed_while_somebody_answered_are_refused_and_not_dropped(workspace: Workspace, hall: Hall) -> None:
    poll_id = make(hall, "single")
    change = of_view(act(workspace, TEACHER, "poll_edit", poll_id, desk(workspace, TEACHER, poll_id)), "poll_change")
    ballots.vote(hall, poll_id, hall.students[0], "Yes")
    told = send(workspace, TEACHER, change, prompt="Quite another question?")
    assert "its words stay as they are" in json.dumps(told["errors"])
    assert look(hall, poll_id).prompt == "What do you think?"


def test_a_last_impression_shows_how_the_class_moved(workspace: Workspace, hall: Hall) -> None:
    first = make(hall, "pair", quorum="")
    for seat, said in zip(hall.students, ("A", "A", "B"), strict=True):
        ballots.vote(hall, first, seat, said)
    view = act(workspace, TEACHER, "poll_last", first, desk(workspace, TEACHER, first))
    last = next(poll for poll in hall.see(polls.listed, hall.teacher, hall.now) if poll.first_id == first)
    act(workspace, TEACHER, "poll_open", last.id, view)
    for seat, said in zip(hall.students, ("B", "A", "B"), strict=True):
        ballots.vote(hall, last.id, seat, said)
    update(workspace)
    said = newest(workspace, "chat.postMessage")
    assert "How the class moved" in json.dumps(said)
    assert "Answered both times: 3." in json.dumps(said)
    assert "Changed their answer" not in json.dumps(said)  # beside the totals it would tell who
    assert "poll_last" not in json.dumps(desk(workspace, TEACHER, first))


def test_a_copy_and_the_list(workspace: Workspace, hall: Hall) -> None:
    poll_id = make(hall, "single")
    view = act(workspace, TEACHER, "poll_copy", poll_id, desk(workspace, TEACHER, poll_id))
    assert "This is the copy" in json.dumps(view)
    listed = of_view(act(workspace, TEACHER, "poll_list", poll_id, view), "poll_listed")
    assert json.dumps(listed).count("poll_see:") == 2
    workspace.command("U1", "polls")
    assert json.dumps(newest(workspace, "views.open")["view"]).count("poll_see:") == 1


def test_answers_are_exported_to_the_teachers_own_messages(workspace: Workspace, hall: Hall) -> None:
    poll_id = make(hall, "single")
    ballots.vote(hall, poll_id, hall.students[0], "Yes")
    workspace.api.answers["conversations.open"] = [{"ok": True, "channel": {"id": "D9"}}]
    workspace.api.answers["files.getUploadURLExternal"] = [
        {"ok": True, "upload_url": f"{workspace.api.url}/upload", "file_id": "F1"}
    ]
    view = act(workspace, TEACHER, "poll_export", poll_id, desk(workspace, TEACHER, poll_id))
    assert "private messages" in json.dumps(view)
    assert newest(workspace, "files.completeUploadExternal")["channel_id"] == "D9"
    assert len(workspace.api.of("upload")) == 1


def test_without_the_scope_for_files_it_says_where_the_export_is(workspace: Workspace, hall: Hall) -> None:
    poll_id = make(hall, "single")
    ballots.vote(hall, poll_id, hall.students[0], "Yes")
    workspace.api.answers["conversations.open"] = [{"ok": False, "error": "missing_scope"}]
    view = act(workspace, TEACHER, "poll_export", poll_id, desk(workspace, TEACHER, poll_id))
    assert "may not upload files" in json.dumps(view)


@pytest.mark.parametrize(
    "action", ["poll_close", "poll_open", "poll_copy", "poll_last", "poll_post", "poll_edit", "poll_export", "poll_new"]
)
def test_students_do_nothing_that_is_a_teachers(workspace: Workspace, hall: Hall, action: str) -> None:
    poll_id = make(hall, "single")
    before = hall.see(polls.listed, hall.teacher, hall.now)
    view = desk(workspace, "U1", poll_id)
    assert action not in json.dumps(view)
    workspace.click("U1", action, f"{poll_id}", view={**view, "id": "V1"})
    assert hall.see(polls.listed, hall.teacher, hall.now) == before
    assert "eacher" in workspace.told()[-1]
    assert not workspace.api.of("chat.postMessage") or newest(workspace, "chat.postMessage")["channel"] == "U1"


def test_a_student_who_types_poll_is_told_what_they_can_do(workspace: Workspace, hall: Hall) -> None:
    workspace.command("U1", "poll Tea?")
    assert "Only teachers ask the class here." in workspace.told()[-1]
    assert not workspace.api.of("views.open")


@pytest.mark.both_databases
def test_a_poll_of_another_course_is_not_there(workspace: Workspace, hall: Hall) -> None:
    other = hall.another_course("b")
    poll_id = make(other, "single")
    option = look(other, poll_id).options[0].id
    for action, value in (
        ("poll_vote", f"{poll_id}:{option}"),
        ("poll_see", f"{poll_id}"),
        ("poll_answer", f"{poll_id}"),
    ):
        workspace.click("U1", action, value)
        assert workspace.told()[-1].startswith("This poll is not here")
    for action in ("poll_close", "poll_copy", "poll_post"):
        workspace.click(TEACHER, action, f"{poll_id}")
        assert workspace.told()[-1].startswith("This poll is not here")
    assert look(other, poll_id).voted == 0
    draft = make(hall, "single", is_open=False)
    workspace.click("U1", "poll_see", f"{draft}")
    assert workspace.told()[-1].startswith("This poll is not here")


def test_who_is_not_linked_is_told_and_nothing_is_counted(workspace: Workspace, hall: Hall) -> None:
    poll_id = make(hall, "single")
    option = look(hall, poll_id).options[0].id
    workspace.click("U77", f"poll_vote:{option}", f"{poll_id}:{option}")
    assert "We do not know yet who you are" in workspace.told()[-1]
    assert look(hall, poll_id).voted == 0


def test_a_teachers_try_counts_for_nothing_and_is_forgotten_on_request(workspace: Workspace, hall: Hall) -> None:
    poll_id = make(hall, "single")
    option = look(hall, poll_id).options[0].id
    workspace.click(TEACHER, f"poll_vote:{option}", f"{poll_id}:{option}")
    assert "This was a try" in workspace.told()[-1]
    assert look(hall, poll_id).voted == 0
    workspace.click(TEACHER, "poll_again", f"{poll_id}")
    assert "Your try is forgotten." in json.dumps(view_of(workspace))
    with hall.database.read() as session:
        opened = seats.opened(session, hall.teacher, hall.public_id, "poll")
        assert polls.mine(session, hall.teacher, opened) == {}


def test_a_button_outside_the_channel_says_which_class_it_is_of(workspace: Workspace, hall: Hall) -> None:
    poll_id = make(hall, "single")
    row = workspace.bound.id  # type: ignore[union-attr]
    workspace.click("U1", "poll_answer", f"{poll_id}:{row}", channel="D1")
    assert view_of(workspace)["callback_id"] == "poll_answer"
    workspace.click(TEACHER, "poll_new", f"{row}", channel="D1")
    assert view_of(workspace)["callback_id"] == "poll_make"


def test_what_is_said_is_said_in_the_persons_language_and_the_message_in_the_channels(
    workspace: Workspace, hall: Hall
) -> None:
    poll_id = make(hall, "single")
    workspace.known("U1", locale="de-DE")
    option = look(hall, poll_id).options[0].id
    post(workspace, hall, poll_id)
    workspace.click("U1", f"poll_vote:{option}", f"{poll_id}:{option}")
    (told,) = workspace.told()
    assert told == languages.say(Sentence("Saved. You can change your answer until the poll closes."), "de")
    assert told.startswith("Gespeichert")
    assert newest(workspace, "chat.postMessage")["text"].startswith("Poll: ")
