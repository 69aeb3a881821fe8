"""The web process: gunicorn with threads, set up from the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from core.settings import Settings
from core.store.database import Database
from heirloom import clock, logs
from lti_tool.app import create_app


class Web(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn, told everything by `Settings` and nothing by a file."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        settings = self.settings
        options: dict[str, Any] = {
            "bind": f"{settings.bind}:{settings.port}",
            "workers": settings.web_processes,
            "threads": settings.web_threads,
            "worker_class": "gthread",
            "timeout": 60,
            "graceful_timeout": 30,
            "keepalive": 30,
            "backlog": 2048,
            "worker_tmp_dir": "/dev/shm" if _has_shm() else None,  # noqa: S108 - gunicorn's own advice: heartbeats off the disk
            "accesslog": None,  # the application writes its own line, without query strings
            "errorlog": "-",
            "loglevel": "warning",
            "limit_request_line": 8190,  # a login_hint may be kilobytes long
            "forwarded_allow_ips": "127.0.0.1",
        }
        for name, value in options.items():
            if value is not None:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """Called in each process after the fork: its own connections, its own random numbers."""
        logs.set_up(self.settings.log_level)
        database = Database(self.settings.database, pool_size=self.settings.web_threads)
        app = create_app(self.settings, database, now=clock.now)
        if self.settings.has_slack:
            from bot import web  # half a second of import that a server without Slack does not need
            from bot.wiring import wire

            web.install(app, wire(self.settings, database, now=clock.now))
        return app


def _has_shm() -> bool:
    return Path("/dev/shm").is_dir()  # noqa: S108 - gunicorn's heartbeat file; on a slow disk it would stall workers


def run(settings: Settings) -> None:
    """Serve until the process is told to stop."""
    Web(settings).run()
