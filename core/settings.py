"""Settings: one typed table. Each field is one environment variable, documented here and in docs/operate.md (a test
compares them).

Nothing else in Heirloom reads the environment; the command line reads it once and hands the values down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")


class BadSetting(ValueError):
    """A setting that cannot be used; the text names the variable and says what to write instead."""


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
        raise ValueError("write an address such as https://heirloom.example.edu")
    return text.rstrip("/")


def _database(text: str) -> str:
    if text.startswith("postgres://"):  # what some hosts still hand out
        text = "postgresql://" + text.removeprefix("postgres://")
    if not text.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise ValueError("write sqlite:///path/to/file.db or postgresql://user:password@host/name")
    return text


def _flag(text: str) -> bool:
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("write yes or no")


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.strip().lstrip("-").isdigit() or not low <= int(text) <= high:
            raise ValueError(f"write a whole number from {low} to {high}")
        return int(text)

    return parse


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _setting(variable: str, parse: Callable[[str], T], meaning: str, default: T | Any = MISSING) -> Any:
    metadata = {"variable": variable, "parse": parse, "meaning": meaning}
    if default is MISSING:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything an operator can set."""

    url: str = _setting(
        "HEIRLOOM_URL", _url, "The address at which browsers and the LMS reach this tool, without a path."
    )
    secret_keys: tuple[str, ...] = field(
        repr=False,
        metadata={
            "variable": "HEIRLOOM_SECRET_KEYS",
            "parse": _names,
            "meaning": "Keys that encrypt secrets at rest (private keys, access tokens), newest first, separated by "
            "commas. Make one with `heirloom secret`. Keep old ones behind the new one until "
            "`heirloom db rotate-secrets` ran.",
        },
    )
    database: str = field(
        default="sqlite:///var/heirloom.db",
        repr=False,
        metadata={
            "variable": "DATABASE_URL",
            "parse": _database,
            "meaning": "SQLite in one file, or PostgreSQL for several machines.",
        },
    )
    development: bool = _setting(
        "HEIRLOOM_DEVELOPMENT",
        _flag,
        "Allows platforms over plain http and on this machine. Never in production.",
        False,
    )
    private_hosts: tuple[str, ...] = _setting(
        "HEIRLOOM_PRIVATE_HOSTS",
        _names,
        "Exact host names (with :port if not 443) of an LMS inside a private network that the tool may call.",
        (),
    )
    trusted_proxies: int = _setting(
        "HEIRLOOM_TRUSTED_PROXIES",
        _whole(0, 5),
        "How many reverse proxies in front add X-Forwarded-* headers. 0 trusts none.",
        0,
    )
    port: int = _setting("PORT", _whole(0, 65535), "The port that `heirloom serve` listens on.", 8000)
    bind: str = _setting("HEIRLOOM_BIND", str, "The network interface that `heirloom serve` listens on.", "127.0.0.1")
    web_processes: int = _setting(
        "WEB_CONCURRENCY", _whole(1, 64), "Web processes; more than one needs PostgreSQL to be worth it.", 1
    )
    web_threads: int = _setting("HEIRLOOM_WEB_THREADS", _whole(1, 256), "Threads in each web process.", 16)
    slack_client_id: str = _setting("SLACK_CLIENT_ID", str, "The Slack app's client id. Empty: there is no Slack.", "")
    slack_client_secret: str = field(
        default="",
        repr=False,
        metadata={"variable": "SLACK_CLIENT_SECRET", "parse": str, "meaning": "The Slack app's client secret."},
    )
    slack_signing_secret: str = field(
        default="",
        repr=False,
        metadata={
            "variable": "SLACK_SIGNING_SECRET",
            "parse": str,
            "meaning": "The Slack app's signing secret: what proves that a request comes from Slack.",
        },
    )
    slack_app_token: str = field(
        default="",
        repr=False,
        metadata={
            "variable": "SLACK_APP_TOKEN",
            "parse": str,
            "meaning": "An app-level token (xapp-...) with connections:write, for `heirloom slack socket` only.",
        },
    )
    slack_api_url: str = _setting(
        "SLACK_API_URL", _url, "Where Slack's Web API is. Another one is for development only.", "https://slack.com/api"
    )
    support: str = _setting(
        "HEIRLOOM_SUPPORT", str, "Whom a person can ask for help: shown on error pages with the support code.", ""
    )
    log_level: str = _setting("HEIRLOOM_LOG_LEVEL", str.upper, "DEBUG, INFO, WARNING or ERROR.", "INFO")

    @property
    def secure(self) -> bool:
        """Whether the tool itself is reached over https (cookies are then Secure and `__Host-`)."""
        return self.url.startswith("https://")

    @property
    def has_slack(self) -> bool:
        """Whether the class can also meet in Slack."""
        return bool(self.slack_client_id)


def from_environment(environ: Mapping[str, str]) -> Settings:
    """Read the settings. Raises BadSetting that names the variable, and never repeats a secret's value."""
    values: dict[str, Any] = {}
    for item in fields(Settings):
        variable, parse = item.metadata["variable"], item.metadata["parse"]
        text = environ.get(variable)
        if text is None or (text == "" and item.default is not MISSING):
            if item.default is MISSING:
                raise BadSetting(f"{variable} is not set. {item.metadata['meaning']}")
            continue
        try:
            values[item.name] = parse(text)
        except ValueError as error:
            raise BadSetting(f"{variable} cannot be used: {error}. {item.metadata['meaning']}") from None
    settings = Settings(**values)
    if not settings.secret_keys:
        raise BadSetting("HEIRLOOM_SECRET_KEYS is empty. Make a key with `heirloom secret`.")
    if not settings.secure and not settings.development:
        raise BadSetting("HEIRLOOM_URL must begin with https:// (or set HEIRLOOM_DEVELOPMENT=yes on your own machine).")
    _check_slack(settings)
    return settings


def _check_slack(settings: Settings) -> None:
    """Raises BadSetting for a Slack app that is set by halves."""
    if settings.has_slack and not (settings.slack_client_secret and settings.slack_signing_secret):
        raise BadSetting("SLACK_CLIENT_ID needs SLACK_CLIENT_SECRET and SLACK_SIGNING_SECRET beside it.")
    if settings.slack_api_url != "https://slack.com/api" and not settings.development:
        raise BadSetting("SLACK_API_URL may only be changed with HEIRLOOM_DEVELOPMENT=yes.")
