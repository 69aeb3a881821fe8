"""The real Chromium that tests drive: where it is found, and how it is started."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import BrowserContext, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
SHELL = "chromium-headless-shell"  # the same engine without windows and menus: opening one costs a quarter
FLAGS = (
    "--no-sandbox",  # containers forbid what the sandbox needs
    "--disable-quic",
    "--disable-background-networking",
    # A launch crosses between two sites four times, and each would start a process; what a page may do is the same.
    "--disable-site-isolation-trials",
    "--disable-features=IsolateOrigins,site-per-process",
    "--host-resolver-rules=MAP *.test 127.0.0.1",  # hosts of this machine that are not trusted as localhost is
)


def find(*, whole: bool = False) -> str | None:
    """The program's path: TEST_BROWSER's if that is set, else one on the PATH. `whole`: one that has settings, too."""
    named = os.environ.get("TEST_BROWSER")
    names = (named,) if named else NAMES if whole else (SHELL, *NAMES)
    return next(filter(None, map(shutil.which, names)), None)


@contextmanager
def with_preferences(driver: Playwright, preferences: Mapping[str, Any]) -> Iterator[BrowserContext]:
    """A Chromium of its own whose user has chosen these preferences."""
    with TemporaryDirectory(prefix="heirloom-browser-", ignore_cleanup_errors=True) as folder:
        profile = Path(folder) / "Default"
        profile.mkdir()
        (profile / "Preferences").write_text(json.dumps(preferences))
        context = driver.chromium.launch_persistent_context(folder, executable_path=find(whole=True), args=FLAGS)
        try:
            yield context
        finally:
            context.close()
