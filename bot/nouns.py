"""What messages can show, by noun: one table for the updater."""

from __future__ import annotations

from collections.abc import Mapping

from bot.rendering import Render, RenderDirect

RENDERERS: Mapping[str, Render] = {}
DIRECTS: Mapping[str, RenderDirect] = {}
