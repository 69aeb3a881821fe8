"""What the figures were measured on. Nothing here names the machine, its owner or a path."""

from __future__ import annotations

import os
import platform
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

PACKAGES = ("flask", "sqlalchemy", "gunicorn", "numpy", "scipy", "psycopg", "pylti1p3next")
PEERS = ("mabwiser", "river", "crowd-kit", "scikit-learn")  # only where `make bench` installed them


def described(settings: dict[str, object], *, now: datetime) -> dict[str, object]:
    """Processor, memory, versions, how busy the machine was when the bench began, and the web server's `settings`."""
    return {
        "date": now.date().isoformat(),
        "processor": processor(),
        "processors": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "load_at_start": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in (*PACKAGES, *PEERS) if name in PACKAGES or _installed(name)},
        **settings,
    }


def processor() -> str:
    """The processor's name, as this system knows it."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True
