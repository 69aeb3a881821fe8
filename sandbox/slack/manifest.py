"""An app from its manifest (docs.slack.dev/reference/app-manifest): what it asks for, and where it listens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sandbox.slack.ids import new_id, secret_text
from sandbox.slack.state import App, Command, Shortcut

LONGEST_NAME = 35
"""Characters of `display_information.name`; of a bot's name 80."""


class BadManifest(ValueError):
    """The manifest does not describe an app."""


def read(manifest: Mapping[str, Any], app_url: str = "", *, socket_mode: bool | None = None) -> App:
    """The app, with new ids and secrets. Addresses in the manifest move to `app_url` (scheme, host and port), if that
    is given: a manifest is written for the address where a university runs its app.
    """

    def moved(url: str) -> str:
        if not (url and app_url):
            return url
        parts, base = urlsplit(url), urlsplit(app_url)
        return parts._replace(scheme=base.scheme, netloc=base.netloc).geturl()

    name = _at(manifest, "display_information", "name")
    if not isinstance(name, str) or not 1 <= len(name) <= LONGEST_NAME:
        raise BadManifest(f"An app has a name of 1 to {LONGEST_NAME} characters.")
    scopes = _at(manifest, "oauth_config", "scopes") or {}
    interactivity = _at(manifest, "settings", "interactivity") or {}
    subscriptions = _at(manifest, "settings", "event_subscriptions") or {}
    features = manifest.get("features") or {}
    wants_socket = bool(_at(manifest, "settings", "socket_mode_enabled"))
    number = secret_text(12)
    return App(
        new_id("A"),
        name,
        f"{number}.{secret_text(13)}",
        secret_text(32),
        secret_text(32),
        secret_text(24),
        description=str(_at(manifest, "display_information", "description") or ""),
        bot_name=str(_at(features, "bot_user", "display_name") or ""),
        bot_scopes=tuple(scopes.get("bot") or ()),
        optional_bot_scopes=tuple(scopes.get("bot_optional") or ()),
        redirect_urls=tuple(moved(url) for url in _at(manifest, "oauth_config", "redirect_urls") or ()),
        bot_events=tuple(subscriptions.get("bot_events") or ()),
        events_url=moved(str(subscriptions.get("request_url") or "")),
        interactivity_url=moved(str(interactivity.get("request_url") or "")) if interactivity.get("is_enabled") else "",
        options_url=moved(str(interactivity.get("message_menu_options_url") or "")),
        commands=tuple(_command(one, moved(str(one.get("url") or ""))) for one in _list(features, "slash_commands")),
        shortcuts=tuple(_shortcut(entry) for entry in _list(features, "shortcuts")),
        home_tab=bool(_at(features, "app_home", "home_tab_enabled")),
        messages_tab=bool(_at(features, "app_home", "messages_tab_enabled")),
        socket_mode=wants_socket if socket_mode is None else socket_mode,
        token_rotation=bool(_at(manifest, "settings", "token_rotation_enabled")),
        org_deploy=bool(_at(manifest, "settings", "org_deploy_enabled")),
    )


def _at(value: Any, *path: str) -> Any:
    """A value deep in a manifest, None if there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _list(features: Any, name: str) -> list[Mapping[str, Any]]:
    found = _at(features, name) or []
    if not isinstance(found, list) or not all(isinstance(entry, Mapping) for entry in found):
        raise BadManifest(f"{name} is a list of objects.")
    return found


def _command(entry: Mapping[str, Any], url: str) -> Command:
    command = str(entry.get("command") or "")
    if not command.startswith("/"):
        raise BadManifest(f"A slash command begins with a slash, not {command!r}.")
    return Command(
        command,
        str(entry.get("description") or ""),
        str(entry.get("usage_hint") or ""),
        url,
        bool(entry.get("should_escape")),
    )


def _shortcut(entry: Mapping[str, Any]) -> Shortcut:
    kind = entry.get("type")
    if kind not in ("global", "message"):
        raise BadManifest(f"A shortcut is global or of a message, not {kind!r}.")
    return Shortcut(
        "message" if kind == "message" else "global",
        str(entry.get("callback_id") or ""),
        str(entry.get("name") or ""),
        str(entry.get("description") or ""),
    )
