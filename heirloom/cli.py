"""`heirloom`: everything an operator does. Exit codes: 0 done, 1 done and found something wrong, 2 could not be
done.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

import migrations
from core.activities import keys, platforms, problems, recount
from core.activities.refusals import Refusal
from core.problems import files
from core.problems.reports import UnreadableFile
from core.settings import BadSetting, Settings, from_environment
from core.store.database import Database
from core.store.tables import Course, Platform
from heirloom import clock, logs
from lti_tool.keys import new_key
from lti_tool.secrets import Vault, new_secret_key, public_id

console = Console()
WRONG, FAILED = 1, 2


def settings() -> Settings:
    """The settings of this process, or an exit that names the variable."""
    try:
        return from_environment(os.environ)  # noqa: TID251 - the one place that reads the environment
    except BadSetting as error:
        raise click.ClickException(f"{error}\nAll settings are listed in docs/operate.md.") from error


@contextmanager
def database() -> Any:
    """The database of the settings, checked to have the tables that this code needs."""
    opened = Database(settings().database, pool_size=4)
    try:
        if migrations.revision(opened) != migrations.newest():
            raise click.ClickException("The database is not up to date. Run `heirloom db upgrade` first.")
        yield opened
    except OperationalError as error:
        raise click.ClickException(f"The database cannot be reached: {error.orig}") from error
    finally:
        opened.dispose()


def telling_refusals(command: Callable[..., Any]) -> Callable[..., Any]:
    """A refused use case ends the command with its sentence and exit code 2."""

    @wraps(command)
    def told(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except Refusal as refusal:
            click.echo(f"Error: {refusal}", err=True)
            sys.exit(FAILED)

    return told


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="heirloom")
def cli() -> None:
    """Heirloom: what one class works out, the next one inherits.

    \b
    Try it:        heirloom demo
    Run it:        heirloom db upgrade && heirloom serve      (and, beside it: heirloom worker)
    Connect an LMS: heirloom platform add --help

    Settings are environment variables; docs/operate.md lists them.
    """


@cli.command()
@click.option(
    "--directory",
    type=click.Path(path_type=Path),
    default=Path("var/demo"),
    show_default=True,
    help="Where the demo keeps its files.",
)
@click.option(
    "--port", type=int, default=8000, show_default=True, help="The tool's port; another is used if it is taken."
)
@click.option("--campus-port", type=int, default=8100, show_default=True, help="The campus's port; likewise.")
@click.option("--fresh", is_flag=True, help="Forget the demo class and begin anew.")
def demo(directory: Path, port: int, campus_port: int, fresh: bool) -> None:
    """Start a campus (a small LMS), the tool and a worker, with a class that has been at work. Ctrl-C stops
    everything.
    """
    from heirloom.demo import run  # it imports the sandbox, which a production machine may not have

    sys.exit(run(directory, port=port, campus_port=campus_port, fresh=fresh, console=console))


@cli.command()
def serve() -> None:
    """Run the web process (Procfile: web). It listens on HEIRLOOM_BIND:PORT."""
    from heirloom.serve import run  # gunicorn is not needed by any other command

    run(settings())


@cli.command()
def worker() -> None:
    """Run the worker (Procfile: worker): sends scores, reads rosters, keeps house. Several may run on PostgreSQL."""
    from heirloom.worker import run

    chosen = settings()
    logs.set_up(chosen.log_level)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run(chosen, Database(chosen.database, pool_size=4), stop, now=clock.now)


@cli.command()
def secret() -> None:
    """Print a new key for HEIRLOOM_SECRET_KEYS."""
    click.echo(new_secret_key())


@cli.group()
def db() -> None:
    """The database: bring it up to date, check it, encrypt its secrets anew."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Create the tables or bring them up to date (Procfile: release). Safe to run twice, also at the same moment."""
    opened = Database(settings().database, pool_size=2)
    before = migrations.revision(opened)
    migrations.upgrade(opened)
    after = migrations.revision(opened)
    click.echo(f"The database is at {after}." if before == after else f"Upgraded from {before or 'empty'} to {after}.")


@db.command("check")
def db_check() -> None:
    """Tell whether the tables are what this version needs; exit code 1 if not."""
    opened = Database(settings().database, pool_size=2)
    have, need = migrations.revision(opened), migrations.newest()
    click.echo(f"database: {have or 'empty'}; this version needs: {need}")
    if have != need:
        click.echo("Run `heirloom db upgrade`.")
        sys.exit(WRONG)
    differences = migrations.drift(opened)
    for difference in differences:
        click.echo(f"differs: {difference}")
    sys.exit(WRONG if differences else 0)


