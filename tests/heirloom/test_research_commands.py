"""`heirloom replay` and `heirloom simulate`: what they print, what they write, and that they say why they cannot."""

from __future__ import annotations

import csv
import re
import sys
from collections import defaultdict
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner
from sqlalchemy import update

from core.activities.practice_settings import PracticeSettings
from core.selection import estimates
from core.store.database import Database
from core.store.tables import Exposure
from core.store.tables import Problem as ProblemRow
from heirloom import simulate_commands
from heirloom.cli import cli
from tests.core.activities.classroom import Classroom, one_choice, short_text, snapshot
from tests.core.activities.test_replays import even_class, replayed
from tests.heirloom.test_cli import Operator

DATABASES = ("sqlite",)  # what depends on the dialect says so
NUMBER = r"-?\d+\.\d+"


@pytest.fixture
def operator(database_url: str) -> Operator:
    return Operator(database_url)


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


# ---- replay: texts ----


@pytest.mark.both_databases
def test_a_pool_is_told_with_its_corrected_means(operator: Operator, database: Database, tmp_path: Path) -> None:
    """The estimates are those of the log, in points; the file is enough to compute them again; nothing changes."""
    room = even_class(database, 24)
    before = snapshot(database)
    file = tmp_path / "texts.csv"
    told = operator.must("replay", "--course", str(room.course_id), "--policy", "thompson", "--csv", str(file))
    assert snapshot(database) == before
    again = replayed(room, others=("thompson",))
    log = again.log()
    assert f"problem {room.problems[0]}, “Sum”, explanation" in told
    assert re.search(r"25 showings to 25 people; 21 rated\. Chosen by: uniform 25\.", told)
    assert "Rebuilt, every choice has the chance that was stored." in told
    for arm, text in enumerate(again.texts):
        (line,) = re.findall(rf"^│ {text} +│(.*)│$", told, re.MULTILINE)
        robust = estimates.doubly_robust_mean(log, arm)
        normal = estimates.normalised_mean(log, arm)
        assert isinstance(robust, estimates.Estimate)
        assert isinstance(normal, estimates.Estimate)
        assert f"{10 * robust.mean:.2f}  [{10 * robust.low:.2f}, {10 * robust.high:.2f}]" in line
        assert f" {10 * normal.mean:.2f} " in line
    for policy in ("as it was", "thompson"):
        assert re.search(rf"│ {policy} +│ {NUMBER}  \[{NUMBER}, {NUMBER}\] +│ \d+ +│ +│", told)
    assert "uniform " not in told.partition("would have earned")[2]  # only what was asked for
    rows = rows_of(file)
    assert f"{len(rows)} lines written to {file}." in told.replace("\n", "")
    assert list(rows[0])[-4:] == ["chance", "chance_thompson", "points", "waited"]
    moments: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        moments.setdefault(row["moment"], []).append(row)
    assert list(moments) == [str(number) for number in range(1, 26)]
    weights: dict[str, float] = defaultdict(float)
    sums: dict[str, float] = defaultdict(float)
    for some in moments.values():
        assert sum(float(row["chance"]) for row in some) == pytest.approx(1.0)
        assert sum(float(row["chance_thompson"]) for row in some) == pytest.approx(1.0)
        (shown,) = [row for row in some if row["shown"] == "1"]
        assert float(shown["probability"]) == pytest.approx(float(shown["chance"]))
        assert {row["points"] for row in some if row is not shown} <= {""}
        if shown["points"]:
            weights[shown["text"]] += 1 / float(shown["probability"])
            sums[shown["text"]] += float(shown["points"]) / float(shown["probability"])
            assert shown["waited"] == "30"
    for arm, text in enumerate(again.texts):
        normal = estimates.normalised_mean(log, arm)
        assert isinstance(normal, estimates.Estimate)
        assert sums[str(text)] / weights[str(text)] == pytest.approx(10 * normal.mean)
    assert {int(row["person"]) for row in rows} == set(range(1, 26))
    assert "reader" not in file.read_text(encoding="utf-8")


def test_people_have_other_numbers_in_the_next_file(operator: Operator, database: Database, tmp_path: Path) -> None:
    room = even_class(database, 24)
    files = [tmp_path / "one.csv", tmp_path / "two.csv"]
    for file in files:
        operator.must("replay", "--course", str(room.course_id), "--csv", str(file))
    one, two = ([row["person"] for row in rows_of(file)] for file in files)
    assert one != two
    assert len(set(zip(one, two, strict=True))) == 25  # and are the same people


