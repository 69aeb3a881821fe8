"""Prompts over Slack's deliveries: planned in a form, changed in a list, posted at their time; reminders in private."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.updater import Pace
from bot.views import prompts as views
from core.activities import channels, poll_votes, prompts, reminders, seats, slack_users
from core.activities.prompts import Prompt
from core.store.tables import Ballot, Poll, PollOption, SlackMessage
from core.store.tables import Prompt as PromptRow
from tests.bot import limits
from tests.bot.asked import HARD, poll, say
from tests.bot.modals import Person, elements
from tests.bot.slack import CHANNEL, TEACHER, Workspace
from tests.core.activities.classroom import NOW
from tests.core.activities.hall import Hall
from tests.core.activities.prompting import DAILY, ONCE, YES_NO

DATABASES = ("sqlite",)
EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Room:
    """U1 to U3 are students and U9 teaches, in the channel C1."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.hall = Hall(workspace.database, "poll")
        one, two, three = self.hall.students
        self.bound = workspace.bind(self.hall.course_id, U1=one, U2=two, U3=three, U9=self.hall.teacher)
        for user in ("U1", "U2", "U3", TEACHER):
            workspace.known(user)
        self.teacher = Person(workspace, TEACHER)

    def prompts(self) -> list[Prompt]:
        with self.workspace.database.read() as session:
            return prompts.listed(session, self.hall.teacher)

    def plan(self, **said: Any) -> dict[str, Any]:
        """What a teacher fills in: a question with two options, each day at ten o'clock."""
        return {
            "prompt": "Clear so far?", "options": "Yes\nNo", "time": "10:00", "day": "2026-12-01",
            "weekdays": EVERY_DAY, "open": "240", "remind": "60", **said,
        }  # fmt: skip

    def make(self, wanted: prompts.Wanted = DAILY, **other: Any) -> int:
        with self.workspace.database.write() as session:
            wanted = replace(wanted, **other)
            return prompts.make(session, self.hall.teacher, self.bound, wanted, now=self.workspace.now)

    def run(self) -> None:
        """What the worker does, and then the updater."""
        for room in (prompts, reminders):
            with self.workspace.database.write() as session:
                room.run_due(session, now=self.workspace.now)
        self.workspace.updater._pace = Pace()
        self.workspace.updater._pace.may = lambda *_: True  # type: ignore[method-assign]  # a test does not wait
        self.workspace.update()

    def posted(self) -> list[str]:
        """The texts of what stands in the channel."""
        return [said["text"] for said in self.workspace.api.of("chat.postMessage") if said["channel"] == CHANNEL]

    def private(self, user: str) -> list[dict[str, Any]]:
        return [said for said in self.workspace.api.of("chat.postMessage") if said["channel"] == user]


@pytest.fixture
def room(workspace: Workspace) -> Room:
    return Room(workspace)


def test_a_teacher_plans_a_poll_and_it_comes_each_day_with_its_reminder(room: Room) -> None:
    room.teacher.command("schedule")
    assert "Nothing comes by itself yet." in room.teacher.words
    room.teacher.press("prompt_new")
    room.teacher.send(**room.plan())
    assert "Saved. It comes by itself at its time." in room.teacher.words
    assert (
        "Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday at 10:00 (UTC), in #C1." in room.teacher.words
    )
    (prompt,) = room.prompts()
    assert (prompt.next_at, prompt.wanted.open_minutes, prompt.wanted.remind_minutes) == (
        NOW + timedelta(hours=1), 240, 60,
    )  # fmt: skip
    assert prompt.wanted.values == {
        "prompt": "Clear so far?", "options": "Yes\nNo", "results": "after_vote", "may_change": "on",
    }  # fmt: skip
    room.workspace.later(hours=1, seconds=1)
    room.run()
    assert room.posted()[0].startswith("Poll: Clear so far?")
    assert limits.of_message(room.posted()[0], room.workspace.api.of("chat.postMessage")[0]["blocks"]) == []
    room.workspace.later(hours=3)
    room.run()
    assert [len(room.private(user)) for user in ("U1", "U2", "U3", TEACHER)] == [1, 1, 1, 0]
    told = room.private("U1")[0]
    assert told["text"] == "You have not answered yet: “Clear so far?” It closes at 2026-12-01 14:00 UTC."
    assert limits.of_message(told["text"], told["blocks"]) == []


def test_a_form_has_the_fields_of_what_is_asked(room: Room) -> None:
    room.teacher.command("schedule")
    room.teacher.press("prompt_new")
    for kind in ("several", "pair", "rating", "number", "ranking", "words", "text", "quiz", "problem", "last"):
        room.teacher.choose("prompt_kind", kind)
        names = {name for name, _ in elements(room.teacher.view)}
        assert {"kind", "channel", "day", "time"} <= names
        assert ("prompt" in names) == (kind not in {"problem", "last"})
        assert ("open" in names) == (kind != "problem")
        assert ("weekdays" in names) == (kind != "last")
    assert "There is no poll yet that could be asked again." in room.teacher.words


