"""`python -m sandbox.campus`: the campus as a program of its own."""

from __future__ import annotations

import argparse
import json
import secrets
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from sandbox.campus.application import close_campus, create_campus
from sandbox.campus.config import LOOPBACK_HOSTS, PRESETS, CampusConfig
from sandbox.campus.server import listen, make_campus_server


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="python -m sandbox.campus", description=__doc__)
    options.add_argument("--host", choices=LOOPBACK_HOSTS, default="localhost", help="default: localhost")
    options.add_argument("--port", type=int, default=8101, help="0 finds a free one; default: 8101")
    options.add_argument("--database", type=Path, default=Path("campus.sqlite3"), help="file that keeps everything")
    options.add_argument("--tool-url", default="", help="registration address that the tools page proposes")
    options.add_argument("--admin-token-file", type=Path, help="read the admin token here; made if it is not there")
    options.add_argument("--quirks", choices=sorted(PRESETS), default="standard", help="behave like this platform")
    options.add_argument("--students", type=int, default=20, help="learners a course in a new database; default: 20")
    options.add_argument("--locale", default="en", help="language that launches ask for; default: en")
    options.add_argument("--auto-activate", action="store_true", help="a tool that registers itself works at once")
    return options


def admin_token(path: Path | None) -> str:
    """The token in the file, which is made, readable to its owner only, if it is not there."""
    if path is None:
        return secrets.token_urlsafe(32)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32), encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until the process is told to stop. The first line of output is JSON: base_url, and admin_token unless it is
    in a file that was named.
    """
    chosen = parser().parse_args(arguments)
    with listen(chosen.host, chosen.port) as listener:
        config = CampusConfig(
            base_url=f"http://{chosen.host}:{listener.getsockname()[1]}",
            database_path=chosen.database,
            admin_token=admin_token(chosen.admin_token_file),
            quirks=PRESETS[chosen.quirks],
            students=chosen.students,
            locale=chosen.locale,
            auto_activate=chosen.auto_activate,
            registration_url=chosen.tool_url,
        )
        app = create_campus(config)
        server = make_campus_server(app, listener)
        signal.signal(signal.SIGTERM, _stop)
        told = {"base_url": config.base_url}
        if chosen.admin_token_file is None:  # output ends up in logs: a token that is in a file stays out of them
            told["admin_token"] = config.admin_token
        print(json.dumps(told), flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass
        finally:
            server.server_close()
            close_campus(app)
    return 0


def _stop(_number: int, _frame: FrameType | None) -> None:
    """SIGTERM ends the campus as Ctrl-C does."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
