"""`heirloom fit`: from a course into force, from a file into a folder; and what it says when it cannot."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner, Result

from core.activities import survival_models
from core.store.database import Database
from core.survival.card import from_json
from heirloom import fit_command
from heirloom.cli import cli
from heirloom.terminal import CannotDo
from tests.core.activities.classroom import Classroom, one_choice
from tests.core.activities.test_fitting import at_work
from tests.heirloom.test_cli import environment

DATABASES = ("sqlite",)
HEAD = "person,task,at,outcome"


def typed(database_url: str, *command: str) -> Result:
    return CliRunner().invoke(cli, ["fit", *command], env=environment(database_url))


def log_file(folder: Path, *, people: int = 30) -> Path:
    """People who leave more often after a wrong answer."""
    rng = np.random.default_rng(2)
    lines = [f"{HEAD},seconds,category"]
    for person in range(people):
        leaves = 0.05
        for place in range(12):
            outcome = (
                "left" if rng.random() < leaves else str(rng.choice(["right", "wrong", "skipped"], p=[0.6, 0.3, 0.1]))
            )
            seconds = "" if outcome in {"left", "skipped"} else f"{rng.uniform(3, 40):.1f}"
            lines.append(f"p{person:02},t{rng.integers(9)},{1_000_000 + 90 * place},{outcome},{seconds},c{place % 2}")
            if outcome == "left":
                break
            leaves = 0.4 if outcome == "wrong" else 0.05
    file = folder / "answers.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def test_a_course_is_fitted_and_in_force_at_once(database: Database, database_url: str, tmp_path: Path) -> None:
    room = Classroom(database, *(one_choice(f"P{place}") for place in range(6)), students=24)
    at_work(room, np.random.default_rng(3))
    done = typed(database_url, "--course", str(room.course_id), "--out", str(tmp_path / "models"))
    assert done.exit_code == 0, done.output
    assert "H" in done.output
    with database.read() as session:
        kept = survival_models.newest(session, room.course_id, "H")
    assert kept is not None
    folder = tmp_path / "models" / f"course-{room.course_id}"
    assert {file.name for file in folder.iterdir()} == {
        "card.md", "calibration.svg", "quantiles.svg", "H.json", "LA.json", "LM.json", "LS.json", "FQ.json",
    }  # fmt: skip
    assert json.loads((folder / "H.json").read_text("utf-8"))["weights"] == kept.weights
    again = typed(database_url)
    assert "Nothing to do" in again.output


def test_a_file_is_fitted_without_a_database(tmp_path: Path) -> None:
    file = log_file(tmp_path)
    done = CliRunner().invoke(
        cli, ["fit", "--log", str(file), "--out", str(tmp_path / "out")], env={"DATABASE_URL": ""}
    )
    assert done.exit_code == 0, done.output
    card = (tmp_path / "out" / "card.md").read_text("utf-8")
    assert "answers.csv" in card
    assert "30 people" in card
    for name in ("calibration", "quantiles"):
        picture = ElementTree.parse(tmp_path / "out" / f"{name}.svg").getroot()
        assert picture.find("{http://www.w3.org/2000/svg}circle") is not None
    kept = json.loads((tmp_path / "out" / "H.json").read_text("utf-8"))
    assert from_json(json.dumps(kept["card"])).people == 30


def test_a_file_is_read_as_it_says(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text(
        f"{HEAD},seconds,remaining,subcategory,category\n"
        "b,x,2026-11-01T10:00:00,right,4.5,3,s,c\n"
        "a,y,2026-11-01T10:01:00+01:00,skipped,,,,\n"
        "b,y,2026-11-01T10:00:30Z,left,,2,s2,c\n",
        encoding="utf-8-sig",
    )
    log = fit_command.read(file, offered=True)
    assert log.person.tolist() == [0, 1, 1]
    assert log.task.tolist() == [1, 0, 1]
    assert log.stayed.tolist() == [True, True, False]
    assert (log.at[2] - log.at[1], log.at[1] - log.at[0]) == (30, 59 * 60)
    assert log.remaining.tolist() == [0, 3, 2]
    assert log.seconds[1] == 4.5
    assert np.isnan(log.seconds[[0, 2]]).all()
    assert len(set(log.subcategory)) == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("person,task,at\n1,2,3\n", "no column outcome"),
        (f"{HEAD}\n", "no rows"),
        (f"{HEAD}\n1,2,3,gone\n", "line 2: “gone” is no outcome"),
        (f"{HEAD}\n1,2,soon,right\n", "line 2: “soon” is neither"),
        (f"{HEAD}\n,2,3,right\n", "line 2: person is empty"),
        (f"{HEAD},seconds\n1,2,3,right,-4\n", "line 2: “-4” is no number"),
        (f"{HEAD}\n1,2,nan,right\n", "time"),
        (f"{HEAD}\n1,2,3,right\n", "fold"),
        ("\xff\xfe", "not a CSV file"),
    ],
)
def test_a_file_that_cannot_be_used_ends_in_a_sentence(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "log.csv"
    file.write_bytes(content.encode("latin-1" if content.startswith("\xff") else "utf-8"))
    done = CliRunner().invoke(cli, ["fit", "--log", str(file)])
    assert done.exit_code == 2
    assert said in " ".join(done.output.split())
    assert "Traceback" not in done.output


def test_what_makes_no_sense_together_is_refused(tmp_path: Path) -> None:
    file = log_file(tmp_path)
    for command in (["--log", str(file), "--course", "1"], ["--done"]):
        assert CliRunner().invoke(cli, ["fit", *command]).exit_code == 2
    with pytest.raises(CannotDo, match="tasks done"):
        fit_command.read(file, offered=False)  # it names who left


def test_a_course_that_is_not_there_is_named(database_url: str) -> None:
    done = typed(database_url, "--course", "99")
    assert done.exit_code == 2
    assert "no course 99" in done.output
