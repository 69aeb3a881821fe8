"""What all tables share: constraint names, column shorthands."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar

from sqlalchemy import BigInteger, Integer, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column

from core.store.types import Json, UtcDateTime

# SQLite counts rowids only for INTEGER; PostgreSQL gets room to grow.
BigInt = BigInteger().with_variant(Integer(), "sqlite")

Id = Annotated[int, mapped_column(BigInt, primary_key=True, autoincrement=True)]
# LTI Core 1.3 section 5.3: ids are case-sensitive and at most 255 ASCII characters; never folded, never cut.
LtiId = Annotated[str, mapped_column(String(255))]
Key = Annotated[str, mapped_column(String(64))]
Words = Annotated[str, mapped_column(Text)]
Instant = Annotated[datetime, mapped_column(UtcDateTime)]


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        dict[str, Any]: Json,
        list[str]: Json,
        datetime: UtcDateTime,
        str: Text,
    }