def test_two_pools_are_told_apart_and_together(operator: Operator, database: Database) -> None:
    room = Classroom(database, one_choice(), short_text(), students=12)
    for problem in room.problems:
        for author in room.students[:2]:
            room.now += timedelta(seconds=9)
            room.answer(author, problem)
            room.now += timedelta(seconds=9)
            room.explain(
                author,
                f"An explanation by {author.person_id} of {problem}, which is by far longer than sixty characters.",
                problem,
            )
    for student in room.students[2:]:
        for problem in room.problems:
            room.now += timedelta(seconds=9)
            room.answer(student, problem)
            room.now += timedelta(seconds=9)
            if problem == room.problems[0] or student is room.students[5]:
                room.rate(student, room.exposures()[-1].id, 7)
    told = operator.must("replay", "--activity", room.public_id)
    first, second = (
        f"problem {problem}, “{name}”, explanation"
        for problem, name in zip(room.problems, ("Sum", "Capital"), strict=True)
    )
    assert f"\n{first}\n" in told
    assert f"Too few ratings to say anything, below 10: {second} (1)." in told
    assert "All 2 pools together\n22 showings to 11 people; 11 rated. Chosen by: best 22." in told
    for policy in ("best", "best_with_floor", "uniform"):
        assert f"│ {policy} " in told
    alone = operator.must(
        "replay", "--activity", room.public_id, "--problem", str(room.problems[1]), "--slot", "explanation"
    )
    assert "together" not in alone
    assert second in alone
    assert first not in alone


def test_refused_estimates_say_why(operator: Operator, database: Database) -> None:
    """Two texts, one of them rated by nobody."""
    room = even_class(database, 24)
    texts = replayed(room).texts
    with room.write() as session:
        gone = update(Exposure).where(Exposure.contribution_id == texts[1])
        session.execute(gone.values(points=None, outcome=None, outcome_at=None))
    told = operator.must("replay", "--course", str(room.course_id))
    assert f"Text {texts[1]}: No rating of this text has come in yet" in told
    assert re.search(rf"^│ {texts[1]} +│ \d+ +│ 0 +│ – +│ – +│ – +│ – +│ 0 +│$", told, re.MULTILINE)


def test_a_log_that_does_not_match_says_so(operator: Operator, database: Database) -> None:
    room = even_class(database, 24)
    with room.write() as session:
        first = room.exposures()[0].id
        session.execute(update(Exposure).where(Exposure.id == first).values(policy="of old"))
    told = operator.must("replay", "--course", str(room.course_id))
    assert "Rebuilt, 96.0% of the choices have the chance that was stored." in told
    assert "or on other rules" in told
    assert "of old 1" in told


def test_words_of_problems_are_no_mark_up(operator: Operator, database: Database) -> None:
    room = even_class(database)
    with room.write() as session:
        session.execute(update(ProblemRow).values(name="[red]Sum[/] [/nope] \x1b[31m\u202e"))
    told = operator.must("replay", "--course", str(room.course_id))
    assert "“[red]Sum[/] [/nope] [31m”" in told
    assert "\x1b" not in told


def test_what_cannot_be_replayed_is_said(operator: Operator, database: Database, tmp_path: Path) -> None:
    room = Classroom(database)
    course = ["--course", str(room.course_id)]
    for command, says in (
        ([], "Name either an activity (--activity) or a course (--course)."),
        ([*course, "--activity", room.public_id], "Name either an activity"),
        (["--course", "4711"], "There is no course 4711. `heirloom problems courses` lists them."),
        (["--activity", "nowhere"], "There is no activity with this id."),
        (course, "No text was shown there to anybody who counts"),
        ([*course, "--tasks"], "No problem was put there before anybody who counts"),
        ([*course, "--tasks", "--slot", "help"], "--slot and --policy are about texts."),
        ([*course, "--tasks", "--policy", "best"], "--slot and --policy are about texts."),
        ([*course, "--policy", "fixed_split"], "'fixed_split' is not one of"),
    ):
        result = operator.type("replay", *command)
        assert result.exit_code == 2, command
        assert says in result.output, command
    tmp = str(tmp_path / "none" / "x.csv")
    room.offer(room.students[0])
    result = operator.type("replay", *course, "--tasks", "--csv", tmp)
    assert result.exit_code == 2
    assert "cannot be written: No such file or directory." in result.output.replace("\n", " ")


# ---- replay: tasks ----


@pytest.mark.both_databases
def test_tasks_are_told_by_policy(operator: Operator, database: Database, tmp_path: Path) -> None:
    bank = [one_choice(f"p{place}") for place in range(4)]
    room = Classroom(database, *bank, settings=PracticeSettings(order="TA"), students=16)
    for place, student in enumerate(room.students):
        for _ in range(2):
            room.now += timedelta(seconds=20)
            problem = room.offer(student)
            assert problem is not None
            room.now += timedelta(seconds=20)
            if place % 4:
                room.answer(student, problem)
    room.settings(order="teacher")
    room.offer(room.students[1])
    file = tmp_path / "tasks.csv"
    told = operator.must("replay", "--course", str(room.course_id), "--tasks", "--csv", str(file))
    (line,) = re.findall(r"^│ TA +│(.*)│$", told, re.MULTILINE)
    assert re.match(r" 28 +│ 16 +│ 100% +│ 24 +│ 100\.0%  \[100\.0%, 100\.0%\] +│ 100\.0%", line)
    assert "teacher: Only 0 people are behind this" in told
    rows = rows_of(file)
    assert len(rows) == 29
    assert list(rows[0]) == [
        *("person", "seconds", "problem", "policy", "probability", "eligible_size", "stay", "information", "ahead"),
        *("drawn", "ties", "goal", "outcome", "waited"),
    ]
    assert (rows[0]["seconds"], rows[-1]["policy"]) == ("0", "teacher")
    assert {row["waited"] for row in rows if row["outcome"]} == {"20"}
    assert {int(row["person"]) for row in rows} == set(range(1, 17))


