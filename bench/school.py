"""A class to measure with: an activity from the demonstration course, pools of explanations that earlier students wrote
and rated, and students who have launched. Made by the use cases themselves.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
from sqlalchemy.orm import Session

import migrations
from bench.lms import CLIENT, DEPLOYMENT, ISSUER, public_keys
from core.activities import (
    activities,
    contributions,
    courses,
    exposures,
    key_sets,
    launches,
    people,
    platforms,
    practice,
    problems,
    seats,
    sessions,
    tasks,
)
from core.activities.courses import Context, Link
from core.activities.grades import SCORE_SCOPE
from core.activities.launches import Accepted, Launch, NewLogin
from core.activities.practice_settings import PracticeSettings
from core.activities.seats import Seat
from core.problems import files, grading
from core.problems.kinds import ChoiceProblem, FreeText, Problem, SeveralChoices
from core.secrets import Vault, digest, fresh, public_id
from core.store.database import Database
from lti_tool.keys import new_key

STUDENTS = 300
COURSE_FILES = Path(__file__).parents[1] / "sandbox" / "course"
BANKS = ("algebra.gift", "probability.gift", "reading.csv")
FEWEST_TEXTS = 5  # problems about which the demonstration course says less are left out
RATERS = 6  # earlier students who each answered every problem and rated what they were shown
COURSE = Context("course", "Algebra, chance and reading")
LINK = Link("link", "Practice", f"{ISSUER}/line-item", None, (SCORE_SCOPE,))


@dataclass(frozen=True, slots=True)
class School:
    """What a load needs to know."""

    registration: int
    platform_id: int
    platform: str  # public ids, as in addresses
    activity: str
    course: int
    problems: Mapping[int, Problem]  # of the activity, by their ids

    def answer_path(self, problem: int) -> str:
        """Where an answer is posted."""
        return f"/p/{self.platform}/practice/{self.activity}/problems/{problem}/answer"


def found(database: Database, secret: str, *, now: datetime) -> School:
    """Fill an empty database: a platform with its keys, a course with its teacher, a bank, an activity that is placed
    and graded.
    """
    migrations.upgrade(database)
    with database.write() as session:
        registration, platform_id, platform = _register(session, secret, now)
        course = courses.recognise_course(session, platform_id=platform_id, context=COURSE, now=now)
        teacher = _join(session, platform_id, course, "teacher", "teacher", now)
        bank = {problems.add(session, course, problem, now=now): problem for problem in _problems()}
        made = activities.make(
            session, teacher, title="Practice", settings=PracticeSettings(), problem_ids=list(bank), now=now
        )
        link = courses.recognise_link(session, course_id=course, link=LINK, now=now)
        activities.place(session, teacher, resource_link_id=link, activity_id=made.id, now=now)
    return School(registration, platform_id, platform, made.public_id, course, bank)


def write_and_rate(database: Database, school: School, *, now: datetime) -> None:
    """Earlier students write the course's texts, then others answer every problem and rate what they are shown."""
    rng = np.random.default_rng(2016)
    texts = _texts()
    with database.write() as session:
        authors = [
            _join(session, school.platform_id, school.course, f"Author {n}", "student", now)
            for n in range(max(map(len, texts.values())))
        ]
        for number, problem in school.problems.items():
            for author, text in zip(authors, texts[problem.name], strict=False):
                contributions.write(
                    session,
                    author,
                    PracticeSettings(),
                    problem_id=number,
                    kind="explanation",
                    text=text,
                    likely_to_help=True,
                    now=now,
                )
        for n in range(RATERS):
            rater = _join(session, school.platform_id, school.course, f"Rater {n}", "student", now)
            _rate_everything(session, school, rater, rng, now)


def sign_in(database: Database, school: School, *, students: int, now: datetime) -> list[str]:
    """One accepted launch a student; gives the tokens of their sessions."""
    with database.write() as session:
        return [_sign_in(session, school.registration, number, now) for number in range(students)]


