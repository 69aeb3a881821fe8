"""The app's manifest, filled in for an address: what an administrator pastes into Slack to create the app."""

from __future__ import annotations

import json
from pathlib import Path

MANIFEST = Path(__file__).with_name("manifest.json")
EXAMPLE = "https://heirloom.example.edu"  # the address in the file


def for_address(url: str, *, socket: bool) -> str:
    """The manifest as JSON for a tool at `url`. With `socket` Slack delivers over Socket Mode and to no address; only
    the way back from an installation stays one (docs.slack.dev/apis/events-api/using-socket-mode).
    """
    made = json.loads(MANIFEST.read_text().replace(EXAMPLE, url.rstrip("/")))
    if socket:
        settings = made["settings"]
        settings["socket_mode_enabled"] = True
        for told in (settings["event_subscriptions"], settings["interactivity"]):
            del told["request_url"]
        for command in made["features"]["slash_commands"]:
            del command["url"]
    return json.dumps(made, indent=2)