def test_what_could_never_come_is_said_beside_its_field(room: Room) -> None:
    room.teacher.command("schedule")
    room.teacher.press("prompt_new")
    for said, block in (
        ({"day": "2026-11-01", "weekdays": []}, "day"),
        ({"until": "2026-11-30"}, "until"),
        ({"prompt": ""}, "prompt"),
        ({"options": "Yes"}, "options"),
        ({"open": "15"}, "remind"),
        ({"rules": ["is_anonymous"]}, "remind"),
    ):
        view = {
            **room.teacher.view,
            "id": "V1",
            "hash": "h",
            "state": {"values": room.teacher.filled(**room.plan(**said))},
        }
        answer = room.workspace.payload(TEACHER, {"type": "view_submission", "view": view})
        assert list(json.loads(answer.body)["errors"]) == [block]
    assert room.prompts() == []


def test_the_list_pauses_goes_on_skips_posts_changes_and_ends(room: Room) -> None:
    room.make()
    room.teacher.command("schedule")
    room.teacher.press("prompt_pause")
    assert "Paused." in room.teacher.words
    room.teacher.press("prompt_resume")
    room.teacher.press("prompt_skip")
    assert "The next time is left out." in room.teacher.words
    assert room.prompts()[0].next_at == NOW + timedelta(hours=25)
    room.teacher.press("prompt_post")
    room.run()
    assert room.posted()[0].startswith("Poll: Clear so far?")
    room.teacher.press("prompt_edit")
    room.teacher.send(**room.plan(prompt="And now?", weekdays=[], day="2026-12-09"))
    assert "And now?" in room.teacher.words
    assert "Once, on 2026-12-09 at 10:00 (UTC), in #C1." in room.teacher.words
    room.teacher.press("prompt_end")
    assert room.prompts() == []
    assert "Nothing comes by itself yet." in room.teacher.words


def test_a_second_click_on_a_list_that_is_old_does_nothing_and_says_so(room: Room) -> None:
    room.make()
    room.teacher.command("schedule")
    old = room.teacher.view
    for verb, count in (("post", 1), ("skip", 1)):
        room.teacher.view = old
        room.teacher.press(f"prompt_{verb}")
        room.teacher.view = old
        room.teacher.press(f"prompt_{verb}")
        assert "This prompt has changed meanwhile" in room.teacher.words
        with room.workspace.database.read() as session:
            assert session.scalar(select(func.count()).select_from(Poll)) == count
    assert room.prompts()[0].next_at == NOW + timedelta(hours=25)


def test_the_shortcut_offers_the_channels_where_one_teaches(room: Room) -> None:
    other = room.hall.another_course("b")
    with room.workspace.database.write() as session:
        channels.bind(
            session, room.workspace.id, "C5", course_id=other.course_id, bound_by=None, language="en", zone="UTC",
            now=NOW,
        )  # type: ignore[arg-type]  # nobody in particular # fmt: skip
    room.workspace.shortcut(TEACHER, "new_prompt")
    view = room.workspace.api.of("views.open")[-1]["view"]
    room.teacher.view = view
    (places,) = [one["options"] for name, one in elements(view) if name == "channel"]
    assert [place["text"]["text"] for place in places] == ["#C1"]
    room.teacher.send(**room.plan())
    assert len(room.prompts()) == 1
    room.workspace.shortcut("U1", "new_prompt")
    assert room.workspace.told()[-1].startswith("You teach no class in this workspace.")


def test_a_last_impression_is_planned_for_a_later_day(room: Room) -> None:
    room.make(ONCE)
    room.workspace.later(hours=1, seconds=1)
    room.run()
    room.teacher.command("schedule")
    room.teacher.press("prompt_new")
    room.teacher.choose("prompt_kind", "last")
    room.teacher.send(day="2027-01-20", time="10:00", open="1440", remind="0")
    assert "Last impression: Clear so far?" in room.teacher.words
    room.workspace.later(days=50)
    room.run()
    with room.workspace.database.read() as session:
        first, last = session.scalars(select(Poll).order_by(Poll.id)).all()
    assert (last.first_id, last.opened_at) == (first.id, room.workspace.now)


