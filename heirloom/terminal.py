"""What all commands share: settings and database of the process, failures as sentences, and words on a terminal."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy.exc import ArgumentError, OperationalError

import migrations
from core.activities import texts
from core.activities.refusals import Refusal
from core.problems.reports import UnreadableFile
from core.settings import BadSetting, Settings, from_environment
from core.store.database import Database

console = Console()
WRONG, FAILED = 1, 2
PIPED = 240  # columns of a table that no terminal shows, so that ids stay whole for other programs


class CannotDo(click.ClickException):
    """Why a command could not be done, and what to do about it."""

    exit_code = FAILED


class Sentences(click.Group):
    """Commands that end in a sentence where they cannot do what was asked."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (Refusal, UnreadableFile) as refusal:
            raise CannotDo(str(refusal)) from refusal
        except BadSetting as error:
            raise CannotDo(f"{error}\nAll settings are listed in docs/operate.md.") from error
        except OperationalError as error:  # its first line: the driver says more, and none of it is ours to judge
            reason = str(error.orig).partition("\n")[0]
            raise CannotDo(f"The database of DATABASE_URL cannot be used: {reason}") from error


def settings() -> Settings:
    """The settings of this process. Raises BadSetting, which names the variable."""
    return from_environment(os.environ)  # noqa: TID251 - the one place that reads the environment


@contextmanager
def any_database() -> Iterator[Database]:
    """The database of the settings, whatever is in it."""
    address = settings().database
    try:
        opened = Database(address, pool_size=4)
    except (ArgumentError, ValueError, OSError) as error:
        advice = "write sqlite:///path/to/file.db or postgresql://user:password@host/name"  # never the value itself
        reason = f"{error.strerror}: {error.filename}" if isinstance(error, OSError) else advice
        raise CannotDo(f"The database of DATABASE_URL cannot be used: {reason}") from error
    try:
        yield opened
    finally:
        opened.dispose()


@contextmanager
def database() -> Iterator[Database]:
    """The database of the settings, checked to have the tables that this code needs."""
    with any_database() as opened:
        if migrations.revision(opened) != migrations.newest():
            raise CannotDo("The database is not up to date. Run `heirloom db upgrade` first.")
        yield opened


def words(value: object) -> Text:
    """Somebody's words for the terminal: no mark-up, no control characters, no turned reading order."""
    return Text(texts.plain(str(value)))


def show(table: Table) -> None:
    """Print a table: as wide as the terminal, or wide enough for a pipe."""
    (console if console.is_terminal else Console(width=PIPED)).print(table)
