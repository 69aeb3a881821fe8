"""Polls as their use cases promise them: states, answers, results, rules about who sees what, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.activities import (
    activities,
    poll_closing,
    poll_export,
    poll_plans,
    poll_results,
    poll_settings,
    poll_votes,
    poll_writing,
    polls,
    recount,
    seats,
)
from core.activities.poll_results import Hidden, Result
from core.activities.refusals import Gone, NotAllowed, NotFound, Refusal
from core.activities.seats import Seat
from core.polling.kinds import KINDS
from core.store.database import Database
from core.store.tables import Ballot, Grade, PollCount, Voter
from core.wording.cells import csv_file
from tests.core.activities.ballots import FORMS, SAYS, form_for, look, make, result, shares, vote
from tests.core.activities.hall import Hall

DATABASES = ("sqlite",)


def refused(hall: Hall, use_case, seat, *args, **named) -> str:
    with pytest.raises(Refusal) as told:
        hall.do(use_case, seat, *args, **named, now=hall.now)
    return str(told.value.sentence)


def nothing_is_miscounted(hall: Hall) -> None:
    with hall.database.read() as session:
        assert list(recount.polls(session)) == []


@pytest.mark.both_databases
@pytest.mark.parametrize("anonymous", [False, True])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_three_people_answer_and_all_of_them_are_in_the_results(database: Database, kind: str, anonymous: bool) -> None:
    hall = Hall(database, "poll")
    poll_id = make(hall, kind, is_anonymous=anonymous)
    for student, said in zip(hall.students, SAYS[kind], strict=True):
        voted = vote(hall, poll_id, student, *said)
        assert str(voted.message).startswith("Saved.")
    found = result(hall, poll_id, hall.students[0])
    assert isinstance(found, Result)
    assert (found.voters, look(hall, poll_id).voted) == (3, 3)
    nothing_is_miscounted(hall)
    if kind == "words":
        assert [(line.text, line.count) for line in found.lines] == [("hope", 2), ("doubt", 1), ("fear", 1)]
    elif kind == "text":
        assert [(line.text, line.count) for line in found.lines] == [("Because.", 2), ("Why not?", 1)]
    elif kind == "quiz":
        assert [line.counts for line in found.figure.statements] == [(1, 1, 1, 0), (0, 0, 0, 2)]
    elif kind == "ranking":
        assert found.figure.preferred == ((0, 2, 3), (1, 0, 2), (0, 1, 0))
    elif kind in {"rating", "number"}:
        assert found.figure.median == {"rating": 4, "number": 3}[kind]
    else:
        assert sum(share.count for share in found.figure.shares) == {"several": 4}.get(kind, 3)


@pytest.mark.both_databases
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_named_and_anonymous_polls_have_the_same_results(database: Database, kind: str) -> None:
    hall = Hall(database, "poll")
    found = []
    for anonymous in (False, True):
        poll_id = make(hall, kind, is_anonymous=anonymous)
        for student, said in zip(hall.students, SAYS[kind], strict=True):
            vote(hall, poll_id, student, *said)
        place = {option.id: at for at, option in enumerate(look(hall, poll_id).options)}
        with hall.database.read() as session:
            counts = poll_results.counts_of(session, poll_id)
        by_place = {
            (place.get(option, -1), f"-{place[-int(v)]}" if option and v.startswith("-") else v): n
            for (option, v), n in counts.items()
        }
        found.append(by_place)
    assert found[0] == found[1]


@pytest.mark.both_databases
def test_a_changed_mind_is_counted_once(database: Database) -> None:
    hall = Hall(database, "poll")
    poll_id = make(hall, "several")
    anna, *_ = hall.students
    vote(hall, poll_id, anna, "Red", "Blue")
    vote(hall, poll_id, anna, "Red", "Blue")  # a double click
    vote(hall, poll_id, anna, "Green")
    assert shares(hall, poll_id) == {"Red": 0, "Green": 1, "Blue": 0}
    assert look(hall, poll_id).voted == 1
    nothing_is_miscounted(hall)


@pytest.mark.both_databases
def test_where_answers_stand_a_second_one_is_refused(database: Database) -> None:
    hall = Hall(database, "poll")
    for values in ({"may_change": False}, {"is_anonymous": True}):
        poll_id = make(hall, **values)
        vote(hall, poll_id, hall.students[0], "Yes")
        with pytest.raises(NotAllowed, match="first answer is kept"):
            vote(hall, poll_id, hall.students[0], "No")
    assert shares(hall, poll_id - 1) == {"Yes": 1, "No": 0, "Perhaps": 0}
    nothing_is_miscounted(hall)


def test_an_anonymous_poll_never_lets_anybody_change_an_answer(database: Database) -> None:
    hall = Hall(database, "poll")
    poll_id = make(hall, is_anonymous=True, may_change=True)
    assert look(hall, poll_id).may_change is False
    assert "cannot change it" in " ".join(map(str, polls.promise(look(hall, poll_id), "named")))


def test_in_an_anonymous_activity_every_poll_is(database: Database) -> None:
    hall = Hall(database, "poll", anonymity="anonymous")
    assert look(hall, make(hall)).is_anonymous


def test_changing_one_s_mind_without_end_ends_for_the_day(database: Database) -> None:
    hall = Hall(database, "poll", daily=1)
    poll_id = make(hall)
    for turn in range(11):
        vote(hall, poll_id, hall.students[0], ("Yes", "No")[turn % 2])
    with pytest.raises(Refusal, match="enough for today"):
        vote(hall, poll_id, hall.students[0], "No")
    nothing_is_miscounted(hall)


class TestStates:
    def test_a_draft_is_the_teacher_s(self, database: Database) -> None:
        hall = Hall(database, "poll")
        poll_id = make(hall, is_open=False)
        assert [poll.state for poll in hall.see(polls.listed, hall.teacher, hall.now)] == ["draft"]
        assert hall.see(polls.listed, hall.students[0], hall.now) == []
        with pytest.raises(NotFound):
            look(hall, poll_id, hall.students[0])

    @pytest.mark.both_databases
    def test_a_schedule_is_kept_without_anything_running(self, database: Database) -> None:
        hall = Hall(database, "poll")
        opens, closes = hall.now + timedelta(hours=1), hall.now + timedelta(hours=2)
        poll_id = make(hall, is_open=False, opens_at=opens.isoformat(), closes_at=closes.isoformat())
        states = []
        for student in (*hall.students, hall.students[0]):
            states.append(look(hall, poll_id).state)
            try:
                vote(hall, poll_id, student, "Yes")
            except (NotFound, Gone) as error:
                states.append(type(error).__name__)
            hall.later(minutes=45)
        assert states == ["scheduled", "NotFound", "scheduled", "NotFound", "open", "closed", "Gone"]
        assert shares(hall, poll_id)["Yes"] == 1

    @pytest.mark.both_databases
    def test_exactly_the_quorum_is_counted(self, database: Database) -> None:
        hall = Hall(database, "poll", students=7)
        poll_id = make(hall, "pair")
        told = []
        for student in hall.students:
            try:
                told.append(vote(hall, poll_id, student, "A").is_last)
            except Gone as error:
                told.append(str(error.sentence))
        assert told[:5] == [False, False, False, False, True]
        assert all("Enough people have answered" in said for said in told[5:])
        assert look(hall, poll_id).state == "closed"
        assert shares(hall, poll_id) == {"A": 5, "B": 0}

    def test_close_and_open_again(self, database: Database) -> None:
        hall = Hall(database, "poll")
        poll_id = make(hall, "pair", quorum="1")
        vote(hall, poll_id, hall.students[0], "A")
        assert look(hall, poll_id).state == "closed"
        hall.do(poll_closing.open_poll, hall.teacher, poll_id, now=hall.now)
        vote(hall, poll_id, hall.students[1], "B")
        hall.do(poll_closing.close, hall.teacher, poll_id, now=hall.now)
        with pytest.raises(Gone, match="closed, so your answer was not counted"):
            vote(hall, poll_id, hall.students[2], "B")
        assert shares(hall, poll_id) == {"A": 1, "B": 1}

    def test_an_anonymous_poll_stays_closed(self, database: Database) -> None:
        hall = Hall(database, "poll")
        poll_id = make(hall, is_anonymous=True)
        hall.do(poll_closing.close, hall.teacher, poll_id, now=hall.now)
        assert "stays closed" in refused(hall, poll_closing.open_poll, hall.teacher, poll_id)

    def test_a_poll_that_is_over_by_the_clock_opens_again_without_it(self, database: Database) -> None:
        hall = Hall(database, "poll")
        poll_id = make(hall, closes_at=(hall.now + timedelta(hours=1)).isoformat())
        hall.later(hours=2)
        assert look(hall, poll_id).state == "closed"
        hall.do(poll_closing.open_poll, hall.teacher, poll_id, now=hall.now)
        assert (look(hall, poll_id).state, look(hall, poll_id).closes_at) == ("open", None)

    def test_only_teachers_do_this(self, database: Database) -> None:
        hall = Hall(database, "poll")
        poll_id, anna = make(hall), hall.students[0]
        plan = poll_plans.of_poll(look(hall, poll_id))
        for use_case, args in (
            (poll_closing.open_poll, (poll_id,)),
            (poll_closing.close, (poll_id,)),
            (poll_writing.make, (plan,)),
            (poll_writing.change, (poll_id, plan)),
            (poll_writing.remove, (poll_id,)),
            (poll_writing.move, (poll_id, 1)),
            (poll_writing.copy, (poll_id,)),
        ):
            assert "Only teachers" in refused(hall, use_case, anna, *args)


class TestWhoSeesWhat:
    @pytest.mark.parametrize(
        ("results", "before", "after", "closed"),
        [("at_once", True, True, True), ("after_vote", False, True, True), ("after_close", False, False, True)],
    )
    def test_results_are_shown_when_the_poll_says(self, database, results, before, after, closed) -> None:
        hall = Hall(database, "poll")
        poll_id, (anna, ben, _) = make(hall, results=results), hall.students
        vote(hall, poll_id, ben, "Yes")
        seen = [isinstance(result(hall, poll_id, anna), Result)]
        vote(hall, poll_id, anna, "No")
        seen.append(isinstance(result(hall, poll_id, anna), Result))
        hall.do(poll_closing.close, hall.teacher, poll_id, now=hall.now)
        seen.append(isinstance(result(hall, poll_id, anna), Result))
        assert seen == [before, after, closed]
        assert isinstance(result(hall, poll_id), Result)

    @pytest.mark.both_databases
    def test_two_answers_of_an_anonymous_poll_are_shown_to_nobody(self, database: Database) -> None:
        hall = Hall(database, "poll")
        poll_id = make(hall, is_anonymous=True)
        for student in hall.students[:2]:
            vote(hall, poll_id, student, "Yes")
            assert isinstance(result(hall, poll_id), Hidden)
            assert isinstance(result(hall, poll_id, student), Hidden)
            with pytest.raises(NotAllowed, match="nothing to export"):
                export(hall, poll_id)
        vote(hall, poll_id, hall.students[2], "No")
        assert shares(hall, poll_id) == {"Yes": 2, "No": 1, "Perhaps": 0}

    def test_polls_of_another_course_are_not_there(self, database: Database) -> None:
        hall = Hall(database, "poll")
        elsewhere = hall.another_course("2")
        poll_id = make(hall)
        with pytest.raises(NotFound):
            look(elsewhere, poll_id)
        for use_case in (poll_closing.open_poll, poll_closing.close, poll_writing.copy, poll_writing.put_back):
            with pytest.raises(NotFound):
                elsewhere.do(use_case, elsewhere.teacher, poll_id, now=hall.now)
        form = form_for(look(hall, poll_id), "Yes")
        with pytest.raises(NotFound):
            elsewhere.do(poll_votes.vote, elsewhere.students[0], poll_id, form, language="en", now=hall.now)

    def test_an_option_of_another_poll_cannot_be_chosen(self, database: Database) -> None:
        hall = Hall(database, "poll")
        one, other = make(hall), make(hall)
        form = form_for(look(hall, other), "Yes")
        assert "no longer there" in refused(hall, poll_votes.vote, hall.students[0], one, form, language="en")


class TestTryingOut:
    @pytest.mark.both_databases
    @pytest.mark.parametrize("anonymous", [False, True])
    def test_what_a_teacher_or_test_user_answers_is_not_counted(self, database: Database, anonymous: bool) -> None:
        hall = Hall(database, "poll")
        tester = hall.join("tester", is_test=True)
        poll_id = make(hall, is_anonymous=anonymous)
        for seat in (hall.teacher, tester):
            assert "not counted" in str(vote(hall, poll_id, seat, "Yes").message)
            assert poll_id in hall.see(polls.mine, seat)
            hall.do(poll_votes.start_over, seat, poll_id, now=hall.now)
            assert hall.see(polls.mine, seat) == {}
        assert look(hall, poll_id).voted == 0
        nothing_is_miscounted(hall)

    def test_a_draft_can_be_tried_and_then_reworded(self, database: Database) -> None:
        hall = Hall(database, "poll")
        poll_id = make(hall, is_open=False)
        vote(hall, poll_id, hall.teacher, "Yes")
        plan = poll_plans.plan("single", {"prompt": "Other words?", "options": "A\nB"})
        hall.do(poll_writing.change, hall.teacher, poll_id, plan, now=hall.now)
        assert [option.text for option in look(hall, poll_id).options] == ["A", "B"]
        assert hall.see(polls.mine, hall.teacher) == {}

    def test_a_student_s_answer_is_not_forgotten_by_starting_over(self, database: Database) -> None:
        hall = Hall(database, "poll")
        poll_id = make(hall)
        vote(hall, poll_id, hall.students[0], "Yes")
        hall.do(poll_votes.start_over, hall.students[0], poll_id, now=hall.now)
        assert shares(hall, poll_id)["Yes"] == 1

    def test_who_answered_as_a_student_and_now_teaches_leaves_that_answer(self, database: Database) -> None:
        hall = Hall(database, "poll")
        poll_id, anna = make(hall), hall.students[0]
        vote(hall, poll_id, anna, "Yes")
        with pytest.raises(NotAllowed):
            vote(hall, poll_id, hall.join("s0", "teacher"), "No")
        nothing_is_miscounted(hall)


class TestWriting:
    def test_words_can_be_changed_until_somebody_has_answered(self, database: Database) -> None:
        hall = Hall(database, "poll")
        poll_id = make(hall)
        plan = poll_plans.plan("single", {"prompt": "Other words?", "options": "A\nB"})
        hall.do(poll_writing.change, hall.teacher, poll_id, plan, now=hall.now)
        assert look(hall, poll_id).prompt == "Other words?"
        vote(hall, poll_id, hall.students[0], "A")
        assert "words stay" in refused(hall, poll_writing.change, hall.teacher, poll_id, plan)
        later = hall.now + timedelta(days=1)
        hall.do(
            poll_writing.reschedule,
            hall.teacher,
            poll_id,
            opens_at=None,
            closes_at=later,
            quorum=7,
            now=hall.now,
        )
        assert (look(hall, poll_id).closes_at, look(hall, poll_id).quorum) == (later, 7)

    @pytest.mark.both_databases
    def test_an_answer_to_other_words_is_not_counted(self, database: Database) -> None:
        hall = Hall(database, "poll")
        poll_id = make(hall)
        read = look(hall, poll_id)
        yes, no, perhaps = (option.id for option in read.options)
        form = {"option": [str(no)], "wording": [read.wording]}
        plan = poll_plans.plan("single", {"prompt": read.prompt, "options": "Never\nYes\nOften\nAlways"})
        hall.do(poll_writing.change, hall.teacher, poll_id, plan, now=hall.now)
        found = {option.text: option.id for option in look(hall, poll_id).options}
        assert list(found) == ["Never", "Yes", "Often", "Always"]
        assert found["Yes"] == yes
        assert not {no, perhaps} & set(found.values())
        assert "is no longer there" in refused(hall, poll_votes.vote, hall.students[0], poll_id, form, language="en")
        hall.do(poll_writing.change, hall.teacher, poll_id, replace(plan, prompt="Why not?"), now=hall.now)
        form["option"] = [str(yes)]
        said = refused(hall, poll_votes.vote, hall.students[0], poll_id, form, language="en")
        assert said.startswith("Your teacher has changed this poll")
        form["wording"] = [look(hall, poll_id).wording]
        hall.do(poll_votes.vote, hall.students[0], poll_id, form, language="en", now=hall.now)
        assert shares(hall, poll_id) == {"Never": 0, "Yes": 1, "Often": 0, "Always": 0}

    def test_new_times_do_not_close_a_poll_behind_the_teacher_s_back(self, database: Database) -> None:
        hall = Hall(database, "poll")
        poll_id, past = make(hall, is_anonymous=True), hall.now - timedelta(minutes=1)
        for student in hall.students[:2]:
            vote(hall, poll_id, student, "Yes")
        times = {"opens_at": None, "closes_at": None, "quorum": None}
        for wrong, said in (({"closes_at": past}, "is past"), ({"quorum": 2}, "Answers so far: 2.")):
            assert said in refused(hall, poll_writing.reschedule, hall.teacher, poll_id, **times | wrong)
        plan = replace(poll_plans.of_poll(look(hall, poll_id)), closes_at=past)
        assert "is past" in refused(hall, poll_writing.make, hall.teacher, plan)
        assert "is past" in refused(hall, poll_writing.change, hall.teacher, make(hall), plan)
        hall.do(poll_writing.reschedule, hall.teacher, poll_id, **times | {"quorum": 3}, now=hall.now)
        assert (look(hall, poll_id).state, look(hall, poll_id).quorum) == ("open", 3)

    @pytest.mark.parametrize("kind", sorted(KINDS))
    def test_a_copy_is_the_same_question_as_a_draft(self, database: Database, kind: str) -> None:
        hall = Hall(database, "poll")
        poll_id = make(hall, kind)
        copied = look(hall, hall.do(poll_writing.copy, hall.teacher, poll_id, now=hall.now))
        assert (copied.state, copied.voted, copied.kind) == ("draft", 0, look(hall, poll_id).kind)
        assert [option.text for option in copied.options] == [option.text for option in look(hall, poll_id).options]

    def test_polls_stand_in_the_teacher_s_order(self, database: Database) -> None:
        hall = Hall(database, "poll")
        one, two, three = (make(hall) for _ in range(3))

        def order() -> list[int]:
            return [poll.id for poll in hall.see(polls.listed, hall.teacher, hall.now)]

        hall.do(poll_writing.move, hall.teacher, three, -1, now=hall.now)
        assert order() == [one, three, two]
        hall.do(poll_writing.move, hall.teacher, one, -1, now=hall.now)  # it is the first already
        assert order() == [one, three, two]
        hall.do(poll_writing.remove, hall.teacher, three, now=hall.now)
        assert order() == [one, two]
        hall.do(poll_writing.put_back, hall.teacher, three, now=hall.now)
        assert order() == [one, three, two]

    @pytest.mark.parametrize(
        ("kind", "values", "said"),
        [
            ("single", {"prompt": " "}, "no question yet"),
            ("single", {"options": "one"}, "2 to 40 options"),
            ("single", {"options": "Yes\nyes"}, "say the same"),
            ("single", {"options": "a\n" + "x" * 301}, "too long for one line"),
            ("several", {"least": "4", "most": ""}, "more options than there are"),
            ("several", {"most": "many"}, "At most: write a whole number"),
            ("number", {"high": "a lot"}, "“a lot” is not a number"),
            ("quiz", {"levels": "yes"}, "two to seven"),
            ("single", {"results": "never"}, "not one of the choices"),
            ("single", {"opens_at": "2026-05-02T10:00", "closes_at": "2026-05-01T10:00"}, "before it opens"),
            ("pair", {"quorum": "0"}, "Closes after so many answers"),
            ("verdict", {}, "no such kind"),
        ],
    )
    def test_a_plan_that_makes_no_sense_is_refused_with_the_reason(self, kind, values, said) -> None:
        with pytest.raises(Refusal, match=said):
            poll_plans.plan(kind, {"prompt": "Why?", **FORMS.get(kind, {}), **values})

    def test_a_time_that_is_none_is_called_by_its_name(self) -> None:
        for name, label in (("opens_at", "Opens at"), ("closes_at", "Closes at")):
            with pytest.raises(Refusal) as told:
                poll_plans.schedule({name: "soon"})
            assert str(told.value.sentence) == f"{label}: “soon” is not a date and time. Choose one in the calendar."

    def test_a_poll_whose_options_are_all_gone_cannot_open(self, database: Database) -> None:
        hall = Hall(database, "poll")
        poll_id = make(hall, "pair", is_open=False)
        option = look(hall, poll_id).options[0]
        hall.do(poll_writing.decide_option, hall.teacher, poll_id, option.id, live=False, now=hall.now)
        assert "exactly 2" in refused(hall, poll_closing.open_poll, hall.teacher, poll_id)

    @pytest.mark.both_databases
    def test_next_year_s_course_gets_the_polls_without_the_answers(self, database: Database) -> None:
        hall = Hall(database, "poll")
        first = make(hall, members_add=True)
        hall.do(poll_votes.add_option, hall.students[0], first, "A classmate's", language="en", now=hall.now)
        vote(hall, first, hall.students[0], "Yes")
        hall.do(poll_writing.ask_again, hall.teacher, first, now=hall.now)
        other = hall.another_course("2")
        with hall.database.write() as session:
            number = poll_writing.inherit(
                session, from_activity_id=hall.activity_id, to_activity_id=other.activity_id, now=hall.now
            )
        assert number == 2
        found = other.see(polls.listed, other.teacher, hall.now)
        assert [(poll.state, poll.voted, len(poll.options)) for poll in found] == [("draft", 0, 3), ("draft", 0, 4)]
        assert found[1].first_id == found[0].id


class TestMembersOptions:
    @pytest.mark.both_databases
    def test_what_a_member_adds_can_be_chosen_and_reads_alike_once(self, database: Database) -> None:
        hall = Hall(database, "poll")
        poll_id = make(hall, members_add=True)
        anna, ben, _ = hall.students

        def add(seat, text):
            return str(hall.do(poll_votes.add_option, seat, poll_id, text, language="en", now=hall.now))

        assert add(anna, "It  depends").startswith("Added")
        assert "there already" in add(ben, "it depends")
        vote(hall, poll_id, ben, "It depends")
        assert shares(hall, poll_id) == {"Yes": 0, "No": 0, "Perhaps": 0, "It depends": 1}
        assert "no text yet" in refused(hall, poll_votes.add_option, anna, poll_id, " \u200b", language="en")

    def test_nobody_adds_where_only_the_teacher_does(self, database: Database) -> None:
        hall = Hall(database, "poll")
        for poll_id in (make(hall), make(hall, "ranking", members_add=True)):
            assert "Only your teacher" in refused(
                hall, poll_votes.add_option, hall.students[0], poll_id, "x", language="en"
            )

    def test_a_coarse_option_waits_for_the_teacher(self, database: Database) -> None:
        hall = Hall(database, "poll")
        poll_id = make(hall, members_add=True)
        said = hall.do(poll_votes.add_option, hall.students[0], poll_id, "Shit", language="en", now=hall.now)
        assert "looks at it" in str(said)
        (option,) = [option for option in look(hall, poll_id).options if option.status == "pending"]
        form = {"option": [str(option.id)]}
        assert "no longer there" in refused(hall, poll_votes.vote, hall.students[0], poll_id, form, language="en")
        hall.do(poll_writing.decide_option, hall.teacher, poll_id, option.id, live=True, now=hall.now)
        vote(hall, poll_id, hall.students[0], "Shit")
        hall.do(poll_writing.decide_option, hall.teacher, poll_id, option.id, live=False, now=hall.now)
        assert shares(hall, poll_id)["Shit"] == 1  # whoever chose it stays counted
        again = hall.do(poll_votes.add_option, hall.students[1], poll_id, "SHIT", language="en", now=hall.now)
        assert "took this option out" in str(again)

    def test_moderation_of_the_activity_holds_for_options(self, database: Database) -> None:
        for moderation, statuses in (
            ("at_once", ["live", "live"]),
            ("after_teacher", ["pending", "pending"]),
            ("new_authors", ["pending", "live"]),
        ):
            hall = Hall(database, "poll", moderation=moderation, platform=len(moderation))
            poll_id = make(hall, members_add=True)
            for text in ("First", "Second"):
                hall.do(poll_votes.add_option, hall.students[0], poll_id, text, language="en", now=hall.now)
                first = look(hall, poll_id).options[3]
                if moderation == "new_authors":
                    hall.do(poll_writing.decide_option, hall.teacher, poll_id, first.id, live=True, now=hall.now)
            options = look(hall, poll_id).options[3:]
            got = [option.status for option in options]
            assert got == (["live", "live"] if moderation == "new_authors" else statuses)

    def test_a_flood_of_options_ends(self, database: Database) -> None:
        hall = Hall(database, "poll", daily=2)
        poll_id = make(hall, members_add=True)
        for text in ("x1", "x2"):
            hall.do(poll_votes.add_option, hall.students[0], poll_id, text, language="en", now=hall.now)
        said = refused(hall, poll_votes.add_option, hall.students[0], poll_id, "x3", language="en")
        assert "enough for today" in said


class TestWrittenAnswers:
    def lines(self, hall: Hall, poll_id: int, seat=None) -> list[str]:
        return [line.text for line in result(hall, poll_id, seat).lines]

    @pytest.mark.both_databases
    def test_a_coarse_word_is_counted_and_not_shown_until_the_teacher_shows_it(self, database: Database) -> None:
        hall = Hall(database, "poll")
        poll_id, (anna, ben, cleo) = make(hall, "words"), hall.students
        vote(hall, poll_id, anna, "shit, hope")
        assert self.lines(hall, poll_id, ben) == ["hope"]
        assert [(line.text, line.shown) for line in result(hall, poll_id).lines] == [("hope", True), ("shit", False)]
        hall.do(poll_results.hide, hall.teacher, poll_id, "shit", hidden=False, now=hall.now)
        vote(hall, poll_id, cleo, "shit")
        assert self.lines(hall, poll_id, ben) == ["shit", "hope"]

    def test_hiding_a_word_hides_its_inflections(self, database: Database) -> None:
        hall = Hall(database, "poll")
        poll_id, (anna, ben, cleo) = make(hall, "words"), hall.students
        vote(hall, poll_id, anna, "vote, hope")
        hall.do(poll_results.hide, hall.teacher, poll_id, "vote", hidden=True, now=hall.now)
        vote(hall, poll_id, ben, "votes")
        assert self.lines(hall, poll_id, cleo) == ["hope"]
        assert "Only teachers" in refused(hall, poll_results.hide, anna, poll_id, "hope", hidden=True)
        with pytest.raises(NotFound):
            hall.do(poll_results.hide, hall.teacher, poll_id, "never written", hidden=True, now=hall.now)

    @pytest.mark.both_databases
    def test_a_report_hides_for_one_and_enough_of_them_for_all(self, database: Database) -> None:
        hall = Hall(database, "poll", students=5, hold_at=2)
        poll_id, (anna, ben, cleo, dora, _) = make(hall, "text"), hall.students
        vote(hall, poll_id, anna, "Ben is silly.")
        for _ in range(3):
            hall.do(poll_results.report, ben, poll_id, "Ben is silly.", now=hall.now)
        assert (self.lines(hall, poll_id, ben), self.lines(hall, poll_id, dora)) == ([], ["Ben is silly."])
        hall.do(poll_results.report, cleo, poll_id, "Ben is silly.", now=hall.now)
        assert self.lines(hall, poll_id, dora) == []
        assert self.lines(hall, poll_id) == ["Ben is silly."]  # the teacher sees it, marked
        hall.do(poll_results.hide, hall.teacher, poll_id, "Ben is silly.", hidden=False, now=hall.now)
        hall.do(poll_results.report, cleo, poll_id, "Ben is silly.", now=hall.now)
        assert self.lines(hall, poll_id, dora) == ["Ben is silly."]  # shown again, and one report is not two

    @pytest.mark.both_databases
    def test_what_the_teacher_has_shown_stays_shown(self, database: Database) -> None:
        """Neither the same reports nor new ones hide it again, nor that it was gone for a while."""
        hall = Hall(database, "poll", students=6, hold_at=2)
        poll_id, (anna, ben, cleo, dora, emil, fred) = make(hall, "words"), hall.students
        vote(hall, poll_id, anna, "shit")
        hall.do(poll_results.hide, hall.teacher, poll_id, "shit", hidden=False, now=hall.now)
        for student in (ben, cleo, ben, cleo, dora, emil):
            hall.do(poll_results.report, student, poll_id, "shit", now=hall.now)
        assert self.lines(hall, poll_id, fred) == ["shit"]
        vote(hall, poll_id, anna, "hope")
        vote(hall, poll_id, fred, "shit")
        assert sorted(self.lines(hall, poll_id, anna)) == ["hope", "shit"]

    def test_where_texts_wait_for_the_teacher_so_do_these(self, database: Database) -> None:
        hall = Hall(database, "poll", moderation="after_teacher")
        poll_id = make(hall, "text")
        vote(hall, poll_id, hall.students[0], "Because.")
        assert self.lines(hall, poll_id, hall.students[1]) == []

    @pytest.mark.both_databases
    def test_the_longest_text_is_kept(self, database: Database) -> None:
        """PostgreSQL's index takes 2,700 bytes: 600 characters of four bytes that cannot be compressed must fit."""
        hall = Hall(database, "poll")
        poll_id = make(hall, "text", longest="600")
        longest = "".join(chr(0x20000 + (place * 7919) % 40_000) for place in range(600))
        vote(hall, poll_id, hall.students[0], longest)
        assert self.lines(hall, poll_id) == [longest]

    def test_a_vanished_word_is_gone_from_the_results(self, database: Database) -> None:
        hall = Hall(database, "poll")
        poll_id = make(hall, "words")
        vote(hall, poll_id, hall.students[0], "hope, fear")
        vote(hall, poll_id, hall.students[0], "fear")
        assert self.lines(hall, poll_id) == ["fear"]
        with database.read() as session:
            assert session.scalars(select(PollCount.value)).all() == ["fear"]