def form(problem: Problem, rng: np.random.Generator) -> dict[str, Any]:
    """The fields of a first answer: any choice, or typed words that are right every other time."""
    if isinstance(problem, ChoiceProblem):
        several = 2 if isinstance(problem, SeveralChoices) else 1
        places = rng.choice(len(problem.choices), size=several, replace=False)
        return {"number": 1, "choice": [int(place) for place in places]}
    if isinstance(problem, FreeText) or rng.random() < 0.5:
        return {"number": 1, "text": "7"}
    return {"number": 1, "text": str(grading.right_answers(problem)[0]).replace("…", "")}


def body(problem: Problem, rng: np.random.Generator) -> bytes:
    """`form` as it travels."""
    return urlencode(form(problem, rng), doseq=True).encode()


def _texts() -> dict[str, list[str]]:
    """What a class would write about each problem, by the problem's name."""
    voices = json.loads((COURSE_FILES / "voices.json").read_text(encoding="utf-8"))
    return {name: [said["text"] for said in voice["explanations"]] for name, voice in voices.items()}


def _problems() -> list[Problem]:
    """The demonstration course's problems about which there is enough to say."""
    texts = _texts()
    imported = [files.read((COURSE_FILES / name).read_bytes(), name) for name in BANKS]
    found = [taken.problem for one in imported for taken in one.problems]
    return [problem for problem in found if len(texts[problem.name]) >= FEWEST_TEXTS]


def _register(session: Session, secret: str, now: datetime) -> tuple[int, int, str]:
    new = platforms.NewRegistration(
        public_id=public_id(),
        name="Bench",
        issuer=ISSUER,
        client_id=CLIENT,
        authorization_url=f"{ISSUER}/auth",
        token_url=f"{ISSUER}/token",
        keyset_url=f"{ISSUER}/jwks",
    )
    registered = platforms.register(session, new, new_key(Vault([secret])), status="active", development=True, now=now)
    name = public_id()
    platform_id, _status = platforms.add_platform(
        session, registered.id, DEPLOYMENT, public_id=name, status="active", now=now
    )
    key_sets.claim(session, registered.id, now=now)  # as if an earlier launch had read them
    key_sets.settle(session, registered.id, public_keys(), now=now)
    return registered.id, platform_id, name


def _join(session: Session, platform_id: int, course: int, subject: str, role: str, now: datetime) -> Seat:
    person = people.recognise(session, platform_id=platform_id, subject=subject, name=subject, is_test=False, now=now)
    people.enrol(session, course_id=course, person_id=person, role=role, now=now)
    return Seat(platform_id, course, person, role)


def _rate_everything(session: Session, school: School, seat: Seat, rng: np.random.Generator, now: datetime) -> None:
    opened = seats.practice(session, seat, school.activity)
    for number, problem in school.problems.items():
        given = form(problem, rng)
        practice.answer(
            session,
            seat,
            opened,
            number,
            number=1,
            positions=given.get("choice", ()),
            text=given.get("text", ""),
            rng=rng,
            now=now,
        )
        for shown in tasks.task(session, seat, opened, number, now).slot("explanation"):
            exposures.rate(session, seat, shown.exposure_id, int(rng.integers(2, 11)), now=now)


def _sign_in(session: Session, registration: int, number: int, now: datetime) -> str:
    """What a launch by this student leads to: a session's token."""
    state, code, token = fresh(), fresh(), fresh()
    login = NewLogin(
        state_hash=digest(state),
        nonce_hash=digest(fresh()),
        binding_hash=digest(fresh()),
        storage_hash=None,
        storage_target=None,
        deployment_hint=DEPLOYMENT,
    )
    launches.begin(session, registration, login, now=now)
    waiting = launches.login_of(session, digest(state), now=now)
    assert waiting is not None  # for mypy: it was begun a line above
    launch = Launch(
        deployment_id=DEPLOYMENT,
        subject=f"student-{number}",
        name=f"Learner {number:03}",
        role="student",
        is_test=False,
        context=COURSE,
        link=LINK,
    )
    accepted = launches.accept(
        session, waiting, launch, code_hash=digest(code), bound=True, new_public_id=public_id(), now=now
    )
    if not isinstance(accepted, Accepted):
        raise RuntimeError(f"the launch of student {number} was not accepted: {accepted}")
    sessions.open_with_code(
        session,
        platform_public_id=accepted.platform_public_id,
        code_hash=digest(code),
        token_hash=digest(token),
        now=now,
    )
    return token
