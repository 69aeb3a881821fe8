"""The teacher's page on who stays: how far people came, what was chosen for whom lately and why, and how far the model
that says so can be trusted.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, url_for
from markupsafe import Markup

from core.activities import practice_settings, staying_insights
from core.activities.staying_insights import Participation
from core.survival.card import Point
from core.words import N_
from lti_tool import charts
from lti_tool.language import percent, translate, translate_plural
from lti_tool.pages import entrance, piece, practice_of, seat
from lti_tool.wiring import wiring

blueprint = Blueprint("staying", __name__, url_prefix="/p/<platform>/teach")


@blueprint.get("/<activity>/staying")
@entrance("teacher")
def staying(activity: str) -> Response:
    """Who stays."""
    with wiring().database.read() as session:
        opened = practice_of(session, activity)
        took_part = staying_insights.participation(session, seat(), opened)
        lately = staying_insights.lately(session, seat(), opened)
        trust = staying_insights.trust(session, seat())
    order = next(option for option in practice_settings.ORDERS if option.name == opened.settings.order)
    return piece(
        "teach/staying.html",
        address=url_for("staying.staying", activity=activity),
        activity=opened,
        tab="staying",
        order=order,
        took_part=took_part,
        curve=_curve(took_part),
        lately=lately,
        trust=trust,
        calibration=_calibration(trust.card.calibration) if trust.card else None,
        quantiles=_quantiles(trust.card.quantiles) if trust.card else None,
    )


def _curve(took_part: Participation) -> Markup:
    words = translate_plural(
        "Of {people} person, how many answered or skipped at least so many problems.",
        "Of {people} people, how many answered or skipped at least so many problems.",
        took_part.people,
    ).format(people=took_part.people)
    return charts.participation(
        took_part.shares,
        title=translate(N_("How far people came")),
        description=words,
        across=translate(N_("problems")),
        percent=percent,
    )


def _calibration(points: Sequence[Point]) -> Markup:
    return charts.calibration(
        charts.buckets(points),
        title=translate(N_("What was predicted, and what came true")),
        description=translate(
            N_("Ten groups of equally many moments. On the line, as many stayed as the model had said.")
        ),
        across=translate(N_("chance of staying, as predicted")),
        up=translate(N_("share that stayed")),
        percent=percent,
    )


def _quantiles(points: Sequence[Point]) -> Markup:
    return charts.calibration(
        charts.buckets(points),
        title=translate(N_("Q-Q plot")),
        description=translate(N_("Groups of equally wide predictions, as in Kobren et al. (2015), Figure 3.")),
        across=translate(N_("chance of staying, as predicted")),
        up=translate(N_("share that stayed")),
        percent=percent,
    )
