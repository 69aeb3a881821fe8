"""Refusals: what a person asked for cannot be done; what happened, what was kept and what to do next."""

from __future__ import annotations

from core.words import Sentence


class Refusal(Exception):
    """Carries a sentence for the person and the HTTP meaning of it. Nothing was stored when it is raised."""

    status = 422

    def __init__(self, message: str, **values: object) -> None:
        self.sentence = Sentence(message, values)
        super().__init__(str(self.sentence))


class NotFound(Refusal):
    """It does not exist, or not in this person's course: the two look alike from outside."""

    status = 404


class NotAllowed(Refusal):
    """It exists, and this person may not do that with it (now)."""

    status = 403


class Gone(Refusal):
    """It existed and was taken away while the person looked at it."""

    status = 410