def test_students_plan_nothing_and_see_nothing_of_it(room: Room) -> None:
    prompt = room.make()
    student = room.workspace
    student.command("U1", "schedule")
    for verb in ("pause", "end", "edit", "post"):
        student.click("U1", f"prompt_{verb}:{prompt}", f"{prompt}:0", view={
            "id": "V1", "type": "modal", "private_metadata": f'{{"channel": {room.bound.id}}}',
        }, channel=None)  # fmt: skip
    student.submit("U1", "prompt_make", {}, {"channel": room.bound.id, "prompt": prompt})
    assert all("Only teachers" in told for told in student.told())
    assert len(student.told()) == 5
    assert room.prompts()[0].status == "active"
    assert student.api.of("views.open") == []


def test_a_reminder_leads_to_the_answer_and_can_be_stopped(room: Room) -> None:
    room.make(ONCE, remind_minutes=30)
    room.workspace.later(hours=1, seconds=1)
    room.run()
    with room.workspace.database.write() as session:
        slack_users.choose(session, room.workspace.id, "U2", wants_reminders=False)
    room.workspace.later(minutes=91)
    room.run()
    assert [len(room.private(user)) for user in ("U1", "U2", "U3")] == [1, 0, 1]
    (buttons,) = [block for block in room.private("U1")[0]["blocks"] if block["type"] == "actions"]
    answer, stop = buttons["elements"]
    person = Person(room.workspace, "U1")
    person.click(answer["action_id"], answer["value"], channel="D1")
    assert "Clear so far?" in str(person.view)
    room.workspace.click("U1", stop["action_id"], channel="D1")
    assert room.workspace.told()[0].startswith("You get no more reminders.")
    with room.workspace.database.read() as session:
        assert slack_users.profile(session, room.workspace.id, "U1").wants_reminders is False


def test_a_teacher_reminds_from_the_view_of_a_poll(room: Room) -> None:
    room.make(ONCE)
    room.workspace.later(hours=1, seconds=1)
    room.run()
    with room.workspace.database.read() as session:
        (number,) = session.scalars(select(Poll.id))
    room.teacher.click("poll_see", f"{number}")
    room.teacher.press("poll_remind")
    assert "People who get a reminder in private: 3." in room.teacher.words
    room.run()
    assert [len(room.private(user)) for user in ("U1", "U2", "U3", TEACHER)] == [1, 1, 1, 0]
    room.workspace.click("U1", "poll_remind", f"{number}")
    assert room.workspace.api.of("respond")[-1]["text"] == "Only teachers remind the class."


def test_a_reminder_that_is_late_is_not_sent(room: Room) -> None:
    room.make(ONCE, remind_minutes=30)
    room.workspace.later(hours=1, seconds=1)
    room.run()
    room.workspace.later(minutes=91)
    with room.workspace.database.write() as session:
        assert reminders.run_due(session, now=room.workspace.now) == 3
        poll, activity = session.execute(select(Poll.id, Poll.activity_id)).one()
        opened = seats.opened_of_id(session, room.hall.students[0], activity, "poll", to_work=True)
        option = room_option(session, poll)
        poll_votes.vote(
            session, room.hall.students[0], opened, poll, {"option": [option]}, language="en", now=room.workspace.now
        )
    room.run()
    assert [len(room.private(user)) for user in ("U1", "U2", "U3")] == [0, 1, 1]


def room_option(session: Any, poll: int) -> str:
    return str(session.scalars(select(PollOption.id).where(PollOption.poll_id == poll)).first())


def test_who_made_a_prompt_that_cannot_be_posted_is_told(room: Room) -> None:
    prompt = room.make(ONCE)
    with room.workspace.database.write() as session:
        row = session.get(PromptRow, prompt)
        assert row is not None
        row.form = {"kind": "single", "values": {**YES_NO, "options": "Yes"}}
    room.workspace.later(hours=2)
    room.run()
    (told,) = room.private(TEACHER)
    assert told["text"].startswith("A prompt of yours was paused: This kind of poll has 2 to 40 options; there are 1.")
    room.teacher.command("schedule")
    assert "Paused by itself: This kind of poll has 2 to 40 options" in room.teacher.words


def test_all_fifty_prompts_of_a_course_are_reached_and_changed_where_they_stand(room: Room) -> None:
    for number in range(prompts.MOST):
        room.make(ONCE, kind="single", values={**YES_NO, "prompt": f"Number {number:02}?"}, at_minute=700 + number)
    teacher = room.teacher
    teacher.command("schedule")
    assert "Number 24?" in teacher.words
    assert "Number 25?" not in teacher.words
    assert "1 to 25 of 50" in teacher.words
    teacher.press("prompt_page:on")
    assert "26 to 50 of 50" in teacher.words
    assert "Number 49?" in teacher.words
    assert "Number 24?" not in teacher.words
    teacher.press("prompt_pause")
    assert "Paused." in teacher.words
    assert "26 to 50 of 50" in teacher.words  # where it was done
    teacher.press("prompt_edit")
    teacher.send(prompt="Another one?")
    assert "26 to 50 of 50" in teacher.words
    assert "Another one?" in teacher.words
    teacher.press("prompt_page:back")
    assert "Number 00?" in teacher.words
    room.workspace.click("U1", "prompt_page", "1", view={"id": "V1", **teacher.view}, channel=None)
    assert "Only teachers" in room.workspace.told()[-1]


