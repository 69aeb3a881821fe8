"""`heirloom platform`: learning platforms, as their operator sees them."""

from __future__ import annotations

from datetime import datetime

import click
from rich.table import Table

from core.activities import keys, platforms
from core.secrets import Vault, public_id
from heirloom import clock
from heirloom.terminal import database, settings, show, words
from lti_tool.keys import new_key


@click.group()
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
    """Every registration and deployment, with its state; those that wait for you first.

    \b
    Example:
      heirloom platform list
    """
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
            words(line.name),
            words(line.issuer),
            words(line.client_id),
            words(line.deployment_id or "–"),
            state,
            seen,
        )
    if lines:
        show(table)
    else:
        click.echo("No platform is registered yet. See `heirloom platform add --help`.")


@platform.command("approve")
@click.argument("id")
def platform_approve(id: str) -> None:
    """Let a pending registration or deployment launch. ID is the first column of `heirloom platform list`.

    \b
    Example:
      heirloom platform approve 3f2a9c0d1e4b5a687788
    """
    with database() as opened, opened.write() as session:
        platforms.approve(session, id)
    click.echo("Approved.")


@platform.command("disable")
@click.argument("id")
def platform_disable(id: str) -> None:
    """Stop launches, sessions and services of a registration or deployment at once. Its data stays; approve brings
    it back.

    \b
    Example:
      heirloom platform disable 3f2a9c0d1e4b5a687788
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
def platform_keys(id: str | None, rotate: bool) -> None:
    """Show our public keys (their key ids and states), or begin a rotation; of all registrations, or of the one that
    ID names (the first column of `heirloom platform list`).

    \b
    Examples:
      heirloom platform keys
      heirloom platform keys --rotate
    """
    vault, now = Vault(settings().secret_keys), clock.now()
    table = Table("registration", "kid", "state", "made", "signs from", "published until")
    with database() as opened, opened.write() as session:
        registration = platforms.registration_of(session, id) if id else None
        if rotate:
            keys.begin_rotation(session, registration, lambda: new_key(vault), now=now)
        for line in keys.listed(session, registration):
            table.add_row(*(_cell(part) for part in line))
    show(table)


def _cell(value: str | datetime | None) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M UTC")
    return value or "–"
