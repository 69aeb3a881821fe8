"""The tab of the app: what waits, what one wrote, settings; nobody sees anything of a class that is not theirs."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from core.activities import (
    channels,
    people,
    poll_closing,
    poll_plans,
    poll_votes,
    poll_writing,
    polls,
    question_settings,
    questions,
    slack_users,
)
from core.activities.posting import Typed
from core.activities.seats import Opened, Seat
from core.store.tables import Contribution
from sandbox.slack import block_kit
from tests.bot import limits
from tests.bot.asked import HARD
from tests.bot.modals import Person, elements, texts
from tests.bot.slack import Workspace
from tests.core.activities.bringing import Bringing
from tests.core.activities.classroom import LONG, Classroom, one_choice, short_text
from tests.core.activities.hall import Hall

DATABASES = ("sqlite",)


def opens(workspace: Workspace, user: str, **event: Any) -> Person:
    """Somebody opens the tab; `view` is what it showed before."""
    person = Person(workspace, user)
    shown = {"type": "app_home_opened", "user": user, "channel": f"D{user}", "tab": "home", **event}
    before = len(workspace.api.calls)
    workspace.event(shown)
    for name, said in workspace.api.calls[before:]:
        if name == "views.publish":
            assert said["user_id"] == user
            assert limits.of_view(said["view"]) == []
            assert block_kit.check_view(said["view"]) == []
            person.view = said["view"]
    return person


def linked(workspace: Workspace, hall: Any) -> None:
    students = {f"U{place}": seat for place, seat in enumerate(hall.students, start=1)}
    workspace.bind(hall.course_id, **students, U9=hall.teacher)


def open_poll(hall: Hall, prompt: str = "Ready?", **plan: Any) -> int:
    form = {"prompt": prompt, "options": "Yes\nNo", "results": "at_once", **plan}
    number = hall.do(poll_writing.make, hall.teacher, poll_plans.plan("single", form), now=hall.now)
    hall.do(poll_closing.open_poll, hall.teacher, number, now=hall.now)
    return number


def ask(hall: Hall, seat: Seat, title: str) -> int:
    def use(session: Session, seat: Seat, opened: Opened) -> int:
        settings = question_settings.of(opened)
        return questions.ask(session, seat, opened, settings, Typed("", title=title), now=hall.now).id

    return hall.do(use, seat)


def answer(hall: Hall, seat: Seat, question: int, text: str) -> None:
    def use(session: Session, seat: Seat, opened: Opened) -> None:
        settings = question_settings.of(opened)
        questions.answer(session, seat, opened, settings, Typed(text), question_id=question, now=hall.now)

    hall.do(use, seat)


def test_who_is_not_linked_sees_how_to_link_and_nothing_else(workspace: Workspace) -> None:
    hall = Hall(workspace.database, "poll")
    linked(workspace, hall)
    open_poll(hall, "A secret poll")
    person = opens(workspace, "U7")
    assert "Link your account once" in person.words
    assert [element["action_id"] for _, element in elements(person.view)] == ["person_link"]
    assert "secret" not in json.dumps(person.view)


def test_another_tab_of_the_app_shows_nothing(workspace: Workspace) -> None:
    linked(workspace, Hall(workspace.database, "poll"))
    opens(workspace, "U1", tab="messages")
    assert workspace.api.of("views.publish") == []


def test_open_polls_wait_until_they_are_answered(workspace: Workspace) -> None:
    hall = Hall(workspace.database, "poll")
    linked(workspace, hall)
    first, second = open_poll(hall, "Ready?"), open_poll(hall, "Steady?")
    person = opens(workspace, "U1")
    assert "Poll: \u2068Ready?\u2069" in person.words
    person.press(f"poll_answer:{first}")
    assert "Ready?" in person.words
    person.send(option="Yes")
    assert "Ready?" not in opens(workspace, "U1").words
    assert "Steady?" in opens(workspace, "U1").words
    hall.do(poll_closing.close, hall.teacher, second, now=hall.now)
    assert "Nothing waits for you." in opens(workspace, "U1").words


def test_a_poll_that_closes_says_when(workspace: Workspace) -> None:
    hall = Hall(workspace.database, "poll")
    linked(workspace, hall)
    closes = (hall.now + timedelta(days=1)).isoformat()
    open_poll(hall, "<!channel> now?", closes_at=closes)
    person = opens(workspace, "U1")
    assert "&lt;!channel&gt; now?" in person.words
    assert "<!date^" in person.words


def test_problems_to_solve_and_points_so_far(workspace: Workspace) -> None:
    room = Classroom(workspace.database, one_choice(), short_text())
    linked(workspace, room)
    room.answer(room.students[0])
    person = opens(workspace, "U1")
    assert "Problems to solve in “\u2068Practice\u2069”: 1" in person.words
    assert "\u2068Practice\u2069: 50 of 100 points" in person.words
    person.press("practice_start")
    assert "Capital of France?" in person.words
    person.send(answer="Paris")
    person = opens(workspace, "U1")
    assert "Problems to solve" not in person.words
    assert "100 of 100 points" in person.words


def test_an_activity_that_the_lms_may_open_later_is_not_listed(workspace: Workspace) -> None:
    room = Classroom(workspace.database, one_choice())
    room.again("later", *room.problems)
    linked(workspace, room)
    with room.write() as session:
        bound = channels.find(session, workspace.id, "C1")
        assert bound is not None
        channels.use(session, room.teacher, bound.id, "practice", room.public_id)
    assert len([one for _, one in elements(opens(workspace, "U1").view) if "practice" in one["action_id"]]) == 1


def test_my_questions_with_their_answers(workspace: Workspace) -> None:
    hall = Hall(workspace.database, "questions", points=10.0, credit={"question": 2})
    linked(workspace, hall)
    number = ask(hall, hall.students[0], "Why is the sum even?")
    person = opens(workspace, "U1")
    assert "\u2068Why is the sum even?\u2069 (votes: 0, answers: 0)" in person.words
    assert "Questions: 1 of 2" in person.words
    assert "5 of 10 points" in person.words
    answer(hall, hall.students[1], number, "Because both are odd, and two odd numbers make pairs.")
    person = opens(workspace, "U1")
    assert "Questions of yours that have answers: 1." in person.words
    assert "answers: 1" in person.words
    person.press("question_see")
    assert "two odd numbers make pairs" in person.words
    assert "Why is the sum even?" not in opens(workspace, "U2").words


def test_all_that_one_asked_is_reached(workspace: Workspace) -> None:
    hall = Hall(workspace.database, "questions")
    linked(workspace, hall)
    for number in range(7):
        ask(hall, hall.students[0], f"Why is the sum of {number} odd numbers what it is, and not {number + 9}?")
    person = opens(workspace, "U1")
    assert "And 2 older ones: they are among all that you wrote, below." in person.words
    person.press("home_texts")
    last = [element for _, element in elements(person.view)][-1]
    person.press(last["action_id"])
    assert "Why is the sum of 0 odd numbers" in person.words


def test_channels_beyond_the_eighth_are_counted(workspace: Workspace) -> None:
    hall = Hall(workspace.database, "poll")
    linked(workspace, hall)
    with workspace.database.write() as session:
        for number in range(2, 12):
            channels.bind(
                session, workspace.id, f"C{number}", course_id=hall.course_id, bound_by=None, language="en",
                zone="UTC", now=workspace.now,
            )  # fmt: skip
    assert "And 3 more channels." in opens(workspace, "U9").words


def test_items_to_judge(workspace: Workspace) -> None:
    hall = Bringing(workspace.database, judgements=2)
    linked(workspace, hall)
    hall.bring(hall.students[0])
    person = opens(workspace, "U2")
    assert "Items to judge in “\u2068Hall\u2069”: 1" in person.words
    assert "Items to judge" not in opens(workspace, "U1").words
    person.press("item_next")
    assert "Only three left" in person.words
    person.send(side_relevant="5", side_clear="4", side_novel="3")
    assert "Thank you: your judgement counts." in person.words
    assert "Items to judge" not in opens(workspace, "U2").words


def test_three_hundred_contributions_fit(workspace: Workspace) -> None:
    hall = Hall(workspace.database, "questions")
    linked(workspace, hall)
    write(hall, hall.students[0], 300, "live")
    person = opens(workspace, "U1")
    assert "All that I wrote (300)" in person.words
    person.press("home_texts")
    assert "These are the newest 40 of 300." in person.words


def write(hall: Hall, author: Seat, number: int, status: str) -> None:
    """So many comments of every difficult sort."""
    rows = [
        {
            "course_id": hall.course_id, "activity_id": hall.activity_id, "person_id": author.person_id,
            "kind": "comment", "version": 1, "text": f"{place} {HARD[place % len(HARD)]}", "status": status,
            "created_at": hall.now,
        }
        for place in range(number)
    ]  # fmt: skip
    with hall.database.write() as session:
        session.execute(insert(Contribution), rows)


def test_two_hundred_cases_fit_and_are_decided_one_by_one(workspace: Workspace) -> None:
    hall = Hall(workspace.database, "questions")
    linked(workspace, hall)
    write(hall, hall.students[0], 200, "pending")
    person = opens(workspace, "U9")
    assert "Texts that wait for you: 200" in person.words
    person.press("review_open")
    assert "Text 1 of 200" in person.words
    for _ in range(len(HARD)):
        person.press("review_later")
        assert "What happens to it?" in person.words
    assert f"Text {len(HARD) + 1} of 200" in person.words


def test_a_student_has_no_class_to_teach(workspace: Workspace) -> None:
    hall = Hall(workspace.database, "questions")
    linked(workspace, hall)
    write(hall, hall.students[1], 1, "pending")
    used = {element["action_id"].partition(":")[0] for _, element in elements(opens(workspace, "U1").view)}
    assert not used & {"review_open", "home_week", "poll_new"}


def test_a_teacher_sees_the_channels_of_the_class_with_a_way_to_ask(workspace: Workspace) -> None:
    hall = Hall(workspace.database, "poll")
    linked(workspace, hall)
    person = opens(workspace, "U9")
    assert "<#C1>" in person.words
    person.press("poll_new")
    assert "The question" in person.words


def test_reminders_and_quiet_hours(workspace: Workspace) -> None:
    linked(workspace, Hall(workspace.database, "poll"))
    person = opens(workspace, "U1")
    person.press("home_reminders")
    assert "You are not reminded of anything." in person.words
    person.press("home_reminders")
    assert "You are reminded of polls" in person.words
    person.press("home_times")
    person.send(quiet_from="22:00")
    assert person.errors == {"quiet_until": "Quiet hours need a beginning and an end. Choose both, or neither."}
    person.send(quiet_from="22:00", quiet_until="07:30")
    assert "Quiet hours: 22:00 to 07:30." in person.words
    with workspace.database.read() as session:
        who = slack_users.profile(session, workspace.id, "U1")
    assert (who.quiet_from, who.quiet_until) == (22 * 60, 7 * 60 + 30)
    person.press("home_times")
    person.send(quiet_from="-", quiet_until="-")
    assert "You have no quiet hours." in person.words


def test_a_problem_a_day_is_chosen_by_its_time(workspace: Workspace) -> None:
    linked(workspace, Hall(workspace.database, "poll"))
    workspace.known("U1", time_zone="Asia/Kathmandu")
    person = opens(workspace, "U1")
    assert "You get no problem a day" in person.words
    person.press("home_times")
    person.send(problem_at="08:00")
    assert "You get a problem a day by private message, at 08:00." in person.words
    person.press("home_times")
    person.send(problem_at="-")
    assert "You get no problem a day" in person.words


def test_unlinking_leaves_what_was_done(workspace: Workspace) -> None:
    room = Classroom(workspace.database)
    linked(workspace, room)
    room.answer(room.students[0])
    person = opens(workspace, "U1")
    person.press("home_unlink")
    assert "Link your account once" in person.words
    assert room.score(room.students[0]) == (100.0, 100.0)


def test_of_several_classes_one_is_shown_and_no_other_ones_content(workspace: Workspace) -> None:
    mine = Hall(workspace.database, "poll")
    linked(workspace, mine)
    other, foreign = mine.another_course("other"), mine.another_course("foreign")
    with workspace.database.write() as session:
        for place, hall in (("C2", other), ("C3", foreign)):
            channels.bind(
                session, workspace.id, place, course_id=hall.course_id, bound_by=None, language="en", zone="UTC",
                now=workspace.now,
            )  # fmt: skip
        people.enrol(
            session, course_id=other.course_id, person_id=mine.students[0].person_id, role="student", now=mine.now
        )
    for hall, prompt in ((mine, "MINE"), (other, "OTHER"), (foreign, "FOREIGN")):
        open_poll(hall, prompt)
    person = opens(workspace, "U1")
    assert ("MINE" in person.words, "OTHER" in person.words) == (True, False)
    choice = next(one for _, one in elements(person.view) if one["action_id"] == "home_class")
    person.choose("home_class", choice["options"][1]["value"])
    assert ("MINE" in person.words, "OTHER" in person.words) == (False, True)
    again = opens(workspace, "U1", view=person.view)
    assert "OTHER" in again.words
    with workspace.database.read() as session:
        third = channels.find(session, workspace.id, "C3")
    assert third is not None
    forged = {**person.view, "private_metadata": json.dumps({"channel": third.id})}
    assert "MINE" in opens(workspace, "U1", view=forged).words
    workspace.click("U1", "home_texts", view={"id": "V", **forged}, channel=None)
    workspace.click("U1", "home_week", view={"id": "V", **forged}, channel=None)
    workspace.click("U1", "review_open", f"{third.id}", view={"id": "V", **forged}, channel=None)
    assert "FOREIGN" not in json.dumps(workspace.api.calls)
    assert all("Link your account once" in told for told in workspace.told())


def test_the_week_in_pictures_says_every_number_in_words_too(workspace: Workspace) -> None:
    room = Classroom(workspace.database)
    linked(workspace, room)
    for student in room.students[:2]:
        room.answer(student)
    room.explain(room.students[0], LONG)
    person = opens(workspace, "U9")
    person.press("home_week")
    (sent,) = workspace.api.of("chat.postMessage")
    assert sent["channel"] == "U9"
    assert limits.of_message(sent["text"], sent["blocks"]) == []
    assert "answers to problems 2, texts 1" in sent["text"]
    assert "People who answered problems: 2." in sent["text"]
    chart = next(block for block in sent["blocks"] if block["type"] == "data_visualization")["chart"]
    assert [one["data"][-1]["value"] for one in chart["series"]] == [2, 1]


def test_where_charts_are_not_taken_the_words_are_sent(workspace: Workspace) -> None:
    hall = Hall(workspace.database, "poll")
    linked(workspace, hall)
    number = open_poll(hall)
    form = {"option": [f"{hall_option(hall, number)}"]}
    hall.do(poll_votes.vote, hall.students[0], number, form, language="en", now=hall.now)
    person = opens(workspace, "U9")
    workspace.api.answers["chat.postMessage"] = [{"ok": False, "error": "invalid_blocks"}]
    person.press("home_week")
    charted, plain = workspace.api.of("chat.postMessage")
    assert sum(block["type"] == "data_visualization" for block in charted["blocks"]) == 2
    assert not any(block["type"] == "data_visualization" for block in plain["blocks"])
    assert "Yes\u2069: 1 (100 %)" in plain["text"]


def hall_option(hall: Hall, number: int) -> int:
    return hall.see(polls.find, hall.teacher, number, hall.now).options[0].id


def test_only_teachers_get_the_week(workspace: Workspace) -> None:
    hall = Hall(workspace.database, "poll")
    linked(workspace, hall)
    person = opens(workspace, "U1")
    workspace.click("U1", "home_week", view={"id": "V", **person.view}, channel=None)
    assert workspace.told() == ["Only teachers see how the class did."]


def test_every_words_are_escaped_where_slack_reads_marks(workspace: Workspace) -> None:
    hall = Hall(workspace.database, "poll")
    linked(workspace, hall)
    for place in range(7):
        open_poll(hall, HARD[1] + str(place), closes_at=(hall.now + timedelta(days=1)).isoformat())
    person = opens(workspace, "U1")
    marked = [
        element["text"]
        for block in person.view["blocks"]
        for element in (block.get("text"), *block.get("elements", ()))
        if isinstance(element, dict) and element.get("type") == "mrkdwn"
    ]
    assert marked
    assert not any("<!channel>" in text or "<@U123>" in text for text in marked)
    assert "And 2 more." in list(texts(person.view["blocks"]))
