"""Environments for peers: somebody else's packages, kept apart from the product's and made once for a machine."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path


class NotInstalled(Exception):
    """The packages cannot be had here; the text is what pip or npm said."""


def python_of(requirements: Path) -> Path:
    """The interpreter of an environment with exactly these locked requirements, made on first use. Raises NotInstalled.

    It lies in the user's cache, named after what is in it, so a changed lock file makes a new one.
    """

    def make(place: Path) -> None:
        pip = ["-m", "pip", "--retries", "1", "--timeout", "20", "--disable-pip-version-check", "install", "--quiet"]
        _run([sys.executable, "-m", "venv", str(place)])
        chosen = ["--only-binary", ":all:", "--require-hashes", "--requirement", str(requirements)]
        _run([str(place / "bin" / "python"), *pip, *chosen])

    place = _kept(requirements.stem, requirements.read_bytes() + sys.version.encode(), make)
    return place / "bin" / "python"


def node_modules_of(folder: Path) -> Path:
    """The folder node_modules with exactly what package-lock.json in `folder` names, made on first use by npm. Raises
    NotInstalled. It lies beside the environments of `python_of`.
    """
    lock = folder / "package-lock.json"

    def make(place: Path) -> None:
        if shutil.which("npm") is None:
            raise NotInstalled("there is no npm")
        place.mkdir()
        for name in ("package.json", lock.name):
            shutil.copy(folder / name, place)
        quiet = ["--no-audit", "--no-fund", "--loglevel", "error", "--fetch-retries", "1", "--fetch-timeout", "20000"]
        _run(["npm", "ci", *quiet, "--prefix", str(place)], telling=0)  # its last line names a log

    return _kept(folder.name, lock.read_bytes(), make) / "node_modules"


def _kept(name: str, contents: bytes, make: Callable[[Path], None]) -> Path:
    """The place in the cache for something with these contents, filled by `make` if it is not there yet."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "heirloom"
    place = cache / f"{name}-{hashlib.sha256(contents).hexdigest()[:12]}"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{place.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test processes want it in the same second
        if not (place / "complete").exists():
            shutil.rmtree(place, ignore_errors=True)  # left over from a run that was stopped
            make(place)
            (place / "complete").touch()
    return place


def _run(command: Sequence[str], telling: int = -1) -> None:
    """Run a command. Raises NotInstalled with the line of its complaint that tells most."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise NotInstalled(said[telling] if said else f"exit code {done.returncode}")
