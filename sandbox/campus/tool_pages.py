"""The administrator's page: which tools are registered, register one, activate one."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sandbox.campus import registration, tools
from sandbox.campus.context import current_campus
from sandbox.campus.urls import is_web_url, with_query

blueprint = Blueprint("tools", __name__, url_prefix="/tools")


@blueprint.get("")
def overview(problem: str = "") -> str:
    campus = current_campus()
    with campus.store.reading() as db:
        registered = [(tool, tools.deployments(db, tool.id)) for tool in tools.every(db)]
        quirks = campus.quirks(db)
    return render_template(
        "tools.html",
        registered=registered,
        urls=campus.urls(quirks),
        proposal=campus.config.registration_url,
        problem=problem,
    )


@blueprint.post("/register")
def register() -> ResponseReturnValue:
    """Open the tool's registration page in a frame, with a token that works once (Dynamic Registration 3.2)."""
    campus = current_campus()
    url = request.form.get("registration_url", "").strip()
    if not is_web_url(url):
        return overview(problem="The registration address must begin with http:// or https://."), 400
    with campus.store.writing() as db:
        token = registration.new_token(db, campus.now(db))
        urls = campus.urls(campus.quirks(db))
    return render_template("register.html", url=registration_address(url, urls.configuration, token))


def registration_address(url: str, configuration: str, token: str) -> str:
    """Where the browser goes to let the tool register itself (Dynamic Registration 3.2.1)."""
    return with_query(url, {"openid_configuration": configuration, "registration_token": token})


@blueprint.post("/<int:tool_id>/activate")
def activate(tool_id: int) -> ResponseReturnValue:
    campus = current_campus()
    with campus.store.writing() as db:
        if tools.find(db, tool_id) is None:
            abort(404)
        tools.activate(db, tool_id)
    return redirect(url_for("tools.overview"), 303)