@db.command("rotate-secrets")
def db_rotate() -> None:
    """Encrypt every stored secret with the newest key, so that older keys can leave HEIRLOOM_SECRET_KEYS."""
    vault = Vault(settings().secret_keys)
    with database() as opened, opened.write() as session:
        click.echo(f"{keys.reseal(session, vault.reseal)} secrets encrypted with the newest key.")


@cli.group()
def platform() -> None:
    """Learning platforms (LMS): add one, approve one, list them, show our keys."""


@platform.command("add")
@click.option("--name", required=True, help="What you call it, for example the university's name.")
@click.option("--issuer", required=True, help="The issuer or platform id, for example https://moodle.example.edu.")
@click.option("--client-id", required=True, help="The client id that the LMS gave to this tool.")
@click.option(
    "--deployment-id",
    multiple=True,
    help="The deployment id; repeat for several. Unknown ones wait for approval at their first launch.",
)
@click.option("--authorization-url", required=True, help="Authentication request URL of the LMS.")
@click.option("--token-url", required=True, help="Access token URL of the LMS.")
@click.option("--keyset-url", required=True, help="Public keyset (JWKS) URL of the LMS.")
@click.option("--token-audience", help="Audience of token requests, where the LMS names one of its own.")
@click.option(
    "--frame-origin", multiple=True, help="Another origin that shows the tool in a frame; repeat for several."
)
@click.option("--family", help="moodle, canvas ... if you know it.")
@telling_refusals
def platform_add(
    name: str,
    issuer: str,
    client_id: str,
    deployment_id: tuple[str, ...],
    authorization_url: str,
    token_url: str,
    keyset_url: str,
    token_audience: str | None,
    frame_origin: tuple[str, ...],
    family: str | None,
) -> None:
    """Register an LMS by hand. Running it twice with the same values changes nothing.

    \b
    Example (Moodle, Site administration > Plugins > External tool > Manage tools > View configuration details):
      heirloom platform add --name "Example University" --issuer https://moodle.example.edu \\
        --client-id AbC123 --deployment-id 1 \\
        --authorization-url https://moodle.example.edu/mod/lti/auth.php \\
        --token-url https://moodle.example.edu/mod/lti/token.php \\
        --keyset-url https://moodle.example.edu/mod/lti/certs.php
    """
    chosen, now = settings(), clock.now()
    new = platforms.NewRegistration(
        public_id=public_id(),
        name=name,
        issuer=issuer,
        client_id=client_id,
        authorization_url=authorization_url,
        token_url=token_url,
        keyset_url=keyset_url,
        token_audience=token_audience,
        frame_origins=frame_origin,
        product_family=family,
    )
    key = new_key(Vault(chosen.secret_keys))
    with database() as opened, opened.write() as session:
        found = platforms.register(session, new, key, status="active", development=chosen.development, now=now)
        for deployment in deployment_id:
            platforms.add_platform(session, found.id, deployment, public_id=public_id(), status="active", now=now)
    click.echo(f"Registered as {found.public_id}. Enter these in the LMS:")
    for label, path in (
        ("Login initiation URL", "/lti/login"),
        ("Redirect URL", "/lti/launch"),
        ("Target link URL", "/lti/launch"),
        ("Public keyset URL", f"/lti/jwks/{found.public_id}"),
    ):
        click.echo(f"  {label + ':':22} {chosen.url}{path}")


@platform.command("list")
def platform_list() -> None:
    """Every registration and deployment, with its state."""
    table = Table("id", "name", "issuer", "client id", "deployment", "state", "first seen")
    with database() as opened, opened.read() as session:
        lines = platforms.list_all(session)
    for line in lines:
        state = (
            line.platform_status
            if line.platform_status and line.registration_status == "active"
            else line.registration_status
        )
        seen = line.first_seen_at.strftime("%Y-%m-%d") if line.first_seen_at else "–"
        table.add_row(
            line.platform_public_id or line.registration_public_id,
            line.name,
            line.issuer,
            line.client_id,
            line.deployment_id or "–",
            state,
            seen,
        )
    console.print(table if lines else "No platform is registered yet. See `heirloom platform add --help`.")


