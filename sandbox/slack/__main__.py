"""`python -m sandbox.slack`: the small Slack as a program of its own."""

from __future__ import annotations

import argparse
import json
import secrets
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from sandbox.slack import server
from sandbox.slack.application import LOOPBACK
from sandbox.slack.server import RunningSlack


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="python -m sandbox.slack", description=__doc__)
    options.add_argument("--host", choices=LOOPBACK, default="127.0.0.1", help="default: 127.0.0.1")
    options.add_argument("--port", type=int, default=8102, help="0 finds a free one; default: 8102")
    options.add_argument("--manifest", type=Path, default=Path("bot/manifest.json"), help="what describes the app")
    options.add_argument("--app-url", default="", help="where the app answers; addresses in the manifest move there")
    options.add_argument("--credentials", type=Path, help="JSON file with the app's id and secrets; made if not there")
    options.add_argument("--students", type=int, default=20, help="default: 20")
    options.add_argument("--organisation", action="store_true", help="the workspace belongs to an organisation")
    options.add_argument("--socket-mode", action="store_true", help="deliver over a WebSocket instead of HTTP")
    options.add_argument("--install", action="store_true", help="begin with the app installed")
    return options


def credentials(path: Path | None) -> dict[str, str]:
    """The app's id and secrets in the file, made, readable to its owner only, if it is not there. They must stay the
    same over restarts, or the app would have to be told each time.
    """
    if path is None:
        return {}
    if not path.exists():
        made = {
            "id": f"A0{secrets.token_hex(5).upper()[:9]}",
            "client_id": f"{secrets.randbelow(10**12):012d}.{secrets.randbelow(10**13):013d}",
            "client_secret": secrets.token_hex(16),
            "signing_secret": secrets.token_hex(16),
            "verification_token": secrets.token_hex(12),
        }
        path.touch(mode=0o600)
        path.write_text(json.dumps({**made, "control_token": secrets.token_urlsafe(32)}), encoding="utf-8")
    read: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return read


def told(running: RunningSlack, control_token: str, *, in_file: bool, install: bool) -> dict[str, Any]:
    """The first line of output: addresses, and the secrets unless they are in a file that was named."""
    found: dict[str, Any] = {"base_url": running.base_url, "team_id": running.seeded.team.id}
    if install:
        pair = running.install()
        found |= {"bot_token": pair.access.value, "refresh_token": pair.refresh.value if pair.refresh else None}
    if running.app.socket_mode:
        with running.slack.lock:
            token = running.slack.issue("app", running.app.id, scopes=("connections:write",))
        found["app_token"] = token.value
    if not in_file:
        app = running.app
        found |= {
            "app_id": app.id,
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            "signing_secret": app.signing_secret,
            "control_token": control_token,
        }
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until the process is told to stop. The first line of output is JSON."""
    chosen = parser().parse_args(arguments)
    secrets_of_app = credentials(chosen.credentials)
    control_token = secrets_of_app.pop("control_token", "") or secrets.token_urlsafe(32)
    description = json.loads(chosen.manifest.read_text(encoding="utf-8"))
    with server.listen(chosen.host, chosen.port) as listener:
        running = server.build(
            f"http://{chosen.host}:{listener.getsockname()[1]}",
            description,
            app_url=chosen.app_url,
            students=chosen.students,
            in_organisation=chosen.organisation,
            socket_mode=chosen.socket_mode or None,
            control_token=control_token,
            secrets_of_app=secrets_of_app,
        )
        web = server.make_slack_server(running.flask, listener)
        ticker = server.Ticker(running.slack)
        ticker.start()
        signal.signal(signal.SIGTERM, _stop)
        in_file = chosen.credentials is not None  # output ends up in logs: secrets that are in a file stay out of them
        try:
            print(json.dumps(told(running, control_token, in_file=in_file, install=chosen.install)), flush=True)
            web.serve_forever()
        except KeyboardInterrupt:
            pass
        finally:
            ticker.end()
            running.outside.close()
            web.server_close()
    return 0


def _stop(_number: int, _frame: FrameType | None) -> None:
    """SIGTERM ends it as Ctrl-C does."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
