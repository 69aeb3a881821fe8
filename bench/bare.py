"""The floor to compare with: a bare Flask and SQLAlchemy page that writes one row and reads one, on the same server
and the same SQLite settings.
"""

from __future__ import annotations

import os

from flask import Flask, render_template_string, request
from gunicorn.app.base import BaseApplication
from sqlalchemy import String, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from core.store.database import Database

PAGE = "<title>Bare</title><h1>{{ name }}</h1><p>{{ number }}</p>"


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "note"
    id: Mapped[int] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(String(40), index=True)
    text: Mapped[str] = mapped_column(String(200))


def create() -> Flask:
    """The page, with a database of its own."""
    database = Database(os.environ["BARE_DATABASE"])
    Base.metadata.create_all(database.engine)
    app = Flask(__name__)

    @app.post("/note")
    def note() -> str:
        with database.write() as session:
            added = Note(person=request.form["person"], text=request.form["text"])
            session.add(added)
            session.flush()
            last = session.execute(select(Note.id, Note.text).where(Note.id == added.id)).one()
        return render_template_string(PAGE, name=last.text, number=last.id)

    return app


class Web(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn with the product's own numbers."""

    def load_config(self) -> None:
        for name, value in {
            "bind": f"127.0.0.1:{os.environ['BARE_PORT']}",
            "workers": 1,
            "threads": 16,
            "worker_class": "gthread",
            "keepalive": 30,
            "loglevel": "error",
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return create()


if __name__ == "__main__":
    Web().run()