@platform.command("approve")
@click.argument("id")
@telling_refusals
def platform_approve(id: str) -> None:
    """Let a pending registration or deployment launch. ID is the first column of `heirloom platform list`."""
    with database() as opened, opened.write() as session:
        platforms.approve(session, id)
    click.echo("Approved.")


@platform.command("disable")
@click.argument("id")
@telling_refusals
def platform_disable(id: str) -> None:
    """Stop launches, sessions and services of a registration or deployment at once. Its data stays; approve brings
    it back.
    """
    with database() as opened, opened.write() as session:
        platforms.disable(session, id)
    click.echo("Disabled.")


@platform.command("keys")
@click.argument("id", required=False)
@click.option(
    "--rotate",
    is_flag=True,
    help="Publish a new key now; it signs from a few days later, and the old one stays published for a while.",
)
@telling_refusals
def platform_keys(id: str | None, rotate: bool) -> None:
    """Show our public keys (their key ids and states), or begin a rotation."""
    vault, now = Vault(settings().secret_keys), clock.now()
    table = Table("registration", "kid", "state", "made", "signs from", "published until")
    with database() as opened, opened.write() as session:
        if rotate:
            keys.begin_rotation(session, id, lambda: new_key(vault), now=now)
        for line in keys.listed(session, id):
            table.add_row(*(str(part) if part else "–" for part in line))
    console.print(table)


@cli.group("problems")
def problems_group() -> None:
    """A course's problem bank."""


@problems_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--course",
    "course_id",
    type=int,
    help="The course's number (see `heirloom problems courses`). Without it the file is only checked.",
)
@telling_refusals
def problems_import(file: Path, course_id: int | None) -> None:
    """Import a GIFT, Moodle XML or CSV file, with a report a question. A damaged file changes nothing (exit code 1)."""
    with Progress(console=console, transient=True) as progress:
        step = progress.add_task(f"Reading {file.name}", total=None)
        try:
            imported = files.read(file.read_bytes(), file.name)
        except UnreadableFile as error:
            click.echo(f"Error: {error}", err=True)
            sys.exit(FAILED)
        progress.update(step, description="Storing", total=1)
        stored: list[int] = []
        if course_id is not None and not imported.broken:
            with database() as opened, opened.write() as session:
                if session.get(Course, course_id) is None:
                    raise Refusal(
                        "There is no course {number}. `heirloom problems courses` lists them.", number=course_id
                    )
                stored = problems.store_import(session, course_id, imported, now=clock.now())
        progress.update(step, completed=1)
    for line in imported.report:
        words = [str(note) for note in ((line.reason,) if line.reason else ()) + line.lost + line.cautions]
        console.print(
            f"[bold]{line.outcome}[/] line {line.line}: {line.name or line.type}", highlight=False, markup=True
        )
        for word in words:
            click.echo(f"    {word}")
    if imported.broken:
        click.echo(f"The file is damaged, so nothing was imported: {imported.broken}")
        sys.exit(WRONG)
    taken = sum(line.outcome == "taken" for line in imported.report)
    click.echo(f"{taken} of {len(imported.report)} questions can be taken; {len(stored)} stored.")
    sys.exit(WRONG if taken < len(imported.report) else 0)


@problems_group.command("courses")
def problems_courses() -> None:
    """The courses that have been launched, with their numbers."""
    table = Table("course", "title", "platform")
    with database() as opened, opened.read() as session:
        for row in session.execute(
            select(Course.id, Course.title, Platform.public_id)
            .join(Platform, Platform.id == Course.platform_id)
            .order_by(Course.id)
        ):
            table.add_row(str(row.id), row.title, row.public_id)
    console.print(table)


@cli.command("check")
def check() -> None:
    """Recount every statistic from the exposures and every score from the attempts; exit code 1 if anything differs."""
    found = 0
    with database() as opened, opened.read() as session, Progress(console=console, transient=True) as progress:
        step = progress.add_task("Recounting", total=2)
        for count in (recount.arms, recount.grades):
            for difference in count(session):
                found += 1
                console.print(str(difference), highlight=False, markup=False)
            progress.advance(step)
    click.echo(f"{found} differences." if found else "No difference.")
    sys.exit(WRONG if found else 0)


def main() -> None:
    """The entry point of the `heirloom` script."""
    logging.captureWarnings(True)
    cli()
