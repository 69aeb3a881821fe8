"""The floor to compare with: a bare Flask and SQLAlchemy page that writes one row and reads one, or counts them, on the
product's own server with the product's own database settings. Settings come from the same variables as the product's.
"""

from __future__ import annotations

import os

from flask import Flask, render_template_string, request
from sqlalchemy import String, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from core.settings import from_environment
from core.store.database import Database
from heirloom.serve import Web

PAGE = "<title>Bare</title><h1>{{ name }}</h1><p>{{ number }}</p>"


class Base(DeclarativeBase):
    """The one table of the page."""


class Note(Base):
    """A row that a request writes."""

    __tablename__ = "note"
    id: Mapped[int] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(String(40), index=True)
    text: Mapped[str] = mapped_column(String(200))


def create(database: Database) -> Flask:
    """The page."""
    Base.metadata.create_all(database.engine)
    app = Flask(__name__)

    @app.get("/")
    def ready() -> str:
        return "ready"

    @app.post("/note")
    def note() -> str:
        with database.write() as session:
            added = Note(person=request.form["person"], text=request.form["text"])
            session.add(added)
            session.flush()
            last = session.execute(select(Note.id, Note.text).where(Note.id == added.id)).one()
        return render_template_string(PAGE, name=last.text, number=last.id)

    @app.get("/notes")
    def notes() -> str:
        with database.read() as session:
            return str(session.scalar(select(func.count()).select_from(Note)))

    return app


class Bare(Web):
    """The product's server with another application on it."""

    def load(self) -> Flask:
        return create(Database(self.settings.database, pool_size=self.settings.web_threads))


if __name__ == "__main__":
    Bare(from_environment(os.environ)).run()