def export(hall: Hall, poll_id: int) -> list[list[str]]:
    with hall.database.read() as session:
        opened = seats.opened(session, hall.teacher, hall.public_id, "poll")
        made = poll_export.table(
            session, hall.teacher, opened, polls.find(session, hall.teacher, opened, poll_id, hall.now)
        )
    written = csv_file([made.header, *made.rows]).decode("utf-8-sig")
    return [line.split(",") for line in written.split("\r\n") if line]


class TestExport:
    def test_a_named_poll_has_a_row_for_each_person_by_name(self, database: Database) -> None:
        hall = Hall(database, "poll")
        poll_id = make(hall, "quiz")
        for student, said in zip(hall.students, SAYS["quiz"], strict=True):
            vote(hall, poll_id, student, *said)
        rows = [row[:3] for row in export(hall, poll_id)]
        assert rows == [
            ["Person", "I can add", "I can divide"],
            ["s0", "not yet", "well"],
            ["s1", "mostly", "well"],
            ["s2", "a little", ""],
        ]

    @pytest.mark.parametrize("kind", sorted(KINDS))
    def test_every_kind_can_be_exported_and_no_anonymous_one_names_anybody(self, database: Database, kind: str) -> None:
        hall = Hall(database, "poll")
        for anonymous in (False, True):
            poll_id = make(hall, kind, is_anonymous=anonymous)
            for student, said in zip(hall.students, SAYS[kind], strict=True):
                vote(hall, poll_id, student, *said)
            cells = {cell for row in export(hall, poll_id) for cell in row}
            assert bool(cells & {"s0", "s1", "s2"}) is not anonymous

    def test_made_up_names_stand_without_times(self, database: Database) -> None:
        hall = Hall(database, "poll", anonymity="pseudonym")
        poll_id = make(hall)
        vote(hall, poll_id, hall.students[0], "Yes")
        (header, row) = export(hall, poll_id)
        assert header == ["Person", "Answer"]
        assert row[1] == "Yes"
        assert row[0] not in {"s0", "You", "A classmate", "Somebody"}

    def test_a_text_that_looks_like_a_formula_is_none(self, database: Database) -> None:
        hall = Hall(database, "poll")
        poll_id = make(hall, "text")
        vote(hall, poll_id, hall.students[0], "=1+1")
        assert export(hall, poll_id)[1][1] == "'=1+1"


