"""`heirloom`: everything an operator does. Exit codes: 0 done; 1 done, and something is wrong; 2 could not be done.

Whatever keeps a command from being done ends it with one sentence that says what to do, never with a traceback.
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click
from rich.progress import Progress

import migrations
from core.activities import keys, recount, workspaces
from core.secrets import Unreadable, Vault, new_secret_key
from core.settings import Settings
from core.store.database import Database
from heirloom import clock, logs
from heirloom.archive_command import archive_group
from heirloom.fit_command import fit
from heirloom.platform_commands import platform
from heirloom.problem_commands import problems_group
from heirloom.research_commands import replay
from heirloom.simulate_commands import simulate_group
from heirloom.slack_commands import slack_group
from heirloom.terminal import WRONG, CannotDo, Sentences, any_database, console, database, settings, words


def _version() -> str:
    try:
        return version("heirloom")
    except PackageNotFoundError:  # run from the source without being installed
        return "unknown"


@click.group(cls=Sentences, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(_version())
def cli() -> None:
    """Heirloom: what one class works out, the next one inherits.

    \b
    Try it:          heirloom demo
    Run it:          heirloom db upgrade && heirloom serve      (and, beside it: heirloom worker)
    Connect an LMS:  heirloom platform add --help

    Settings are environment variables; docs/operate.md lists them.

    Exit codes: 0 done; 1 done, and something is wrong; 2 could not be done.
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
@click.option("--slack-port", type=int, default=8200, show_default=True, help="The workspace's port; likewise.")
@click.option("--fresh", is_flag=True, help="Forget this demo's class and begin anew.")
def demo(directory: Path, port: int, campus_port: int, slack_port: int, fresh: bool) -> None:
    """Start a campus (a small LMS), a small workspace in Slack's place, the tool and a worker, with a class that has
    been at work. Ctrl-C stops everything.

    What the class did is kept: the next `heirloom demo` goes on with it. A second demo beside a running one has other
    ports and a class of its own.

    \b
    Examples:
      heirloom demo
      heirloom demo --port 9000 --campus-port 9100
      heirloom demo --fresh
    """
    from heirloom.demo import NotStarted, run  # it imports the sandbox, which a production machine may not have

    try:
        sys.exit(
            run(directory, port=port, campus_port=campus_port, slack_port=slack_port, fresh=fresh, console=console)
        )
    except NotStarted as error:
        raise CannotDo(str(error)) from error


@cli.command()
def serve() -> None:
    """Run the web process (Procfile: web). It listens on HEIRLOOM_BIND:PORT.

    \b
    Example:
      HEIRLOOM_URL=https://heirloom.example.edu HEIRLOOM_SECRET_KEYS=... PORT=8000 heirloom serve
    """
    from heirloom.serve import run  # gunicorn is not needed by any other command

    chosen = ready()
    run(chosen)


@cli.command()
def worker() -> None:
    """Run the worker (Procfile: worker): sends scores, reads rosters, keeps house. Several may run on PostgreSQL.

    \b
    Example (with the same settings as the web process):
      heirloom worker
    """
    from heirloom.worker import run

    chosen = ready()
    logs.set_up(chosen.log_level)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run(chosen, Database(chosen.database, pool_size=4), stop, now=clock.now)


def ready() -> Settings:
    """The settings of a process that serves, once its database and its secret keys can be used."""
    chosen = settings()
    Vault(chosen.secret_keys)
    with database():
        return chosen


@cli.command()
def secret() -> None:
    """Print a new key for HEIRLOOM_SECRET_KEYS.

    \b
    Example:
      export HEIRLOOM_SECRET_KEYS=$(heirloom secret)
    """
    click.echo(new_secret_key())


@cli.group()
def db() -> None:
    """The database: bring it up to date, check it, encrypt its secrets anew."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Create the tables or bring them up to date (Procfile: release). Safe to run twice, also at the same moment.

    \b
    Example:
      DATABASE_URL=postgresql://heirloom:...@db.example.edu/heirloom heirloom db upgrade
    """
    with any_database() as opened:
        before = migrations.revision(opened)
        migrations.upgrade(opened)
        after = migrations.revision(opened)
    click.echo(f"The database is at {after}." if before == after else f"Upgraded from {before or 'empty'} to {after}.")


@db.command("check")
def db_check() -> None:
    """Tell whether the tables are what this version needs; exit code 1 if not.

    \b
    Example:
      heirloom db check || heirloom db upgrade
    """
    with any_database() as opened:
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
    """Encrypt every stored secret with the newest key, so that older keys can leave HEIRLOOM_SECRET_KEYS.

    \b
    Example (new key first, then the old one):
      HEIRLOOM_SECRET_KEYS=new,old heirloom db rotate-secrets
    """
    vault = Vault(settings().secret_keys)
    try:
        with database() as opened, opened.write() as session:
            number = keys.reseal(session, vault.reseal) + workspaces.reseal(session, vault.reseal)
            click.echo(f"{number} secrets encrypted with the newest key.")
    except Unreadable as error:
        raise CannotDo(f"{error}. Put the older key back behind the new one; nothing was changed.") from error


@cli.command("check")
def check() -> None:
    """Recount every statistic from the exposures and every score from the attempts; exit code 1 if anything differs.

    \b
    Example (every night):
      heirloom check || mail -s "Heirloom: statistics differ" operator@example.edu < /dev/null
    """
    found = 0
    with database() as opened, opened.read() as session, Progress(console=console, transient=True) as progress:
        step = progress.add_task("Recounting", total=len(recount.COUNTS))
        for count in recount.COUNTS:
            for difference in count(session):
                found += 1
                console.print(words(difference), soft_wrap=True)
            progress.advance(step)
    click.echo({0: "No difference.", 1: "1 difference."}.get(found, f"{found} differences."))
    sys.exit(WRONG if found else 0)


cli.add_command(platform)
cli.add_command(archive_group)
cli.add_command(problems_group)
cli.add_command(fit)
cli.add_command(replay)
cli.add_command(simulate_group)
cli.add_command(slack_group)


def main() -> None:
    """The entry point of the `heirloom` script."""
    logging.captureWarnings(True)
    cli()
