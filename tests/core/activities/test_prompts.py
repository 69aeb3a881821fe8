"""Prompts: posted at their time, once, by however many workers; what cannot be posted is paused and said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from core.activities import (
    activities,
    channels,
    identities,
    poll_closing,
    poll_votes,
    poll_writing,
    problems,
    prompts,
    terms,
)
from core.activities.practice_settings import PracticeSettings
from core.activities.prompts import Wanted
from core.activities.refusals import Gone, NotAllowed, NotFound, Refusal
from core.store.database import Database
from core.store.tables import Prompt
from tests.core.activities.ballots import form_for
from tests.core.activities.classroom import one_choice
from tests.core.activities.prompting import DAILY, ONCE, YES_NO, Class, day
from tests.core.activities.test_people import together

HOUR = timedelta(hours=1)


def test_a_poll_is_posted_at_its_time_and_open_as_long_as_was_said(database: Database) -> None:
    here = Class(database)
    prompt = here.make()
    assert here.look(prompt).next_at == here.now + HOUR
    here.later(minutes=59)
    assert (here.run(), here.polls()) == (0, [])
    here.later(minutes=2)
    assert here.run() == 1
    (poll,) = here.polls()
    assert (poll.prompt, poll.state, [option.text for option in poll.live]) == ("Clear so far?", "open", ["Yes", "No"])
    assert poll.closes_at == here.now + timedelta(hours=2)
    assert here.messages() == [("C1", "poll", poll.id)]
    found = here.look(prompt)
    assert (found.posted, found.status, found.next_at) == (1, "active", here.now + timedelta(hours=23, minutes=59))
    assert here.run() == 0
    here.later(days=1)
    assert here.run() == 1
    assert len(here.polls()) == 2


def test_what_came_due_while_everything_was_down_comes_once_and_late(database: Database) -> None:
    here = Class(database)
    prompt = here.make()
    here.later(days=3, hours=5)
    assert here.run() == 1
    (poll,) = here.polls()
    assert poll.closes_at == here.now + timedelta(hours=2)
    assert here.look(prompt).next_at == here.now + timedelta(hours=20)


@pytest.mark.parametrize(("free", "ends"), [(f"{day(1)}/{day(2)}", day(9)), ("", day(0))])
def test_what_was_missed_is_not_made_up_for_on_a_free_day_or_after_the_term(
    database: Database, free: str, ends: date
) -> None:
    here = Class(database)
    with database.write() as session:
        prompts.terms.set(session, here.teacher, day(0), ends, "UTC", [free], now=here.now)
    prompt = here.make()
    here.later(days=1)
    assert (here.run(), here.polls()) == (1, [])
    found = here.look(prompt)
    assert (found.posted, str(found.stopped)) == (
        0,
        f"It could not be posted on {day(0)}, and then came a free day or the end of the term, so that time was left "
        "out.",
    )
    assert found.next_at == (here.now + timedelta(days=2) + HOUR if free else None)
    if free:
        here.later(days=2, hours=1)
        assert (here.run(), len(here.polls())) == (1, 1)
        assert here.look(prompt).stopped is None


def test_a_moment_behind_midnight_and_what_comes_once_are_made_up_for_on_a_free_day(database: Database) -> None:
    here = Class(database)
    with database.write() as session:
        prompts.terms.set(session, here.teacher, day(0), day(9), "UTC", [f"{day(1)}"], now=here.now)
    here.make(at_minute=24 * 60 - 1)
    here.at(datetime.combine(day(1), time(0, 0, 30), UTC))
    assert (here.run(), len(here.polls())) == (1, 1)
    here.make(ONCE, starts_on=day(1))
    here.later(hours=20)
    assert (here.run(), len(here.polls())) == (1, 2)


def test_who_pauses_what_left_a_time_out_paused_it_themselves(database: Database) -> None:
    here = Class(database)
    with database.write() as session:
        prompts.terms.set(session, here.teacher, day(0), day(9), "UTC", [f"{day(1)}"], now=here.now)
    prompt = here.make()
    here.later(days=1)
    here.run()
    assert here.look(prompt).stopped is not None
    here.do(prompts.pause, here.teacher, prompt)
    assert here.look(prompt).stopped is None


def test_one_that_comes_once_is_over_then(database: Database) -> None:
    here = Class(database)
    prompt = here.make(ONCE, open_minutes=None)
    here.later(hours=2)
    assert here.run() == 1
    assert here.polls()[0].closes_at is None
    assert here.look(prompt).status == "over"
    assert here.do(prompts.listed, here.teacher) == []
    here.later(days=7)
    assert here.run() == 0


def test_free_days_and_the_terms_end_are_kept_also_if_they_come_later_than_the_prompt(database: Database) -> None:
    here = Class(database)
    here.make()
    with database.write() as session:  # the term came by another way, and nothing was computed anew
        prompts.terms.set(session, here.teacher, day(0), day(3), "UTC", [f"{day(0)}/{day(1)}"], now=here.now)
        session.execute(update(Prompt).values(next_at=here.now + HOUR))
    here.later(hours=2)
    assert (here.run(), here.polls()) == (1, [])
    asked = []
    for _ in range(8):
        here.later(days=1)
        here.run()
        asked.append(len(here.polls()))
    assert asked == [0, 1, 2, 2, 2, 2, 2, 2]


def test_summer_time_comes_and_the_clock_on_the_wall_stays(database: Database) -> None:
    here = Class(database, zone="Europe/Berlin")
    here.at(datetime(2027, 3, 27, 12, tzinfo=UTC))
    prompt = here.make(at_minute=9 * 60, starts_on=here.now.date())
    assert here.look(prompt).next_at == datetime(2027, 3, 28, 7, tzinfo=UTC)
    here.at(datetime(2027, 3, 27, 7, 30, tzinfo=UTC))
    assert here.look(here.make(at_minute=9 * 60, starts_on=here.now.date())).next_at == datetime(
        2027, 3, 27, 8, tzinfo=UTC
    )


@pytest.mark.parametrize("way", ["pause", "end", "skip"])
def test_what_a_teacher_takes_back_does_not_come(database: Database, way: str) -> None:
    here = Class(database)
    prompt = here.make()
    at = here.now + HOUR
    if way == "skip":
        here.do(prompts.skip, here.teacher, prompt, at, now=here.now)
        with pytest.raises(Gone):
            here.do(prompts.skip, here.teacher, prompt, at, now=here.now)  # the second click
    else:
        here.do(getattr(prompts, way), here.teacher, prompt)
    here.later(hours=2)
    assert (here.run(), here.polls()) == (0, [])
    found = here.look(prompt)
    if way == "pause":
        with pytest.raises(Gone):
            here.do(prompts.pause, here.teacher, prompt)
        here.do(prompts.resume, here.teacher, prompt, now=here.now)
        found = here.look(prompt)
        with pytest.raises(Gone):
            here.do(prompts.resume, here.teacher, prompt, now=here.now)
    expected = {"pause": ("active", at + timedelta(days=1)), "end": ("over", None)}
    assert (found.status, found.next_at) == expected.get(way, ("active", at + timedelta(days=1)))


def test_posting_now_is_one_more_and_two_clicks_are_one(database: Database) -> None:
    here = Class(database)
    prompt = here.make()
    here.do(prompts.post_now, here.teacher, prompt, 0, now=here.now)
    with pytest.raises(Gone):
        here.do(prompts.post_now, here.teacher, prompt, 0, now=here.now)
    assert len(here.polls()) == 1
    found = here.look(prompt)
    assert (found.posted, found.next_at) == (1, here.now + HOUR)
    once = here.make(ONCE)
    here.do(prompts.post_now, here.teacher, once, 0, now=here.now)
    assert here.look(once).status == "over"


def test_changed_words_and_days_hold_from_then_on(database: Database) -> None:
    here = Class(database)
    prompt = here.make()
    wanted = replace(ONCE, starts_on=day(5), values={**YES_NO, "prompt": "And now?"})
    here.do(prompts.change, here.teacher, here.bound, prompt, wanted, now=here.now)
    found = here.look(prompt)
    assert (found.question, found.wanted) == ("And now?", wanted)
    assert found.next_at == here.now + HOUR + timedelta(days=5)
    here.later(days=6)
    here.run()
    assert [poll.prompt for poll in here.polls()] == ["And now?"]
    here.do(prompts.change, here.teacher, here.bound, prompt, replace(wanted, starts_on=day(9)), now=here.now)
    assert here.look(prompt).status == "active"


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"starts_on": day(-1), "weekdays": ()}, "no such time any more"),
        ({"ends_on": day(-1)}, "end before it begins"),
        ({"starts_on": day(900)}, "too far away"),
        ({"weekdays": ("monday",)}, "no day of the week"),
        ({"at_minute": 1440}, "no time of day"),
        ({"values": {}}, "no question yet"),
        ({"kind": "séance"}, "no such kind"),
        ({"open_minutes": 100_000}, "at most 60 days"),
        ({"open_minutes": 0}, "at most 60 days"),
        ({"open_minutes": None, "remind_minutes": 5}, "A reminder needs"),
        ({"open_minutes": 60, "remind_minutes": 60}, "A reminder needs"),
        ({"values": {**YES_NO, "is_anonymous": "on"}, "remind_minutes": 5}, "anonymous"),
        ({"what": "problem"}, "no practice activity"),
        ({"first_id": 999}, "A last impression is asked once"),
        ({"first_id": 999, "weekdays": ()}, "no longer there"),
    ],
)
def test_what_could_never_be_posted_is_refused_and_not_kept(
    database: Database, other: dict[str, Any], said: str
) -> None:
    here = Class(database)
    with pytest.raises(Refusal, match=said):
        here.make(replace(DAILY, **other))
    assert here.do(prompts.listed, here.teacher) == []


def test_a_course_takes_only_so_many(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompts, "MOST", 2)
    here = Class(database)
    first = here.make()
    here.make()
    with pytest.raises(Refusal, match="2 prompts"):
        here.make()
    here.do(prompts.end, here.teacher, first)
    here.make()


def test_only_teachers_of_the_course_have_to_do_with_it(database: Database) -> None:
    here = Class(database)
    prompt, other = here.make(), here.hall.another_course("b")
    with pytest.raises(NotFound):
        here.do(prompts.make, other.teacher, here.bound, DAILY, now=here.now)
    for seat, error in ((here.hall.students[0], NotAllowed), (other.teacher, NotFound)):
        for use_case, more in (
            (prompts.find, ()), (prompts.pause, ()), (prompts.end, ()),
        ):  # fmt: skip
            with pytest.raises(error):
                here.do(use_case, seat, prompt, *more)
        with pytest.raises(error):
            here.do(prompts.resume, seat, prompt, now=here.now)
        with pytest.raises(error):
            here.do(prompts.post_now, seat, prompt, 0, now=here.now)
        with pytest.raises(error):
            here.do(prompts.skip, seat, prompt, here.now + HOUR, now=here.now)
        with pytest.raises(error):
            here.do(prompts.change, seat, here.bound, prompt, DAILY, now=here.now)
    with pytest.raises(NotAllowed):
        here.do(prompts.make, here.hall.students[0], here.bound, DAILY, now=here.now)
    with pytest.raises(NotAllowed):
        here.do(prompts.listed, here.hall.students[0])
    assert here.do(prompts.listed, other.teacher) == []
    assert here.look(prompt).status == "active"


def test_a_last_impression_is_tied_to_its_first_and_asked_later(database: Database) -> None:
    here = Class(database)
    here.make(ONCE, values={**YES_NO, "options": "", "members_add": "on"})
    here.later(hours=2)
    here.run()
    (first,) = here.polls()
    with database.write() as session:
        opened = channels.activity(session, here.teacher, here.bound, "poll", now=here.now)
        for text in ("Maybe", "Hardly"):
            poll_votes.add_option(session, here.hall.students[0], opened, first.id, text, language="en", now=here.now)
    last = here.make(ONCE, kind="", values=None, first_id=first.id, starts_on=day(30), open_minutes=60)
    found = here.look(last)
    assert (found.question, found.wanted.first_id) == ("Clear so far?", first.id)
    here.later(days=30)
    assert here.run() == 1
    later = here.polls()[1]
    assert (later.first_id, later.state, later.closes_at) == (first.id, "open", here.now + HOUR)
    assert [option.text for option in later.live] == ["Maybe", "Hardly"]
    assert here.messages()[-1] == ("C1", "poll", later.id)


def test_what_cannot_be_posted_is_paused_and_its_maker_told(database: Database) -> None:
    here = Class(database)
    prompt = here.make()
    other = here.make(ONCE, at_minute=DAILY.at_minute + 5)
    here.later(minutes=30)
    here.do(prompts.post_now, here.teacher, other, 0, now=here.now)
    (poll,) = here.polls()
    last = here.make(ONCE, kind="", values=None, first_id=poll.id, at_minute=DAILY.at_minute - 10, open_minutes=None)
    here.hall.do(poll_writing.remove, here.teacher, poll.id, now=here.now)
    here.later(hours=1)
    assert here.run() == 2  # the one that stops does not keep the other from being posted
    assert len(here.polls()) == 1
    found = here.look(last)
    assert (found.status, found.posted) == ("paused", 0)
    assert "no longer there" in str(found.stopped)
    assert here.directs(prompts.STOPPED) == [("U9", here.now)]
    assert here.look(prompt).posted == 1
    with pytest.raises(Refusal, match="No time is left"):
        here.do(prompts.resume, here.teacher, last, now=here.now)
    here.hall.do(poll_writing.put_back, here.teacher, poll.id, now=here.now)
    here.do(prompts.post_now, here.teacher, last, 0, now=here.now)
    assert here.look(last).stopped is None


def test_of_what_fails_half_way_nothing_is_kept(database: Database) -> None:
    here = Class(database)
    once = here.make(ONCE)
    here.do(prompts.post_now, here.teacher, once, 0, now=here.now)
    (poll,) = here.polls()
    last = here.make(ONCE, kind="", values=None, first_id=poll.id)
    with database.write() as session:  # one option is left, so the copy is made, and cannot be opened
        opened = channels.activity(session, here.teacher, here.bound, "poll", now=here.now)
        poll_writing.decide_option(session, here.teacher, opened, poll.id, poll.live[0].id, live=False, now=here.now)
    here.later(hours=2)
    assert here.run() == 1
    assert "2 to 40 options; there are 1" in str(here.look(last).stopped)
    assert [one.id for one in here.polls()] == [poll.id]
    assert len(here.messages()) == 1


def test_a_channel_that_went_to_another_course_takes_no_prompt_along(database: Database) -> None:
    here = Class(database)
    prompt = here.make()
    other = here.hall.another_course("b")
    with database.write() as session:
        channels.release(session, here.teacher, here.bound.id, now=here.now)
        here.bind(session, "C1", other.course_id)
    here.later(hours=2)
    here.run()
    assert (here.polls(), here.messages()) == ([], [])
    assert "does not belong to the course" in str(here.look(prompt).stopped)
    assert here.do(prompts.listed, other.teacher) == []


def test_each_day_the_next_problem_in_the_teachers_order(database: Database) -> None:
    here = Class(database)
    with database.write() as session:
        ids = [problems.add(session, here.hall.course_id, one_choice(), now=here.now) for _ in range(3)]
        order = [ids[2], ids[0], ids[1]]
        made = activities.make(
            session, here.teacher, title="Practice", settings=PracticeSettings(), problem_ids=order, now=here.now
        )
        channels.use(session, here.teacher, here.bound.id, "practice", made.public_id)
        here.bind(session, "C2", here.hall.course_id)
    prompt = here.make(Wanted(what="problem", at_minute=DAILY.at_minute, starts_on=day(0), weekdays=DAILY.weekdays))
    here.later(hours=2)
    for _ in range(5):
        here.run()
        here.later(days=1)
    assert here.messages() == [("C1", "problem", one) for one in order]
    found = here.look(prompt)
    assert (found.status, found.posted) == ("paused", 3)
    assert str(found.stopped) == "Every problem of “Practice” was posted here. Add problems there and go on."


# ---- many at once ----
def test_of_many_workers_one_posts_it(database: Database) -> None:
    here = Class(database)
    here.make()
    here.make(ONCE)
    here.later(hours=2)
    done = together(6, lambda _: here.run())
    assert sum(done) == 2
    assert len(here.polls()) == len(here.messages()) == 2


def test_what_is_paused_while_it_is_due_comes_or_does_not_and_nothing_between(database: Database) -> None:
    here = Class(database)
    ids = [here.make(ONCE, values={**YES_NO, "prompt": f"{number}"}) for number in range(8)]
    here.later(hours=2)

    def act(place: int) -> str:
        if place < 2:
            return str(here.run())
        try:
            here.do(prompts.pause, here.teacher, ids[place - 2])
        except Gone:
            return "too late"
        return "paused"

    told = together(10, act)
    posted = {poll.prompt for poll in here.polls()}
    assert posted == {f"{number}" for number, said in enumerate(told[2:]) if said == "too late"}
    assert sum(map(int, told[:2])) == len(posted) == len(here.messages())
    for prompt, said in zip(ids, told[2:], strict=True):
        assert here.look(prompt).status == ("over" if said == "too late" else "paused")


def test_two_clicks_on_post_now_at_once_are_one_poll(database: Database) -> None:
    here = Class(database)
    prompt = here.make()

    def click(_: int) -> bool:
        try:
            here.do(prompts.post_now, here.teacher, prompt, 0, now=here.now)
        except Gone:
            return False
        return True

    assert sum(together(5, click)) == 1
    assert len(here.polls()) == 1


def test_a_poll_that_was_posted_takes_answers_and_closes(database: Database) -> None:
    here = Class(database)
    here.make()
    here.later(hours=1)
    here.run()
    (poll,) = here.polls()
    with database.write() as session:
        opened = channels.activity(session, here.hall.students[0], here.bound, "poll", now=here.now)
        poll_votes.vote(
            session, here.hall.students[0], opened, poll.id, form_for(poll, "Yes"), language="en", now=here.now
        )
        poll_closing.close(session, here.teacher, opened, poll.id, now=here.now)
    assert [(one.voted, one.state) for one in here.polls()] == [(1, "closed")]


def test_a_term_and_its_channels_prompts_move_with_a_class_that_joins_an_lms(database: Database) -> None:
    here = Class(database)
    with database.write() as session:
        made = channels.make_class(
            session, here.workspace_id, "C7", "U8", name="Alone", language="en", zone="UTC", now=here.now
        )
        seat = identities.seat(
            session, here.workspace_id, "U8", platform_id=made.platform_id, course_id=made.course_id, has_lms=False,
            now=here.now,
        )  # fmt: skip
        assert seat is not None
        terms.set(session, seat, day(0), day(60), "UTC", [], now=here.now)
        prompt = prompts.make(session, seat, made, DAILY, now=here.now)
    with database.write() as session:
        here.bind(session, "C7", here.hall.course_id)
    assert here.look(prompt).channel == made.id
    here.later(hours=2)
    assert here.run() == 1
    assert [channel for channel, _, _ in here.messages()] == ["C7"]