# ---- simulate ----


def simulated(*command: str) -> str:
    result = CliRunner().invoke(cli, ["simulate", *command], env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    return result.output


def test_classes_are_simulated_from_a_seed() -> None:
    command = ["classes", "--learners", "60", "--classes", "40", "--seed", "3"]
    told = simulated(*command)
    assert simulated(*command) == told
    assert simulated(*command[:-1], "4") != told
    regret = {name: float(value) for name, value in re.findall(rf"│ (\w+) +│ ({NUMBER}) ± {NUMBER} +│", told)}
    assert list(regret) == ["best", "thompson", "mooclet", "fractional", "uniform"]
    assert regret["best"] < regret["thompson"] < regret["uniform"]
    assert "│ 1.00 " in told.splitlines()[-2]
    assert simulated(*command, "--delay", "30") != told
    assert simulated(*command, "--noise", "1.2") != told


def test_a_single_text_cannot_be_regretted() -> None:
    told = simulated(
        "classes", "--learners", "5", "--classes", "2", "--arms", "1", "--policy", "best", "--policy", "best"
    )
    assert re.search(r"│ best +│ 0\.000 ± 0\.000 +│ – +│", told)
    assert "uniform" not in told


@pytest.fixture
def quick_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models from a small log."""
    from sandbox.volunteers import compare

    trained = compare.trained
    monkeypatch.setattr(compare, "trained", lambda seed, **named: trained(seed, rows=800, **named))


@pytest.mark.usefixtures("quick_models")
def test_volunteers_are_simulated_beside_the_baseline(tmp_path: Path) -> None:
    file = tmp_path / "fp.svg"
    told = simulated(
        *("volunteers", "--worlds", "2", "--users", "12", "--policy", "TA_LA", "--policy", "TA_H:oracle"),
        *("--difficulty", "strong", "--kappa", "0.3", "--svg", str(file)),
    )
    names = re.findall(r"^│ (TA\S*) +│", told, re.MULTILINE)
    assert names == ["TA", "TA_LA", "TA_H:oracle"]
    (base,) = re.findall(r"^│ TA +│(.*)", told, re.MULTILINE)
    assert "%  " in base
    assert "+" not in base
    assert len(re.findall(rf"[+-]{NUMBER}% ± {NUMBER}%", told)) == 4
    drawn = ElementTree.fromstring(file.read_text(encoding="utf-8"))  # our own file
    titles = [found.text for found in drawn.iter("{http://www.w3.org/2000/svg}title")]
    assert titles == ["Participation", "TA", "TA_LA", "TA_H:oracle"]


def test_without_the_sandbox_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sandbox.volunteers", None)
    result = CliRunner().invoke(cli, ["simulate", "volunteers"])
    assert result.exit_code == 2
    assert "The simulator is not installed here." in result.output


@pytest.mark.usefixtures("quick_models")
def test_a_picture_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    command = [
        "simulate",
        "volunteers",
        "--worlds",
        "1",
        "--users",
        "3",
        "--policy",
        "TA",
        "--svg",
        str(tmp_path / "no" / "x"),
    ]
    result = CliRunner().invoke(cli, command)
    assert result.exit_code == 2
    assert "cannot be written" in result.output


def test_curves_fall_from_everybody_and_end_where_hardly_anybody_is_left() -> None:
    curve = np.concatenate((np.linspace(1.0, 0.02, 11), np.full(500, 0.001)))
    drawn = simulate_commands.participation({"A & <b>": curve, "B": np.array([1.0])})
    tree: Any = ElementTree.fromstring(drawn)
    assert tree.get("viewBox") == "0 0 640 360"
    assert "A &amp; &lt;b&gt;" in drawn
    (path,) = re.findall(r'd="M(48\.0 14\.0L[^"]*)"', drawn)
    points = [tuple(map(float, point.split())) for point in path.split("L")]
    assert len(points) == 12  # 0 to 11 answers
    assert points[0] == (48.0, 14.0)
    assert points[-1][0] == 490.0
    assert all(left[0] < right[0] and left[1] <= right[1] for left, right in pairwise(points))