class TestCredit:
    def score(self, hall: Hall) -> dict[int, float]:
        with hall.database.read() as session:
            return {row.person_id: row.score for row in session.execute(select(Grade.person_id, Grade.score))}

    @pytest.mark.both_databases
    def test_a_named_poll_counts_at_once_and_an_anonymous_one_at_its_close(self, database: Database) -> None:
        hall = Hall(database, "poll", points=10.0, credit={"ballot": 2})
        named, secret = make(hall), make(hall, is_anonymous=True)
        anna = hall.students[0]
        vote(hall, named, anna, "Yes")
        assert self.score(hall) == {anna.person_id: 5.0}
        vote(hall, secret, anna, "Yes")
        assert self.score(hall) == {anna.person_id: 5.0}
        hall.do(poll_closing.close, hall.teacher, secret, now=hall.now)
        assert self.score(hall) == {anna.person_id: 10.0}
        hall.do(poll_writing.remove, hall.teacher, secret, now=hall.now)
        assert self.score(hall) == {anna.person_id: 5.0}
        with database.read() as session:
            assert list(recount.grades(session)) == []

    @pytest.mark.both_databases
    def test_a_poll_that_closed_by_itself_is_settled_by_whoever_comes_next(self, database: Database) -> None:
        hall = Hall(database, "poll", points=10.0, credit={"ballot": 1})
        full = make(hall, "pair", is_anonymous=True, quorum="3")
        timed = make(hall, is_anonymous=True, closes_at=(hall.now + timedelta(hours=1)).isoformat())
        for student in hall.students:
            vote(hall, timed, student, "Yes")
        assert self.score(hall) == {}
        hall.later(hours=2)
        with database.write() as session:
            assert poll_closing.settle_all(session, now=hall.now) == 1
        assert len(self.score(hall)) == 3
        for student in hall.students:
            vote(hall, full, student, "A")
        found = hall.see(polls.listed, hall.students[0], hall.now)
        assert poll_closing.is_due(found)
        assert hall.do(poll_closing.settle, hall.students[0], now=hall.now) == 1
        assert not poll_closing.is_due(hall.see(polls.listed, hall.students[0], hall.now))
        assert hall.do(poll_closing.settle, hall.students[0], now=hall.now) == 0

    def test_a_try_counts_for_nobody(self, database: Database) -> None:
        hall = Hall(database, "poll", points=10.0, credit={"ballot": 1})
        vote(hall, make(hall), hall.teacher, "Yes")
        assert self.score(hall) == {}


