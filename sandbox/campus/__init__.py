"""A small campus: an LTI 1.3 platform to try a tool in and to test it against.

It follows the standards strictly and shares no code with the tool: what a launch or a score means is written here a
second time, from the specifications and from recorded exchanges of a real platform, so that a mistake on one side
shows.
"""

from sandbox.campus.application import close_campus, create_campus
from sandbox.campus.config import CANVAS, MOODLE, STANDARD, CampusConfig, Quirks
from sandbox.campus.server import RunningCampus, serve_in_thread

__all__ = [
    "CANVAS",
    "MOODLE",
    "STANDARD",
    "CampusConfig",
    "Quirks",
    "RunningCampus",
    "close_campus",
    "create_campus",
    "serve_in_thread",
]