@pytest.mark.parametrize("text", HARD)
def test_hard_texts_are_within_slacks_limits(room: Room, text: str) -> None:
    whole = text[:500]
    found = [
        prompts.Prompt(
            number, room.bound.id, replace(DAILY, first_id=7 if number % 3 == 0 else None), whole, "Europe/Berlin",
            ("active", "paused")[number % 2], NOW, 9, None,
        )
        for number in range(1, 51)
    ]  # fmt: skip
    for page in range(2):
        view = views.listed(found, {room.bound.id: whole[:80]}, say, metadata="{}", said=whole, page=page)
        assert limits.of_view(view) == []
    made = views.reminder(poll("text", prompt=text, closes_at=NOW), 1, say)
    assert limits.of_message(made.text, made.blocks) == []
    assert "<!channel>" not in str([block for block in made.blocks if "mrkdwn" in str(block)])


# ---- answers in the thread ----
def asked(room: Room, kind: str, **values: str) -> str:
    """A poll is posted; gives its message's ts."""
    form = {"prompt": "In a word?", "results": "at_once", **values}
    room.make(ONCE, kind=kind, values=form)
    room.workspace.later(hours=1, seconds=1)
    room.run()
    with room.workspace.database.read() as session:
        return str(session.scalars(select(SlackMessage.ts).order_by(SlackMessage.id.desc())).first())


def mention(room: Room, user: str, text: str, thread: str, **more: str) -> None:
    room.workspace.event(
        {
            "type": "app_mention", "user": user, "channel": CHANNEL, "ts": "5.5", "thread_ts": thread,
            "text": f"<@UB> {text}", **more,
        }
    )  # fmt: skip


def ballots(room: Room) -> list[Any]:
    with room.workspace.database.read() as session:
        return list(session.scalars(select(Ballot.answer).order_by(Ballot.id)))


def test_a_mention_in_a_polls_thread_is_an_answer(room: Room) -> None:
    ts = asked(room, "words", entries="3", may_change="on")
    mention(room, "U1", "fair, hard &amp; long", ts)
    assert room.workspace.told()[-1].startswith("Your answer in the thread of “In a word?”: Saved.")
    assert ballots(room) == [{"marks": [[0, "fair"], [0, "hard & long"]]}]
    mention(room, "U1", "easy", ts)
    assert ballots(room) == [{"marks": [[0, "easy"]]}]
    mention(room, "U2", "", ts)
    assert room.workspace.told()[-1].startswith("There is nothing written yet.")
    mention(room, "U3", "hm", ts, bot_id="B7")
    assert len(ballots(room)) == 1


def test_an_open_text_is_answered_in_the_thread_once(room: Room) -> None:
    ts = asked(room, "text", longest="30")
    mention(room, "U1", "x" * 31, ts)
    assert "31 characters; 30 is the most" in room.workspace.told()[-1]
    mention(room, "U1", "<https://a.example|here>", ts)
    mention(room, "U1", "once more", ts)
    assert "answers once" in room.workspace.told()[-1]
    assert len(ballots(room)) == 1
    room.workspace.later(hours=3)
    mention(room, "U2", "late", ts)
    assert room.workspace.told()[-1] == "This poll is closed, so your answer was not counted."


def test_a_thread_takes_no_answer_to_an_anonymous_poll(room: Room) -> None:
    ts = asked(room, "words", entries="3", is_anonymous="on")
    mention(room, "U1", "fair", ts)
    assert room.workspace.told()[-1].startswith("This poll is anonymous, and everybody sees who wrote in the thread")
    with room.workspace.database.read() as session:
        assert session.scalar(select(Poll.voted)) == 0


def test_a_mention_elsewhere_may_become_a_question(room: Room) -> None:
    ts = asked(room, "single", options="Yes\nNo")
    mention(room, "U1", "why is that?", ts)
    assert "why is that?" in str(room.workspace.api.calls[-1][1])
    assert ballots(room) == []
    mention(room, "U1", "and this?", "1.23")
    assert "and this?" in str(room.workspace.api.calls[-1][1])


def test_who_is_not_linked_is_told_how_and_nothing_counts(room: Room) -> None:
    ts = asked(room, "words", entries="3")
    mention(room, "U7", "fair", ts)
    assert "do not know yet who you are" in room.workspace.told()[-1]
    assert ballots(room) == []
