"""One house for all tests of a process: a campus, the tool's real processes on SQLite, a class that has been at work.

Each test comes as a learner of its own, so that tests do not meet.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

import migrations
from core.store.database import Database
from tests.e2e import class_at_work
from tests.e2e.class_at_work import Place
from tests.e2e.visits import PATIENCE, Open, Visit
from tests.system.processes import free_port, house

BANK = Path(__file__).with_name("bank.csv")
STUDENTS = 48

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def place(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The house. It asks for the browser first: without one nothing has to be built."""
    del browser
    directory = tmp_path_factory.mktemp("house")
    url = f"sqlite:///{directory / 'heirloom.db'}"
    database = Database(url)
    migrations.upgrade(database)
    with house(
        database, url, directory, students=STUDENTS, web_ports=[free_port()], workers=1, files=[str(BANK)]
    ) as here:
        place = Place(here, database)
        class_at_work.work(place)
        yield place
    database.dispose()


@pytest.fixture(scope="session")
def newcomers(place: Place) -> Iterator[int]:
    """Learners who have not been here yet."""
    return iter(place.house.students[class_at_work.CLASSMATES :])


@pytest.fixture
def errors() -> Iterator[list[str]]:
    """What the pages complained about: exceptions, refusals by the content policy. There must be nothing."""
    said: list[str] = []
    yield said
    assert said == []


def listen(context: BrowserContext, errors: list[str]) -> BrowserContext:
    """Bring a window's complaints to `errors`."""
    context.set_default_timeout(PATIENCE)
    context.on("weberror", lambda error: errors.append(str(error.error)))
    context.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    return context


def window(browser: Browser, errors: list[str]) -> BrowserContext:
    """One of its own, 1,000 px wide."""
    return listen(browser.new_context(viewport={"width": 1000, "height": 900}, locale="en-GB"), errors)


@pytest.fixture
def context(browser: Browser, errors: list[str]) -> Iterator[BrowserContext]:
    """A window for the test."""
    opened = window(browser, errors)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def student(place: Place, page: Page, newcomers: Iterator[int]) -> Visit:
    """A learner who has just opened the activity."""
    visit = Visit(page, place, next(newcomers))
    visit.open()
    return visit


@pytest.fixture
def somebody(place: Place, browser: Browser, errors: list[str], newcomers: Iterator[int]) -> Iterator[Open]:
    """Learners who have not opened anything yet, each in a window: a tab behind another draws once a second."""
    with ExitStack() as windows:

        def come() -> Visit:
            opened = window(browser, errors)
            windows.callback(opened.close)
            return Visit(opened.new_page(), place, next(newcomers))

        yield come


@pytest.fixture
def teacher(place: Place, browser: Browser, errors: list[str]) -> Iterator[Visit]:
    """The teacher, who has just opened the activity."""
    opened = window(browser, errors)
    visit = Visit(opened.new_page(), place, place.house.teachers[0])
    visit.open()
    yield visit
    opened.close()


@pytest.fixture(scope="session")
def shared(place: Place) -> Callable[..., str]:
    """Places an activity that the class shares and gives its title: `shared("questions", anonymity="named")`.

    Each call is another activity, so tests do not meet.
    """
    titles = (f"Shared {number}" for number in itertools.count(1))

    def add(kind: str, **settings: str) -> str:
        title = next(titles)
        here = place.house
        here.stage.place_shared(
            here.registered,
            course_id=here.course,
            teacher=here.teachers[0],
            kind=kind,
            title=title,
            settings={name: str(value) for name, value in settings.items()},
        )
        return title

    return add
