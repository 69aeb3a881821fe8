"""Settings: read once, told clearly when wrong, and documented each."""

from dataclasses import fields
from pathlib import Path

import pytest

from core.settings import BadSetting, Settings, from_environment

KEY = "p1s9vVq5iIu2m9pQZk0zK1wq1m0w3mXlF1Yk2mXJr2Q="
GOOD = {"HEIRLOOM_URL": "https://heirloom.example.edu/", "HEIRLOOM_SECRET_KEYS": KEY}
OPERATE = (Path(__file__).parents[2] / "docs" / "operate.md").read_text(encoding="utf-8")


def test_the_smallest_environment_gives_safe_defaults() -> None:
    settings = from_environment(GOOD)
    assert settings.url == "https://heirloom.example.edu"
    assert settings.database == "sqlite:///var/heirloom.db"
    assert (settings.development, settings.trusted_proxies, settings.private_hosts) == (False, 0, ())
    assert settings.secure


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"HEIRLOOM_URL": ""}, "HEIRLOOM_URL"),
        ({"HEIRLOOM_URL": "heirloom.example.edu"}, "HEIRLOOM_URL"),
        ({"HEIRLOOM_URL": "http://heirloom.example.edu"}, "HEIRLOOM_URL"),
        ({"HEIRLOOM_SECRET_KEYS": ""}, "HEIRLOOM_SECRET_KEYS"),
        ({"HEIRLOOM_SECRET_KEYS": " , "}, "HEIRLOOM_SECRET_KEYS"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        ({"PORT": "eighty"}, "PORT"),
        ({"PORT": "65536"}, "PORT"),
        ({"WEB_CONCURRENCY": "0"}, "WEB_CONCURRENCY"),
        ({"HEIRLOOM_DEVELOPMENT": "perhaps"}, "HEIRLOOM_DEVELOPMENT"),
        ({"HEIRLOOM_TRUSTED_PROXIES": "-1"}, "HEIRLOOM_TRUSTED_PROXIES"),
    ],
)
def test_a_wrong_setting_is_named(change: dict[str, str], names: str) -> None:
    with pytest.raises(BadSetting, match=names):
        from_environment({**GOOD, **change})


def test_a_missing_setting_is_named() -> None:
    with pytest.raises(BadSetting, match="HEIRLOOM_URL is not set"):
        from_environment({"HEIRLOOM_SECRET_KEYS": KEY})


def test_secrets_are_never_repeated() -> None:
    settings = from_environment({**GOOD, "DATABASE_URL": "postgres://user:hunter2@db/heirloom"})
    assert settings.database == "postgresql://user:hunter2@db/heirloom"
    assert KEY not in repr(settings)
    assert "hunter2" not in repr(settings)
    with pytest.raises(BadSetting) as told:
        from_environment({**GOOD, "DATABASE_URL": "mysql://user:hunter2@db"})
    assert "hunter2" not in str(told.value)


def test_plain_http_needs_the_development_flag() -> None:
    local = {**GOOD, "HEIRLOOM_URL": "http://127.0.0.1:8000", "HEIRLOOM_DEVELOPMENT": "yes"}
    assert not from_environment(local).secure


@pytest.mark.parametrize("item", fields(Settings), ids=lambda item: item.metadata["variable"])
def test_each_setting_is_documented(item: object) -> None:
    assert f"| `{item.metadata['variable']}` |" in OPERATE  # type: ignore[attr-defined]