def test_a_poll_that_was_taken_away_cannot_be_answered(database: Database) -> None:
    hall = Hall(database, "poll")
    poll_id = make(hall)
    form = form_for(look(hall, poll_id), "Yes")
    hall.do(poll_writing.remove, hall.teacher, poll_id, now=hall.now)
    with pytest.raises(NotFound):
        hall.do(poll_votes.vote, hall.students[0], poll_id, form, language="en", now=hall.now)


def test_recount_finds_a_lost_and_an_invented_vote(database: Database) -> None:
    hall = Hall(database, "poll")
    named, secret = make(hall), make(hall, is_anonymous=True)
    for poll_id in (named, secret):
        vote(hall, poll_id, hall.students[0], "Yes")
    with database.write() as session:
        session.execute(PollCount.__table__.update().values(number=2))
        found = [str(difference) for difference in recount.polls(session)]
    assert [said.partition(":")[0] for said in found] == [f"poll {named}", f"poll {secret}"]
    with database.read() as session:
        assert len(session.scalars(select(Ballot.id)).all()) == len(session.scalars(select(Voter.person_id)).all()) == 1


def test_who_is_named_cannot_be_changed_once_somebody_has_answered(database: Database) -> None:
    """What a made-up name answered must not get a real one later."""
    hall = Hall(database, "poll", anonymity="pseudonym")
    poll_id = make(hall)

    def name_them() -> None:
        with database.write() as session:
            opened = seats.opened(session, hall.teacher, hall.public_id, "poll")
            chosen = replace(poll_settings.of(opened), anonymity="named")
            activities.change_shared(session, hall.teacher, opened, title="Hall", settings=chosen, now=hall.now)

    vote(hall, poll_id, hall.students[0], "Yes")
    with pytest.raises(Refusal, match="can no longer be changed"):
        name_them()


