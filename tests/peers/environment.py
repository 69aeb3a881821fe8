"""Environments for peers: somebody else's packages, kept apart from the product's and made once for a machine."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path


class NotInstalled(Exception):
    """The packages cannot be had here; the text is pip's last word."""


def python_of(requirements: Path) -> Path:
    """The interpreter of an environment with exactly these locked requirements, made on first use. Raises NotInstalled.

    It lies in the user's cache, named after what is in it, so a changed lock file makes a new one.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "heirloom"
    key = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:12]
    place = cache / f"{requirements.stem}-{key}"
    python = place / "bin" / "python"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{place.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test processes want it in the same second
        if not (place / "complete").exists():
            _make(place, python, requirements)
    return python


def _make(place: Path, python: Path, requirements: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)  # left over from a run that was stopped
    pip = [str(python), "-m", "pip", "--retries", "1", "--timeout", "20", "--disable-pip-version-check", "install"]
    for command in (
        [sys.executable, "-m", "venv", str(place)],
        [*pip, "--quiet", "--only-binary", ":all:", "--require-hashes", "--requirement", str(requirements)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            said = (done.stderr or done.stdout).strip().splitlines()
            raise NotInstalled(said[-1] if said else f"exit code {done.returncode}")
    (place / "complete").touch()
