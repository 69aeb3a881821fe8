"""The operator's commands: what they say, what they exit with, and that every failure is a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from cryptography.fernet import Fernet
from sqlalchemy import text, update

from core.secrets import Vault
from core.store.database import Database
from core.store.tables import Arm, Course, Grade, Registration, ToolKey
from core.store.tables import Problem as ProblemRow
from heirloom.cli import cli
from tests.core.activities.classroom import Classroom, snapshot
from tests.tool import SECRET

DATABASES = ("sqlite",)  # what depends on the dialect says so
BANKS = Path(__file__).parents[1] / "fixtures" / "question_banks"
COURSE = Path(__file__).parents[2] / "sandbox" / "course"
ADD = [
    "platform",
    "add",
    *("--name", "Example University"),
    *("--issuer", "https://moodle.example.edu"),
    *("--client-id", "AbC123"),
    *("--deployment-id", "1"),
    *("--authorization-url", "https://moodle.example.edu/mod/lti/auth.php"),
    *("--token-url", "https://moodle.example.edu/mod/lti/token.php"),
    *("--keyset-url", "https://moodle.example.edu/mod/lti/certs.php"),
]
NEED_A_DATABASE = [
    ["db", "rotate-secrets"],
    ["platform", "list"],
    ["platform", "approve", "x"],
    ["platform", "disable", "x"],
    ["platform", "keys"],
    ["problems", "import", str(BANKS / "algebra.gift"), "--course", "1"],
    ["problems", "courses"],
    ["check"],
    ["worker"],
    ["serve"],
    ADD,
]

NEED_AN_ADDRESS = [*NEED_A_DATABASE, ["db", "upgrade"], ["db", "check"]]


def environment(database_url: str, **changes: str) -> dict[str, str | None]:
    return {
        "DATABASE_URL": database_url,
        "HEIRLOOM_URL": "https://tool.example",
        "HEIRLOOM_SECRET_KEYS": SECRET,
        "HEIRLOOM_DEVELOPMENT": "",
        **changes,
    }


class Operator:
    """Types commands."""

    def __init__(self, database_url: str) -> None:
        self.environment: Mapping[str, str | None] = environment(database_url)

    def type(self, *command: str, **changes: str | None) -> Result:
        result = CliRunner().invoke(cli, command, env={**self.environment, **changes})
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        return result

    def must(self, *command: str) -> str:
        result = self.type(*command)
        assert result.exit_code == 0, result.output
        return result.output


@pytest.fixture
def operator(database_url: str) -> Operator:
    return Operator(database_url)


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


# ---- help ----


@pytest.mark.parametrize("path", [path for path, _ in commands(cli)], ids=" ".join)
def test_help_says_what_a_command_does_and_shows_it(path: tuple[str, ...]) -> None:
    told = CliRunner().invoke(cli, [*path, "--help"])
    assert told.exit_code == 0
    assert CliRunner().invoke(cli, [*path, "-h"]).output == told.output
    group = dict(commands(cli))[path]
    if not isinstance(group, click.Group):
        assert re.search(r"^  Examples?\b.*:$", told.output, re.MULTILINE)
        assert f"heirloom {' '.join(path)}" in told.output.replace("\n", " ").partition("Example")[2] or path == (
            "secret",
        )


def test_help_of_everything() -> None:
    told = CliRunner().invoke(cli, ["--help"]).output
    for name in ("demo", "serve", "worker", "secret", "db", "platform", "problems", "check"):
        assert re.search(rf"^  {name} ", told, re.MULTILINE)
    assert "Exit codes: 0 done; 1 done, and something is wrong; 2 could not be done." in told
    assert re.fullmatch(r"\S+, version (\d+\.\d+\S*|unknown)\n", CliRunner().invoke(cli, ["--version"]).output)


def test_wrong_usage_is_exit_code_2() -> None:
    for command in (
        ["nothing"],
        ["db"],
        ["platform", "add"],
        ["problems", "import", "/nowhere"],
        ["db", "check", "--x"],
    ):
        result = CliRunner().invoke(cli, command)
        assert result.exit_code == 2, command
        assert "Usage:" in result.output


# ---- settings and database ----


@pytest.mark.parametrize(
    "command", [*NEED_A_DATABASE, ["db", "upgrade"], ["db", "check"]], ids=lambda command: " ".join(command[:2])
)
def test_missing_settings_are_named(command: list[str], tmp_path: Path) -> None:
    operator = Operator(f"sqlite:///{tmp_path / 'x.db'}")
    for variable in ("HEIRLOOM_URL", "HEIRLOOM_SECRET_KEYS"):
        result = operator.type(*command, **{variable: None})
        assert result.exit_code == 2
        assert f"{variable} is not set." in result.output
        assert "docs/operate.md" in result.output
    assert not (tmp_path / "x.db").exists()


def test_settings_that_are_wrong_are_named_and_secrets_are_not_repeated(operator: Operator) -> None:
    for changes, says in (
        ({"HEIRLOOM_URL": "http://tool.example"}, "HEIRLOOM_URL must begin with https://"),
        ({"HEIRLOOM_URL": "tool"}, "HEIRLOOM_URL cannot be used"),
        ({"HEIRLOOM_SECRET_KEYS": "hush-hush"}, "HEIRLOOM_SECRET_KEYS cannot be used"),
        ({"HEIRLOOM_SECRET_KEYS": ","}, "HEIRLOOM_SECRET_KEYS is empty"),
        ({"DATABASE_URL": "mysql://hush-hush@x/y"}, "DATABASE_URL cannot be used"),
        ({"PORT": "eighty"}, "PORT cannot be used"),
    ):
        for command in (ADD, ["worker"], ["serve"]):
            result = operator.type(*command, **changes)
            assert result.exit_code == 2
            assert says in result.output
            assert "hush-hush" not in result.output


@pytest.mark.parametrize(
    "command", [*NEED_A_DATABASE, ["db", "upgrade"], ["db", "check"]], ids=lambda command: " ".join(command[:2])
)
def test_a_database_that_cannot_be_reached(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    for url in (
        "postgresql://operator:hush-hush@127.0.0.1:1/heirloom",
        "postgresql://operator:hush-hush@127.0.0.1:port/heirloom",
        f"sqlite:///{tmp_path / 'file' / 'x.db'}",
        f"sqlite:///{tmp_path / 'folder'}",
    ):
        result = Operator(url).type(*command)
        assert result.exit_code == 2, url
        assert "The database of DATABASE_URL cannot be used" in result.output
        assert "hush-hush" not in result.output
        assert len(result.output.splitlines()) < 3


@pytest.mark.parametrize("command", NEED_A_DATABASE, ids=lambda command: " ".join(command[:2]))
def test_a_database_that_is_not_migrated(command: list[str], tmp_path: Path) -> None:
    result = Operator(f"sqlite:///{tmp_path / 'empty.db'}").type(*command)
    assert result.exit_code == 2
    assert "The database is not up to date. Run `heirloom db upgrade` first." in result.output


@pytest.mark.both_databases
def test_a_database_that_is_up_to_date(operator: Operator) -> None:
    assert "The database is at " in operator.must("db", "upgrade")
    assert "this version needs" in operator.must("db", "check")


def test_a_new_database_is_made_and_checked(tmp_path: Path) -> None:
    operator = Operator(f"sqlite:///{tmp_path / 'new' / 'heirloom.db'}")
    result = operator.type("db", "check")
    assert result.exit_code == 1
    assert "database: empty" in result.output
    assert "Run `heirloom db upgrade`." in result.output
    assert "Upgraded from empty to " in operator.must("db", "upgrade")
    operator.must("db", "check")
    database = Database(operator.environment["DATABASE_URL"] or "")
    with database.write() as session:
        session.execute(text("ALTER TABLE report ADD COLUMN stray TEXT"))
    database.dispose()
    result = operator.type("db", "check")
    assert result.exit_code == 1
    assert "stray" in result.output


def test_a_new_secret_can_be_used() -> None:
    made = CliRunner().invoke(cli, ["secret"]).output.strip()
    assert Vault([made]).open(Vault([made]).seal("x")) == "x"


def test_secrets_move_to_the_newest_key(operator: Operator, database: Database) -> None:
    operator.must(*ADD)
    new = Fernet.generate_key().decode()
    before = snapshot(database)
    lost = operator.type("db", "rotate-secrets", HEIRLOOM_SECRET_KEYS=new)
    assert lost.exit_code == 2
    assert "Put the older key back" in lost.output
    assert snapshot(database) == before
    done = operator.type("db", "rotate-secrets", HEIRLOOM_SECRET_KEYS=f"{new},{SECRET}")
    assert done.exit_code == 0
    assert "1 secrets" in done.output
    with database.read() as session:
        (key,) = session.query(ToolKey).all()
    assert "PRIVATE KEY" in Vault([new]).open(key.private_key)
    assert new not in done.output


# ---- platforms ----


def test_a_platform_is_added_once(operator: Operator, database: Database) -> None:
    told = operator.must(*ADD)
    for address in ("/lti/login", "/lti/launch", "/lti/jwks/"):
        assert f"https://tool.example{address}" in told
    before = snapshot(database)
    assert operator.must(*ADD) == told
    assert snapshot(database) == before
    other = operator.type(*ADD[:-1], "https://elsewhere.example/certs")
    assert other.exit_code == 2
    assert "registered already, with other addresses" in other.output
    assert snapshot(database) == before


def test_platforms_that_lti_does_not_allow(operator: Operator, database: Database) -> None:
    for option, value, says in (
        ("--issuer", "http://moodle.example.edu", "must begin with https://"),
        ("--token-url", "javascript:alert(1)", "must begin with https://"),
        ("--client-id", "", "1 to 255 plain characters"),
        ("--deployment-id", "é", "1 to 255 plain characters"),
    ):
        changed = [value if ADD[place - 1] == option else word for place, word in enumerate(ADD)]
        result = operator.type(*changed)
        assert result.exit_code == 2, option
        assert says in result.output
    with database.read() as session:
        assert session.query(Registration).count() == 0


def test_platforms_are_listed_approved_and_disabled(operator: Operator, database: Database) -> None:
    assert "No platform is registered yet." in operator.must("platform", "list")
    operator.must(*ADD)
    with database.read() as session:
        (id,) = session.execute(text("SELECT public_id FROM platform")).scalars()
    listed = operator.must("platform", "list")
    for word in (id, "Example University", "https://moodle.example.edu", "AbC123", "active"):
        assert word in listed
    operator.must("platform", "disable", id)
    assert "disabled" in operator.must("platform", "list")
    operator.must("platform", "approve", id)
    assert "disabled" not in operator.must("platform", "list")
    for command in (["approve"], ["disable"], ["keys"]):
        result = operator.type("platform", *command, "nobody")
        assert result.exit_code == 2
        assert "There is no platform with this id." in result.output


def test_keys_are_shown_and_rotated_by_either_id(operator: Operator, database: Database) -> None:
    operator.must(*ADD)
    with database.read() as session:
        platform = session.execute(text("SELECT public_id FROM platform")).scalar_one()
        registration = session.execute(text("SELECT public_id FROM registration")).scalar_one()
        kid = session.execute(text("SELECT kid FROM tool_key")).scalar_one()
    for id in (platform, registration):
        assert kid in operator.must("platform", "keys", id)
    assert "next" in operator.must("platform", "keys", platform, "--rotate")
    shown = operator.must("platform", "keys", "--rotate")  # one is announced already
    assert shown.count("next") == 1
    assert "PRIVATE" not in shown


def test_words_of_others_are_no_mark_up(operator: Operator, database: Database) -> None:
    name = "[red]Uni[/] [/nope] \x1b[31m\u202eevil [link=https://evil.example]x[/link] :boom:"
    operator.must(*[name if word == "Example University" else word for word in ADD])
    listed = operator.must("platform", "list")
    assert "[red]Uni[/] [/nope] [31mevil [link=https://evil.example]x[/link] :boom:" in listed
    Classroom(database, platform=2)
    with database.write() as session:
        session.execute(update(Course).values(title="[bold]Algebra[/bold] \x1b[2J"))
    shown = operator.must("problems", "courses")
    assert "[bold]Algebra[/bold] [2J" in shown
    assert "\x1b" not in listed + shown


# ---- problems ----


def test_a_file_is_checked_without_a_course_and_stored_with_one(operator: Operator, database: Database) -> None:
    file = str(COURSE / "algebra.gift")
    room = Classroom(database)
    before = snapshot(database)
    checked = operator.must("problems", "import", file)
    assert "none stored, because no --course was named" in checked
    assert re.search(r"^taken line \d+: ", checked, re.MULTILINE)
    assert snapshot(database) == before
    stored = operator.must("problems", "import", file, "--course", str(room.course_id))
    number = int(re.findall(r"(\d+) stored", stored)[0])
    with database.read() as session:
        assert session.query(ProblemRow).count() == len(room.problems) + number > 5
    unknown = operator.type("problems", "import", file, "--course", "4711")
    assert unknown.exit_code == 2
    assert "There is no course 4711. `heirloom problems courses` lists them." in unknown.output


@pytest.mark.parametrize(
    ("name", "code", "says"),
    [
        ("broken/truncated.xml", 1, "The file is damaged, so nothing was imported"),
        ("broken/unbalanced.gift", 1, "refused"),
        ("broken/entity-bomb.xml", 2, "This file has a document type or entities of its own"),
        ("broken/script.xml", 0, "taken line"),
    ],
)
def test_files_that_are_not_whole(operator: Operator, database: Database, name: str, code: int, says: str) -> None:
    room = Classroom(database)
    before = snapshot(database)
    result = operator.type("problems", "import", str(BANKS / name), "--course", str(room.course_id))
    assert result.exit_code == code
    assert says in result.output
    if "damaged" in says or code == 2:
        assert snapshot(database) == before


def test_words_in_a_file_are_no_mark_up(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "[bold]x.gift"
    file.write_text("::[red]Name[/] [/nope] \u202e:: Why? {}\n\n::[blue]Bad[/]:: Q {=}\n", encoding="utf-8")
    result = operator.type("problems", "import", str(file))
    assert result.exit_code in {0, 1}
    assert "[red]Name[/] [/nope]" in result.output
    assert "\u202e" not in result.output
    assert "\x1b" not in result.output


# ---- the recount ----


@pytest.mark.both_databases
def test_a_statistic_that_was_tampered_with_is_found(operator: Operator, database: Database) -> None:
    room = Classroom(database)
    author, reader = room.students[:2]
    room.answer(author)
    written = room.explain(author)
    room.answer(reader)
    assert "No difference." in operator.must("check")
    with database.write() as session:
        session.execute(update(Arm).values(points=Arm.points + 7))
        session.execute(update(Grade).where(Grade.person_id == reader.person_id).values(score=1))
    result = operator.type("check")
    assert result.exit_code == 1
    assert (
        f"text {written.id}: shown, rewarded, points, squares: kept (1, 0, 7, 0), counted (1, 0, 0, 0)" in result.output
    )
    assert f"grade of person {reader.person_id}" in result.output
    assert "2 differences." in result.output