def clicked(hall: Hall, poll_id: int, seat: Seat, said: str, second: int | None) -> str:
    """An answer that Slack says was clicked in this second; None: an answer in the LMS."""
    when = None if second is None else hall.now + timedelta(seconds=second)
    form = form_for(look(hall, poll_id), said)
    return str(hall.do(poll_votes.vote, seat, poll_id, form, language="en", now=hall.now, clicked=when).message)


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("arrived", "kept"),
    [
        ([("No", 2), ("Yes", 1)], "No"),
        ([("Yes", 1), ("No", 2)], "No"),
        ([("Yes", 1), ("Yes", 3), ("No", 2)], "Yes"),  # the same again: what was clicked between is older
        ([("Yes", 2), ("No", None), ("Perhaps", 1)], "No"),  # the LMS's answer does not forget the newest click
        ([("Yes", 2), ("Yes", None), ("Perhaps", 1)], "Yes"),
        ([("Yes", 2), ("No", None), ("Perhaps", 3)], "Perhaps"),
        ([("Yes", None), ("No", 1)], "No"),
    ],
)
def test_the_answer_that_was_clicked_last_counts_in_whatever_order_they_arrive(
    database: Database, arrived: list[tuple[str, int | None]], kept: str
) -> None:
    hall = Hall(database, "poll")
    poll_id = make(hall)
    told = [clicked(hall, poll_id, hall.students[0], *one) for one in arrived]
    assert {text: number for text, number in shares(hall, poll_id).items() if number} == {kept: 1}
    nothing_is_miscounted(hall)
    said = arrived[-1][0] == kept
    assert told[-1].startswith("Saved." if said else "You chose again after this one, and your newer answer")


def test_an_answer_that_was_overtaken_is_told_as_such_where_nobody_may_change_theirs(database: Database) -> None:
    hall = Hall(database, "poll")
    poll_id = make(hall, may_change=False)
    clicked(hall, poll_id, hall.students[0], "No", 2)
    assert clicked(hall, poll_id, hall.students[0], "Yes", 1).startswith("You chose again after this one")
    assert shares(hall, poll_id)["No"] == 1
